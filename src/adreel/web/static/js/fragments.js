// Fragmented MP4 as it arrives: the index, then parts of a film, each of which can be played at once.

const HEADER = 8;
const TICKS = 15360;
const FPS = 30;
const text = new TextDecoder();

/**
 * @typedef {{bytes: Uint8Array, start: number, end: number}} Part one part and its seconds; the first begins with the index
 */

/** What ended a stream before its film: a problem+json. */
export class StreamProblem extends Error {
  /** @param {{status?: number, detail?: string}} body */
  constructor(body) {
    super(body.detail ?? "The draft cannot be drawn any further.");
    this.body = body;
  }
}

/**
 * The parts of a draft. Throws StreamProblem where the service cannot go on.
 * @param {ReadableStream<Uint8Array>} stream
 * @returns {AsyncGenerator<Part>}
 */
export async function* partsOf(stream) {
  /** @type {Uint8Array[]} */
  let boxes = [];
  let place = { start: 0, end: 0 };
  for await (const { kind, bytes } of boxesOf(stream)) {
    if (kind === "emsg") throw new StreamProblem(messageOf(bytes));
    boxes.push(bytes);
    if (kind === "moof") place = placeOf(bytes);
    if (kind !== "mdat") continue;
    yield { bytes: joined(boxes), ...place };
    boxes = [];
  }
}

/** @param {ReadableStream<Uint8Array>} stream */
async function* boxesOf(stream) {
  const reader = stream.getReader();
  let rest = new Uint8Array();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    rest = joined([rest, value]);
    while (rest.length >= HEADER && rest.length >= numberAt(rest, 0)) {
      const length = numberAt(rest, 0);
      yield { kind: text.decode(rest.subarray(4, HEADER)), bytes: rest.slice(0, length) };
      rest = rest.slice(length);
    }
  }
}

/** The JSON of an event message, which is its last text. @param {Uint8Array} bytes */
function messageOf(bytes) {
  const all = text.decode(bytes);
  return JSON.parse(all.slice(all.indexOf("{")));
}

/** The seconds of a fragment's pictures, which are its first track. @param {Uint8Array} moof */
function placeOf(moof) {
  const time = find(moof, "tfdt") + HEADER;
  const start = (numberAt(moof, time) * 2 ** 32 + numberAt(moof, time + 4)) / TICKS;
  return { start, end: start + numberAt(moof, find(moof, "trun") + HEADER) / FPS };
}

/** The type of a stream for MediaSource, from its index. @param {Uint8Array} first */
export function typeOf(first) {
  const index = first.subarray(0, find(first, "moof"));
  const at = find(index, "avcC") + 5;
  const picture = [...index.subarray(at, at + 3)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `video/mp4; codecs="avc1.${picture}${find(index, "mp4a") < 0 ? "" : ", mp4a.40.2"}"`;
}

/** Where the name of a box begins; -1 without one. @param {Uint8Array} bytes @param {string} name */
function find(bytes, name) {
  const wanted = [...name].map((letter) => letter.charCodeAt(0));
  return bytes.findIndex((_, at) => wanted.every((code, offset) => bytes[at + offset] === code));
}

/** @param {Uint8Array} bytes @param {number} at */
function numberAt(bytes, at) {
  return new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0);
}

/** @param {Uint8Array[]} parts */
export function joined(parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** @param {Part | undefined} one @param {Part} other */
export function isSame(one, other) {
  return one?.bytes.length === other.bytes.length && one.bytes.every((byte, at) => byte === other.bytes[at]);
}
