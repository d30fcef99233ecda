// The thread: seconds count down, and a message that came in while one looks is taken as seen.

function tick() {
  for (const place of document.querySelectorAll("[data-countdown]")) {
    const left = Number(place.dataset.countdown) - 1;
    place.dataset.countdown = left;
    place.textContent = left > 0 ? place.dataset.words.replace("{}", left) : place.dataset.after;
  }
}
setInterval(tick, 1000);

// A long last message is read from its beginning.
function begin() {
  const scroller = document.querySelector("[data-thread]");
  if (!scroller || location.hash) return;
  const last = [...scroller.querySelectorAll(".item")].at(-1);
  if (last && last.offsetHeight > scroller.clientHeight) last.scrollIntoView({ block: "start" });
}
begin();
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id === "stage") begin();
});

const watched = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) if (entry.isIntersecting) entry.target.dataset.shown = "yes";
  },
  { threshold: 0.5 },
);

document.addEventListener("htmx:load", (event) => {
  const item = event.target;
  if (item.matches?.(".item[data-message]")) watched.observe(item);
});

// Who goes on typing with the new message before their eyes has read it: it holds nothing up.
document.addEventListener("input", (event) => {
  if (!event.target.matches(".composer-reply .composer-text")) return;
  const seen = event.target.form.elements.seen_message_id;
  for (const item of document.querySelectorAll(".item[data-shown]")) {
    seen.value = Math.max(Number(seen.value), Number(item.dataset.message));
  }
});
