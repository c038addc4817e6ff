// Listens to a session's events: comes back by itself, after what it heard last.

import { post } from "./api.js";

const FIRST_WAIT = 500;
const LONGEST_WAIT = 15000;
const SILENCE = 40000;
/** Nobody comes back after these: not logged in, not there, deleted. */
const FINAL = new Set([1000, 4401, 4404]);

/**
 * @typedef {{session_id: string, stage: string, progress: number, message: string, current_cost: string,
 *   data: Record<string, any>, timestamp: string, seq: number}} SessionEvent
 */

export class Listener {
  /**
   * @param {string} session
   * @param {number} after the last event that is known
   * @param {boolean} auth whether a ticket is needed
   * @param {(event: SessionEvent) => void} heard
   */
  constructor(session, after, auth, heard) {
    this.session = session;
    this.after = after;
    this.auth = auth;
    this.heard = heard;
    this.isOpen = false;
    this.isOver = false;
    this.since = Date.now();
    this.wait = FIRST_WAIT;
    this.silence = 0;
    /** @type {WebSocket | null} */
    this.socket = null;
    this.connect();
    addEventListener("online", () => this.hurry());
    document.addEventListener("visibilitychange", () => document.hidden || this.hurry());
    // A page that comes back from the browser's store has lost its line.
    addEventListener("pageshow", (event) => event.persisted && this.hurry());
  }

  /** For how long nothing has been heard that could be, in milliseconds. */
  get downFor() {
    return this.isOpen || this.isOver ? 0 : Date.now() - this.since;
  }

  async connect() {
    this.timer = 0;
    try {
      const ticket = this.auth ? `&token=${encodeURIComponent((await post(`/api/sessions/${this.session}/ticket`)).ticket)}` : "";
      const scheme = location.protocol === "https:" ? "wss:" : "ws:";
      this.open(new WebSocket(`${scheme}//${location.host}/ws/${this.session}?after=${this.after}${ticket}`));
    } catch {
      this.again();
    }
  }

  /** @param {WebSocket} socket */
  open(socket) {
    this.socket = socket;
    socket.addEventListener("open", () => {
      this.isOpen = true;
      this.listenForSilence();
    });
    socket.addEventListener("message", (message) => this.take(JSON.parse(message.data)));
    socket.addEventListener("close", (event) => {
      clearTimeout(this.silence);
      if (this.isOpen) this.since = Date.now();
      this.isOpen = false;
      this.socket = null;
      this.isOver = FINAL.has(event.code);
      if (!this.isOver) this.again();
    });
  }

  /** @param {SessionEvent & {type?: string}} event */
  take(event) {
    this.wait = FIRST_WAIT;
    this.listenForSilence();
    if (event.type === "heartbeat" || event.seq <= this.after) return;
    this.after = event.seq;
    this.heard(event);
  }

  /** The service sends a heartbeat every 15 seconds: a line that is silent for longer is dead. */
  listenForSilence() {
    clearTimeout(this.silence);
    this.silence = window.setTimeout(() => this.socket?.close(), SILENCE);
  }

  again() {
    // Not all at the same time after a restart.
    this.timer = window.setTimeout(() => this.connect(), this.wait * (0.5 + Math.random()));
    this.wait = Math.min(LONGEST_WAIT, this.wait * 2);
  }

  hurry() {
    this.wait = FIRST_WAIT;
    if (!this.socket && this.timer) {
      clearTimeout(this.timer);
      this.connect();
    }
  }
}
