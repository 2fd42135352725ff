// Keys that work everywhere on the page but in text fields and dialogs, and the dialog that lists them.
import { html, useEffect, useRef, useState } from "./libraries.js";
import { Dialog } from "./components.js";
import { t } from "./i18n.js";
import { storage } from "./storage.js";

const TURNED_OFF = "parley:keys-off";
const LIST = { j: "keys.next", k: "keys.previous", r: "keys.reply", q: "keys.quote", c: "keys.collapse", "/": "keys.search", "?": "keys.help", Esc: "keys.close" };

/** The letter of a key whatever the layout: on a Greek or Cyrillic one, that of the key's place. */
export function keyOf({ key, code, shiftKey }) {
  const letter = /^[a-z]$/i.test(key) ? key : (/^\p{L}$/u.test(key) && /^Key([A-Z])$/.exec(code)?.[1]) || null;
  if (letter) return shiftKey ? null : letter.toLowerCase();
  return key;
}

/**
 * Calls `handlers[key]()` for a key pressed outside of text fields, while nothing is open that has keys of its own. A handler
 * that returns false leaves the key to the browser.
 */
export function useShortcuts(handlers) {
  const latest = useRef(handlers);
  latest.current = handlers;
  useEffect(() => {
    const pressed = (event) => {
      if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
      if (document.querySelector("dialog[open], :popover-open")) return;
      const key = keyOf(event);
      // WCAG 2.1.4: who speaks to the computer must be able to turn off keys that are a single character.
      if (key !== "Escape" && storage.getItem(TURNED_OFF)) return;
      const act = latest.current[key];
      if (act && act() !== false) event.preventDefault();
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, []);
}

/** The keys of every view; a button with `data-action="keys"` opens the list of keys as `?` does. */
export function Shortcuts() {
  const [isOpen, setOpen] = useState(false);
  useShortcuts({
    "?": () => setOpen(true),
    "/": () => document.querySelector('[role="search"] input')?.focus(),
  });
  useEffect(() => {
    const clicked = (event) => event.target.closest?.('[data-action="keys"]') && setOpen(true);
    document.addEventListener("click", clicked);
    return () => document.removeEventListener("click", clicked);
  }, []);
  return isOpen && html`<${KeysDialog} onClose=${() => setOpen(false)} />`;
}

function KeysDialog({ onClose }) {
  const [isOff, setOff] = useState(storage.getItem(TURNED_OFF) !== null);
  const change = ({ target }) => {
    if (target.checked) storage.removeItem(TURNED_OFF);
    else storage.setItem(TURNED_OFF, "yes");
    setOff(!target.checked);
  };
  return html`<${Dialog} title=${t("keys.title")} className="keys-dialog" onClose=${onClose}>
    <dl class="keys-list">
      ${Object.entries(LIST).map(([key, name]) => html`<div key=${key}><dt><kbd>${key}</kbd></dt><dd>${t(name)}</dd></div>`)}
    </dl>
    <label class="keys-switch"><input type="checkbox" checked=${!isOff} onChange=${change} data-first />${t("keys.use")}</label>
  <//>`;
}
