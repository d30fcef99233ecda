// htmx as the page's global, then idiomorph, which registers itself with it as extension "morph".
import "./global.js";
import "idiomorph/htmx";
