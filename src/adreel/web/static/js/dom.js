// DOM helpers that all screens share.

/**
 * Returns the element that matches a selector. Throws without a match: an error in a template.
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
 * Delegates events of all elements that match now or later, since the page is re-rendered while it is open.
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
 * Runs work that a button started: once at a time, with errors reported to `failed`.
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
 * @param {number} wait milliseconds without a call before it runs
 */
export function debounced(work, wait) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = window.setTimeout(work, wait);
  };
}

export const calm = matchMedia("(prefers-reduced-motion: reduce)");
