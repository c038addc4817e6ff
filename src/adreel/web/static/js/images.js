// The images screen. Every change of the selection is saved at once, so that a reload or another tab shows the same.

import { post, remove } from "./api.js";
import { all, busy, maybe, on, one } from "./dom.js";
import { makeImages, showImagesTotal, watchImagesTotal } from "./describe.js";
import { Drafts } from "./drafts.js";
import { counted } from "./format.js";
import { Live } from "./live.js";
import { clear, fail, offerUndo } from "./notices.js";
import { reorderable } from "./reorder.js";
import { takePhotos } from "./upload.js";

const LEAST_OWN = 1;
const LEAST_GENERATED = 2;

const live = new Live({ prepare, drawn });
const drafts = new Drafts(live.session);
let saving = Promise.resolve();
let unsaved = 0;

/** Ids of removed images that the service still has, until the removal can no longer be undone. @type {Set<string>} */
const removed = new Set();

/** Once there are clips, another selection of images starts over: it stays in the drafts until it is confirmed. */
const isLate = () => !["created", "image_generation", "image_selection", "failed"].includes(live.main.dataset.stage ?? "");

const TILE = "[data-image-id]";
const boxes = () => /** @type {HTMLInputElement[]} */ (all(`${TILE}:not([data-js-removed]) input[type=checkbox]`));
const chosen = () => boxes().filter((box) => box.checked);

function drawn() {
  if (!unsaved) restore();
  const form = maybe("[data-describe]");
  if (form) showImagesTotal(form);
  showNote();
}

/** Applies the order in which the images were put here. @param {HTMLElement} fresh */
function prepare(fresh) {
  const list = maybe("[data-images]", fresh);
  const order = /** @type {string[]} */ (drafts.get("image_order") ?? []);
  if (!list || !order.length) return;
  const known = new Map(all(TILE, list).map((tile) => [tile.dataset.imageId ?? "", tile]));
  const sorted = order.flatMap((id) => known.get(id) ?? []);
  for (const tile of sorted.toReversed()) list.prepend(tile);
}

function restore() {
  const saved = isLate() ? drafts.get("images") : undefined;
  for (const box of boxes()) box.checked = saved ? saved.includes(box.value) : box.defaultChecked;
}

function showNote() {
  const own = chosen().filter((box) => box.closest("[data-own=yes]")).length;
  const generated = chosen().length - own;
  const enough = own >= LEAST_OWN || generated >= LEAST_GENERATED;
  /** @type {HTMLButtonElement} */ (one("[data-approve]")).disabled = !enough;
  one("[data-note]").textContent = enough
    ? `${counted(chosen().length, "image")} chosen, for ${counted(chosen().length, "clip")}.`
    : generated ? "Choose one more image." : "Choose the images of the film.";
}

/** Saves one selection after the other, so that the last one wins. The service accepts no empty selection. */
function save() {
  unsaved += 1;
  saving = saving.then(async () => {
    try {
      const ids = chosen().map((box) => box.value);
      if (unsaved === 1 && ids.length) await post("/api/save-approved-images", { session_id: live.session, approved_image_ids: ids });
    } catch (error) {
      fail(error);
    } finally {
      unsaved -= 1;
    }
    if (!unsaved) live.channel.postMessage("changed");
  });
  return saving;
}

on("change", "[data-image-id] input[type=checkbox]", () => {
  clear();
  showNote();
  // An image that is not chosen keeps its place, too.
  drafts.set({ image_order: all(TILE).map((tile) => tile.dataset.imageId) });
  if (isLate()) drafts.set({ images: chosen().map((box) => box.value) });
  else save();
});

reorderable({ list: "[data-images]", item: TILE, handle: "[data-grip]", grip: "[data-grip]", done: reordered });

function reordered() {
  drafts.set({ image_order: all(TILE).map((tile) => tile.dataset.imageId) });
  if (isLate()) drafts.set({ images: chosen().map((box) => box.value) });
  else save();
}

on("click", "[data-remove]", (button) => {
  const tile = /** @type {HTMLElement} */ (button.closest(TILE));
  const id = button.dataset.remove ?? "";
  commitRemovals();
  removed.add(id);
  tile.setAttribute("data-js-removed", "");
  showNote();
  if (/** @type {HTMLInputElement} */ (one("input[type=checkbox]", tile)).checked) save();
  offerUndo(`${one("strong", tile).textContent} removed`, () => bringBack(tile, id), () => commitRemovals());
});

/** @param {HTMLElement} tile @param {string} id */
function bringBack(tile, id) {
  removed.delete(id);
  tile.removeAttribute("data-js-removed");
  showNote();
  if (/** @type {HTMLInputElement} */ (one("input[type=checkbox]", tile)).checked) save();
  one("[data-remove]", tile).focus();
}

/** Deletes removed images: their removal can no longer be undone. */
function commitRemovals() {
  const ids = [...removed];
  removed.clear();
  return ids.reduce(async (before, id) => {
    await before;
    await remove(`/api/sessions/${live.session}/images/${id}`).catch(fail);
    await live.changed();
  }, saving);
}

// The page is left: the requests outlive it.
addEventListener("pagehide", () => {
  for (const id of removed) fetch(`/api/sessions/${live.session}/images/${id}`, { method: "DELETE", keepalive: true });
  removed.clear();
});

on("click", "[data-approve]", (button) => busy(button, async () => {
  clear();
  await commitRemovals();
  const isSame = live.main.querySelector("[data-images]")?.getAttribute("data-approved") === chosen().map((box) => box.value).join(" ");
  if (!isLate() || !isSame) await save();
  // Other images need other clips: the earlier choice and order no longer apply.
  drafts.set(isSame ? { images: undefined } : { images: undefined, ticks: undefined, order: undefined });
  location.assign(`/s/${live.session}/clips`);
}, fail));

on("submit", "[data-describe]", (form, event) => {
  event.preventDefault();
  busy(one("[data-make-images]", form), async () => {
    live.expect(await makeImages(live.session, /** @type {HTMLFormElement} */ (form)));
    await live.changed();
  }, fail);
});

takePhotos(async () => {
  clear();
  await commitRemovals();
  return live.session;
}, async (_session, images) => {
  await saving;
  const ids = [...new Set([...chosen().map((box) => box.value), ...images.map((image) => image.id)])];
  await post("/api/save-approved-images", { session_id: live.session, approved_image_ids: ids });
  await live.changed();
});

drafts.bind(live.main);
prepare(live.main);
restore();
watchImagesTotal();
showNote();
