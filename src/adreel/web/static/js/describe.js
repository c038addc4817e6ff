// The form that has images made of words: its total, and its request.

import { post } from "./api.js";
import { maybe, on, one } from "./dom.js";
import { micros, withIdeas } from "./format.js";

/** @param {ParentNode} form */
export function showImagesTotal(form) {
  const model = maybe("[data-image-model]", form);
  if (!(model instanceof HTMLSelectElement)) return;
  const price = JSON.parse(model.selectedOptions[0]?.dataset.prices ?? "{}")[""] ?? "0";
  const count = Number(/** @type {HTMLSelectElement} */ (one("[data-image-count]", form)).value);
  const total = one("[data-total]", form);
  total.textContent = `${count} images, ${withIdeas(micros(price) * count, total.dataset.ideas)}`;
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
 * @returns {Promise<{job_id: string, estimated_duration: number}>}
 */
export async function makeImages(session, form) {
  const given = new FormData(form);
  return post("/api/generate-images", {
    session_id: session,
    product_prompt: String(given.get("prompt") ?? ""),
    count: Number(given.get("count")),
    model: String(given.get("model")),
  });
}
