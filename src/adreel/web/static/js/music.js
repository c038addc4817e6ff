// Plays previews of the music, one at a time.

import { all, on, one } from "./dom.js";
import { fail } from "./notices.js";

/** @param {(genre: string) => void} [started] */
export function previewMusic(started) {
  const player = /** @type {HTMLAudioElement} */ (one("[data-player]"));
  const show = (/** @type {string} */ genre) => {
    for (const button of all("[data-hear]")) button.setAttribute("aria-pressed", String(button.dataset.hear === genre));
  };
  on("click", "[data-hear]", (button) => {
    const genre = button.dataset.hear ?? "";
    if (button.getAttribute("aria-pressed") === "true") {
      player.pause();
      return;
    }
    // Called first: it may stop this player.
    started?.(genre);
    player.src = button.dataset.source || `/api/music/${genre}/preview`;
    player.play().catch((error) => error.name === "AbortError" || fail(new Error("The music cannot be played right now. Try again.")));
    show(genre);
  });
  for (const end of ["pause", "ended"]) player.addEventListener(end, () => show(""));
  return player;
}
