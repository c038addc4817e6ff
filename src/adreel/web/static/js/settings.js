// API keys, the account's budget, and the account itself.

import { post, remove } from "./api.js";
import { busy, on, one } from "./dom.js";
import { formatTimes, typedAmount } from "./format.js";
import { clear, fail, showStatus } from "./notices.js";

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
  showStatus("Key copied");
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

on("submit", "[data-delete-account]", (form, event) => {
  event.preventDefault();
  clear();
  const dialog = /** @type {HTMLDialogElement} */ (one("#confirm-delete"));
  dialog.returnValue = "no";
  dialog.addEventListener("close", () => dialog.returnValue === "yes" && busy(form, async () => {
    const password = /** @type {HTMLInputElement} */ (one("#delete-password", form)).value;
    await post("/api/account/delete", { password });
    location.assign("/login");
  }, fail), { once: true });
  dialog.showModal();
});

formatTimes(document);
