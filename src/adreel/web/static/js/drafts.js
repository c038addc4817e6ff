// What a person has typed or chosen and not sent yet, kept in this browser for each session.

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

  /** @param {Record<string, any>} changes undefined forgets */
  set(changes) {
    try {
      localStorage.setItem(this.name, JSON.stringify({ ...this.read(), ...changes }));
    } catch {
      // A browser that keeps nothing (private mode, full) only loses what is not sent yet.
    }
  }

  forget() {
    localStorage.removeItem(this.name);
  }

  /**
   * Fills the fields that have a draft, and keeps what is changed from now on.
   * @param {ParentNode} form
   */
  bind(form) {
    const kept = this.read();
    for (const field of /** @type {Field[]} */ (all("[data-draft]", form))) restore(field, kept[field.dataset.draft ?? ""]);
    form.addEventListener("input", (event) => {
      const field = /** @type {Field} */ (event.target);
      const key = field.dataset?.draft;
      if (key) this.set({ [key]: isTick(field) ? field.checked : field.value });
    });
  }

  /** Calls when another tab has changed a draft of this scope. @param {() => void} changed */
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
 * A draft may name what is no longer to be had; then what is usual stays.
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
