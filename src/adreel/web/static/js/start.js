// The start screen: begin a film with photos, a description or an example; list and delete films.

import { change, post, remove } from "./api.js";
import { busy, maybe, on, one } from "./dom.js";
import { makeImages, watchImagesTotal } from "./describe.js";
import { Drafts } from "./drafts.js";
import { formatTimes } from "./format.js";
import { clear, fail, failNext, showStatus } from "./notices.js";
import { takePhotos } from "./upload.js";

const drafts = new Drafts("start");

/** @param {Record<string, string>} [fields] @returns {Promise<string>} */
async function newSession(fields = {}) {
  clear();
  return (await post("/api/sessions/create", fields)).session_id;
}

/** Approves all uploaded photos: users upload the photos that they want to use. @param {string} session @param {{id: string}[]} images */
async function chooseAll(session, images) {
  if (images.length) await post("/api/save-approved-images", { session_id: session, approved_image_ids: images.map((image) => image.id) });
  location.assign(`/s/${session}/images`);
}

takePhotos(() => newSession(), async (session, images, problems) => {
  if (problems) failNext(problems);
  await chooseAll(session, images);
}, {
  framed: true,
  // No photo could be used: no empty film stays behind.
  none: (session) => remove(`/api/sessions/${session}`),
});
watchImagesTotal();

const form = maybe("[data-describe]");
if (form) drafts.bind(form);

on("submit", "[data-describe]", (target, event) => {
  event.preventDefault();
  const description = /** @type {HTMLFormElement} */ (target);
  busy(one("[data-make-images]", description), async () => {
    const session = await newSession({ product_prompt: String(new FormData(description).get("prompt") ?? "") });
    const { job_id: job, estimated_duration: seconds } = await makeImages(session, description);
    new Drafts(session).set({ expected: { job, seconds } });
    drafts.forget();
    location.assign(`/s/${session}/images`);
  }, fail);
});

on("click", "[data-example]", (button) => busy(button, async () => {
  const { example, product = "", prompt = "", name, cta } = button.dataset;
  const session = await newSession({ product_prompt: product, video_prompt: prompt });
  const { images } = await post(`/api/sessions/${session}/examples`, { name: example });
  new Drafts(session).set({ product_name: name, cta });
  await chooseAll(session, images);
}, fail));

on("click", "[data-delete]", (button) => {
  const dialog = /** @type {HTMLDialogElement} */ (one("#confirm"));
  one("[data-name]", dialog).textContent = button.dataset.name ?? "";
  dialog.returnValue = "no";
  dialog.addEventListener("close", () => dialog.returnValue === "yes" && busy(button, () => drop(button.dataset.delete ?? ""), fail), { once: true });
  dialog.showModal();
});

on("click", "[data-rename]", (button) => {
  const dialog = /** @type {HTMLDialogElement} */ (one("#rename"));
  const field = /** @type {HTMLInputElement} */ (one("#film-name"));
  field.value = button.dataset.name ?? "";
  dialog.returnValue = "no";
  dialog.addEventListener("close", () => dialog.returnValue === "yes" && busy(button, async () => {
    await change(`/api/sessions/${button.dataset.rename}`, { name: field.value.trim() });
    location.reload();
  }, fail), { once: true });
  dialog.showModal();
  field.select();
});

on("click", "[data-cancel-rename]", () => /** @type {HTMLDialogElement} */ (one("#rename")).close("no"));

on("click", "[data-copy-film]", (button) => busy(button, async () => {
  clear();
  const { id } = await post(`/api/sessions/${button.dataset.copyFilm}/copy`);
  location.assign(`/s/${id}`);
}, fail));

/** @param {string} session */
async function drop(session) {
  await remove(`/api/sessions/${session}`);
  new Drafts(session).forget();
  one(`#film-${session}`).remove();
  showStatus("Deleted");
  one("#main").focus();
}

formatTimes(document);
// Jobs continue while this page is in the background.
addEventListener("pageshow", (event) => event.persisted && location.reload());
