// The brand kits of the settings screen.

import { post, problem as problemOf, remove, replace, retried } from "./api.js";
import { all, busy, on, one } from "./dom.js";
import { sendFile } from "./files.js";
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
  /** @type {Record<string, string | null | Record<string, string>>} */
  const kit = { ...Object.fromEntries(WORDS.map((name) => [name, text(name)])), color: text("color"), pronunciations: pronunciationsOf(form) };
  for (const slot of all("[data-slot]", form)) kit[slot.dataset.slot ?? ""] = await fileOf(slot);
  // A file of one's own takes the place of a name.
  if (kit.font_file) kit.font = null;
  if (kit.music_file) kit.music = null;
  const known = form.dataset.brand;
  if (known) await replace(`/api/brands/${known}`, kit);
  else await post("/api/brands", { ...kit, name: nameOf(text("title") ?? "") });
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
    slot.dataset.file = await sendFile(file, slot.dataset.kind ?? "", file.name);
    input.value = "";
  } else if (all("[data-take-out]", slot).some((tick) => /** @type {HTMLInputElement} */ (tick).checked)) return null;
  return slot.dataset.file || null;
}

/** How words are spoken, by the word. @param {HTMLElement} form @returns {Record<string, string>} */
function pronunciationsOf(form) {
  const value = (/** @type {string} */ name, /** @type {HTMLElement} */ row) => /** @type {HTMLInputElement} */ (one(`[data-${name}]`, row)).value.trim();
  const pairs = all("[data-pronunciation]", form).map((row) => [value("word", row), value("sound", row)]);
  return Object.fromEntries(pairs.filter(([word, sound]) => word && sound));
}

on("click", "[data-add-pronunciation]", (button) => {
  const list = one("[data-pronunciations]", /** @type {ParentNode} */ (button.closest("[data-brand]")));
  const blank = /** @type {HTMLTemplateElement} */ (one("#pronunciation")).content.cloneNode(true);
  list.append(blank);
  /** @type {HTMLInputElement} */ (one("li:last-child [data-word]", list)).focus();
});

on("click", "[data-drop-pronunciation]", (button) => button.closest("[data-pronunciation]")?.remove());

const player = new Audio();
on("click", "[data-hear-word]", (button) => {
  const row = /** @type {HTMLElement} */ (button.closest("[data-pronunciation]"));
  const form = /** @type {HTMLElement} */ (button.closest("[data-brand]"));
  const word = /** @type {HTMLInputElement} */ (one("[data-word]", row)).value.trim();
  if (!word) return;
  showProblem(form, "");
  busy(button, async () => {
    const answer = await retried(() => fetch("/api/say", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ text: word, pronunciations: pronunciationsOf(form) }),
    }));
    if (!answer.ok) throw await problemOf(answer);
    URL.revokeObjectURL(player.src);
    player.src = URL.createObjectURL(await answer.blob());
    await player.play();
  }, (error) => showProblem(form, error instanceof Error ? error.message : String(error)));
});

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
