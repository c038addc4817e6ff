// API keys and the account's budget.

import { post, remove } from "./api.js";
import { busy, on, one } from "./dom.js";
import { sayTimes, typedAmount } from "./format.js";
import { clear, fail, say } from "./notices.js";

on("submit", "[data-budget]", (form, event) => {
  event.preventDefault();
  clear();
  busy(form, async () => {
    await post("/api/account/budget", { cap: typedAmount(/** @type {HTMLInputElement} */ (one("#cap", form)).value) });
    location.reload();
  }, fail);
});

on("submit", "[data-new-key]", (form, event) => {
  event.preventDefault();
  clear();
  busy(form, async () => {
    const name = /** @type {HTMLInputElement} */ (one("#key-name", form)).value.trim();
    const { key } = await post("/api/auth/keys", { name });
    const dialog = /** @type {HTMLDialogElement} */ (one("#issued"));
    const field = /** @type {HTMLInputElement} */ (one("#issued-key"));
    field.value = key;
    dialog.addEventListener("close", () => {
      field.value = "";
      location.reload();
    }, { once: true });
    dialog.showModal();
    field.select();
  }, fail);
});

on("click", "[data-copy-key]", async () => {
  const field = /** @type {HTMLInputElement} */ (one("#issued-key"));
  field.select();
  if (navigator.clipboard) await navigator.clipboard.writeText(field.value);
  else document.execCommand("copy");
  say("Key copied");
});

on("click", "[data-revoke]", (button) => {
  const dialog = /** @type {HTMLDialogElement} */ (one("#confirm"));
  dialog.returnValue = "no";
  dialog.addEventListener("close", () => dialog.returnValue === "yes" && busy(button, async () => {
    await remove(`/api/auth/keys/${button.dataset.revoke}`);
    location.reload();
  }, fail), { once: true });
  dialog.showModal();
});

sayTimes(document);
