// API keys, webhooks, the account's budget, and the account itself.

import "./brands.js";
import { post, problem, remove } from "./api.js";
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
    showOnce("Your new key", key);
  }, fail);
});

on("submit", "[data-new-webhook]", (form, event) => {
  event.preventDefault();
  clear();
  busy(form, async () => {
    const url = /** @type {HTMLInputElement} */ (one("#webhook-url", form)).value.trim();
    const { secret } = await post("/api/account/webhooks", { url });
    showOnce("The secret that signs this webhook", secret);
  }, fail);
});

/**
 * Shows a secret until the dialog is closed; the page then lists what it belongs to.
 * @param {string} title
 * @param {string} secret
 */
function showOnce(title, secret) {
  const dialog = /** @type {HTMLDialogElement} */ (one("#issued"));
  const field = /** @type {HTMLInputElement} */ (one("#issued-key"));
  one("[data-secret-title]", dialog).textContent = title;
  field.value = secret;
  dialog.addEventListener("close", () => {
    field.value = "";
    location.reload();
  }, { once: true });
  dialog.showModal();
  field.select();
}

on("click", "[data-copy-key]", async () => {
  const field = /** @type {HTMLInputElement} */ (one("#issued-key"));
  field.select();
  if (navigator.clipboard) await navigator.clipboard.writeText(field.value);
  else document.execCommand("copy");
  showStatus("Copied");
});

on("click", "[data-revoke]", (button) => whenConfirmed("#confirm", button, `/api/auth/keys/${button.dataset.revoke}`));

on("click", "[data-remove-webhook]", (button) => whenConfirmed("#confirm-webhook", button, `/api/account/webhooks/${button.dataset.removeWebhook}`));

/**
 * Asks, then deletes.
 * @param {string} question
 * @param {HTMLElement} button
 * @param {string} address
 */
function whenConfirmed(question, button, address) {
  const dialog = /** @type {HTMLDialogElement} */ (one(question));
  dialog.returnValue = "no";
  dialog.addEventListener("close", () => dialog.returnValue === "yes" && busy(button, async () => {
    await remove(address);
    location.reload();
  }, fail), { once: true });
  dialog.showModal();
}

on("click", "[data-test-webhook]", (button) => {
  clear();
  busy(button, async () => {
    const id = button.dataset.testWebhook ?? "";
    const { id: delivery } = await post(`/api/account/webhooks/${id}/test`, {});
    one("[data-outcome]", one(`#webhook-${id}`)).textContent = await outcome(id, delivery);
  }, fail);
});

const WAITS = 20;

/**
 * What became of a delivery, in words. It is sent again later when it fails, so that only its first attempt is awaited.
 * @param {string} id
 * @param {string} delivery
 */
async function outcome(id, delivery) {
  for (let wait = 0; wait < WAITS; wait += 1) {
    const answer = await fetch(`/api/account/webhooks/${id}/deliveries`, { cache: "no-store" });
    if (!answer.ok) throw await problem(answer);
    const found = (await answer.json()).deliveries.find((/** @type {{id: string}} */ each) => each.id === delivery);
    if (found?.delivered_at) return "The test was received.";
    if (found?.attempts) return `The test did not arrive: ${found.error || `the receiver answered ${found.status}`}.`;
    await new Promise((go) => setTimeout(go, 500));
  }
  return "The test waits to be sent.";
}

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
