// Toasts: they leave by themselves, wait under the pointer, and count down where one can go back.

const LEAVING = 80;

function leave(toast) {
  toast.classList.add("is-leaving");
  setTimeout(() => toast.remove(), LEAVING);
}

function start(toast) {
  if (toast.dataset.started) return;
  toast.dataset.started = "yes";
  const close = toast.querySelector("[data-toast-close]");
  close.hidden = false;
  close.addEventListener("click", () => leave(toast));
  const seconds = Number(toast.dataset.toast);
  if (seconds) count(toast, seconds);
}

function count(toast, seconds) {
  const part = toast.querySelector(".toast-ring .ring-part");
  const number = toast.querySelector(".toast-ring text");
  let left = seconds * 10;
  const ticking = setInterval(() => {
    // The way back closes on the server as well: only a toast without one may wait.
    if (!part && toast.matches(":hover, :focus-within")) return;
    left -= 1;
    part?.setAttribute("stroke-dasharray", `${(left * 10) / seconds} 100`);
    if (number) number.textContent = Math.ceil(left / 10);
    if (left > 0) return;
    clearInterval(ticking);
    leave(toast);
  }, 100);
}

const all = () => document.querySelectorAll("[data-toast]").forEach(start);

all();
document.addEventListener("htmx:load", all);
document.addEventListener("htmx:oobAfterSwap", all);
