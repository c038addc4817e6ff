// Client of the service's API. Errors are sentences that say what to do.

const TRIES = 3;
const WAIT = 400;
const KEPT_ALIVE = 8_000;
const STAGE = "urn:adreel:problem:stage";

export class ApiError extends Error {
  /**
   * @param {string} message
   * @param {number} status
   * @param {number} [retryAfter] seconds after which the same request may be answered
   */
  constructor(message, status, retryAfter = 0) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
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
 * Idempotency keys of requests without an answer. Repeating the request, also by a second click, reuses its key.
 * @type {Map<string, string>}
 */
const unanswered = new Map();

/**
 * Sends an idempotent POST request.
 * @param {string} path
 * @param {unknown} [body]
 * @returns {Promise<any>}
 */
export async function post(path, body) {
  const request = JSON.stringify([path, body ?? null]);
  const key = unanswered.get(request) ?? newKey();
  unanswered.delete(request);
  try {
    return await call("POST", path, body, { "Idempotency-Key": key });
  } catch (error) {
    if (mayBeDone(error)) unanswered.set(request, key);
    throw error;
  }
}

/**
 * Whether a failed request may have been carried out anyway, or is still running.
 * @param {unknown} error
 */
function mayBeDone(error) {
  return !(error instanceof ApiError) || error.status === 0 || error.status >= 500 || error.retryAfter > 0;
}

/** @param {string} path @param {unknown} body */
export function change(path, body) {
  return call("PATCH", path, body);
}

/** @param {string} path @param {unknown} body */
export function replace(path, body) {
  return call("PUT", path, body);
}

/** @param {string} path */
export function remove(path) {
  return call("DELETE", path);
}

/** A random idempotency key. */
export function newKey() {
  // randomUUID is not available on plain http from other machines.
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @param {Record<string, string>} [headers]
 */
async function call(method, path, body, headers = {}) {
  const allHeaders = body === undefined ? headers : { ...headers, "Content-Type": "application/json" };
  const text = body === undefined ? undefined : JSON.stringify(body);
  // A change outlives the page that is left or reloaded right after it; browsers allow that for small requests.
  const keepalive = method !== "GET" && (text?.length ?? 0) < KEPT_ALIVE;
  const answer = await retried(() => fetch(path, { method, headers: allHeaders, body: text, cache: "no-store", keepalive }));
  if (answer.status === 204) return null;
  if (!answer.ok) throw await problem(answer);
  return answer.json();
}

/**
 * Retries when the network fails.
 * @param {() => Promise<Response>} send
 */
export async function retried(send) {
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
 * @param {{type?: string, stage?: string, detail?: string, retry_after?: number, errors?: {field: string, message: string}[]}} body a problem+json
 */
export function explained(status, body) {
  // Another tab, or a job, was faster.
  if (body.type === STAGE && body.stage) return new ApiError("This film is at another step by now. Reload the page to go on there.", status);
  if (status === 401) location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
  const detail = body.errors?.length ? body.errors.map((fault) => `${lastPart(fault.field)}: ${fault.message}`).join("; ") : body.detail;
  return new ApiError(sentence(detail ?? `The service answered with ${status}. Try again.`), status, body.retry_after);
}

/** @param {string} field */
function lastPart(field) {
  return (field.split(".").findLast((part) => !/^\d+$/.test(part)) ?? field).replaceAll("_", " ");
}

/** An error message as a sentence. @param {string} text */
export function sentence(text) {
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}
