// Menus (details[data-menu]): one open at a time; Escape or a click elsewhere closes, arrows move.

const open = () => document.querySelectorAll("details[data-menu][open]");

document.addEventListener("click", (event) => {
  for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  const menu = document.activeElement?.closest("details[data-menu][open]");
  if (event.key === "Escape") {
    for (const each of open()) each.open = false;
    menu?.querySelector("summary").focus();
  } else if (menu && /^Arrow(Up|Down)$/.test(event.key)) {
    const items = [...menu.querySelectorAll(".menu-row, .menu input")];
    const at = items.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    items.at(at % items.length)?.focus();
    event.preventDefault();
  }
});
