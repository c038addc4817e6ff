// Holds clicks and submits until the page's modules have loaded, then replays them. Not a module: it must run before the page
// is shown.

(() => {
  /** @type {(() => void)[]} */
  const held = [];

  /** @param {SubmitEvent} event */
  const holdSubmit = (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    // A form with an action works without scripts.
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
  // Fires after the modules have run.
  document.addEventListener("DOMContentLoaded", () => {
    document.removeEventListener("submit", holdSubmit);
    document.removeEventListener("click", holdClick);
    for (const go of held) go();
  });
})();
