// The film screen: films for placements, and the check of any film file.

import { post, problem, retried } from "./api.js";
import { all, busy, on, one } from "./dom.js";
import { clear, fail } from "./notices.js";

/** @typedef {{field: string, outcome: string, level: string, measured: string, asked: string, source: string, seen_on: string | null}} Rule */
/** @typedef {{measured: string, outcome: string, source: string, seen_on: string | null}} Zone */
/** @typedef {{title: string, level: string | null, rules: Rule[], safe_zone: Zone | null}} Judged */

const RESULTS = { advice: "fits, with advice", ineligible: "not eligible", reject: "would be rejected" };

/** @param {import("./live.js").Live} live */
export function offerPlacements(live) {
  on("submit", "[data-placements]", (form, event) => {
    event.preventDefault();
    clear();
    busy(one("button", form), () => make(live, form), fail);
  });
  on("submit", "[data-check]", (form, event) => {
    event.preventDefault();
    clear();
    busy(one("button", form), () => check(/** @type {HTMLFormElement} */ (form)), fail);
  });
}

/**
 * @param {import("./live.js").Live} live
 * @param {HTMLElement} form
 */
async function make(live, form) {
  const chosen = all("[name=placements]", form).filter((box) => /** @type {HTMLInputElement} */ (box).checked);
  const placements = chosen.map((box) => /** @type {HTMLInputElement} */ (box).value);
  if (!placements.length) throw new Error("Choose a placement first.");
  const options = JSON.parse(form.dataset.options ?? "{}");
  live.expect(await post("/api/compose-final-video", { ...options, session_id: live.session, placements }));
  await live.changed();
}

/** @param {HTMLFormElement} form */
async function check(form) {
  const place = one("[data-checked]", form);
  place.textContent = "Checking …";
  try {
    const answer = await retried(() => fetch("/api/check", { method: "POST", body: new FormData(form), cache: "no-store" }));
    if (!answer.ok) throw await problem(answer);
    const report = await answer.json();
    place.replaceChildren(...(report.error ? [line("p", report.error)] : report.placements.flatMap(judged)));
  } catch (error) {
    place.textContent = "";
    throw error;
  }
}

/** @param {Judged} placement */
function judged(placement) {
  const result = placement.level ? RESULTS[/** @type {keyof typeof RESULTS} */ (placement.level)] : "fits";
  const list = document.createElement("ul");
  list.className = "rules";
  const broken = placement.rules.filter((rule) => rule.outcome === "failed");
  list.append(...broken.map((rule) => item(`${rule.field.replaceAll("_", " ")} is ${rule.measured}, asked: ${rule.asked} (${rule.level})`, rule)));
  if (placement.safe_zone) list.append(item(`words: ${placement.safe_zone.measured}`, placement.safe_zone));
  const kept = placement.rules.filter((rule) => rule.outcome === "passed").length;
  return [line("p", `${placement.title}: ${result}. ${kept} rules kept.`), list];
}

/**
 * @param {string} text
 * @param {{source: string, seen_on: string | null}} rule
 */
function item(text, rule) {
  const row = line("li", text);
  const source = line("span", ` ${rule.source}${rule.seen_on ? `, seen ${rule.seen_on}` : ""}`);
  source.className = "fine";
  row.append(source);
  return row;
}

/**
 * @param {string} name
 * @param {string} text
 */
function line(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}
