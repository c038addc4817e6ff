// Uploads files of the user: logos, fonts, music, recordings.

import { ApiError, explained } from "./api.js";

/**
 * Uploads a file and returns its id.
 * @param {Blob} file
 * @param {string} kind
 * @param {string} name
 */
export async function sendFile(file, kind, name) {
  const form = new FormData();
  form.append("kind", kind);
  form.append("file", file, name);
  const answer = await fetch("/api/files", { method: "POST", body: form }).catch(() => null);
  if (!answer) throw new ApiError(`${name} could not be uploaded. Check the connection and try again.`, 0);
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw withName(explained(answer.status, body), name);
  return String(body.id);
}

/** A sentence begins with a capital letter, the name of a file as it is. @param {ApiError} error @param {string} name */
function withName(error, name) {
  const begins = error.message.slice(0, name.length).toLowerCase() === name.toLowerCase();
  return begins ? new ApiError(name + error.message.slice(name.length), error.status) : error;
}
