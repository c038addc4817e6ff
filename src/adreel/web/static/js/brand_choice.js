// The choice of a brand on the Script and Finish screens: the service draws the screen again with it.

import { change } from "./api.js";
import { busy, debounced, maybe, on, one } from "./dom.js";
import { fail, showStatus } from "./notices.js";

const CHOSEN = "adreel:brand";
const STEPPING = 600;

// With arrow keys the choice passes others on its way.
on("change", "[data-brand-kit]", debounced(() => {
  const field = /** @type {HTMLSelectElement} */ (one("[data-brand-kit]"));
  busy(field, async () => {
    await change(`/api/sessions/${field.dataset.brandKit}`, { brand_kit: field.value });
    sessionStorage.setItem(CHOSEN, field.value);
    location.reload();
  }, fail);
}, STEPPING));

// The reload must not lose the place of the keyboard.
if (sessionStorage.getItem(CHOSEN) !== null) {
  sessionStorage.removeItem(CHOSEN);
  const field = /** @type {HTMLSelectElement | null} */ (maybe("[data-brand-kit]"));
  field?.focus({ preventScroll: true });
  if (field) showStatus(field.value ? `Brand: ${field.selectedOptions[0].text}` : "No brand");
}
