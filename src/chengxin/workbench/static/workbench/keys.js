// Keys for pages on which one decision follows another: a key presses the control that names it in data-key.
// Nothing happens while somebody writes, and everything works without keys.
(() => {
  "use strict";
  const writing = (target) =>
    target instanceof HTMLElement &&
    (target.isContentEditable || ["INPUT", "SELECT", "TEXTAREA"].includes(target.tagName));
  const said = document.querySelector("[data-announce]");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || writing(event.target)) return;
    const control = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === event.key);
    if (!control) return;
    event.preventDefault();
    if (said) said.textContent = control.textContent.trim();
    control.click();
  });
})();
