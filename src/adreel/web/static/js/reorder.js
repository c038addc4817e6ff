// A list that users reorder by dragging (mouse, pen, finger) or with buttons.

import { all, maybe, on } from "./dom.js";
import { showStatus } from "./notices.js";

const THRESHOLD = 6;
const EDGE = 80;

/**
 * @param {{list: string, item: string, handle: string, grip: string, done: () => void}} parts selectors; a mouse drags by
 *   `handle`, a finger by `grip` only, since elsewhere it scrolls
 */
export function reorderable({ list, item, handle, grip, done }) {
  on("click", `${list} [data-move]`, (button) => {
    const moved = /** @type {HTMLElement} */ (button.closest(item));
    if (!step(moved, item, Number(button.dataset.move))) return;
    // In some browsers moving an element loses the focus.
    button.focus();
    announce(moved, item);
    done();
  });
  on("pointerdown", `${list} ${handle}`, (held, event) => {
    const press = /** @type {PointerEvent} */ (/** @type {unknown} */ (event));
    const target = /** @type {Element} */ (press.target);
    const isTouch = press.pointerType !== "mouse";
    if (press.button !== 0 || (target.closest("label, input, a") && !target.closest(grip)) || (isTouch && !target.closest(grip))) return;
    drag(/** @type {HTMLElement} */ (held.closest(item)), item, press, done);
  });
  // The browser's native image dragging would interrupt this one.
  on("dragstart", `${list} ${handle}`, (_held, event) => event.preventDefault());
}

/**
 * @param {HTMLElement} moved
 * @param {string} item
 * @param {number} by
 */
function step(moved, item, by) {
  const others = siblings(moved, item);
  const target = others[others.indexOf(moved) + by];
  if (!target) {
    showStatus(by < 0 ? "Already first" : "Already last");
    return false;
  }
  if (by < 0) target.before(moved);
  else target.after(moved);
  return true;
}

/**
 * @param {HTMLElement} moved
 * @param {string} item
 * @param {PointerEvent} press
 * @param {() => void} done
 */
function drag(moved, item, press, done) {
  let isDragging = false;
  const before = siblings(moved, item).indexOf(moved);
  const move = (/** @type {PointerEvent} */ event) => {
    if (!isDragging && Math.hypot(event.clientX - press.clientX, event.clientY - press.clientY) < THRESHOLD) return;
    isDragging = true;
    moved.setAttribute("data-js-dragged", "");
    scrollAtEdge(event.clientY);
    place(moved, item, event.clientX, event.clientY);
  };
  document.documentElement.setAttribute("data-js-dragging", "");
  const end = () => {
    document.documentElement.removeAttribute("data-js-dragging");
    removeEventListener("pointermove", move);
    removeEventListener("pointerup", end);
    removeEventListener("pointercancel", end);
    moved.removeAttribute("data-js-dragged");
    if (!isDragging) return;
    // Suppress the click that follows a drag.
    addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", swallow, { capture: true }), 0);
    if (siblings(moved, item).indexOf(moved) === before) return;
    announce(moved, item);
    done();
  };
  addEventListener("pointermove", move);
  addEventListener("pointerup", end);
  addEventListener("pointercancel", end);
}

/** @param {Event} event */
function swallow(event) {
  event.preventDefault();
  event.stopPropagation();
}

/** @param {number} y */
function scrollAtEdge(y) {
  if (y < EDGE) scrollBy(0, -12);
  else if (y > innerHeight - EDGE) scrollBy(0, 12);
}

/**
 * @param {HTMLElement} moved
 * @param {string} item
 * @param {number} x
 * @param {number} y
 */
function place(moved, item, x, y) {
  const over = document.elementsFromPoint(x, y).map((found) => found.closest(item)).find((found) => found && found !== moved && found.parentElement === moved.parentElement);
  if (!over) return;
  const others = siblings(moved, item);
  if (others.indexOf(moved) < others.indexOf(/** @type {HTMLElement} */ (over))) over.after(moved);
  else over.before(moved);
}

/**
 * @param {HTMLElement} moved
 * @param {string} item
 */
function siblings(moved, item) {
  return all(item, /** @type {HTMLElement} */ (moved.parentElement));
}

/**
 * @param {HTMLElement} moved
 * @param {string} item
 */
function announce(moved, item) {
  const others = siblings(moved, item);
  const name = maybe("strong", moved)?.textContent ?? "Clip";
  showStatus(`${name}: now ${others.indexOf(moved) + 1} of ${others.length}`);
}
