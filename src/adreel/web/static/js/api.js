// Speaks to the service's own API. Errors come out as sentences that a person can act on.

const TRIES = 3;
const WAIT = 400;

export class ApiError extends Error {
  /**
   * @param {string} message
   * @param {number} status
   */
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/**
 * @param {string} path
 * @returns {Promise<any>}
 */
export function get(path) {
  return call("GET", path);
}

/**
 * Sends a request that may be sent again: the service does it once.
 * @param {string} path
 * @param {unknown} [body]
 * @returns {Promise<any>}
 */
export function post(path, body) {
  return call("POST", path, body, { "Idempotency-Key": newKey() });
}

/** @param {string} path */
export function remove(path) {
  return call("DELETE", path);
}

/** A name for one request, so that the same sent twice is done once. */
export function newKey() {
  // randomUUID is not there on plain http from other machines.
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @param {Record<string, string>} [headers]
 */
async function call(method, path, body, headers = {}) {
  const sent = body === undefined ? headers : { ...headers, "Content-Type": "application/json" };
  const text = body === undefined ? undefined : JSON.stringify(body);
  const answer = await patient(() => fetch(path, { method, headers: sent, body: text, cache: "no-store" }));
  if (answer.status === 204) return null;
  if (!answer.ok) throw await problem(answer);
  return answer.json();
}

/**
 * Tries again when the line is down for a moment.
 * @param {() => Promise<Response>} send
 */
export async function patient(send) {
  for (let tried = 1; ; tried += 1) {
    try {
      return await send();
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") throw error;
      if (tried >= TRIES) throw new ApiError("The service cannot be reached. Nothing is lost: check the connection and try again.", 0);
      await new Promise((done) => setTimeout(done, WAIT * tried));
    }
  }
}

/** @param {Response} answer */
export async function problem(answer) {
  const body = await answer.json().catch(() => ({}));
  return explained(answer.status, body);
}

/**
 * @param {number} status
 * @param {{detail?: string, errors?: {field: string, message: string}[]}} body a problem+json
 */
export function explained(status, body) {
  if (status === 401) location.assign(`/login?next=${encodeURIComponent(location.pathname)}`);
  const detail = body.errors?.length ? body.errors.map((fault) => `${lastPart(fault.field)}: ${fault.message}`).join("; ") : body.detail;
  return new ApiError(sentence(detail ?? `The service answered with ${status}. Try again.`), status);
}

/** @param {string} field */
function lastPart(field) {
  return (field.split(".").findLast((part) => !/^\d+$/.test(part)) ?? field).replaceAll("_", " ");
}

/** An error's line as it stands on a page. @param {string} text */
export function sentence(text) {
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}
