// The parts of a script in the order in which the page shows them.

import { all } from "./dom.js";

/** @typedef {import("./document.js").Beat} Beat */

export const PART = "[data-part]";

/**
 * The beats in the order of their parts. Two beats never have the same name.
 * @param {Beat[]} beats
 * @param {HTMLElement} editor
 */
export function inShownOrder(beats, editor) {
  const names = all(PART, editor).map((part) => part.dataset.part ?? "");
  return beats.toSorted((one, other) => names.indexOf(one.name) - names.indexOf(other.name));
}

/**
 * Lets everything in each part name the part's new place, so that what is typed before the service has drawn them is not put elsewhere.
 * @param {HTMLElement} editor
 */
export function renumber(editor) {
  all(PART, editor).forEach((part, place) => {
    for (const each of all("[data-path]", part)) each.dataset.path = each.dataset.path?.replace(/^beats\.\d+/, `beats.${place}`);
    for (const name of ["still", "leaveOut", "addWords"]) {
      for (const each of all(`[data-${name.replace(/[A-Z]/, (letter) => `-${letter.toLowerCase()}`)}]`, part)) each.dataset[name] = String(place);
    }
  });
}
