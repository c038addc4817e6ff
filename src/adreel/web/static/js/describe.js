// The form that has images made of words: its total, and its request.

import { post } from "./api.js";
import { maybe, on, one } from "./dom.js";
import { dollars, micros } from "./format.js";

/** @param {ParentNode} form */
export function showImagesTotal(form) {
  const model = maybe("[data-image-model]", form);
  if (!(model instanceof HTMLSelectElement)) return;
  const price = JSON.parse(model.selectedOptions[0]?.dataset.prices ?? "{}")[""] ?? "0";
  const count = Number(/** @type {HTMLSelectElement} */ (one("[data-image-count]", form)).value);
  one("[data-total]", form).textContent = `${count} images, ${dollars(micros(price) * count)}`;
}

/** Keeps the total true. */
export function watchImagesTotal() {
  const form = maybe("[data-describe]");
  if (form) showImagesTotal(form);
  on("change", "[data-describe]", (changed) => showImagesTotal(changed));
}

/**
 * @param {string} session
 * @param {HTMLFormElement} form
 */
export async function makeImages(session, form) {
  const given = new FormData(form);
  await post("/api/generate-images", {
    session_id: session,
    product_prompt: String(given.get("prompt") ?? ""),
    count: Number(given.get("count")),
    model: String(given.get("model")),
  });
}
