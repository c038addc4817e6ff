// Title cards for the preview, rendered by the service from the form.

import { problem } from "./api.js";

/** @typedef {{kind: "intro" | "outro", url: string, least: number}} Card `least`: it lasts so many seconds at least */

export class Cards {
  /** @param {string} session */
  constructor(session) {
    this.session = session;
    /** @type {Map<string, {url: string, least: number}>} */
    this.drawn = new Map();
    this.request = new AbortController();
  }

  /**
   * Returns images of the requested cards. Throws an error with a message for the user.
   * @param {("intro" | "outro")[]} kinds
   * @param {Record<string, unknown>} overlay
   * @param {string} aspect
   * @returns {Promise<Card[]>}
   */
  async draw(kinds, overlay, aspect) {
    this.request.abort();
    this.request = new AbortController();
    const { signal } = this.request;
    return Promise.all(kinds.map(async (kind) => ({ kind, ...(await this.one(kind, overlay, aspect, signal)) })));
  }

  /**
   * An image of the end card of a script.
   * @param {string} script JSON
   * @param {string} aspect
   * @returns {Promise<Card>}
   */
  async end(script, aspect) {
    this.request.abort();
    this.request = new AbortController();
    const body = JSON.stringify({ script: JSON.parse(script), beat: null, aspect });
    return { kind: "outro", ...(await this.sent(`/s/${this.session}/script/still`, body, this.request.signal)) };
  }

  /**
   * @param {string} kind
   * @param {Record<string, unknown>} overlay
   * @param {string} aspect
   * @param {AbortSignal} signal
   */
  async one(kind, overlay, aspect, signal) {
    const body = JSON.stringify({ kind, text_overlay: overlay, aspect, width: 960 });
    return this.sent(`/api/sessions/${this.session}/card-preview`, body, signal);
  }

  /**
   * The address of an image that the service draws, and how long the card lasts at least.
   * @param {string} path
   * @param {string} body
   * @param {AbortSignal} signal
   */
  async sent(path, body, signal) {
    const known = this.drawn.get(body);
    if (known) return known;
    const answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body,
      signal,
    });
    if (!answer.ok) throw await problem(answer);
    const card = { url: URL.createObjectURL(await answer.blob()), least: Number(answer.headers.get("Card-Seconds") ?? 0) };
    this.drawn.set(body, card);
    return card;
  }
}
