// What the page tells: errors until they are closed, and quiet news for those who listen to it.

import { one } from "./dom.js";

/** Shows what went wrong, in words. @param {unknown} error */
export function fail(error) {
  const message = error instanceof Error ? error.message : String(error);
  if (!message) return;
  const box = document.createElement("div");
  box.className = "toast";
  const words = document.createElement("p");
  words.textContent = message;
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = "Close";
  close.addEventListener("click", () => box.remove());
  box.append(words, close);
  one("#alerts").replaceChildren(box);
}

const NEXT = "adreel:next";

/** Shows something on the page that comes after this one. @param {Error} error */
export function failNext(error) {
  sessionStorage.setItem(NEXT, error.message);
}

const told = sessionStorage.getItem(NEXT);
if (told) {
  sessionStorage.removeItem(NEXT);
  fail(new Error(told));
}

/** Takes away what was told before: the person goes on. */
export function clear() {
  one("#alerts").replaceChildren();
}

let fading = 0;

/** Says something that is good to know; it goes by itself. @param {string} message */
export function say(message) {
  const status = one("#status");
  status.textContent = message;
  status.dataset.shown = "yes";
  clearTimeout(fading);
  fading = window.setTimeout(() => delete status.dataset.shown, 4000);
}
