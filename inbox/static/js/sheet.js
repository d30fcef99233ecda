// Dialogs opened by a link that works without a script: data-opens="<id of the dialog>".

document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-opens]");
  const sheet = opener && document.getElementById(opener.dataset.opens);
  if (!sheet?.showModal) return;
  event.preventDefault();
  sheet.showModal();
});

// A click beside the sheet, or the key that opened it, closes it.
document.addEventListener("click", (event) => {
  if (event.target.matches?.("dialog.sheet")) event.target.close();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "?" && !event.defaultPrevented) document.querySelector("dialog.sheet[open]")?.close();
});
