// The clips screen: request clips, show them as they are made, make new takes, choose and order them.

import { post } from "./api.js";
import { all, busy, maybe, on, one } from "./dom.js";
import { Drafts } from "./drafts.js";
import { beyond, counted, makes, micros, seconds, typedAmount, withIdeas } from "./format.js";
import { Live } from "./live.js";
import { clear, fail, showStatus } from "./notices.js";
import { playOnHover } from "./play.js";
import { reorderable } from "./reorder.js";

const CARDS_SECONDS = 2;
const FPS = 30;
const TILE = "[data-clip-id]";

const live = new Live({ prepare, drawn });
const drafts = new Drafts(live.session);

const tiles = (/** @type {ParentNode} */ root = document) => all(TILE, root);
const box = (/** @type {HTMLElement} */ tile) => /** @type {HTMLInputElement} */ (one("input[type=checkbox]", tile));
const chosen = () => tiles().filter((tile) => box(tile).checked);

/**
 * Applies the user's order, which is sent only with the approval. New takes are placed beside other takes of their image.
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

/** Restores the check marks, otherwise takes the service's. A new take replaces earlier takes of its image. */
function tick() {
  const saved = /** @type {Record<string, boolean>} */ (drafts.get("ticks") ?? {});
  for (const tile of tiles()) box(tile).checked = saved[tile.dataset.clipId ?? ""] ?? box(tile).defaultChecked;
  const fresh = Object.keys(saved).length ? tiles().filter((tile) => !((tile.dataset.clipId ?? "") in saved)) : [];
  for (const tile of fresh) {
    const before = takes(tile).filter((other) => other !== tile);
    box(tile).checked = isNewest(tile) && (!before.length || before.some((other) => box(other).checked));
    if (box(tile).checked) for (const other of before) box(other).checked = false;
  }
  if (fresh.length) saveDraft();
}

/** All takes of the same image. @param {HTMLElement} tile */
function takes(tile) {
  return tiles().filter((other) => other.dataset.image === tile.dataset.image);
}

/** @param {HTMLElement} tile */
function isNewest(tile) {
  return takes(tile).every((other) => Number(other.dataset.made) <= Number(tile.dataset.made));
}

function saveDraft() {
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
  const end = maybe("[data-clips]")?.dataset.endSeconds;
  const [cards, name] = end ? [Number(end), "the end card"] : [CARDS_SECONDS, "title cards"];
  one("[data-note]").textContent = chosen().length
    ? `${counted(chosen().length, "clip")}, about ${seconds(length + cards)}${cards ? ` with ${name}` : ""}`
    : "Choose at least one clip.";
  /** @type {HTMLButtonElement} */ (one("[data-approve]")).disabled = !chosen().length;
}

function showTotal() {
  const form = maybe("[data-clips-form]");
  if (!(form instanceof HTMLFormElement)) return;
  const fields = new FormData(form);
  const length = String(fields.get("clip_duration"));
  const scripted = Number(form.dataset.scriptClips);
  const model = all("input[name=model]", form).find((field) => /** @type {HTMLInputElement} */ (field).checked);
  const price = scripted ? model?.dataset.scriptPrice || undefined : JSON.parse(model?.dataset.prices ?? "{}")[length];
  const count = scripted || missing(form, model?.getAttribute("value") ?? "", length, String(fields.get("aspect")));
  const amount = micros(price ?? "0") * (scripted ? 1 : count);
  // Only the service knows which clips of a script are there already.
  const isMost = scripted > 0 && form.dataset.made !== "[]";
  const button = /** @type {HTMLButtonElement} */ (one("[data-make-clips]", form));
  const shape = String(fields.get("aspect"));
  const reason = unsupported(model, price, length, shape, scripted > 0) || (isMost ? "" : beyond(amount, form));
  button.disabled = reason !== "";
  const total = one("[data-total]", form);
  const cost = withIdeas(amount, plansWithIdeas(form, amount) ? total.dataset.ideas : "");
  const what = scripted ? `${counted(count, "clip")} of the script` : `${counted(count, "clip")} of ${seconds(Number(length))}`;
  const words = count ? `${what}: ${isMost && amount ? `at most ${cost}, less what is there already` : cost}` : "These clips are there already: free";
  total.textContent = reason || words;
}

/**
 * How many clips an order would make: those that are there are not made again.
 * @param {HTMLFormElement} form
 * @param {string} model
 * @param {string} length seconds
 * @param {string} shape
 */
