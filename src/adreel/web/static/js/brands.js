// The brand kits of the settings screen.

import { ApiError, explained, post, remove, replace } from "./api.js";
import { all, busy, on, one } from "./dom.js";
import { clear, fail } from "./notices.js";

const WORDS = ["title", "cta", "address", "legal", "font", "music"];
const LONGEST_NAME = 40;

on("submit", "[data-brand]", (target, event) => {
  event.preventDefault();
  clear();
  const form = /** @type {HTMLFormElement} */ (target);
  showProblem(form, "");
  busy(form, () => save(form), (error) => showProblem(form, error instanceof Error ? error.message : String(error)));
});

on("change", "[data-has-color]", (target) => {
  const tick = /** @type {HTMLInputElement} */ (target);
  /** @type {HTMLInputElement} */ (one("[name=color]", /** @type {ParentNode} */ (tick.closest(".color")))).disabled = !tick.checked;
});

/** @param {HTMLFormElement} form */
async function save(form) {
  const fields = new FormData(form);
  const text = (/** @type {string} */ name) => String(fields.get(name) ?? "").trim() || null;
  /** @type {Record<string, string | null>} */
  const kit = { ...Object.fromEntries(WORDS.map((name) => [name, text(name)])), color: text("color") };
  for (const slot of all("[data-slot]", form)) kit[slot.dataset.slot ?? ""] = await fileOf(slot);
  // A file of one's own takes the place of a name.
  if (kit.font_file) kit.font = null;
  if (kit.music_file) kit.music = null;
  const known = form.dataset.brand;
  if (known) await replace(`/api/brands/${known}`, kit);
  else await post("/api/brands", { ...kit, name: nameOf(kit.title ?? "") });
  location.hash = "brands";
  location.reload();
}

/**
 * The id of the file that stands in a place of the kit: a new one is uploaded first.
 * @param {HTMLElement} slot
 * @returns {Promise<string | null>}
 */
async function fileOf(slot) {
  const input = /** @type {HTMLInputElement} */ (one("[data-upload-file]", slot));
  const file = input.files?.[0];
  if (file) {
    slot.dataset.file = await upload(file, slot.dataset.kind ?? "");
    input.value = "";
  } else if (all("[data-take-out]", slot).some((tick) => /** @type {HTMLInputElement} */ (tick).checked)) return null;
  return slot.dataset.file || null;
}

/** @param {File} file @param {string} kind */
async function upload(file, kind) {
  const form = new FormData();
  form.append("kind", kind);
  form.append("file", file, file.name);
  const answer = await fetch("/api/files", { method: "POST", body: form }).catch(() => null);
  if (!answer) throw new ApiError(`${file.name} could not be uploaded. Check the connection and try again.`, 0);
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw withName(explained(answer.status, body), file.name);
  return String(body.id);
}

/** A sentence begins with a capital letter, the name of a file as it is. @param {ApiError} error @param {string} name */
function withName(error, name) {
  const begins = error.message.slice(0, name.length).toLowerCase() === name.toLowerCase();
  return begins ? new ApiError(name + error.message.slice(name.length), error.status) : error;
}

/** The name of a new kit: the title in small letters, digits and hyphens. @param {string} title */
function nameOf(title) {
  const plain = title.normalize("NFKD").toLowerCase().replace(/[^a-z0-9]+/g, "-").slice(0, LONGEST_NAME).replace(/^-+|-+$/g, "");
  const taken = new Set(all("[data-brand]").map((form) => form.dataset.brand));
  const base = plain || "brand";
  let name = base;
  for (let number = 2; taken.has(name); number += 1) name = `${base.slice(0, LONGEST_NAME - 3)}-${number}`;
  return name;
}

/** @param {HTMLElement} form @param {string} words */
function showProblem(form, words) {
  const place = one("[data-brand-problem]", form);
  place.textContent = words;
  place.hidden = !words;
}

on("click", "[data-delete-brand]", (button) => {
  const dialog = /** @type {HTMLDialogElement} */ (one("#confirm-brand"));
  one("[data-brand-title]", dialog).textContent = button.dataset.title ?? "";
  dialog.returnValue = "no";
  dialog.addEventListener("close", () => dialog.returnValue === "yes" && busy(button, async () => {
    await remove(`/api/brands/${button.dataset.deleteBrand}`);
    location.reload();
  }, fail), { once: true });
  dialog.showModal();
});
