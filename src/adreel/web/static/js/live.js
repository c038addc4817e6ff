// Keeps a session's screen up to date: follows events, shows progress, and re-renders when there are results.

import { retried, post, sentence } from "./api.js";
import { busy, maybe, on, one } from "./dom.js";
import { Drafts } from "./drafts.js";
import { Listener } from "./events.js";
import { left, formatTimes, spent } from "./format.js";
import { morph } from "./morph.js";
import { fail, showStatus } from "./notices.js";

/** @typedef {import("./events.js").SessionEvent} SessionEvent */

const POLL = 5000;
/** From this share on, the time left is computed from the speed so far instead of the estimate. */
const KNOWN_FROM = 0.05;
/** A lost connection is reported after this time, in milliseconds. */
const REPORT_AFTER = 1500;
const KINDS = ["clip", "image"];

export class Live {
  /**
   * @param {{prepare?: (fresh: HTMLElement) => void, drawn?: () => void, ended?: (event: SessionEvent) => boolean}} screen
   *   `prepare` changes a new rendering before it is applied, `drawn` runs after it; `ended` returns true if it has navigated away.
   */
  constructor(screen) {
    this.screen = screen;
    this.main = one("#main");
    this.session = this.main.dataset.session ?? "";
    this.drafts = new Drafts(this.session);
    this.drawing = false;
    this.again = false;
    this.channel = new BroadcastChannel(`adreel-${this.session}`);
    this.channel.addEventListener("message", () => this.refresh());
    this.listener = new Listener(this.session, Number(this.main.dataset.seq), this.main.dataset.auth === "yes", (event) => this.handle(event));
    on("click", "[data-cancel]", (button) => busy(button, () => this.cancel(), fail));
    document.addEventListener("visibilitychange", () => document.hidden || this.refresh());
    addEventListener("pageshow", (event) => event.persisted && this.refresh());
    setInterval(() => this.listener.isOpen || document.hidden || this.refresh(), POLL);
    setInterval(() => this.showLeft(), 1000);
    setInterval(() => this.showConnection(), 500);
    formatTimes(document);
  }

  get isBusy() {
    return this.main.dataset.busy === "yes";
  }

  /** @param {SessionEvent} event */
  handle(event) {
    this.showProgress(event);
    const end = event.data.end;
    if (end === "failed") fail(new Error(sentence(event.message)));
    // What could not be made, or not as it was ordered, stays until it is read.
    else if (end && (event.data.failures?.length || event.data.warning)) fail(new Error(sentence(event.message)));
    else if (end) showStatus(event.message);
    if (end && this.screen.ended?.(event)) return;
    const made = KINDS.some((kind) => event.data[`${kind}_fraction`] >= 1);
    if (end || made || !this.isBusy || event.data.job !== this.main.dataset.job) this.refresh();
  }

  /** @param {SessionEvent} event */
  showProgress(event) {
    const panel = one("#work");
    const bar = maybe("progress", panel);
    if (!bar) return;
    const [start, end] = [Number(panel.dataset.start), Number(panel.dataset.end)];
    const share = Math.min(1, Math.max(0, (event.progress - start) / (end - start)));
    bar.setAttribute("value", String(share * 100));
    bar.dataset.progress = (share * 100).toFixed(1);
    one("[data-work-percent]", panel).textContent = `${Math.round(share * 100)}%`;
    one("[data-work-message]", panel).textContent = event.message;
    one("[data-work-cost]", panel).textContent = spent(event.current_cost);
    this.reached = { share, at: Date.parse(event.timestamp), receivedAt: Date.now(), began: Date.parse(panel.dataset.began ?? "") };
    this.showParts(event);
    this.showLeft();
  }

  /** Reports a lost connection. */
  showConnection() {
    const words = this.listener.downFor > REPORT_AFTER ? "Connection lost. Jobs keep running; this page reconnects by itself." : "";
    if (one("#line").textContent !== words) one("#line").textContent = words;
  }

  /** @param {SessionEvent} event */
  showParts(event) {
    for (const kind of KINDS) {
      const one = { [event.data[`${kind}_index`]]: event.data[`${kind}_fraction`] };
      for (const [part, fraction] of Object.entries(event.data[`${kind}_fractions`] ?? one)) {
        if (fraction !== undefined) maybe(`#pending-${part} progress`)?.setAttribute("value", String(100 * fraction));
      }
    }
  }

  /**
   * Stores the service's estimate for a started job.
   * @param {{job_id: string, estimated_duration: number}} started
   */
  expect(started) {
    this.drafts.set({ expected: { job: started.job_id, seconds: started.estimated_duration } });
  }

  /** Shows the time left: computed from the progress so far, or from the service's estimate at first. */
  showLeft() {
    const place = maybe("[data-work-left]");
    const rest = place && (this.restByProgress() ?? this.restByEstimate());
    if (place && rest !== null) place.textContent = left(Math.max(0, rest));
  }

  /** @returns {number | null} */
  restByProgress() {
    if (!this.reached || this.reached.share < KNOWN_FROM) return null;
    const { share, at, receivedAt, began } = this.reached;
    return ((at - began) / 1000) * ((1 - share) / share) - (Date.now() - receivedAt) / 1000;
  }

  /** @returns {number | null} */
  restByEstimate() {
    const { job, seconds } = this.drafts.get("expected") ?? {};
    if (!job || job !== this.main.dataset.job) return null;
    return seconds - (Date.now() - Date.parse(one("#work").dataset.began ?? "")) / 1000;
  }

  async cancel() {
    await post(`/api/sessions/${this.session}/cancel`);
    await this.changed();
  }

  /** Notifies other tabs of this session and refreshes this one, after a change by this page. */
  async changed() {
    this.channel.postMessage("changed");
    await this.refresh();
  }

  /** Re-renders the screen from the service. One at a time; requests in between cause one more. */
  async refresh() {
    if (this.drawing) {
      this.again = true;
      return;
    }
    this.drawing = true;
    try {
      do {
        this.again = false;
        await this.draw();
      } while (this.again);
    } catch (error) {
      if (!document.hidden && this.listener.isOpen) fail(error);
    } finally {
      this.drawing = false;
    }
  }

  async draw() {
    const answer = await retried(() => fetch(location.href, { cache: "no-store" }));
    if (answer.redirected && new URL(answer.url).pathname === "/login") {
      location.assign(answer.url);
      return;
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = maybe("#main", page);
    if (!fresh || fresh.dataset.session !== this.session) {
      if (answer.status === 404) location.assign("/");
      return;
    }
    formatTimes(fresh);
    const hadFocus = document.activeElement !== document.body;
    this.screen.prepare?.(fresh);
    morph(this.main, fresh);
    morph(one("#steps"), one("#steps", page));
    this.screen.drawn?.();
    // If the focused element was removed, the focus moves to the start of the content, not of the page.
    if (hadFocus && document.activeElement === document.body) this.main.focus({ preventScroll: true });
  }
}
