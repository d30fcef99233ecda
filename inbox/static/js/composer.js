// The composer: what is typed is kept, files are named, lengths counted, keys send.

const PAUSE = 800; // ms without a key before a draft is kept
const TWICE = 5000; // ms in which the same form is not sent again
const waiting = new Map();
const sent = new WeakMap();

const composerOf = (element) => element.closest?.("[data-composer]");

function fields(form, composer) {
  const data = new FormData(form);
  data.delete("files");
  const way = composer.querySelector("[data-tab]:checked")?.value ?? "";
  data.set("way", way === "note" ? "" : way);
  return data;
}

async function keep(form) {
  waiting.delete(form);
  const composer = composerOf(form);
  if (!composer || sent.has(form)) return;
  try {
    const answer = await fetch(composer.dataset.draft, { method: "POST", body: fields(form, composer) });
    if (!answer.ok) return;
    form.querySelector(".composer-saved").textContent = await answer.text();
    form.querySelector("[data-discard]")?.removeAttribute("hidden");
  } catch {
    keepLater(form, PAUSE * 5);
  }
}

function keepLater(form, pause = PAUSE) {
  clearTimeout(waiting.get(form));
  waiting.set(form, setTimeout(keep, pause, form));
}

function keepNow() {
  for (const [form, timer] of waiting) {
    clearTimeout(timer);
    const composer = composerOf(form);
    if (composer && !sent.has(form)) {
      navigator.sendBeacon(composer.dataset.draft, fields(form, composer));
    }
  }
  waiting.clear();
}

function count(composer) {
  const tab = composer.querySelector("[data-tab]:checked");
  const place = composer.querySelector(".composer-count");
  const most = tab?.dataset.unit === "pages" ? 0 : Number(tab?.dataset.length ?? 0);
  place.hidden = !most;
  if (!most) return;
  const text = composer.querySelector(".composer-reply .composer-text").value;
  const long = tab.dataset.unit === "bytes" ? new TextEncoder().encode(text).length : text.length;
  const shown = new Intl.NumberFormat(document.documentElement.lang);
  place.textContent = `${shown.format(long)} / ${shown.format(most)}`;
  place.classList.toggle("is-over", long > most);
}

function focusText(composer) {
  const texts = [...composer.querySelectorAll(".composer-text")];
  const text = texts.find((found) => found.getClientRects().length);
  text?.focus({ preventScroll: true });
  text?.setSelectionRange(text.value.length, text.value.length);
}

document.addEventListener("input", (event) => {
  const composer = composerOf(event.target);
  if (!composer || event.target.matches('[data-tab], [type="file"], [name="due_at"]')) return;
  keepLater(event.target.form);
  if (event.target.matches(".composer-text")) count(composer);
});

document.addEventListener("change", (event) => {
  const composer = composerOf(event.target);
  if (!composer) return;
  if (event.target.matches("[data-tab]")) count(composer);
  if (event.target.type === "file") {
    const names = [...event.target.files].map((file) => file.name).join(", ");
    composer.querySelector(".composer-names").textContent = names;
    composer.querySelector(".composer-names").title = names;
  }
  if (event.target.matches("[data-from]")) {
    const shown = event.target.closest("details").querySelector("summary .one-line");
    shown.textContent = shown.textContent.replace(shown.title, event.target.value);
    shown.title = event.target.value;
  }
});

// The focus moves after the click: what opens by it would push the tab from under the finger.
document.addEventListener("mousedown", (event) => {
  if (event.target.closest(".tab")) event.preventDefault();
});

document.addEventListener("click", (event) => {
  const tab = event.target.closest(".tab");
  if (tab) setTimeout(() => focusText(composerOf(tab)));
  if (event.target.closest("[data-change-reply]")) {
    focusText(document.querySelector("[data-composer]"));
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  if (!event.target.matches?.(".composer-text")) return;
  event.preventDefault();
  const form = event.target.form;
  const button = event.shiftKey && form.querySelector("[data-send-close]");
  form.requestSubmit(button || form.querySelector("[data-send]"));
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!composerOf(form)) return;
  if (Date.now() - (sent.get(form) ?? 0) < TWICE) {
    event.preventDefault(); // a second click on the same button
    return;
  }
  sent.set(form, Date.now());
  clearTimeout(waiting.get(form));
  waiting.delete(form);
});

// Something else replaces the thread: what was typed goes along first.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.target.id === "stage") keepNow();
});
addEventListener("pagehide", keepNow);
