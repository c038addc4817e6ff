// The pictures of a script: the service draws one frame of each beat with its words, one after the other.

import { problem } from "./api.js";
import { all, one } from "./dom.js";

/** @typedef {import("./document.js").Script} Script */

export class Stills {
  /** @param {string} session */
  constructor(session) {
    this.session = session;
    /** Addresses of drawn pictures by what they show. @type {Map<string, string>} */
    this.known = new Map();
    this.request = new AbortController();
  }

  /**
   * Draws what has changed. A later call ends an earlier one.
   * @param {Script | null} script
   * @param {string} aspect
   */
  async draw(script, aspect) {
    this.request.abort();
    this.request = new AbortController();
    const { signal } = this.request;
    if (!script) return;
    const waiting = all("[data-still]").filter((picture) => !this.shows(picture, keyOf(script, picture, aspect)));
    for (const picture of waiting) one("[data-still-wait]", picture).hidden = false;
    for (const picture of waiting) {
      await this.one(picture, script, aspect, signal).catch((error) => this.failed(picture, error));
      if (signal.aborted) return;
    }
  }

  /** @param {HTMLElement} picture @param {string} key */
  shows(picture, key) {
    const address = this.known.get(key);
    if (!address) return false;
    const image = /** @type {HTMLImageElement} */ (one("img", picture));
    if (image.src !== address) image.src = address;
    this.done(picture, "");
    return true;
  }

  /** @param {HTMLElement} picture @param {Script} script @param {string} aspect @param {AbortSignal} signal */
  async one(picture, script, aspect, signal) {
    const place = picture.dataset.still;
    const answer = await fetch(`/s/${this.session}/script/still`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ script, beat: place === "end" ? null : Number(place), aspect }),
      signal,
    });
    if (!answer.ok) throw await problem(answer);
    const key = keyOf(script, picture, aspect);
    this.known.set(key, URL.createObjectURL(await answer.blob()));
    this.shows(picture, key);
  }

  /** @param {HTMLElement} picture @param {unknown} error */
  failed(picture, error) {
    if (error instanceof DOMException && error.name === "AbortError") return;
    this.done(picture, error instanceof Error ? error.message : String(error));
  }

  /** @param {HTMLElement} picture @param {string} words */
  done(picture, words) {
    one("[data-still-wait]", picture).hidden = true;
    const place = one("[data-still-problem]", picture);
    place.textContent = words;
    place.hidden = !words;
  }
}

/**
 * What a picture depends on.
 * @param {Script} script
 * @param {HTMLElement} picture
 * @param {string} aspect
 */
function keyOf({ beats, style, prompt, photos, end, product }, picture, aspect) {
  const place = picture.dataset.still;
  const shown = place === "end" ? { end, product } : { beat: beats[Number(place)], place };
  return JSON.stringify([shown, style, prompt, photos, aspect]);
}
