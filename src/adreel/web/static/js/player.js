// Plays parts of a film in a video element as they come.

import { joined, typeOf } from "./fragments.js";

/** @typedef {import("./fragments.js").Part} Part */

/** iPhones have a source of their own. @type {typeof MediaSource | undefined} */
const Source = /** @type {any} */ (window).ManagedMediaSource ?? window.MediaSource;

/**
 * Shows parts from a second on, and returns what takes those that follow.
 * @param {HTMLVideoElement} film
 * @param {Part[]} parts
 * @param {number} at
 */
export async function playParts(film, parts, at) {
  const type = typeOf(parts[0].bytes);
  const player = Source?.isTypeSupported(type) ? new SourcePlayer(film, type) : new WholePlayer(film);
  await player.begin(parts, at);
  return player;
}

class SourcePlayer {
  /** @param {HTMLVideoElement} film @param {string} type */
  constructor(film, type) {
    this.film = film;
    this.type = type;
    this.source = new /** @type {typeof MediaSource} */ (Source)();
  }

  /** @param {Part[]} parts @param {number} at */
  async begin(parts, at) {
    const opened = once(this.source, "sourceopen");
    const address = URL.createObjectURL(this.source);
    // Managed sources are not played elsewhere.
    this.film.disableRemotePlayback = true;
    this.film.src = address;
    await opened;
    URL.revokeObjectURL(address);
    this.buffer = this.source.addSourceBuffer(this.type);
    await this.add(...parts);
    this.film.currentTime = at;
  }

  /** @param {Part[]} parts */
  async add(...parts) {
    if (!this.buffer || this.source.readyState !== "open") return;
    const done = once(this.buffer, "updateend");
    this.buffer.appendBuffer(joined(parts.map((part) => part.bytes)));
    await done;
  }

  end() {
    if (this.source.readyState === "open") this.source.endOfStream();
  }
}

/** For browsers that play a film only when all of it is there. */
class WholePlayer {
  /** @param {HTMLVideoElement} film */
  constructor(film) {
    this.film = film;
    /** @type {Part[]} */
    this.parts = [];
    this.at = 0;
  }

  /** @param {Part[]} parts @param {number} at */
  async begin(parts, at) {
    this.at = at;
    await this.add(...parts);
  }

  /** @param {Part[]} parts */
  async add(...parts) {
    this.parts.push(...parts);
  }

  end() {
    const [first, ...others] = this.parts;
    this.film.src = URL.createObjectURL(new Blob([first.bytes, ...others.map((part) => part.bytes)], { type: "video/mp4" }));
    this.film.currentTime = this.at;
    this.film.play().catch(() => {});
  }
}

/** @param {EventTarget} target @param {string} event */
function once(target, event) {
  return new Promise((done) => target.addEventListener(event, done, { once: true }));
}
