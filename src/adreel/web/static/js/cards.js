// The title cards as the film will have them: drawn by the service from what is typed.

import { problem } from "./api.js";

/** @typedef {{kind: "intro" | "outro", url: string}} Card */

export class Cards {
  /** @param {string} session */
  constructor(session) {
    this.session = session;
    /** @type {Map<string, string>} */
    this.drawn = new Map();
    this.asking = new AbortController();
  }

  /**
   * The pictures of the cards that the wishes call for. Throws what is wrong with them, in words.
   * @param {("intro" | "outro")[]} kinds
   * @param {Record<string, unknown>} words
   * @param {string} aspect
   * @returns {Promise<Card[]>}
   */
  async draw(kinds, words, aspect) {
    this.asking.abort();
    this.asking = new AbortController();
    const { signal } = this.asking;
    return Promise.all(kinds.map(async (kind) => ({ kind, url: await this.one(kind, words, aspect, signal) })));
  }

  /**
   * @param {string} kind
   * @param {Record<string, unknown>} words
   * @param {string} aspect
   * @param {AbortSignal} signal
   */
  async one(kind, words, aspect, signal) {
    const body = JSON.stringify({ kind, text_overlay: words, aspect, width: 960 });
    const known = this.drawn.get(body);
    if (known) return known;
    const answer = await fetch(`/api/sessions/${this.session}/card-preview`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body,
      signal,
    });
    if (!answer.ok) throw await problem(answer);
    const url = URL.createObjectURL(await answer.blob());
    this.drawn.set(body, url);
    return url;
  }
}
