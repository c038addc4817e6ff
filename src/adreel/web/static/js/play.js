// Plays clips on hover, on focus and on click.

import { all, calm, maybe, on } from "./dom.js";

/** @param {string} tiles selector of the elements that contain one clip each */
export function playOnHover(tiles) {
  for (const [enter, leave] of [["pointerover", "pointerout"], ["focusin", "focusout"]]) {
    on(enter, tiles, (tile, event) => {
      if (isWithin(tile, event)) return;
      if (!calm.matches && (!(event instanceof PointerEvent) || event.pointerType === "mouse")) start(tile);
    });
    on(leave, tiles, (tile, event) => isWithin(tile, event) || stop(tile));
  }
  on("click", `${tiles} [data-play]`, (button) => {
    const tile = /** @type {HTMLElement} */ (button.closest(tiles));
    if (button.getAttribute("aria-pressed") === "true" && calm.matches) stop(tile);
    else start(tile);
  });
}

/**
 * True when the pointer or focus only moves within the tile.
 * @param {HTMLElement} tile
 * @param {Event} event
 */
function isWithin(tile, event) {
  const other = /** @type {MouseEvent | FocusEvent} */ (event).relatedTarget;
  return other instanceof Node && tile.contains(other);
}

/** @param {HTMLElement} tile */
function start(tile) {
  for (const other of all("[data-play][aria-pressed=true]")) if (!tile.contains(other)) pause(other);
  const button = maybe("[data-play]", tile);
  const film = maybe("video", tile);
  if (!button || !(film instanceof HTMLVideoElement)) return;
  button.setAttribute("aria-pressed", "true");
  // Rejected by browsers that block autoplay: the poster stays.
  film.play().catch(() => button.setAttribute("aria-pressed", "false"));
}

/** @param {HTMLElement} tile */
function stop(tile) {
  const button = maybe("[data-play]", tile);
  if (button) pause(button);
}

/** @param {HTMLElement} button */
function pause(button) {
  button.setAttribute("aria-pressed", "false");
  const film = maybe("video", button);
  if (film instanceof HTMLVideoElement) {
    film.pause();
    film.currentTime = 0;
  }
}
