// The finish screen: titles, music and formats, with a preview.

import { post } from "./api.js";
import "./brand_choice.js";
import { Cards } from "./cards.js";
import { all, busy, debounced, maybe, on, one } from "./dom.js";
import { Draft } from "./draft.js";
import { Drafts } from "./drafts.js";
import { seconds } from "./format.js";
import { Live } from "./live.js";
import { previewMusic } from "./music.js";
import { clear, fail } from "./notices.js";
import { Preview, clipsOf } from "./preview.js";

const CROSSFADE_SECONDS = 0.5;
const TYPING = 250;

/** The format of the preview, if it is one of the chosen formats. */
let shape = "";

const live = new Live({ prepare, drawn: () => {}, ended });
const drafts = new Drafts(live.session);
const form = /** @type {HTMLFormElement | null} */ (maybe("[data-finish]"));

/** Form and preview keep the user's input; other clips or another order need a reload. @param {HTMLElement} fresh */
function prepare(fresh) {
  const order = (/** @type {ParentNode} */ root) => all("[data-board] [data-clip-id]", root).map((item) => item.dataset.clipId).join();
  if (order(fresh) !== order(live.main)) location.reload();
}

/** @param {import("./events.js").SessionEvent} event */
function ended(event) {
  if (event.data.end !== "complete") return false;
  forgetOptions();
  location.assign(`/s/${live.session}/result`);
  return true;
}

/** Deletes the drafts: the service has the options now. */
function forgetOptions() {
  if (form) drafts.set(Object.fromEntries(all("[data-draft]", form).map((field) => [field.dataset.draft, undefined])));
}

if (form) begin(form);

/** @param {HTMLFormElement} form */
function begin(form) {
  const variant = new URLSearchParams(location.search).get("film");
  if (variant && drafts.get("variant") !== variant) forgetOptions();
  drafts.set({ variant: variant ?? undefined });
  drafts.bind(form);
  const preview = new Preview(one("#preview"));
  const cards = new Cards(live.session);
  const player = previewMusic(() => (preview.stop(), draft.film.pause()));
  const draft = new Draft(one("#draft"), live.session, () => draftBody(form), () => (player.pause(), preview.stop()));
  const draw = debounced(() => {
    drawPreview(form, preview, cards);
    draft.changed();
  }, TYPING);
  form.addEventListener("input", () => {
    showColor(form);
    showCaptions(form);
    draw();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    player.pause();
    preview.stop();
    draft.stop();
    busy(one("[data-compose]"), () => compose(form), fail);
  });
  on("click", "[data-preview-aspect]", (button) => {
    shape = button.dataset.previewAspect ?? "";
    drawPreview(form, preview, cards);
    draft.changed();
  });
  on("click", "[data-show]", (button) => preview.showOnly(button.dataset.show ?? ""));
  showColor(form);
  showCaptions(form);
  drawPreview(form, preview, cards);
}

/**
 * Adds the values of generated controls to a request; a control's name is its dotted path.
 * @param {HTMLFormElement} form
 * @param {Record<string, any>} request
 */
function addPlainOptions(form, request) {
  for (const control of all("[data-option]", form)) {
    const input = /** @type {HTMLInputElement} */ (control);
    const path = input.name.split(".");
    const last = path.pop() ?? "";
    const place = path.reduce((body, key) => (body[key] ??= {}), request);
    if (input.type === "checkbox") place[last] = input.checked;
    else if (input.type === "number") place[last] = Number(input.value);
    else place[last] = input.value.trim() || null;
  }
}

/** Voice and captions, of a film with a script. @param {FormData} fields */
function spokenOptions(fields) {
  if (!fields.has("captions")) return {};
  const asked = String(fields.get("captions"));
  const voice = fields.get("voice") ? "on" : "off";
  return { voice, captions: asked, caption_style: String(fields.get("caption_style")) };
}

/** The style matters for captions in the picture only; those need a voice. @param {HTMLFormElement} form */
function showCaptions(form) {
  const captions = /** @type {HTMLSelectElement | null} */ (maybe("[name=captions]", form));
  if (!captions) return;
  const voice = /** @type {HTMLInputElement | null} */ (maybe("[name=voice]", form));
  const burned = /** @type {HTMLOptionElement} */ (one("[value=on]", captions));
  burned.disabled = !voice?.checked;
  if (burned.disabled && captions.value === "on") captions.value = "off";
  one("[data-caption-style]", form).hidden = captions.value !== "on";
}

