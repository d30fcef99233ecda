// Polling: not while nobody looks; says since when the page is not live.

const live = document.getElementById("live");
const word = live?.querySelector(".live-word");
let lostAt = null;

const clock = () =>
  new Date().toLocaleTimeString(document.documentElement.lang, {
    hour: "2-digit",
    minute: "2-digit",
  });

function lost() {
  if (!live || lostAt) return;
  lostAt = clock();
  live.classList.add("is-lost");
  word.textContent = live.dataset.lost.replace("{time}", lostAt);
}

function found() {
  if (!live || !lostAt) return;
  lostAt = null;
  live.classList.remove("is-lost");
  word.textContent = live.dataset.live;
}

// The head comes with the news: not while a menu of it is open.
const choosing = (element) =>
  element.matches(".thread-tail") && document.querySelector(".pane-main details[data-menu][open]");

if (live) live.hidden = false;

document.addEventListener("htmx:confirm", (event) => {
  const polled = event.detail.triggeringEvent === undefined && event.detail.verb === "get";
  if (polled && (document.hidden || choosing(event.detail.elt))) event.preventDefault();
});
document.addEventListener("htmx:sendError", lost);
document.addEventListener("htmx:timeout", lost);
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.xhr.status >= 502) lost();
  else if (event.detail.xhr.status > 0) found();
});
