// The form that generates images from a description: its total and its request.

import { post } from "./api.js";
import { maybe, on, one } from "./dom.js";
import { beyond, makes, micros, withIdeas } from "./format.js";

/** @param {ParentNode} form */
export function showImagesTotal(form) {
  const model = maybe("[data-image-model]", form);
  if (!(model instanceof HTMLSelectElement)) return;
  const price = JSON.parse(model.selectedOptions[0]?.dataset.prices ?? "{}")[""] ?? "0";
  const count = Number(/** @type {HTMLSelectElement} */ (one("[data-image-count]", form)).value);
  const total = one("[data-total]", form);
  const shape = /** @type {HTMLSelectElement} */ (one("[data-image-shape]", form)).value;
  const amount = micros(price) * count;
  const possible = makes(model.selectedOptions[0]?.dataset.aspects, shape);
  const reason = possible ? beyond(amount, /** @type {HTMLElement} */ (form)) : `This model makes no images of ${shape}. Choose another format or model.`;
  /** @type {HTMLButtonElement} */ (one("button:not([type=button])", form)).disabled = reason !== "";
  total.textContent = reason || `${count} images, ${withIdeas(amount, amount ? total.dataset.ideas : "")}`;
}

/** Updates the total when the form changes. */
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
  const fields = new FormData(form);
  return post("/api/generate-images", {
    session_id: session,
    product_prompt: String(fields.get("prompt") ?? ""),
    count: Number(fields.get("count")),
    model: String(fields.get("model")),
    aspect: String(fields.get("aspect")),
  });
}
