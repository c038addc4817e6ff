// Where a film begins: photos, words, or an example; and the films there are.

import { post, remove } from "./api.js";
import { busy, maybe, on, one } from "./dom.js";
import { makeImages, watchImagesTotal } from "./describe.js";
import { Drafts } from "./drafts.js";
import { sayTimes } from "./format.js";
import { clear, fail, say } from "./notices.js";
import { takePhotos } from "./upload.js";

const drafts = new Drafts("start");

/** @param {Record<string, string>} [given] @returns {Promise<string>} */
async function newSession(given = {}) {
  clear();
  return (await post("/api/sessions/create", given)).session_id;
}

/**
 * The session that photos go into. Those that are refused leave it empty: the next try uses it again.
 * @type {string | undefined}
 */
let forPhotos;

async function sessionForPhotos() {
  clear();
  forPhotos ??= await newSession();
  return forPhotos;
}

/** Photos of one's own are meant to be used: all are chosen to begin with. @param {string} session @param {{id: string}[]} images */
async function chooseAll(session, images) {
  if (images.length) await post("/api/save-approved-images", { session_id: session, approved_image_ids: images.map((image) => image.id) });
  location.assign(`/s/${session}/images`);
}

takePhotos(sessionForPhotos, chooseAll, true);
watchImagesTotal();

const form = maybe("[data-describe]");
if (form) drafts.bind(form);

on("submit", "[data-describe]", (target, event) => {
  event.preventDefault();
  const words = /** @type {HTMLFormElement} */ (target);
  busy(one("[data-make-images]", words), async () => {
    const session = await newSession({ product_prompt: String(new FormData(words).get("prompt") ?? "") });
    const { job_id: job, estimated_duration: seconds } = await makeImages(session, words);
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
  dialog.returnValue = "no";
  dialog.addEventListener("close", () => dialog.returnValue === "yes" && busy(button, () => drop(button.dataset.delete ?? ""), fail), { once: true });
  dialog.showModal();
});

/** @param {string} session */
async function drop(session) {
  await remove(`/api/sessions/${session}`);
  new Drafts(session).forget();
  one(`#film-${session}`).remove();
  say("Deleted");
  one("#main").focus();
}

sayTimes(document);
// Films go on being made while this page is in the background.
addEventListener("pageshow", (event) => event.persisted && location.reload());
