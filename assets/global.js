// Imports run before the rest of a module, so the global has to be set in a module of its own.
import htmx from "htmx.org/dist/htmx.esm.js";

window.htmx = htmx;
