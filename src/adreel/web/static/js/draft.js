// A draft of the film: the service draws it, part by part, and it plays meanwhile. After a change only what differs is drawn.

import { explained, problem, retried } from "./api.js";
import { busy, one } from "./dom.js";
import { StreamProblem, isSame, partsOf } from "./fragments.js";
import { playParts } from "./player.js";

/** @typedef {import("./fragments.js").Part} Part */
/** @typedef {{aspect: string} & Record<string, unknown>} DraftBody */

export class Draft {
  /**
   * @param {HTMLElement} root
   * @param {string} session
   * @param {() => DraftBody} body what the draft is of, now
   * @param {() => void} [begins] called before it plays
   */
  constructor(root, session, body, begins = () => {}) {
    this.root = root;
    this.session = session;
    this.body = body;
    this.begins = begins;
    this.film = /** @type {HTMLVideoElement} */ (one("[data-draft-film]", root));
    this.button = one("[data-draft-play]", root);
    this.request = new AbortController();
    /** What the film shows. @type {Part[]} */
    this.shown = [];
    this.drawn = "";
    this.button.addEventListener("click", () => busy(this.button, () => this.play(), (error) => this.failed(error)));
  }

  /** Whether it was asked for, and is still on the stage. */
  get isOn() {
    return !this.film.hidden;
  }

  /** Plays the draft from its beginning, drawn anew if something has changed. */
  async play() {
    this.begins();
    this.film.hidden = false;
    if (JSON.stringify(this.body()) === this.drawn) {
      this.film.currentTime = 0;
      await this.start();
    } else {
      this.shown = [];
      await this.draw();
    }
  }

  /** Draws the draft again if it is on the stage: a film that plays goes on, one that stands still plays what has changed. */
  changed() {
    if (this.isOn && JSON.stringify(this.body()) !== this.drawn) this.draw().catch((error) => this.failed(error));
  }

  stop() {
    this.request.abort();
    this.film.pause();
    this.film.hidden = true;
    this.say("");
  }

  async start() {
    // Rejected by browsers that block sound before a click: the first picture shows, with the controls.
    await this.film.play().catch(() => {});
  }

  async draw() {
    this.request.abort();
    this.request = new AbortController();
    const { signal } = this.request;
    const body = this.body();
    this.say("", true);
    const answer = await retried(() => fetch(`/api/sessions/${this.session}/draft`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      signal,
    }));
    if (!answer.ok || !answer.body) throw await problem(answer);
    this.film.style.aspectRatio = body.aspect.replace(":", " / ");
    await this.show(partsOf(answer.body), signal);
    if (signal.aborted) return;
    this.drawn = JSON.stringify(body);
    this.say("");
  }

  /** @param {AsyncGenerator<Part>} parts @param {AbortSignal} signal */
  async show(parts, signal) {
    /** @type {Part[]} */
    const come = [];
    let player = null;
    for await (const part of parts) {
      if (signal.aborted) return;
      come.push(part);
      if (player) await player.add(part);
      else if (this.isTurn(come)) player = await this.turn(come);
    }
    const isOther = come.length !== this.shown.length || come.some((part, place) => !isSame(this.shown[place], part));
    if (!player && isOther) player = await this.turn(come);
    if (player) {
      player.end();
      this.shown = come;
    }
  }

  /** Whether what has come is enough to go on with it. @param {Part[]} come */
  isTurn(come) {
    const last = come[come.length - 1];
    if (!this.shown.length) return true;
    return this.film.paused ? !isSame(this.shown[come.length - 1], last) : last.end > this.film.currentTime + SPARE;
  }

  /** Shows new parts in the place of the old ones. @param {Part[]} come */
  async turn(come) {
    const last = come[come.length - 1];
    const at = !this.shown.length ? 0 : this.film.paused ? last.start : Math.min(this.film.currentTime, last.end);
    const player = await playParts(this.film, come, at);
    this.say("");
    await this.start();
    return player;
  }

  /** @param {unknown} error */
  failed(error) {
    if (error instanceof DOMException && error.name === "AbortError") return;
    const known = error instanceof StreamProblem ? explained(error.body.status ?? 500, error.body) : error;
    this.say(known instanceof Error ? known.message : String(known));
  }

  /** @param {string} words @param {boolean} [waits] */
  say(words, waits = false) {
    const place = one("[data-draft-problem]", this.root);
    place.textContent = words;
    place.hidden = !words;
    one("[data-draft-wait]", this.root).hidden = !waits;
  }
}

/** Seconds that have come beyond the one that plays. */
const SPARE = 0.5;
