// The screen of a batch: follows it, and pauses, resumes, cancels, retries or deletes it.

import { post, remove, retried } from "./api.js";
import { busy, maybe, on, one } from "./dom.js";
import { Listener } from "./events.js";
import { formatTimes } from "./format.js";
import { morph } from "./morph.js";
import { clear, fail } from "./notices.js";

const POLL = 5000;
const REPORT_AFTER = 1500;
const main = one("#main");
const batch = main.dataset.batch ?? "";
const path = `/api/batches/${batch}`;
let drawing = false;
let again = false;

const listener = new Listener(batch, Number(main.dataset.seq), main.dataset.auth === "yes", () => refresh(), {
  socket: `/ws/batches/${batch}`,
  ticket: `${path}/ticket`,
});
setInterval(() => listener.isOpen || document.hidden || refresh(), POLL);
setInterval(() => {
  const words = listener.downFor > REPORT_AFTER ? "Connection lost. Films are made on; this page reconnects by itself." : "";
  if (one("#line").textContent !== words) one("#line").textContent = words;
}, 500);
formatTimes(document);

on("click", "[data-do]", (button) => {
  clear();
  busy(button, async () => {
    const rights = /** @type {HTMLInputElement | null} */ (/** @type {unknown} */ (maybe("[data-rights]")));
    const body = button.dataset.do === "resume" ? { rights_confirmed: rights?.checked ?? false } : undefined;
    await post(`${path}/${button.dataset.do}`, body);
    await refresh();
  }, fail);
});

on("click", "[data-delete]", (button) => {
  const dialog = /** @type {HTMLDialogElement} */ (one("#confirm-delete"));
  dialog.returnValue = "no";
  dialog.addEventListener("close", () => dialog.returnValue === "yes" && busy(button, async () => {
    await remove(path);
    location.assign("/catalogue");
  }, fail), { once: true });
  dialog.showModal();
});

/** Draws the screen again: one request at a time; changes meanwhile cause one more. */
async function refresh() {
  again = true;
  if (drawing) return;
  drawing = true;
  try {
    while (again) {
      again = false;
      await draw();
    }
  } catch (error) {
    if (!document.hidden && listener.isOpen) fail(error);
  } finally {
    drawing = false;
  }
}

async function draw() {
  const answer = await retried(() => fetch(location.href, { cache: "no-store" }));
  if (answer.redirected && new URL(answer.url).pathname === "/login") {
    location.assign(answer.url);
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = maybe("#main", page);
  if (!fresh || fresh.dataset.batch !== batch) {
    if (answer.status === 404) location.assign("/catalogue");
    return;
  }
  formatTimes(fresh);
  const hadFocus = document.activeElement !== document.body;
  morph(main, fresh);
  // The button that was pressed may be gone.
  if (hadFocus && document.activeElement === document.body) main.focus({ preventScroll: true });
}
