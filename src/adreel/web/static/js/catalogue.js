// The Catalogue screen: a feed is looked at, its columns are chosen, and a batch of films is begun.

import { ApiError, explained, newKey } from "./api.js";
import { all, busy, debounced, maybe, on, one } from "./dom.js";
import { formatTimes } from "./format.js";
import { clear } from "./notices.js";

const SAMPLES = 3;
const form = /** @type {HTMLFormElement | null} */ (maybe("[data-new-batch]"));
const LOOK = debounced(() => form && look(form), 300);
/** The request that got no answer, with its key: sent again it begins no second batch. @type {{ same: string, key: string } | null} */
let unanswered = null;
/** The number of the newest preview: answers to older ones are dropped. */
let newest = 0;

formatTimes(document);

on("change", "[data-feed]", (input) => {
  const file = /** @type {HTMLInputElement} */ (input).files?.[0];
  /** @type {HTMLInputElement} */ (one("[data-feed-url]")).value = "";
  nameAfter(file?.name ?? "");
  forgetColumns();
  LOOK();
});

on("change", "[data-feed-url]", (input) => {
  const url = /** @type {HTMLInputElement} */ (input).value.trim();
  /** @type {HTMLInputElement} */ (one("[data-feed]")).value = "";
  nameAfter(URL.canParse(url) ? new URL(url).hostname : "");
  forgetColumns();
  LOOK();
});

on("keydown", "[data-feed-url]", (input, event) => {
  // Enter looks at the feed; it would send the form.
  if (/** @type {KeyboardEvent} */ (event).key !== "Enter") return;
  event.preventDefault();
  input.dispatchEvent(new Event("change", { bubbles: true }));
});

on("change", "[data-column], #currency", () => LOOK());

on("submit", "[data-new-batch]", (target, event) => {
  event.preventDefault();
  clear();
  const button = /** @type {HTMLButtonElement | null} */ (/** @type {SubmitEvent} */ (event).submitter);
  const chosen = /** @type {HTMLFormElement} */ (target);
  showProblem("[data-batch-problem]", "");
  busy(button ?? chosen, () => begin(chosen, button?.value ?? "samples"), (error) => showProblem("[data-batch-problem]", words(error)));
});

/** @param {HTMLFormElement} chosen */
async function look(chosen) {
  const number = (newest += 1);
  showProblem("[data-feed-problem]", "");
  if (!source(chosen)) {
    one("[data-preview]").hidden = true;
    return;
  }
  try {
    const found = await send("/api/batches/preview", chosen, { ...feedOf(chosen), recipe: "auto" });
    if (number === newest) show(found);
  } catch (error) {
    if (number === newest) showProblem("[data-feed-problem]", words(error));
  }
}

/** @param {HTMLFormElement} chosen @param {string} what */
async function begin(chosen, what) {
  const fields = new FormData(chosen);
  const text = (/** @type {string} */ name) => String(fields.get(name) ?? "").trim();
  const template = await templateOf(chosen);
  const music = text("music");
  const script = template ? { template } : { recipe: text("recipe"), style: text("style") || null, cta: text("cta") || null };
  const batch = await send("/api/batches", chosen, {
    ...feedOf(chosen),
    ...script,
    catalogue: text("catalogue"),
    film: music === "none" ? { audio: { enabled: false } } : music ? { audio: { genre: music } } : {},
    aspect: text("aspect"),
    encoder: text("encoder"),
    placements: fields.getAll("placements"),
    rights_confirmed: fields.get("rights") !== null,
    dry_run: what === "plan",
    sample_films: what === "samples" ? SAMPLES : 0,
  });
  location.assign(`/catalogue/${batch.id}`);
}

/** How the feed is read. @param {HTMLFormElement} chosen */
function feedOf(chosen) {
  const selects = /** @type {HTMLSelectElement[]} */ (/** @type {unknown} */ (all("[data-column]", chosen)));
  const columns = Object.fromEntries(selects.filter((each) => each.value && each.value !== each.dataset.usual).map((each) => [each.dataset.column, each.value]));
  return { columns, currency: /** @type {HTMLSelectElement} */ (one("#currency", chosen)).value || null };
}

