// Users who follow a link from another site send no SameSite cookie with the first request, even when logged in: redirect them.

import { one } from "./dom.js";

if (new URLSearchParams(location.search).has("next")) {
  // A request by this page includes the cookie, and the service redirects users who are logged in.
  const answer = await fetch(location.href, { cache: "no-store", redirect: "manual" });
  if (answer.type === "opaqueredirect") location.replace(/** @type {HTMLInputElement} */ (one("input[name=next]")).value);
}
