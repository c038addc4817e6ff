// The spoken lines of the script screen: heard as the film speaks them, and recorded by the user.

import { ApiError, problem, retried } from "./api.js";
import { all, busy, on, one } from "./dom.js";
import { sendFile } from "./files.js";

const LONGEST = 60_000;

/**
 * @typedef {object} Lines
 * @property {string} session
 * @property {HTMLElement} editor
 * @property {(place: number) => {spoken?: string, recording?: string} | undefined} beat
 * @property {(place: number, recording: string) => Promise<unknown>} record keeps the id of a recording, "" for none
 */

/** @param {Lines} lines */
export function spokenLines(lines) {
  const player = new Audio();
  const show = (/** @type {HTMLElement | null} */ playing) => {
    for (const button of all("[data-say]", lines.editor)) button.setAttribute("aria-pressed", String(button === playing));
  };
  for (const end of ["pause", "ended"]) player.addEventListener(end, () => show(null));

  on("click", "[data-say]", (button) => {
    if (button.getAttribute("aria-pressed") === "true") {
      player.pause();
      return;
    }
    busy(button, async () => {
      say(button, "");
      URL.revokeObjectURL(player.src);
      player.src = URL.createObjectURL(await soundOf(lines, placeOf(button)));
      await player.play();
      show(button);
    }, (error) => say(button, error));
  }, lines.editor);

  on("click", "[data-forget-recording]", (button) => {
    player.pause();
    busy(button, async () => void (await lines.record(placeOf(button), "")), (error) => say(button, error));
  }, lines.editor);

  on("change", "[data-recording-file]", (target) => {
    const input = /** @type {HTMLInputElement} */ (target);
    const file = input.files?.[0];
    if (file) busy(input, () => keep(lines, input, file, file.name), (error) => say(input, error));
    input.value = "";
  }, lines.editor);

  on("click", "[data-record]", (button) => {
    player.pause();
    if (recorder) recorder.stop();
    else record(lines, button).catch((error) => say(button, error));
  }, lines.editor);
}

/** @param {Element} within */
const lineOf = (within) => /** @type {HTMLElement} */ (within.closest("[data-line]"));
/** @param {Element} within */
const placeOf = (within) => Number(lineOf(within).dataset.place);

/** Shows a problem of a line at the line. @param {Element} within @param {unknown} error "" for none */
function say(within, error) {
  const line = within.isConnected ? lineOf(within) : null;
  if (!line) return;
  const words = error instanceof Error ? error.message : String(error);
  const place = one("[data-line-problem]", line);
  place.textContent = words;
  place.hidden = !words;
}

/** A line as the film would speak it. @param {Lines} lines @param {number} place @returns {Promise<Blob>} */
async function soundOf(lines, place) {
  const beat = lines.beat(place);
  const line = one(`[data-line][data-place="${place}"]`, lines.editor);
  const answer = await retried(() => beat?.recording
    ? fetch(`/api/sessions/${lines.session}/script/lines/${encodeURIComponent(line.dataset.line ?? "")}`, { cache: "no-store" })
    : fetch("/api/say", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ text: beat?.spoken ?? "", session_id: lines.session }),
    }));
  if (!answer.ok) throw await problem(answer);
  return answer.blob();
}

/** @type {MediaRecorder | null} */
let recorder = null;

/** Records until the button is pressed again. The microphone is asked for here, and nowhere else. @param {Lines} lines @param {HTMLElement} button */
async function record(lines, button) {
  say(button, "");
  if (!navigator.mediaDevices) throw new ApiError("This browser gives the microphone to pages over https only. Choose a file instead.", 0);
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: false, noiseSuppression: true, autoGainControl: true } }).catch(() => {
    throw new ApiError("The microphone is not available. Allow it in the browser, or choose a file instead.", 0);
  });
  const place = placeOf(button);
  /** @type {Blob[]} */
  const parts = [];
  recorder = new MediaRecorder(stream);
  const timer = setTimeout(() => recorder?.stop(), LONGEST);
  recorder.addEventListener("dataavailable", (event) => parts.push(event.data));
  recorder.addEventListener("stop", () => {
    clearTimeout(timer);
    recorder = null;
    for (const track of stream.getTracks()) track.stop();
    const now = one(`[data-line][data-place="${place}"] [data-record]`, lines.editor);
    showRecording(now, false);
    busy(now, async () => keep(lines, now, await asWav(new Blob(parts)), "recording.wav"), (error) => say(now, error));
  });
  recorder.start();
  showRecording(button, true);
}

/** @param {HTMLElement} button @param {boolean} isOn */
function showRecording(button, isOn) {
  button.setAttribute("aria-pressed", String(isOn));
  one("[data-record-words]", button).textContent = isOn ? "Stop" : "Record it";
}

/** Uploads a recording, which the service checks and levels. @param {Lines} lines @param {Element} within @param {Blob} file @param {string} name */
async function keep(lines, within, file, name) {
  say(within, "");
  const place = placeOf(within);
  await lines.record(place, await sendFile(file, "recording", name));
}

/** What browsers record is WebM or MP4, by browser: as WAV it is the same everywhere. @param {Blob} recorded @returns {Promise<Blob>} */
async function asWav(recorded) {
  const context = new AudioContext();
  const sound = await context.decodeAudioData(await recorded.arrayBuffer()).finally(() => context.close());
  const samples = sound.getChannelData(0);
  const view = new DataView(new ArrayBuffer(44 + samples.length * 2));
  const text = (/** @type {number} */ at, /** @type {string} */ letters) => [...letters].forEach((letter, place) => view.setUint8(at + place, letter.charCodeAt(0)));
  text(0, "RIFF");
  view.setUint32(4, 36 + samples.length * 2, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sound.sampleRate, true);
  view.setUint32(28, sound.sampleRate * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, samples.length * 2, true);
  samples.forEach((sample, place) => view.setInt16(44 + place * 2, Math.max(-1, Math.min(1, sample)) * 32767, true));
  return new Blob([view], { type: "audio/wav" });
}