/** The file of the feed, its address, or null. @param {HTMLFormElement} chosen @returns {File | string | null} */
function source(chosen) {
  const file = /** @type {HTMLInputElement} */ (one("[data-feed]", chosen)).files?.[0];
  return file ?? (/** @type {HTMLInputElement} */ (one("[data-feed-url]", chosen)).value.trim() || null);
}

/** @param {HTMLFormElement} chosen */
async function templateOf(chosen) {
  const file = /** @type {HTMLInputElement} */ (one("[data-template]", chosen)).files?.[0];
  return file ? file.text() : "";
}

/**
 * @param {string} path
 * @param {HTMLFormElement} chosen
 * @param {Record<string, any>} order
 */
async function send(path, chosen, order) {
  const feed = source(chosen);
  const same = JSON.stringify([path, order, feed instanceof File ? [feed.name, feed.size, feed.lastModified] : feed]);
  const key = unanswered?.same === same ? unanswered.key : newKey();
  /** @type {RequestInit} */
  let request = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ ...order, url: feed }) };
  if (feed instanceof File) {
    const body = new FormData();
    body.append("order", JSON.stringify(order));
    body.append("feed", feed, feed.name);
    request = { method: "POST", body };
  }
  const begins = path === "/api/batches";
  if (begins) unanswered = { same, key };
  const headers = { ...request.headers, "Idempotency-Key": key };
  const answer = await fetch(path, { ...request, headers }).catch(() => null);
  if (begins && answer && answer.status < 500) unanswered = null;
  if (!answer) throw new ApiError("The service cannot be reached. Check the connection and try again.", 0);
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw explained(answer.status, body);
  return body;
}

/** @param {any} found a preview */
function show(found) {
  for (const each of all("[data-column]")) fill(/** @type {HTMLSelectElement} */ (each), found);
  one("[data-products]").replaceChildren(...found.products.map(line));
  one("[data-read]").textContent = found.missing.length
    ? `Choose the column for: ${found.missing.join(", ")}.`
    : `${found.is_whole ? "All" : "The first"} ${found.rows_read} rows were read.`;
  const problems = one("[data-problems-box]");
  problems.hidden = !found.problems.length;
  one("[data-problems-title]").textContent = found.problems.length === 1 ? "1 problem" : `${found.problems.length} problems`;
  one("[data-problems]").replaceChildren(...found.problems.map(problemLine));
  one("[data-preview]").hidden = false;
}

/** @param {HTMLSelectElement} select @param {any} found */
function fill(select, found) {
  const field = select.dataset.column ?? "";
  const chosen = select.value || found.mapping[field] || "";
  if (!select.value) select.dataset.usual = found.mapping[field] ?? "";
  const options = ["", ...found.columns].map((/** @type {string} */ name) => new Option(name || "None", name, false, name === chosen));
  select.replaceChildren(...options);
}

/** @param {any} product */
function line(product) {
  const row = document.createElement("tr");
  const price = product.sale_price ?? product.price;
  const cells = [product.row, product.id, product.title ?? "Cannot be used", price ? `${price} ${product.currency ?? ""}` : "", product.images.length];
  row.append(...cells.map((text) => {
    const cell = document.createElement("td");
    cell.textContent = String(text);
    cell.dir = "auto";
    return cell;
  }));
  return row;
}

/** @param {any} problem */
function problemLine(problem) {
  const item = document.createElement("li");
  item.dir = "auto";
  item.textContent = `Row ${problem.row}${problem.id ? `, ${problem.id}` : ""}, ${problem.field || "row"}: ${problem.message}`;
  return item;
}

function forgetColumns() {
  for (const each of all("[data-column]")) each.replaceChildren();
}

/** Names the catalogue after its feed until the user names it. @param {string} name */
function nameAfter(name) {
  const field = /** @type {HTMLInputElement} */ (one("#catalogue-name"));
  if (!field.value || field.value === field.dataset.guessed) field.value = field.dataset.guessed = name.replace(/\.[a-z]+$/i, "").slice(0, 100);
}

/** @param {string} selector @param {string} text */
function showProblem(selector, text) {
  const place = one(selector);
  place.textContent = text;
  place.hidden = !text;
}

/** @param {unknown} error */
function words(error) {
  return error instanceof Error ? error.message : String(error);
}

