// Amounts, lengths and times as people read them.

const MICROS = 1_000_000;
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

/** @param {number} amount in millionths */
export function dollars(amount) {
  const text = (amount / MICROS).toFixed(6).replace(/0{1,4}$/, "");
  return amount === 0 ? "free" : `$${text}`;
}

/**
 * A price with what comes on top of it: a language model's ideas, where one is asked.
 * @param {number} amount in millionths
 * @param {string | undefined} ideas US dollars at most, "" for none
 */
export function withIdeas(amount, ideas) {
  return ideas ? `${dollars(amount)}, and up to ${dollars(micros(ideas))} for ideas` : dollars(amount);
}

/**
 * A budget as a person types it; null for no limit. Throws for what is no amount.
 * @param {string} text
 */
export function typedAmount(text) {
  const amount = text.trim().replace(/^\$/, "").replace(",", ".");
  if (amount && !/^\d{1,6}(\.\d{1,6})?$/.test(amount)) throw new Error("Write the budget as an amount of US dollars, such as 25 or 12.50. Leave it empty for no limit.");
  return amount || null;
}

/** @param {number} value */
export function seconds(value) {
  if (value < 60) return `${Number(value.toFixed(1))} s`;
  const rest = Math.round(value % 60);
  return `${Math.floor(value / 60)} min${rest ? ` ${rest} s` : ""}`;
}

/**
 * How long work may still take, said as roughly as it is known.
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

/** Says times in the reader's own way. @param {ParentNode} root */
export function sayTimes(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const moment = new Date(time.getAttribute("datetime") ?? "");
    const whole = moment.toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
    time.textContent = time.hasAttribute("data-ago") ? ago(moment) : whole;
    time.setAttribute("title", whole);
  }
}
