// Titles, music, formats: seen and heard before the film is made.

import { post } from "./api.js";
import { Cards } from "./cards.js";
import { all, busy, debounced, maybe, on, one } from "./dom.js";
import { Drafts } from "./drafts.js";
import { seconds } from "./format.js";
import { Live } from "./live.js";
import { hearMusic } from "./music.js";
import { clear, fail } from "./notices.js";
import { Preview, clipsOf } from "./preview.js";

const CROSSFADE_SECONDS = 0.5;
const TYPING = 250;

/** The format in which the preview is seen, while it is one of those chosen. */
let shape = "";

const live = new Live({ prepare, drawn: () => {}, ended });
const drafts = new Drafts(live.session);
const form = /** @type {HTMLFormElement | null} */ (maybe("[data-finish]"));

/** The form and the preview are the person's own; other clips or another order call for a new page. @param {HTMLElement} fresh */
function prepare(fresh) {
  const order = (/** @type {ParentNode} */ root) => all("[data-board] [data-clip-id]", root).map((item) => item.dataset.clipId).join();
  if (order(fresh) !== order(live.main)) location.reload();
}

/** @param {import("./events.js").SessionEvent} event */
function ended(event) {
  if (event.data.end !== "complete") return false;
  forgetWishes();
  location.assign(`/s/${live.session}/result`);
  return true;
}

/** What was asked for is known to the service now. */
function forgetWishes() {
  if (form) drafts.set(Object.fromEntries(all("[data-draft]", form).map((field) => [field.dataset.draft, undefined])));
}

if (form) begin(form);

/** @param {HTMLFormElement} form */
function begin(form) {
  const variant = new URLSearchParams(location.search).get("film");
  if (variant && drafts.get("variant") !== variant) forgetWishes();
  drafts.set({ variant: variant ?? undefined });
  drafts.bind(form);
  const preview = new Preview(one("#preview"));
  const cards = new Cards(live.session);
  const player = hearMusic(() => preview.stop());
  const draw = debounced(() => drawPreview(form, preview, cards), TYPING);
  form.addEventListener("input", () => {
    showColor(form);
    draw();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    player.pause();
    preview.stop();
    busy(one("[data-compose]"), () => compose(form), fail);
  });
  on("click", "[data-preview-aspect]", (button) => {
    shape = button.dataset.previewAspect ?? "";
    drawPreview(form, preview, cards);
  });
  on("click", "[data-show]", (button) => preview.showOnly(button.dataset.show ?? ""));
  on("click", "[data-play-all]", () => (preview.isPlaying ? preview.stop() : preview.play()));
  preview.changed = (playing) => playMusic(playing, form, player);
  showColor(form);
  drawPreview(form, preview, cards);
}

/**
 * The chosen music goes with the preview.
 * @param {boolean} playing
 * @param {HTMLFormElement} form
 * @param {HTMLAudioElement} player
 */
function playMusic(playing, form, player) {
  one("[data-play-all]").setAttribute("aria-pressed", String(playing));
  one("[data-play-all] span").textContent = playing ? "Stop" : "Play the preview";
  const genre = String(new FormData(form).get("music") ?? "");
  if (!playing) player.pause();
  else if (genre && genre !== "none") {
    player.src = `/api/music/${genre}/preview`;
    player.play().catch(() => {});
  }
}

/** @param {HTMLFormElement} form */
function wishes(form) {
  const given = new FormData(form);
  const text = (/** @type {string} */ name) => String(given.get(name) ?? "").trim() || null;
  const genre = text("music");
  return {
    text_overlay: {
      product_name: text("product_name"),
      cta: text("cta"),
      font: text("font"),
      color: given.get("product_color") ? null : text("color"),
    },
    audio: { enabled: genre !== "none", genre: genre === "none" ? null : genre },
    intro_duration: Number(given.get("intro") || 0),
    outro_duration: Number(given.get("outro") || 0),
    transition: text("transition") ?? "cut",
    aspects: given.getAll("aspects").map(String),
  };
}

