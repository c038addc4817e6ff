// Formats amounts, lengths and times for users.

const MICROS = 1_000_000;
const CENT = 10_000;
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
/** @type {[Intl.RelativeTimeFormatUnit, number][]} */
const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60]];

/**
 * US dollars as whole millionths, so that sums are exact.
 * @param {string} amount
 */
export function micros(amount) {
  return Math.round(Number(amount) * MICROS);
}

/** What something will cost, in cents and never less than it does. @param {number} amount in millionths */
export function dollars(amount) {
  return amount === 0 ? "free" : `$${(Math.ceil(amount / CENT) / 100).toFixed(2)}`;
}

/** What has been spent. @param {string} amount in US dollars */
export function spent(amount) {
  const whole = micros(amount);
  return whole > 0 && whole < CENT ? "under $0.01" : `$${(Math.round(whole / CENT) / 100).toFixed(2)}`;
}

/**
 * A price with the cost of a language model's scene planning.
 * @param {number} amount in millionths
 * @param {string | undefined} ideas the most that planning costs in US dollars, "" for none
 */
export function withIdeas(amount, ideas) {
  return ideas ? `${dollars(amount)}, plus up to ${dollars(micros(ideas))} for planning the scenes` : dollars(amount);
}

/**
 * Why the budget does not cover an amount, "" when it does.
 * @param {number} amount in millionths
 * @param {HTMLElement} form with the rest of the budget, "" without a limit
 */
export function beyond(amount, form) {
  const { left, reason = "" } = form.dataset;
  return left && amount > micros(left) ? `This costs ${dollars(amount)}. ${reason}` : "";
}

/**
 * Parses a budget that the user typed; null for no limit. Throws for anything but an amount.
 * @param {string} text
 */
export function typedAmount(text) {
  const amount = text.trim().replace(/^\$/, "").replace(",", ".");
  if (amount && !/^\d{1,6}(\.\d{1,6})?$/.test(amount)) throw new Error("Enter the budget in US dollars, such as 25 or 12.50. Leave it empty for no limit.");
  return amount || null;
}

/**
 * Whether a model supports an aspect.
 * @param {string | undefined} aspects JSON list of supported aspects
 * @param {string} shape
 */
export function makes(aspects, shape) {
  return /** @type {string[]} */ (JSON.parse(aspects ?? "[]")).includes(shape);
}

/** @param {number} value */
export function seconds(value) {
  if (value < 60) return `${Number(value.toFixed(1))} s`;
  const rest = Math.round(value % 60);
  return `${Math.floor(value / 60)} min${rest ? ` ${rest} s` : ""}`;
}

/**
 * The remaining time of a job, rounded to the precision of the estimate.
 * @param {number} value seconds
 */
export function left(value) {
  if (value < 2) return "a moment";
  if (value < 10) return "a few seconds";
  if (value < 60) return `about ${Math.ceil(value / 5) * 5} s`;
  return `about ${Math.ceil(value / 60)} min`;
}

/** @param {Date} moment */
export function ago(moment) {
  const passed = (moment.getTime() - Date.now()) / 1000;
  for (const [unit, length] of UNITS) {
    if (Math.abs(passed) >= length) return relative.format(Math.round(passed / length), unit);
  }
  return "just now";
}

/**
 * @param {number} count
 * @param {string} noun
 */
export function counted(count, noun) {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** Formats times in the user's locale. @param {ParentNode} root */
export function formatTimes(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const moment = new Date(time.getAttribute("datetime") ?? "");
    const whole = moment.toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
    time.textContent = time.hasAttribute("data-ago") ? ago(moment) : whole;
    time.setAttribute("title", whole);
  }
}
