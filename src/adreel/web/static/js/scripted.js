// The draft on the script screen: of the script as it is being typed, in the format in which it is shown.

import { maybe, one } from "./dom.js";
import { Draft } from "./draft.js";

const editor = one("#script");
/** @type {Draft | null} */
let draft = null;

/** The part of the screen comes and goes with the script. */
function follow() {
  const root = maybe("#draft");
  if (!root) draft = null;
  else if (draft?.root !== root) draft = new Draft(root, one("main").dataset.session ?? "", body);
  else draft.changed();
}

function body() {
  const aspect = maybe("[data-shape][aria-pressed=true]", editor)?.dataset.shape ?? editor.dataset.shapeFirst ?? "16:9";
  return { aspect, script: JSON.parse(editor.dataset.script || "null") };
}

new MutationObserver(follow).observe(editor, { attributes: true, attributeFilter: ["data-script"] });
// After the screen has noted which format was chosen.
editor.addEventListener("click", (event) => event.target instanceof Element && event.target.closest("[data-shape]") && setTimeout(follow));
follow();
