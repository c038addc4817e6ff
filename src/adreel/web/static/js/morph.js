// Updates a part of the page to a new rendering by changing only the differences, so that videos keep playing and input is kept.

const STATE = new Set(["open", "value", "checked", "selected", "aria-pressed", "aria-busy", "style"]);
/** A link to the same file is not replaced while it is valid for at least this long. */
const SPARE_SECONDS = 600;

/**
 * @param {Element} live
 * @param {Element} fresh
 */
export function morph(live, fresh) {
  if (live.hasAttribute("data-keep")) return;
  morphAttributes(live, fresh);
  morphChildren(live, fresh);
}

/**
 * @param {Element} live
 * @param {Element} fresh
 */
function morphAttributes(live, fresh) {
  for (const { name } of [...live.attributes]) {
    if (!fresh.hasAttribute(name) && !isState(name)) live.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    const before = live.getAttribute(name);
    if (before === value || (before !== null && (isState(name) && live.localName !== "progress" || isSameFile(before, value)))) continue;
    if (!(isState(name) && isField(live))) live.setAttribute(name, value);
  }
  if (live instanceof HTMLInputElement && fresh instanceof HTMLInputElement) live.defaultChecked = fresh.defaultChecked;
}

/**
 * @param {Element} live
 * @param {Element} fresh
 */
function morphChildren(live, fresh) {
  let at = live.firstChild;
  for (const target of [...fresh.childNodes]) {
    const match = matching(live, at, target);
    if (match === null) {
      live.insertBefore(document.importNode(target, true), at);
      continue;
    }
    if (match === at) at = at.nextSibling;
    else live.insertBefore(match, at);
    if (match instanceof Element) morph(match, /** @type {Element} */ (target));
    else if (match.nodeValue !== target.nodeValue) match.nodeValue = target.nodeValue;
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

/**
 * The child that `target` replaces: the one with the same id, otherwise the one at the same place if it is of the same kind.
 * @param {Element} live
 * @param {ChildNode | null} at
 * @param {ChildNode} target
 * @returns {ChildNode | null}
 */
function matching(live, at, target) {
  const id = target instanceof Element ? target.id : "";
  if (id) return /** @type {ChildNode | undefined} */ ([...live.children].find((child) => child.id === id)) ?? null;
  if (!at || at.nodeType !== target.nodeType || at.nodeName !== target.nodeName) return null;
  return at instanceof Element && at.id ? null : at;
}

/** @param {string} name */
function isState(name) {
  return STATE.has(name) || name.startsWith("data-js-");
}

/** @param {Element} element */
function isField(element) {
  return element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement || element instanceof HTMLOptionElement;
}

/**
 * True for two links to one file if the older one is still valid for a while.
 * @param {string} before
 * @param {string} now
 */
function isSameFile(before, now) {
  if (!before.includes("/media/") || !now.includes("/media/")) return false;
  const [old, fresh] = [new URL(before, location.href), new URL(now, location.href)];
  return old.pathname === fresh.pathname && Number(old.searchParams.get("expires")) > Date.now() / 1000 + SPARE_SECONDS;
}
