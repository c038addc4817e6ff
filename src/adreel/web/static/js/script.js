// The script screen: facts become a script; its words are edited over their pictures. The service draws the typed text.

import "./brand_choice.js";
import { post, problem as problemOf, remove, replace, retried } from "./api.js";
import { all, busy, debounced, maybe, on, one } from "./dom.js";
import { compact, lines, offerOf, put, taken } from "./document.js";
import { Drafts } from "./drafts.js";
import { counted, seconds } from "./format.js";
import { Live } from "./live.js";
import { morph } from "./morph.js";
import { clear, fail, offerUndo, showStatus } from "./notices.js";
import { PART, inShownOrder, renumber } from "./parts.js";
import { reorderable } from "./reorder.js";
import "./scripted.js";
import { spokenLines } from "./spoken.js";
import { Stills } from "./stills.js";

/** @typedef {import("./document.js").Script} Script */

const TYPING = 500;
const FACTS = ["script-product", "script-recipe", "script-facts", "script-price", "script-was", "script-currency"];

const WRITING = "write the script";

const live = new Live({ prepare, drawn: showWork, ended });
const drafts = new Drafts(live.session);
const editor = one("#script");
const stills = new Stills(live.session);
const api = `/api/sessions/${live.session}`;

/** What the page shows and edits; null without a script. @type {Script | null} */
let script = read(editor);
const text = () => (script ? JSON.stringify(script) : "");
/** The script that the service has, as JSON, "" for none. */
let stored = text();
/** Earlier scripts, as JSON; "" is none. @type {string[]} */
const history = [];
/** The field that is being typed in: all that is typed in it at once is one step back. */
let typedIn = "";
/** Why the script is not saved. */
let refusal = "";
let shape = String(drafts.get("shape") ?? editor.dataset.shapeFirst);
let syncing = Promise.resolve();

/** @param {HTMLElement} root @returns {Script | null} */
function read(root) {
  return root.dataset.script ? JSON.parse(root.dataset.script) : null;
}

/** Another tab, or a program, has changed the script. @param {HTMLElement} fresh */
function prepare(fresh) {
  const drawn = one("#script", fresh);
  const now = read(drawn);
  if (text() === stored && JSON.stringify(now) !== (stored || "null")) adopt(drawn);
}

/** Takes a script from the service. @param {HTMLElement} drawn */
function adopt(drawn) {
  script = read(drawn);
  stored = text();
  show(drawn);
}

/** Shows a drawing of the editor. Fields get the script's values, but for the one that is being typed in. @param {HTMLElement} drawn */
function show(drawn) {
  editor.removeAttribute("data-keep");
  morph(editor, drawn);
  editor.setAttribute("data-keep", "");
  for (const field of fields()) if (field !== document.activeElement) field.value = taken(script, field.dataset.path ?? "") ?? field.value;
  showAll();
}

const fields = () => /** @type {(HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement)[]} */ (all("[data-path]", editor));

function showAll() {
  for (const button of all("[data-shape]", editor)) button.setAttribute("aria-pressed", String(button.dataset.shape === shape));
  for (const picture of all("[data-still]", editor)) picture.dataset.aspect = shape;
  const undo = maybe("[data-undo]");
  if (undo instanceof HTMLButtonElement) undo.disabled = !history.length;
  showNote();
  stills.draw(script, shape);
}

function showNote() {
  const words = refusal || (text() === stored ? "Saved" : "Saving …");
  one("[data-note]").textContent = script ? `${counted(script.beats.length, "part")}, ${seconds(Number(editor.dataset.total))}. ${words}` : "Without a script the film shows its name, the clips and a call to action.";
}

/** Notes what the script was before a change. @param {string} [field] */
function remember(field = "") {
  if (!field || field !== typedIn) history.push(text());
  typedIn = field;
}

function keep() {
  drafts.set({ script: text() === stored ? undefined : script });
  showNote();
}

/** Saves the script as it is now and draws it, one request after the other. */
function sync() {
  keep();
  syncing = syncing.then(send).catch(fail);
  return syncing;
}

async function send() {
  const sent = text();
  if (!script && stored) await save();
  const drawn = await drawing();
  // What was typed meanwhile is drawn next.
  if (text() !== sent) return;
  show(drawn);
  refusal = marks() ? "Not saved yet: mend what is marked." : "";
  if (script && sent !== stored && !refusal) await save();
  showNote();
}

const marks = () => all("[data-finding]", editor).length;

/** A script that the service refuses stays in this browser until it is mended. */
async function save() {
  const sent = text();
  try {
    const answer = script ? await replace(`${api}/script`, { script }) : await remove(`${api}/script`);
    // The service adds what was left open, such as the photos.
    if (answer && text() === sent) script = compact(answer.script);
    stored = answer ? JSON.stringify(compact(answer.script)) : "";
    refusal = "";
    drafts.set({ script: undefined });
    live.channel.postMessage("changed");
  } catch (error) {
    refusal = `Not saved yet. ${error instanceof Error ? error.message : error}`;
  }
}

/** The editor as the service draws it with the script as it is now. @returns {Promise<HTMLElement>} */
async function drawing() {
  const request = script ? { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ script }) } : {};
  const answer = await retried(() => fetch(`/s/${live.session}/script`, { cache: "no-store", ...request }));
  if (!answer.ok) throw await problemOf(answer);
  return one("#script", new DOMParser().parseFromString(await answer.text(), "text/html"));
}

const syncLater = debounced(sync, TYPING);

/** The typed text is kept in this browser at once, and saved when the typing pauses. */
function syncSoon() {
  keep();
  syncLater();
}

