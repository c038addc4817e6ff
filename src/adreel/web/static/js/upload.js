// Photos on their way to a session: chosen, dropped or pasted, sent with their progress shown.

import { ApiError, explained, newKey } from "./api.js";
import { maybe, on, one } from "./dom.js";
import { fail, failNext, say } from "./notices.js";
import { counted } from "./format.js";

const PHOTO = /^image\/(jpeg|png|webp|avif|heic|heif)$|\.(jpe?g|png|webp|avif|heic|heif)$/i;

/**
 * Sends photos to wherever `session` says. One at a time per page. With `framed` a photo that comes alone is shown in every
 * framing, since a film of one clip is none.
 * @param {() => Promise<string>} session gives the id of the session; it may make one
 * @param {(session: string, images: {id: string}[]) => Promise<void> | void} sent
 * @param {boolean} [framed]
 */
export function takePhotos(session, sent, framed = false) {
  let sending = false;
  /** @param {File[]} files @param {HTMLElement} place */
  const take = async (files, place) => {
    const photos = files.filter((file) => PHOTO.test(file.type) || PHOTO.test(file.name));
    if (sending || !files.length) return;
    if (!photos.length) {
      fail(new Error("These are no photos that can be used here. Choose JPEG, PNG, WebP, AVIF or HEIC."));
      return;
    }
    sending = true;
    try {
      const id = await session();
      const images = await send(id, photos, place, framed && photos.length === 1);
      say(`${counted(photos.length, "photo")} added`);
      tellLeftOut(files.filter((file) => !photos.includes(file)));
      await sent(id, images);
    } catch (error) {
      fail(error);
    } finally {
      sending = false;
    }
  };
  on("change", "[data-photos]", (input) => {
    const field = /** @type {HTMLInputElement} */ (input);
    const files = [...(field.files ?? [])];
    take(files, one("[data-drop]")).then(() => (field.value = ""));
  });
  // Not every browser opens its dialog with the key that every other button takes.
  on("keydown", "[data-photos]", (input, event) => {
    if (/** @type {KeyboardEvent} */ (event).key !== "Enter") return;
    event.preventDefault();
    input.click();
  });
  listenForDrops(take);
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length && maybe("[data-drop]")) take(files, one("[data-drop]"));
  });
}

/** @param {File[]} others */
function tellLeftOut(others) {
  const names = others.map((file) => file.name).join(", ");
  const error = new Error(`Left out, since these are no photos that can be used here: ${names}.`);
  // From the start photos lead to another page.
  if (names) (maybe("[data-session]") ? fail : failNext)(error);
}

/** @param {(files: File[], place: HTMLElement) => void} take */
function listenForDrops(take) {
  let depth = 0;
  /** @param {DragEvent} event */
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files") ?? false;
  const mark = (/** @type {boolean} */ over) => document.documentElement.toggleAttribute("data-js-over", over);
  addEventListener("dragenter", (event) => hasFiles(event) && mark((depth += 1) > 0));
  addEventListener("dragleave", (event) => hasFiles(event) && mark((depth -= 1) > 0));
  addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
  addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    // Anywhere on the page: nobody who misses the box wants the photo opened instead.
    event.preventDefault();
    depth = 0;
    mark(false);
    const place = maybe("[data-drop]");
    if (place) take([...(event.dataTransfer?.files ?? [])], place);
  });
}

/**
 * @param {string} session
 * @param {File[]} photos
 * @param {HTMLElement} place
 * @param {boolean} framed
 * @returns {Promise<{id: string}[]>}
 */
function send(session, photos, place, framed) {
  const form = new FormData();
  for (const photo of photos) form.append("files", photo, photo.name);
  if (framed) form.append("framings", "true");
  const bar = maybe("[data-upload]", place);
  // fetch does not tell how far an upload is.
  const request = new XMLHttpRequest();
  const done = new Promise((resolve, reject) => {
    request.upload.addEventListener("progress", (event) => showSent(bar, event));
    request.addEventListener("load", () => {
      const answer = request.response ?? {};
      if (request.status < 300) resolve(answer.images ?? []);
      else reject(explained(request.status, answer));
    });
    request.addEventListener("error", () => reject(new ApiError("The photos could not be sent. Check the connection and try again.", 0)));
  });
  request.open("POST", `/api/sessions/${session}/images`);
  request.responseType = "json";
  request.setRequestHeader("Idempotency-Key", newKey());
  if (bar) bar.hidden = false;
  request.send(form);
  return done.finally(() => bar && (bar.hidden = true));
}

/**
 * @param {HTMLElement | null} bar
 * @param {ProgressEvent} event
 */
function showSent(bar, event) {
  if (!bar) return;
  if (event.loaded >= event.total) bar.removeAttribute("value");
  else bar.setAttribute("value", String((100 * event.loaded) / event.total));
}
