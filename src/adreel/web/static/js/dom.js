// Finding elements, and the few things that every screen does with them.

/**
 * The element that a selector names. A template that lacks it is a mistake, so this throws.
 * @template {Element} [T=HTMLElement]
 * @param {string} selector
 * @param {ParentNode} [within]
 * @returns {T}
 */
export function one(selector, within = document) {
  const found = within.querySelector(selector);
  if (!found) throw new Error(`the page has no ${selector}`);
  return /** @type {T} */ (/** @type {unknown} */ (found));
}

/**
 * @template {Element} [T=HTMLElement]
 * @param {string} selector
 * @param {ParentNode} [within]
 * @returns {T | null}
 */
export function maybe(selector, within = document) {
  return /** @type {T | null} */ (within.querySelector(selector));
}

/**
 * @template {Element} [T=HTMLElement]
 * @param {string} selector
 * @param {ParentNode} [within]
 * @returns {T[]}
 */
export function all(selector, within = document) {
  return /** @type {T[]} */ ([...within.querySelectorAll(selector)]);
}

/**
 * Handles events of everything that matches now or later: the page is drawn again while it lives.
 * @template {Event} [E=Event]
 * @param {string} type
 * @param {string} selector
 * @param {(target: HTMLElement, event: E) => void} handle
 * @param {EventTarget} [root]
 */
export function on(type, selector, handle, root = document) {
  root.addEventListener(type, (event) => {
    const from = /** @type {Element | null} */ (event.target);
    const target = from instanceof Element ? from.closest(selector) : null;
    if (target) handle(/** @type {HTMLElement} */ (target), /** @type {E} */ (event));
  });
}

/**
 * Runs work that a button started: once at a time, with its errors told.
 * @param {HTMLElement} button
 * @param {() => Promise<void>} work
 * @param {(error: unknown) => void} failed
 */
export async function busy(button, work, failed) {
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  try {
    await work();
  } catch (error) {
    failed(error);
  } finally {
    button.removeAttribute("aria-busy");
  }
}

/**
 * @param {() => void} work
 * @param {number} wait milliseconds of quiet before it is done
 */
export function debounced(work, wait) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = window.setTimeout(work, wait);
  };
}

export const calm = matchMedia("(prefers-reduced-motion: reduce)");
