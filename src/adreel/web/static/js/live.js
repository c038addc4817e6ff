// A session's screen that stays true: hears events, shows how far work is, and draws itself again when something came of it.

import { patient, post, sentence } from "./api.js";
import { busy, maybe, on, one } from "./dom.js";
import { Drafts } from "./drafts.js";
import { Listener } from "./events.js";
import { left, sayTimes } from "./format.js";
import { morph } from "./morph.js";
import { fail, say } from "./notices.js";

/** @typedef {import("./events.js").SessionEvent} SessionEvent */

const POLL = 5000;
/** From this share on the speed so far says more than an estimate. */
const KNOWN_FROM = 0.05;
/** So long nobody is told of a line that comes back, in milliseconds. */
const PATIENCE = 1500;
const KINDS = ["clip", "image"];

export class Live {
  /**
   * @param {{prepare?: (fresh: HTMLElement) => void, drawn?: () => void, ended?: (event: SessionEvent) => boolean}} screen
   *   `prepare` changes a fresh drawing before it is taken over, `drawn` follows it; `ended` says that it led elsewhere.
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
    this.listener = new Listener(this.session, Number(this.main.dataset.seq), this.main.dataset.auth === "yes", (event) => this.hear(event));
    on("click", "[data-cancel]", (button) => busy(button, () => this.cancel(), fail));
    document.addEventListener("visibilitychange", () => document.hidden || this.refresh());
    addEventListener("pageshow", (event) => event.persisted && this.refresh());
    setInterval(() => this.listener.isOpen || document.hidden || this.refresh(), POLL);
    setInterval(() => this.showLeft(), 1000);
    setInterval(() => this.showLine(), 500);
    sayTimes(document);
  }

  get isBusy() {
    return this.main.dataset.busy === "yes";
  }

  /** @param {SessionEvent} event */
  hear(event) {
    this.showProgress(event);
    const end = event.data.end;
    if (end === "failed") fail(new Error(sentence(event.message)));
    else if (end) say(event.message);
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
    one("[data-work-cost]", panel).textContent = `$${event.current_cost}`;
    this.reached = { share, at: Date.parse(event.timestamp), heard: Date.now(), began: Date.parse(panel.dataset.began ?? "") };
    this.showParts(event);
    this.showLeft();
  }

  /** Says when the line has been down for more than a moment. */
  showLine() {
    const words = this.listener.downFor > PATIENCE ? "The connection is lost. Work goes on; this page catches up by itself." : "";
    if (one("#line").textContent !== words) one("#line").textContent = words;
  }

  /** @param {SessionEvent} event */
  showParts(event) {
    for (const kind of KINDS) {
      const part = event.data[`${kind}_index`];
      const bar = part === undefined ? null : maybe(`#pending-${part} progress`);
      bar?.setAttribute("value", String(100 * event.data[`${kind}_fraction`]));
    }
  }

  /**
   * What the service expects of work that it has taken on.
   * @param {{job_id: string, estimated_duration: number}} started
   */
  expect(started) {
    this.drafts.set({ expected: { job: started.job_id, seconds: started.estimated_duration } });
  }

  /** From how long the work took to come this far; before that is known, from what the service expected. */
  showLeft() {
    const place = maybe("[data-work-left]");
    const rest = place && (this.restByProgress() ?? this.restByEstimate());
    if (place && rest !== null) place.textContent = left(Math.max(0, rest));
  }

  /** @returns {number | null} */
  restByProgress() {
    if (!this.reached || this.reached.share < KNOWN_FROM) return null;
    const { share, at, heard, began } = this.reached;
    return ((at - began) / 1000) * ((1 - share) / share) - (Date.now() - heard) / 1000;
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

  /** After something that this page did: the others that show the session are told. */
  async changed() {
    this.channel.postMessage("changed");
    await this.refresh();
  }

  /** Draws the screen again as the service sees it. Never two at once; what comes in between is seen by one more. */
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
    const answer = await patient(() => fetch(location.href, { cache: "no-store" }));
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
    sayTimes(fresh);
    const hadFocus = document.activeElement !== document.body;
    this.screen.prepare?.(fresh);
    morph(this.main, fresh);
    morph(one("#steps"), one("#steps", page));
    this.screen.drawn?.();
    // Whatever had the focus may be gone; then it goes to the beginning of the content, not of the page.
    if (hadFocus && document.activeElement === document.body) this.main.focus({ preventScroll: true });
  }
}