/**
 * @param {HTMLFormElement} form
 * @param {Preview} preview
 * @param {Cards} cards
 */
async function drawPreview(form, preview, cards) {
  const wanted = wishes(form);
  const aspect = showShapes(wanted.aspects);
  /** @type {("intro" | "outro")[]} */
  const kinds = [];
  if (wanted.text_overlay.product_name && wanted.intro_duration) kinds.push("intro");
  if (wanted.text_overlay.cta && wanted.outro_duration) kinds.push("outro");
  const clips = clipsOf(one("[data-board]"));
  showLength(wanted, clips, kinds.length);
  try {
    const drawn = await cards.draw(kinds, wanted.text_overlay, aspect);
    showProblem("");
    const piece = (/** @type {string} */ kind, /** @type {number} */ length) => drawn.filter((card) => card.kind === kind).map((card) => ({ name: kind, seconds: length, card: card.url }));
    showThumbs(drawn);
    preview.set([...piece("intro", wanted.intro_duration), ...clips, ...piece("outro", wanted.outro_duration)], aspect);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return;
    showProblem(error instanceof Error ? error.message : String(error));
    preview.set(clips, aspect);
  }
}

/**
 * A choice of formats to look at, when there are several; gives the one that is looked at.
 * @param {string[]} aspects
 */
function showShapes(aspects) {
  const shown = aspects.includes(shape) ? shape : (aspects[0] ?? "16:9");
  for (const button of all("[data-preview-aspect]")) {
    const aspect = button.dataset.previewAspect ?? "";
    button.hidden = aspects.length < 2 || !aspects.includes(aspect);
    button.setAttribute("aria-pressed", String(aspect === shown));
  }
  return shown;
}

/** @param {import("./cards.js").Card[]} drawn */
function showThumbs(drawn) {
  for (const slot of all("[data-card-slot]")) {
    const card = drawn.find((each) => each.kind === slot.dataset.cardSlot);
    slot.hidden = !card;
    if (card) /** @type {HTMLImageElement} */ (one("img", slot)).src = card.url;
  }
}

/** @param {string} message */
function showProblem(message) {
  const place = one("[data-card-problem]");
  place.textContent = message;
  place.hidden = !message;
}

/**
 * @param {ReturnType<typeof wishes>} wanted
 * @param {import("./preview.js").Piece[]} clips
 * @param {number} cards
 */
function showLength(wanted, clips, cards) {
  const intro = wanted.text_overlay.product_name ? wanted.intro_duration : 0;
  const outro = wanted.text_overlay.cta ? wanted.outro_duration : 0;
  const joins = clips.length + cards - 1;
  const overlap = wanted.transition === "crossfade" ? joins * CROSSFADE_SECONDS : 0;
  const length = clips.reduce((sum, clip) => sum + clip.seconds, intro + outro) - overlap;
  const formats = wanted.aspects.length ? wanted.aspects.join(", ") : "no format chosen";
  one("[data-note]").textContent = `About ${seconds(length)}, ${formats}`;
  /** @type {HTMLButtonElement} */ (one("[data-compose]")).disabled = !wanted.aspects.length;
}

/** @param {HTMLFormElement} form */
function showColor(form) {
  one("[name=color]", form).hidden = /** @type {HTMLInputElement} */ (one("[name=product_color]", form)).checked;
}

/** After a new take the choice of clips is open again: what the board shows is what is meant. */
async function confirmClips() {
  if (one("#bar").dataset.confirm !== "yes") return;
  const ids = all("[data-board] [data-clip-id]").map((item) => item.dataset.clipId);
  await post("/api/save-approved-clips", { session_id: live.session, approved_clip_ids: ids, clip_order: ids });
}

/** @param {HTMLFormElement} form */
async function compose(form) {
  clear();
  await confirmClips();
  live.expect(await post("/api/compose-final-video", { session_id: live.session, ...wishes(form) }));
  await live.changed();
}
