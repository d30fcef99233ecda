// The colours chosen in the settings show before they are saved.

document.addEventListener("change", (event) => {
  if (!event.target.matches?.("[data-theme-choice]")) return;
  const { value } = event.target;
  if (value === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = value;
});
