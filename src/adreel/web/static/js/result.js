// The result screen: copy a link to the film, delete it.

import { remove } from "./api.js";
import { busy, on, one } from "./dom.js";
import { Live } from "./live.js";
import { clear, fail, showStatus } from "./notices.js";
import { offerPlacements } from "./placements.js";

const live = new Live({ ended });
offerPlacements(live);

/** A new film is shown. @param {import("./events.js").SessionEvent} event */
function ended(event) {
  if (!event.data.final_video) return false;
  location.assign(`/s/${live.session}/result`);
  return true;
}

on("click", "[data-delete-film]", (button) => {
  const dialog = /** @type {HTMLDialogElement} */ (one("#confirm"));
  clear();
  dialog.returnValue = "no";
  dialog.addEventListener("close", () => dialog.returnValue === "yes" && busy(button, async () => {
    await remove(`/api/sessions/${live.session}/films/${button.dataset.deleteFilm}`);
    live.channel.postMessage("changed");
    location.assign(`/s/${live.session}/result`);
  }, fail), { once: true });
  dialog.showModal();
});

on("click", "[data-copy]", async (button) => {
  const link = new URL(button.dataset.copy ?? "", location.href);
  const until = new Date(Number(link.searchParams.get("expires")) * 1000);
  try {
    await copy(link.href);
    showStatus(`Link copied. It works until ${until.toLocaleTimeString([], { timeStyle: "short" })}, without a login.`);
  } catch (error) {
    fail(error);
  }
});

/** @param {string} text */
async function copy(text) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  // On plain http from another machine the clipboard API is not available.
  const field = /** @type {HTMLInputElement} */ (one("#link-text"));
  field.value = text;
  field.select();
  if (!document.execCommand("copy")) throw new Error(`The link could not be copied. It is ${text}`);
}
