// Choosing images: every change is kept by the service at once, so a reload or another tab shows the same.

import { post, remove } from "./api.js";
import { all, busy, maybe, on, one } from "./dom.js";
import { makeImages, showImagesTotal, watchImagesTotal } from "./describe.js";
import { Drafts } from "./drafts.js";
import { counted } from "./format.js";
import { Live } from "./live.js";
import { clear, fail } from "./notices.js";
import { takePhotos } from "./upload.js";

const LEAST_OWN = 1;
const LEAST_GENERATED = 2;

const live = new Live({ drawn });
const drafts = new Drafts(live.session);
let saving = Promise.resolve();
let unsaved = 0;

/** Once there are clips, another choice of images begins a new round: it is kept here until it is confirmed. */
const isLate = () => !["created", "image_generation", "image_selection", "failed"].includes(live.main.dataset.stage ?? "");

const boxes = () => /** @type {HTMLInputElement[]} */ (all("[data-image-id] input[type=checkbox]"));
const chosen = () => boxes().filter((box) => box.checked);

function drawn() {
  if (!unsaved) restore();
  const form = maybe("[data-describe]");
  if (form) showImagesTotal(form);
  showNote();
}

function restore() {
  const kept = isLate() ? drafts.get("images") : undefined;
  for (const box of boxes()) box.checked = kept ? kept.includes(box.value) : box.defaultChecked;
}

function showNote() {
  const own = chosen().filter((box) => box.closest("[data-own=yes]")).length;
  const generated = chosen().length - own;
  const enough = own >= LEAST_OWN || generated >= LEAST_GENERATED;
  /** @type {HTMLButtonElement} */ (one("[data-approve]")).disabled = !enough;
  one("[data-note]").textContent = enough
    ? `${counted(chosen().length, "image")} chosen: ${counted(chosen().length, "clip")} to make.`
    : generated ? "Choose one more generated image, or a photo of your own." : "Choose one photo of your own, or two generated images.";
}

/** One after the other, so that the last choice is the one that stays. An empty choice has no place in the service. */
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
  if (isLate()) drafts.set({ images: chosen().map((box) => box.value) });
  else save();
});

on("click", "[data-remove]", (button) => busy(button, async () => {
  await saving;
  await remove(`/api/sessions/${live.session}/images/${button.dataset.remove}`);
  await live.changed();
  one("#main").focus();
}, fail));

on("click", "[data-approve]", (button) => busy(button, async () => {
  const isSame = boxes().every((box) => box.checked === box.defaultChecked);
  if (!isLate() || !isSame) await save();
  // Other images, other clips: how those before were chosen and ordered says nothing.
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

takePhotos(async () => live.session, async (_session, images) => {
  await saving;
  const ids = [...new Set([...chosen().map((box) => box.value), ...images.map((image) => image.id)])];
  await post("/api/save-approved-images", { session_id: live.session, approved_image_ids: ids });
  await live.changed();
});

drafts.bind(live.main);
restore();
watchImagesTotal();
showNote();
