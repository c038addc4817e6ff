// Brings a part of the page up to date with a fresh drawing of it, touching only what is different: films that play go on
// playing, and what a person is typing stays.

const STATE = new Set(["open", "value", "checked", "selected", "aria-pressed", "aria-busy", "style"]);
/** Links to the same file that still live this long are not exchanged. */
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
  for (const wanted of [...fresh.childNodes]) {
    const match = matching(live, at, wanted);
    if (match === null) {
      live.insertBefore(document.importNode(wanted, true), at);
      continue;
    }
    if (match === at) at = at.nextSibling;
    else live.insertBefore(match, at);
    if (match instanceof Element) morph(match, /** @type {Element} */ (wanted));
    else if (match.nodeValue !== wanted.nodeValue) match.nodeValue = wanted.nodeValue;
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

/**
 * The child that `wanted` is a newer drawing of: the one of the same id, else whatever of its kind stands in its place.
 * @param {Element} live
 * @param {ChildNode | null} at
 * @param {ChildNode} wanted
 * @returns {ChildNode | null}
 */
function matching(live, at, wanted) {
  const id = wanted instanceof Element ? wanted.id : "";
  if (id) return /** @type {ChildNode | undefined} */ ([...live.children].find((child) => child.id === id)) ?? null;
  if (!at || at.nodeType !== wanted.nodeType || at.nodeName !== wanted.nodeName) return null;
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
 * True for two links to one file, the older of which is good for a while yet.
 * @param {string} before
 * @param {string} now
 */
function isSameFile(before, now) {
  if (!before.includes("/media/") || !now.includes("/media/")) return false;
  const [old, fresh] = [new URL(before, location.href), new URL(now, location.href)];
  return old.pathname === fresh.pathname && Number(old.searchParams.get("expires")) > Date.now() / 1000 + SPARE_SECONDS;
}
