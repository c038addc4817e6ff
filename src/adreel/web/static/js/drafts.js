// Unsent input of a session, stored in this browser.

import { all } from "./dom.js";

/** @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Field */

export class Drafts {
  /** @param {string} scope a session's id, or the name of a screen */
  constructor(scope) {
    this.name = `adreel:${scope}`;
  }

  /** @returns {Record<string, any>} */
  read() {
    try {
      return JSON.parse(localStorage.getItem(this.name) ?? "{}");
    } catch {
      return {};
    }
  }

  /** @param {string} key */
  get(key) {
    return this.read()[key];
  }

  /** @param {Record<string, any>} changes undefined deletes a key */
  set(changes) {
    try {
      localStorage.setItem(this.name, JSON.stringify({ ...this.read(), ...changes }));
    } catch {
      // Without storage (private mode, quota) only unsent input is lost.
    }
  }

  forget() {
    localStorage.removeItem(this.name);
  }

  /**
   * Fills fields that have a draft and stores later changes.
   * @param {ParentNode} form
   */
  bind(form) {
    const saved = this.read();
    for (const field of /** @type {Field[]} */ (all("[data-draft]", form))) restore(field, saved[field.dataset.draft ?? ""]);
    form.addEventListener("input", (event) => {
      const field = /** @type {Field} */ (event.target);
      const key = field.dataset?.draft;
      if (key) this.set({ [key]: isTick(field) ? field.checked : field.value });
    });
  }

  /** Calls `changed` when another tab changes a draft of this scope. @param {() => void} changed */
  watch(changed) {
    addEventListener("storage", (event) => event.key === this.name && changed());
  }
}

/**
 * @param {Field} field
 * @param {unknown} value
 */
function restore(field, value) {
  if (value === undefined || value === null) return;
  if (isTick(field)) field.checked = Boolean(value);
  else if (field instanceof HTMLInputElement && field.type === "radio") restoreRadio(field, value);
  else if (!(field instanceof HTMLSelectElement) || [...field.options].some((option) => option.value === value)) field.value = String(value);
}

/**
 * A draft may name a choice that no longer exists; then the default stays.
 * @param {HTMLInputElement} field
 * @param {unknown} value
 */
function restoreRadio(field, value) {
  const choices = /** @type {HTMLInputElement[]} */ (all(`input[name="${CSS.escape(field.name)}"]`));
  if (choices.some((choice) => choice.value === value)) field.checked = field.value === value;
}

/**
 * @param {Field} field
 * @returns {field is HTMLInputElement}
 */
function isTick(field) {
  return field.type === "checkbox";
}
