// Who comes by a link from elsewhere sends no cookie along with that first request, though they are logged in: on they go.

import { one } from "./dom.js";

if (new URLSearchParams(location.search).has("next")) {
  const answer = await fetch("/api/auth/me", { cache: "no-store" });
  if (answer.ok) location.replace(/** @type {HTMLInputElement} */ (one("input[name=next]")).value);
}
