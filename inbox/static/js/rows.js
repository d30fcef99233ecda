// Rows: the one that is open is marked at once, and stays in its place while the thread changes.

function mark(row) {
  for (const other of document.querySelectorAll('[data-row][aria-current="true"]')) {
    other.removeAttribute("aria-current");
  }
  row?.setAttribute("aria-current", "true");
}

document.addEventListener("click", (event) => {
  const row = event.target.closest?.("[data-row][hx-get]");
  if (row && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) mark(row);
});

// On a phone one pane is shown: a conversation just opened is that pane.
document.addEventListener("htmx:afterSwap", (event) => {
  const house = document.querySelector(".house");
  if (house && event.target.id === "stage") {
    house.dataset.pane = "main";
    house.classList.toggle("has-context", Boolean(document.querySelector(".pane-context")));
  }
});

// Coming from a conversation, the list stands where one left it.
const KEPT = "list";
const scroller = document.querySelector("[data-keep-scroll]");
if (scroller) {
  const [path, top] = (sessionStorage.getItem(KEPT) ?? "").split(" ");
  const view = document.querySelector('#places [aria-current="page"]')?.getAttribute("href") ?? "";
  if (path && path === view) scroller.scrollTop = Number(top);
  document.querySelector('[data-row][aria-current="true"]')?.scrollIntoView({ block: "nearest" });
  addEventListener("pagehide", () =>
    sessionStorage.setItem(KEPT, `${view} ${scroller.scrollTop}`),
  );
}
