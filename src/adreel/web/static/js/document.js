// A script as the page edits it: plain values, addressed by dotted paths such as "beats.0.words.1.text".

/** @typedef {{price: string, currency: string, was?: string, badge?: string, until?: string}} Offer */
/** @typedef {{role: string, text: string, struck?: string}} Words */
/** @typedef {{name: string, shot: {photo: number}, words?: Words[], spoken?: string, recording?: string}} Beat */
/** @typedef {{product?: string, facts?: string[], beats: Beat[], offer?: Offer, end?: Record<string, string>, style?: string, prompt?: string, photos?: string[]} & Record<string, any>} Script */

const AMOUNT = /^\d{1,8}(\.\d{1,4})?$/;

/** The lines of a text that say something. @param {string} text */
export function lines(text) {
  return text.split("\n").map((line) => line.trim()).filter(Boolean);
}

/**
 * A value of the API without its empty fields, as the page's own document has it.
 * @param {any} value
 * @returns {any}
 */
export function compact(value) {
  if (Array.isArray(value)) return value.map(compact);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).map(([name, inner]) => [name, compact(inner)]);
  return Object.fromEntries(entries.filter(([, inner]) => !isEmpty(inner)));
}

/** @param {unknown} value */
function isEmpty(value) {
  return value === null || value === "" || (typeof value === "object" && !Object.keys(value ?? {}).length);
}

/**
 * The value of a field for a path; null for a path without a value.
 * @param {Script | null} script
 * @param {string} path
 * @returns {string | null}
 */
export function taken(script, path) {
  const value = path.split(".").reduce((/** @type {any} */ found, key) => found?.[key], script);
  if (value === undefined || value === null) return path.startsWith("beats.") || !script || path === "seconds" || path === "style" ? null : "";
  return Array.isArray(value) ? value.join("\n") : String(value);
}

/**
 * Puts what was typed in a field at its path. A text of a beat that is empty is taken out; other empty values are left out.
 * @param {Script} script
 * @param {string} path
 * @param {string} typed
 */
export function put(script, path, typed) {
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  const text = typed.trim();
  if (path === "facts") script.facts = lines(typed);
  else if (path === "seconds") putNumber(script, last, text);
  else if (keys[0] === "beats" && !text && keys[2] === "words") script.beats[Number(keys[1])].words?.splice(Number(keys[3]), 1);
  else {
    const place = keys.reduce((/** @type {any} */ found, key) => (found[key] ??= {}), script);
    if (text) place[last] = text;
    else delete place[last];
  }
}

/** @param {Record<string, any>} place @param {string} name @param {string} text */
function putNumber(place, name, text) {
  if (text && Number.isFinite(Number(text))) place[name] = Number(text);
  else delete place[name];
}

/**
 * The offer that a form names, with its fields that only the script has; or its problem.
 * @param {HTMLElement} form
 * @param {Offer | undefined} before
 * @returns {{offer?: Offer, problem: string}}
 */
export function offerOf(form, before) {
  const typed = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (form.querySelector(`[name=${name}]`)).value.trim().replace(",", ".");
  const [price, was] = [typed("price"), typed("was")];
  if (!price && !was) return { problem: "" };
  if (!price) return { problem: "Give the price too, or leave out the price before." };
  if (![price, was].every((amount) => !amount || AMOUNT.test(amount))) return { problem: "Write a price as a number, such as 24.90." };
  if (was && Number(was) <= Number(price)) return { problem: "The price before must be above the price." };
  const { badge, until } = before ?? {};
  return { offer: { price, currency: typed("currency"), ...(was ? { was } : {}), ...(badge ? { badge } : {}), ...(until ? { until } : {}) }, problem: "" };
}
