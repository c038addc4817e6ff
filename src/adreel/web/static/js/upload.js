// Uploads photos that are chosen, dropped or pasted, and shows the progress.

import { ApiError, explained, newKey } from "./api.js";
import { all, maybe, on, one } from "./dom.js";
import { fail, showStatus } from "./notices.js";
import { counted } from "./format.js";

const PHOTO = /^image\/(jpeg|png|webp|avif|heic|heif)$|\.(jpe?g|png|webp|avif|heic|heif)$/i;

/** @typedef {{id: string}} Image */
/** @typedef {{images: Image[], problems: string[]}} Kept what an upload added, and why other files were not */

/** Problems of one photo: the next one may be accepted. Any other problem would meet every photo. */
const OF_ONE_PHOTO = new Set([413, 415, 422]);

/**
 * Uploads photos to the session that `session` returns, each by itself, so that one that cannot be used keeps no other out. With
 * `framed` a single photo becomes one image per framing, since a film of one clip is too short.
 * @param {() => Promise<string>} session returns the id of the session; it may create one
 * @param {(session: string, images: Image[], problems: Error | null) => Promise<void> | void} sent called with what was added
 * @param {{framed?: boolean, none?: (session: string) => Promise<void> | void}} [options] `none` runs if nothing was added
 */
export function takePhotos(session, sent, { framed = false, none } = {}) {
  let sending = false;
  /** @param {File[]} files @param {HTMLElement} place */
  const take = async (files, place) => {
    const photos = files.filter(isPhoto);
    if (sending || !files.length) return;
    sending = true;
    try {
      const id = photos.length ? await session() : "";
      const { images, problems } = await sendAll(id, photos, place, framed && photos.length === 1);
      for (const file of files) if (!isPhoto(file)) problems.push(`${file.name} is not a photo: choose JPEG, PNG, WebP, AVIF or HEIC.`);
      const error = problems.length ? new Error(problems.join("\n")) : null;
      if (images.length) await sent(id, images, error);
      else if (id) await none?.(id);
      if (error) fail(error);
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
  // Not every browser opens the file dialog with Enter.
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

/** @param {File} file */
function isPhoto(file) {
  return PHOTO.test(file.type) || PHOTO.test(file.name);
}

/**
 * @param {string} session
 * @param {File[]} photos
 * @param {HTMLElement} place
 * @param {boolean} framed
 * @returns {Promise<Kept>}
 */
async function sendAll(session, photos, place, framed) {
  const there = new Set(all("[data-image-id]").map((tile) => tile.dataset.imageId));
  /** @type {Kept} */
  const kept = { images: [], problems: [] };
  const bar = maybe("[data-upload]", place);
  try {
    for (const [number, photo] of photos.entries()) {
      const report = (/** @type {ProgressEvent} */ event) => showSent(bar, (number + event.loaded / event.total) / photos.length);
      const images = await send(session, photo, framed, report).catch((error) => {
        if (!(error instanceof ApiError && OF_ONE_PHOTO.has(error.status))) throw error;
        kept.problems.push(named(photo, error.message));
        return [];
      });
      const known = images.filter((image) => there.has(image.id));
      if (known.length) kept.problems.push(`${photo.name} is there already.`);
      for (const image of images) there.add(image.id);
      kept.images.push(...images.filter((image) => !known.includes(image)));
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    kept.problems.push(kept.images.length ? `The other photos were not added: ${reason}` : reason);
  } finally {
    if (bar) bar.hidden = true;
  }
  if (kept.images.length) showStatus(`${counted(framed ? 1 : kept.images.length, "photo")} added`);
  return kept;
}

/** @param {File} photo @param {string} message */
function named(photo, message) {
  return message.includes(photo.name) ? message : `${photo.name}: ${message}`;
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
    // Anywhere on the page: a photo dropped beside the box must not replace the page.
    event.preventDefault();
    depth = 0;
    mark(false);
    const place = maybe("[data-drop]");
    if (place) take([...(event.dataTransfer?.files ?? [])], place);
  });
}

/**
 * @param {string} session
 * @param {File} photo
 * @param {boolean} framed
 * @param {(event: ProgressEvent) => void} report
 * @returns {Promise<Image[]>}
 */
function send(session, photo, framed, report) {
  const form = new FormData();
  form.append("files", photo, photo.name);
  if (framed) form.append("framings", "true");
  // fetch does not report upload progress.
  const request = new XMLHttpRequest();
  const done = new Promise((resolve, reject) => {
    request.upload.addEventListener("progress", report);
    request.addEventListener("load", () => {
      const answer = request.response ?? {};
      if (request.status < 300) resolve(answer.images ?? []);
      else reject(explained(request.status, answer));
    });
    request.addEventListener("error", () => reject(new ApiError("The photos could not be uploaded. Check the connection and try again.", 0)));
  });
  request.open("POST", `/api/sessions/${session}/images`);
  request.responseType = "json";
  request.setRequestHeader("Idempotency-Key", newKey());
  request.send(form);
  return done;
}

/**
 * @param {HTMLElement | null} bar
 * @param {number} share of all photos, 0 to 1; when all are sent, the service still looks at the last one
 */
function showSent(bar, share) {
  if (!bar) return;
  bar.hidden = false;
  if (share >= 1) bar.removeAttribute("value");
  else bar.setAttribute("value", String(100 * share));
}