function missing(form, model, length, shape) {
  /** @type {string[]} */
  const images = JSON.parse(form.dataset.images ?? "[]");
  if (String(new FormData(form).get("video_prompt")) !== form.dataset.prompt) return images.length;
  const frames = Math.round(Number(length) * FPS);
  // A bought clip may be a little shorter than ordered.
  const same = (/** @type {{model: string, aspect: string, frames: number}} */ clip) => clip.model === model && clip.aspect === shape && clip.frames >= 0.9 * frames && clip.frames <= frames;
  const there = new Set(JSON.parse(form.dataset.made ?? "[]").filter(same).map((/** @type {{image: string}} */ clip) => clip.image));
  return images.filter((image) => !there.has(image)).length;
}

/**
 * Whether a language model plans the scenes: as the user chose, otherwise only for clips that cost themselves.
 * @param {HTMLElement} form
 * @param {number} amount of the clips, in millionths
 */
function plansWithIdeas(form, amount) {
  const box = maybe("[data-ideas-switch]", form);
  if (!(box instanceof HTMLInputElement)) return false;
  if (drafts.get("ideas") === undefined) box.checked = amount > 0;
  return box.checked;
}

/**
 * Why the chosen model cannot make the clips, as a message; "" when it can.
 * @param {HTMLElement | undefined} model
 * @param {string | undefined} price
 * @param {string} length
 * @param {string} shape
 * @param {boolean} scripted whether the script decides the lengths
 */
function unsupported(model, price, length, shape, scripted) {
  if (price === undefined && scripted) return "This model cannot make clips as long as the parts of the script. Choose another model, or change the script.";
  if (price === undefined) return `This model makes no clips of ${seconds(Number(length))}. Choose another length.`;
  if (!makes(model?.dataset.aspects, shape)) return `This model makes no clips of ${shape}. Choose another format or model.`;
  return "";
}

reorderable({ list: "[data-clips]", item: TILE, handle: ".clip-picture", grip: "[data-grip]", done: () => (saveDraft(), showNote()) });
playOnHover(TILE);

on("change", `${TILE} input[type=checkbox]`, () => (saveDraft(), showNote()));
on("input", "[data-clips-form]", showTotal);
on("click", "[data-idea]", (button) => {
  const field = /** @type {HTMLTextAreaElement} */ (one("#scene"));
  field.value = withIdea(field.value.trim(), button.dataset.idea ?? "");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
});

/**
 * A chip replaces another chip's words, and follows words that were typed.
 * @param {string} typed
 * @param {string} idea
 */
function withIdea(typed, idea) {
  const ideas = all("[data-idea]").map((chip) => chip.dataset.idea ?? "");
  const own = ideas.reduce((rest, each) => rest.replace(each, ""), typed).replace(/[\s.,;]+$/, "");
  return own ? `${own}. ${idea}` : idea;
}

on("click", "[data-enlarge]", (button) => {
  const dialog = /** @type {HTMLDialogElement} */ (one("#large"));
  const film = /** @type {HTMLVideoElement} */ (one("video", dialog));
  film.src = button.dataset.enlarge ?? "";
  dialog.addEventListener("close", () => film.pause(), { once: true });
  dialog.showModal();
  film.play().catch(() => {});
});

on("click", "[data-open]", (link) => one(`#${link.dataset.open}`).setAttribute("open", ""));

on("submit", "[data-clips-form]", (form, event) => {
  event.preventDefault();
  clear();
  busy(one("[data-make-clips]", form), async () => {
    const fields = new FormData(/** @type {HTMLFormElement} */ (form));
    live.expect(await post("/api/generate-clips", {
      session_id: live.session,
      video_prompt: String(fields.get("video_prompt")),
      clip_duration: Number(fields.get("clip_duration")),
      model: String(fields.get("model")),
      aspect: String(fields.get("aspect")),
      ...(maybe("[data-ideas-switch]") ? { ideas: fields.has("ideas") } : {}),
    }));
    drafts.set({ scene: undefined, ideas: undefined });
    await live.changed();
    one("#main").scrollIntoView();
  }, fail);
});

on("click", "[data-retake]", (button) => busy(button, async () => {
  clear();
  saveDraft();
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
  showStatus("Budget saved");
  await live.changed();
}, fail));

drafts.bind(live.main);
drafts.watch(() => live.refresh());
prepare(live.main);
drawn();
