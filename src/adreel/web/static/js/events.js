// Follows the events of a session or a batch over a WebSocket; reconnects and resumes after the last event.

import { post } from "./api.js";

const FIRST_WAIT = 500;
const LONGEST_WAIT = 15000;
const SILENCE = 40000;
/** Close codes without a reconnect: deleted, not found. After a logout the request for a ticket redirects to the login. */
const FINAL = new Set([1000, 4404]);
/** Close codes for too many connections: reconnect slowly. Meanwhile the page polls. */
const CROWDED = new Set([1013, 4429]);

/**
 * @typedef {{session_id: string, stage: string, progress: number, message: string, current_cost: string,
 *   data: Record<string, any>, timestamp: string, seq: number}} SessionEvent
 */

export class Listener {
  /**
   * @param {string} session
   * @param {number} after number of the last known event
   * @param {boolean} auth whether a ticket is needed
   * @param {(event: SessionEvent) => void} received
   * @param {{socket: string, ticket: string}} [paths] those of a session, by default
   */
  constructor(session, after, auth, received, paths = { socket: `/ws/${session}`, ticket: `/api/sessions/${session}/ticket` }) {
    this.session = session;
    this.paths = paths;
    this.after = after;
    this.auth = auth;
    this.received = received;
    this.isOpen = false;
    this.isOver = false;
    this.since = Date.now();
    this.wait = FIRST_WAIT;
    this.silence = 0;
    /** @type {WebSocket | null} */
    this.socket = null;
    this.connect();
    addEventListener("online", () => this.reconnectNow());
    document.addEventListener("visibilitychange", () => document.hidden || this.reconnectNow());
    // A page restored from the back/forward cache has lost its connection.
    addEventListener("pageshow", (event) => event.persisted && this.reconnectNow());
  }

  /** How long the connection has been down, in milliseconds. */
  get downFor() {
    return this.isOpen || this.isOver ? 0 : Date.now() - this.since;
  }

  async connect() {
    this.timer = 0;
    try {
      const ticket = this.auth ? `&token=${encodeURIComponent((await post(this.paths.ticket)).ticket)}` : "";
      const scheme = location.protocol === "https:" ? "wss:" : "ws:";
      this.open(new WebSocket(`${scheme}//${location.host}${this.paths.socket}?after=${this.after}${ticket}`));
    } catch {
      this.reconnectLater();
    }
  }

  /** @param {WebSocket} socket */
  open(socket) {
    this.socket = socket;
    socket.addEventListener("open", () => {
      this.isOpen = true;
      this.restartSilenceTimer();
    });
    socket.addEventListener("message", (message) => this.receive(JSON.parse(message.data)));
    socket.addEventListener("close", (event) => {
      clearTimeout(this.silence);
      if (this.isOpen) this.since = Date.now();
      this.isOpen = false;
      this.socket = null;
      this.isOver = FINAL.has(event.code);
      if (CROWDED.has(event.code)) this.wait = LONGEST_WAIT;
      if (!this.isOver) this.reconnectLater();
    });
  }

  /** @param {SessionEvent & {type?: string}} event */
  receive(event) {
    this.wait = FIRST_WAIT;
    this.restartSilenceTimer();
    if (event.type === "heartbeat" || event.seq <= this.after) return;
    this.after = event.seq;
    this.received(event);
  }

  /** The service sends a heartbeat every 15 seconds: a connection that stays silent for much longer is dead. */
  restartSilenceTimer() {
    clearTimeout(this.silence);
    this.silence = window.setTimeout(() => this.socket?.close(), SILENCE);
  }

  reconnectLater() {
    // Random, so that clients do not reconnect all at once after a restart.
    this.timer = window.setTimeout(() => this.connect(), this.wait * (0.5 + Math.random()));
    this.wait = Math.min(LONGEST_WAIT, this.wait * 2);
  }

  reconnectNow() {
    this.wait = FIRST_WAIT;
    if (!this.socket && this.timer) {
      clearTimeout(this.timer);
      this.connect();
    }
  }
}
