// Who comes by a link from elsewhere sends no cookie along with that first request, though they are logged in: on they go.

import { one } from "./dom.js";

if (new URLSearchParams(location.search).has("next")) {
  // The service leads away from here whoever is logged in; asked by this page, it is sent the cookie.
  const answer = await fetch(location.href, { cache: "no-store", redirect: "manual" });
  if (answer.type === "opaqueredirect") location.replace(/** @type {HTMLInputElement} */ (one("input[name=next]")).value);
}
