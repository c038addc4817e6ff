// Clips: the order for them, how they come in, new takes, and which of them go into the film in which order.

import { post } from "./api.js";
import { all, busy, maybe, on, one } from "./dom.js";
import { Drafts } from "./drafts.js";
import { counted, micros, seconds, typedAmount, withIdeas } from "./format.js";
import { Live } from "./live.js";
import { clear, fail, say } from "./notices.js";
import { playOnHover } from "./play.js";
import { reorderable } from "./reorder.js";

const CARDS_SECONDS = 2;
const TILE = "[data-clip-id]";

const live = new Live({ prepare, drawn });
const drafts = new Drafts(live.session);

const tiles = (/** @type {ParentNode} */ root = document) => all(TILE, root);
const box = (/** @type {HTMLElement} */ tile) => /** @type {HTMLInputElement} */ (one("input[type=checkbox]", tile));
const chosen = () => tiles().filter((tile) => box(tile).checked);

/**
 * The order that the person has made, which the service hears of with the choice only. New takes stand beside their image's.
 * @param {HTMLElement} fresh
 */
function prepare(fresh) {
  const list = maybe("[data-clips]", fresh);
  if (!list) return;
  const order = /** @type {string[]} */ (drafts.get("order") ?? []);
  const known = new Map(tiles(list).map((tile) => [tile.dataset.clipId, tile]));
  const sorted = order.flatMap((id) => known.get(id) ?? []);
  for (const tile of tiles(list)) if (!order.includes(tile.dataset.clipId ?? "")) insert(sorted, tile, order.length > 0);
  for (const tile of sorted.toReversed()) list.prepend(tile);
}

/**
 * @param {HTMLElement[]} sorted
 * @param {HTMLElement} tile
 * @param {boolean} beside
 */
function insert(sorted, tile, beside) {
  const at = beside ? sorted.findLastIndex((other) => other.dataset.image === tile.dataset.image) : -1;
  if (at < 0) sorted.push(tile);
  else sorted.splice(at + 1, 0, tile);
}

/** Ticks as they were left, else as the service says. A take that is new since stands in for those before it. */
function tick() {
  const kept = /** @type {Record<string, boolean>} */ (drafts.get("ticks") ?? {});
  for (const tile of tiles()) box(tile).checked = kept[tile.dataset.clipId ?? ""] ?? box(tile).defaultChecked;
  const fresh = Object.keys(kept).length ? tiles().filter((tile) => !((tile.dataset.clipId ?? "") in kept)) : [];
  for (const tile of fresh) {
    const before = takes(tile).filter((other) => other !== tile);
    box(tile).checked = isNewest(tile) && (!before.length || before.some((other) => box(other).checked));
    if (box(tile).checked) for (const other of before) box(other).checked = false;
  }
  if (fresh.length) keep();
}

/** Of the same image. @param {HTMLElement} tile */
function takes(tile) {
  return tiles().filter((other) => other.dataset.image === tile.dataset.image);
}

/** @param {HTMLElement} tile */
function isNewest(tile) {
  return takes(tile).every((other) => Number(other.dataset.made) <= Number(tile.dataset.made));
}

function keep() {
  drafts.set({
    order: tiles().map((tile) => tile.dataset.clipId),
    ticks: Object.fromEntries(tiles().map((tile) => [tile.dataset.clipId, box(tile).checked])),
  });
}

function drawn() {
  tick();
  showNote();
  showTotal();
}

function showNote() {
  let place = 0;
  for (const tile of tiles()) {
    const number = box(tile).checked ? String((place += 1)) : "";
    one("[data-number]", tile).textContent = number;
    tile.toggleAttribute("data-js-off", !number);
  }
  const length = chosen().reduce((sum, tile) => sum + Number(tile.dataset.duration), 0);
  one("[data-note]").textContent = chosen().length
    ? `${counted(chosen().length, "clip")}, about ${seconds(length + CARDS_SECONDS)} with title cards`
    : "Choose at least one clip.";
  /** @type {HTMLButtonElement} */ (one("[data-approve]")).disabled = !chosen().length;
}

function showTotal() {
  const form = maybe("[data-clips-form]");
  if (!(form instanceof HTMLFormElement)) return;
  const given = new FormData(form);
  const length = String(given.get("clip_duration"));
  const model = all("input[name=model]", form).find((field) => /** @type {HTMLInputElement} */ (field).checked);
  const price = JSON.parse(model?.dataset.prices ?? "{}")[length];
  const count = Number(form.dataset.count);
  const button = /** @type {HTMLButtonElement} */ (one("[data-make-clips]", form));
  button.disabled = price === undefined;
  const total = one("[data-total]", form);
  total.textContent = price === undefined
    ? `This model makes no clips of ${seconds(Number(length))}. Choose another length.`
    : `${counted(count, "clip")} of ${seconds(Number(length))}: ${withIdeas(micros(price) * count, total.dataset.ideas)}`;
}

reorderable({ list: "[data-clips]", item: TILE, handle: ".clip-picture", grip: "[data-grip]", done: () => (keep(), showNote()) });
playOnHover(TILE);

on("change", `${TILE} input[type=checkbox]`, () => (keep(), showNote()));
on("input", "[data-clips-form]", showTotal);
on("click", "[data-idea]", (button) => {
  const field = /** @type {HTMLTextAreaElement} */ (one("#scene"));
  field.value = button.dataset.idea ?? "";
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
});

on("submit", "[data-clips-form]", (form, event) => {
  event.preventDefault();
  clear();
  busy(one("[data-make-clips]", form), async () => {
    const given = new FormData(/** @type {HTMLFormElement} */ (form));
    live.expect(await post("/api/generate-clips", {
      session_id: live.session,
      video_prompt: String(given.get("video_prompt")),
      clip_duration: Number(given.get("clip_duration")),
      model: String(given.get("model")),
      aspect: String(given.get("aspect")),
    }));
    drafts.set({ scene: undefined });
    await live.changed();
    one("#main").scrollIntoView();
  }, fail);
});

on("click", "[data-retake]", (button) => busy(button, async () => {
  clear();
  keep();
  live.expect(await post(`/api/clips/${button.dataset.retake}/regenerate`, {}));
  await live.changed();
}, fail));

on("click", "[data-approve]", (button) => busy(button, async () => {
  clear();
  const ids = chosen().map((tile) => tile.dataset.clipId);
  await post("/api/save-approved-clips", { session_id: live.session, approved_clip_ids: ids, clip_order: ids });
  location.assign(`/s/${live.session}/finish`);
}, fail));

on("click", "[data-save-budget]", (button) => busy(button, async () => {
  clear();
  const cap = typedAmount(/** @type {HTMLInputElement} */ (one("#cap")).value);
  await post(`/api/sessions/${live.session}/budget`, { cap });
  say("Budget saved");
  await live.changed();
}, fail));

drafts.bind(live.main);
drafts.watch(() => live.refresh());
prepare(live.main);
drawn();