/** Whether a path is that of words on the screen. @param {string} path */
const isWords = (path) => path.startsWith("beats.") && path.includes(".words.");

on("input", "[data-path]", (target) => {
  const field = /** @type {HTMLInputElement} */ (target);
  const path = field.dataset.path ?? "";
  // A text that is empty for a moment, before another is typed, is taken out when the field is left.
  if (!script || (isWords(path) && !field.value.trim())) return;
  clear();
  remember(path);
  put(script, path, field.value);
  syncSoon();
}, editor);

on("change", "[data-path]", (target) => {
  const field = /** @type {HTMLInputElement} */ (target);
  const path = field.dataset.path ?? "";
  typedIn = "";
  if (!script || field.value.trim() || !isWords(path)) return;
  remember();
  put(script, path, "");
  sync();
}, editor);

on("input", "[data-offer]", () => {
  const { offer, problem } = offerOf(one("[data-write]"), script?.offer);
  showOfferProblem(problem);
  if (problem || !script) return;
  remember("offer");
  if (offer) script.offer = offer;
  else delete script.offer;
  syncSoon();
}, editor);

/** @param {string} words */
function showOfferProblem(words) {
  const place = one("[data-offer-problem]");
  place.textContent = words;
  place.hidden = !words;
}

on("submit", "[data-write]", (_form, event) => {
  event.preventDefault();
  clear();
  busy(one("[data-write-button]"), write, fail);
}, editor);

on("click", "[data-write-by-model]", (button) => {
  clear();
  busy(button, writeByModel, fail);
}, editor);

/** What a script is written from; null when the form has a mistake, which it shows then. */
function given() {
  const form = /** @type {HTMLFormElement} */ (one("[data-write]"));
  const { offer, problem } = offerOf(form, undefined);
  showOfferProblem(problem);
  if (problem) return null;
  const fields = new FormData(form);
  return {
    product: String(fields.get("product")).trim(),
    facts: lines(String(fields.get("facts"))),
    offer: offer ?? null,
    recipe: String(fields.get("recipe")) || null,
    prompt: editor.dataset.prompt ?? "",
    spoken: fields.has("spoken"),
    ...script?.end,
  };
}

async function write() {
  const facts = given();
  if (!facts) return;
  await syncing;
  await post(`${api}/write-script`, facts);
  await takeWritten();
  showStatus("The script is written");
}

/** Starts a job in which a language model writes; `ended` takes its script. */
async function writeByModel() {
  const facts = given();
  if (!facts) return;
  await syncing;
  live.expect(await post("/api/generate-script", { session_id: live.session, ...facts }));
  await live.changed();
}

/** @param {import("./events.js").SessionEvent} event */
function ended(event) {
  if (event.data.writer) takeWritten().catch(fail);
  return false;
}

/** While a language model writes, the script waits: what is edited then would be lost. */
function showWork() {
  editor.inert = live.main.dataset.doing === WRITING;
}

/** Takes a script that was written anew, and shows its beginning. */
async function takeWritten() {
  remember();
  script = null;
  refusal = "";
  drafts.set({ ...Object.fromEntries(FACTS.map((name) => [name, undefined])), script: undefined });
  adopt(await drawing());
  live.channel.postMessage("changed");
  one("#facts").removeAttribute("open");
  one("#parts-title").scrollIntoView({ block: "start" });
  one("#parts-title").focus({ preventScroll: true });
}

on("click", "[data-leave-out]", (button) => change(() => script?.beats.splice(Number(button.dataset.leaveOut), 1)), editor);

reorderable({ list: ".beats", item: PART, handle: ".beat-picture", grip: "[data-grip]", done: takeOrder });

/** Takes the order in which the parts stand on the page. */
function takeOrder() {
  change(() => {
    if (script) script.beats = inShownOrder(script.beats, editor);
    renumber(editor);
  });
}

on("click", "[data-set-length]", (button) => change(() => script && put(script, "seconds", button.dataset.setLength ?? "")), editor);

on("click", "[data-add-words]", (button) => {
  const place = Number(button.dataset.addWords);
  change(() => {
    if (script) script.beats[place].words = [{ role: "headline", text: script.product || "Your words" }];
  }).then(() => /** @type {HTMLTextAreaElement | null} */ (maybe(`#words-${place}-0`))?.select());
}, editor);

on("click", "[data-remove-script]", async () => {
  await change(() => {
    script = null;
  });
  offerUndo("The script is removed.", undo, () => {});
}, editor);

on("click", "[data-undo]", undo, editor);

addEventListener("keydown", (event) => {
  const isTyping = event.target instanceof Element && event.target.matches("input, textarea");
  if (event.key !== "z" || !(event.ctrlKey || event.metaKey) || event.shiftKey || isTyping) return;
  event.preventDefault();
  undo();
});

/** @param {() => void} work */
function change(work) {
  clear();
  remember();
  work();
  return sync();
}

async function undo() {
  const before = history.pop();
  if (before === undefined) return;
  typedIn = "";
  script = before ? JSON.parse(before) : null;
  await sync();
  showStatus("Undone");
}

on("click", "[data-shape]", (button) => {
  shape = button.dataset.shape ?? shape;
  // The clips are made in this format unless another is chosen there.
  drafts.set({ shape });
  showAll();
}, editor);

spokenLines({
  session: live.session,
  editor,
  beat: (place) => script?.beats[place],
  record: (place, recording) => change(() => {
    const beat = script?.beats[place];
    if (beat && recording) beat.recording = recording;
    else delete beat?.recording;
  }),
});

const form = maybe("[data-write]");
if (form && !script) drafts.bind(form);
const unsaved = drafts.get("script");
if (unsaved) {
  script = unsaved;
  sync();
}
showWork();
showAll();
