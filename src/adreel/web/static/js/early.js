// Keeps what a person presses while the page's modules are still on their way, and does it once they are here. Not a module:
// it must run before the page can be seen.

(() => {
  /** @type {(() => void)[]} */
  const held = [];

  /** @param {SubmitEvent} event */
  const holdSubmit = (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    // A form with an address of its own needs no script.
    if (form.hasAttribute("action")) return;
    event.preventDefault();
    const { submitter } = event;
    held.push(() => form.requestSubmit(submitter));
  };

  /** @param {MouseEvent} event */
  const holdClick = (event) => {
    const from = event.target instanceof Element ? event.target.closest("button[type=button]") : null;
    if (from) held.push(() => /** @type {HTMLButtonElement} */ (from).click());
  };

  document.addEventListener("submit", holdSubmit);
  document.addEventListener("click", holdClick);
  // Comes after the modules have run.
  document.addEventListener("DOMContentLoaded", () => {
    document.removeEventListener("submit", holdSubmit);
    document.removeEventListener("click", holdClick);
    for (const go of held) go();
  });
})();