/** @param {HTMLFormElement} form */
function filmOptions(form) {
  const fields = new FormData(form);
  const text = (/** @type {string} */ name) => String(fields.get(name) ?? "").trim() || null;
  const genre = text("music");
  /** @type {Record<string, any> & {text_overlay: Record<string, string | null>, aspects: string[], intro_duration: number, outro_duration: number, transition: string}} */
  const request = {
    text_overlay: {
      product_name: text("product_name"),
      cta: text("cta"),
      font: text("font"),
      color: fields.get("product_color") ? null : text("color"),
    },
    audio: { enabled: genre !== "none", genre: genre === "none" ? null : genre },
    intro_duration: Number(fields.get("intro") || 0),
    // An empty field leaves the brand's call to action out.
    outro_duration: form.dataset.brandCta && !text("cta") && !form.dataset.script ? 0 : Number(fields.get("outro") || 0),
    transition: text("transition") ?? "cut",
    ...spokenOptions(fields),
    aspects: fields.getAll("aspects").map(String),
  };
  addPlainOptions(form, request);
  return request;
}

/** The film in the format of the preview. @param {HTMLFormElement} form @returns {import("./draft.js").DraftBody} */
function draftBody(form) {
  const { aspects, ...options } = filmOptions(form);
  return { ...options, aspect: shownShape(aspects) };
}

/**
 * @param {HTMLFormElement} form
 * @param {Preview} preview
 * @param {Cards} cards
 */
async function drawPreview(form, preview, cards) {
  const options = filmOptions(form);
  const aspect = showShapes(options.aspects);
  /** @type {("intro" | "outro")[]} */
  const kinds = [];
  if (options.text_overlay.product_name && options.intro_duration) kinds.push("intro");
  if (options.text_overlay.cta && options.outro_duration) kinds.push("outro");
  const clips = clipsOf(one("[data-board]"), { session: live.session, aspect, fit: String(options.fit ?? "blur") });
  const { script = "", endSeconds = "0" } = form.dataset;
  const end = Number(endSeconds);
  showLength(options, clips, kinds.length, end);
  try {
    const drawn = script && end ? [await cards.end(script, aspect)] : await cards.draw(kinds, options.text_overlay, aspect);
    showProblem("");
    // The words of a brand's end card take their time.
    const outro = Math.max(options.outro_duration, ...drawn.map((card) => (card.kind === "outro" ? card.least : 0)));
    showLength({ ...options, outro_duration: outro }, clips, kinds.length, end);
    const piece = (/** @type {string} */ kind, /** @type {number} */ length) => drawn.filter((card) => card.kind === kind).map((card) => ({ name: kind, seconds: length, card: card.url }));
    showThumbs(drawn);
    preview.set([...piece("intro", options.intro_duration), ...clips, ...piece("outro", end || outro)], aspect);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return;
    showProblem(error instanceof Error ? error.message : String(error));
    preview.set(clips, aspect);
  }
}

/** @param {string[]} aspects */
function shownShape(aspects) {
  return aspects.includes(shape) ? shape : (aspects[0] ?? "16:9");
}

/**
 * Offers the chosen formats for the preview; returns the current one.
 * @param {string[]} aspects
 */
function showShapes(aspects) {
  const shown = shownShape(aspects);
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
 * @param {ReturnType<typeof filmOptions>} options
 * @param {import("./preview.js").Piece[]} clips
 * @param {number} cards
 * @param {number} end length of a script's end card in seconds
 */
function showLength(options, clips, cards, end) {
  const intro = options.text_overlay.product_name ? options.intro_duration : 0;
  const outro = options.text_overlay.cta ? options.outro_duration : 0;
  const joins = clips.length + cards + (end ? 1 : 0) - 1;
  const overlap = options.transition === "crossfade" ? joins * CROSSFADE_SECONDS : 0;
  const length = clips.reduce((sum, clip) => sum + clip.seconds, intro + outro + end) - overlap;
  const formats = options.aspects.length ? options.aspects.join(", ") : "no format chosen";
  one("[data-note]").textContent = `About ${seconds(length)}, ${formats}`;
  /** @type {HTMLButtonElement} */ (one("[data-compose]")).disabled = !options.aspects.length;
}

/** @param {HTMLFormElement} form */
function showColor(form) {
  const field = /** @type {HTMLInputElement} */ (one("[name=color]", form));
  const isProduct = /** @type {HTMLInputElement} */ (one("[name=product_color]", form)).checked;
  if (isProduct && !field.disabled) field.dataset.own = field.value;
  field.disabled = isProduct;
  // The swatch shows the colour that the cards get.
  if (isProduct) field.value = field.dataset.product || field.value;
  else if (field.dataset.own) field.value = field.dataset.own;
}

/** After a new take the clips must be approved again: approves those of the board. */
async function confirmClips() {
  if (one("#bar").dataset.confirm !== "yes") return;
  const ids = all("[data-board] [data-clip-id]").map((item) => item.dataset.clipId);
  await post("/api/save-approved-clips", { session_id: live.session, approved_clip_ids: ids, clip_order: ids });
}

/** @param {HTMLFormElement} form */
async function compose(form) {
  clear();
  await confirmClips();
  live.expect(await post("/api/compose-final-video", { session_id: live.session, ...filmOptions(form) }));
  await live.changed();
}
