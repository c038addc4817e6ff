// Messages of the page: errors that stay until closed, and status messages that fade.

import { one } from "./dom.js";

/** Shows an error message. @param {unknown} error */
export function fail(error) {
  const message = error instanceof Error ? error.message : String(error);
  if (message) notice(message);
}

/**
 * @param {string} message
 * @param {() => void} [closed]
 */
function notice(message, closed) {
  const box = document.createElement("div");
  box.className = "toast";
  const words = document.createElement("p");
  words.textContent = message;
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = "Close";
  close.addEventListener("click", () => {
    box.remove();
    closed?.();
  });
  box.append(words, close);
  one("#alerts").replaceChildren(box);
  return box;
}

/**
 * Says what was removed, and offers to undo it. The offer stays until it is taken or closed, or another message replaces it.
 * @param {string} message
 * @param {() => void} undo
 * @param {() => void} accepted runs when the message is closed
 */
export function offerUndo(message, undo, accepted) {
  const box = notice(message, accepted);
  box.classList.add("calm");
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Undo";
  button.addEventListener("click", () => {
    box.remove();
    undo();
  });
  box.insertBefore(button, box.lastChild);
  button.focus();
}

const NEXT = "adreel:next";

/** Shows an error on the next page. @param {Error} error */
export function failNext(error) {
  sessionStorage.setItem(NEXT, error.message);
}

const message = sessionStorage.getItem(NEXT);
if (message) {
  sessionStorage.removeItem(NEXT);
  fail(new Error(message));
}

/** Removes the error message when the user continues. */
export function clear() {
  one("#alerts").replaceChildren();
}

let fading = 0;

/** Shows a status message that fades after four seconds. @param {string} message */
export function showStatus(message) {
  const status = one("#status");
  status.textContent = message;
  status.dataset.shown = "yes";
  clearTimeout(fading);
  fading = window.setTimeout(() => delete status.dataset.shown, 4000);
}
