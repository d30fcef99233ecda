// Keys: one table from the server; the typed character decides, not the key's place on a keyboard.

const PATIENCE = 1200; // ms between the two strokes of "g m"
const table = JSON.parse(document.getElementById("commands")?.textContent ?? "[]");
let first = "";
let forgetting = 0;

const typing = (target) =>
  target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);

const shown = (element) => element.getClientRects().length > 0;

const rows = () => [...document.querySelectorAll("[data-list] [data-row]")].filter(shown);

const here = () =>
  rows().find((row) => row === document.activeElement) ??
  rows().find((row) => row.getAttribute("aria-current") === "true");

function step(by) {
  const all = rows();
  if (!all.length) return false;
  const at = all.indexOf(here());
  const row = all[at < 0 ? 0 : Math.max(0, Math.min(all.length - 1, at + by))];
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
  return true;
}

const own = {
  next: () => step(1),
  previous: () => step(-1),
  open: () => {
    const row = rows().find((found) => found === document.activeElement);
    row?.click();
    return Boolean(row);
  },
  back: () => {
    const place = document.querySelector('#places [aria-current="page"]');
    if (place) location.assign(place.href);
    return Boolean(place);
  },
};

function act(element) {
  if (element.tagName === "SUMMARY") {
    element.parentElement.open = !element.parentElement.open;
    element.parentElement.querySelector("input, select, textarea, .menu-row")?.focus();
  } else if (typing(element)) {
    element.focus();
    element.select?.();
  } else {
    element.click();
  }
}

function run(command) {
  const element = [...document.querySelectorAll(`[data-command="${command.name}"]`)].find(
    (found) => shown(found) && !found.disabled,
  );
  if (element) {
    act(element);
    return true;
  }
  if (own[command.name]) return own[command.name]();
  if (!command.url) return false;
  location.assign(command.url);
  return true;
}

function wait(key) {
  first = key;
  clearTimeout(forgetting);
  forgetting = setTimeout(() => (first = ""), PATIENCE);
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector("dialog[open]")) return;
  if (typing(event.target)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const typed = first ? `${first} ${event.key}` : event.key;
  const found = table.filter((command) => command.key === typed);
  first = "";
  if (!found.length) {
    if (table.some((command) => command.key.startsWith(`${event.key} `))) wait(event.key);
    return;
  }
  // Enter on a link or button is its own affair.
  if (event.key === "Enter" && !event.target.matches("[data-row], body")) return;
  if (found.some(run)) event.preventDefault();
});
