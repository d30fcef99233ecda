// An answer that is an error page is shown where the stage is; the list stays.

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (xhr.status === 422) event.detail.shouldSwap = true;
  if (xhr.status >= 400 && xhr.status !== 422 && xhr.status !== 401) {
    const main = document.getElementById("main");
    if (main && event.detail.requestConfig.triggeringEvent) main.innerHTML = xhr.responseText;
  }
});
