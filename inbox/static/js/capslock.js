// Says beside a password field that caps lock is on.

document.addEventListener("keyup", (event) => {
  const help = document.getElementById(event.target.dataset?.capslock ?? "");
  if (help) help.hidden = !event.getModifierState?.("CapsLock");
});
