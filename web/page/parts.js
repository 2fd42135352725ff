// Small things that many pages show.
import { html, useEffect, useLayoutEffect, useRef, useState } from "./libraries.js";

/** Draws the component anew whenever one of these has changed. */
export function useChanges(...things) {
  const [, draw] = useState(0);
  useLayoutEffect(() => {
    const stops = things.map((thing) => thing?.watch(() => draw((count) => count + 1)));
    return () => stops.forEach((stop) => stop?.());
  }, things);
}

const ICONS = {
  reply: "M9 7 4 12l5 5M4 12h9a7 7 0 0 1 7 7",
  quote: "M5 17c3 0 4-2 4-5V7H4v5h5M15 17c3 0 4-2 4-5V7h-5v5h5",
  edit: "m4 20 1-4L16 5l3 3L8 19zM14 7l3 3",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  link: "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
  close: "M6 6l12 12M18 6 6 18",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14M20 20l-4-4",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2v2M12 20v2M4 12H2M22 12h-2M5 5l1 1M18 18l1 1M19 5l-1 1M6 18l-1 1",
  moon: "M20 14A8 8 0 0 1 10 4a8 8 0 1 0 10 10",
  half: "M12 4a8 8 0 1 0 0 16zM12 4a8 8 0 0 1 0 16",
  lock: "M6 11h12v9H6zM9 11V8a3 3 0 0 1 6 0v3",
  down: "M12 5v14M6 13l6 6 6-6",
  up: "M12 19V5M6 11l6-6 6 6",
  plus: "M12 5v14M5 12h14",
  eye: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6",
  people: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7M2 20c0-4 3-6 7-6s7 2 7 6M16 4a3.5 3.5 0 0 1 0 7M18 14c3 1 4 3 4 6",
  speech: "M4 5h16v11H10l-4 4v-4H4z",
  cut: "M4 4l16 16M9 5a10 10 0 0 1 12 4M3 9a12 12 0 0 1 3-2M6 13a8 8 0 0 1 4-3M15 11a8 8 0 0 1 3 2M12 19h.01",
  wave: "M2 9a15 15 0 0 1 20 0M5.5 13a10 10 0 0 1 13 0M9 16.5a5 5 0 0 1 6 0M12 20h.01",
};

/** Decorative: what it means stands next to it or in the button's label. */
export function Icon({ name }) {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d=${ICONS[name]} /></svg>`;
}

/** "1 reply", "12 replies". */
export function counted(count, one, many = `${one}s`) {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

/** What went wrong with a mutation, and what can be done; read out at once. */
export function Problems({ errors, children }) {
  if (!errors?.length) return null;
  return html`<div class="problems" role="alert">
    ${errors.map((error) => html`<p key=${error.code} data-code=${error.code}>${advice(error)}</p>`)} ${children}
  </div>`;
}

const ADVICE = {
  BODY_EMPTY: "Write something first.",
  TITLE_EMPTY: "Give it a title first.",
  NOT_SIGNED_IN: "Sign in first; what you wrote stays here.",
  UNAUTHENTICATED: "Your session has ended. Sign in again; what you wrote stays here.",
  NOT_ALLOWED: "You may not do this.",
  DISCUSSION_LOCKED: "This discussion was locked meanwhile and takes no more replies. You can copy what you wrote.",
  PARENT_DELETED: "The post you answer was deleted meanwhile. You can copy what you wrote and answer another.",
  DISCUSSION_NOT_FOUND: "This discussion is gone.",
  REPLY_NOT_FOUND: "This reply is gone.",
  QUOTE_SOURCE_NOT_FOUND: "A post you quote is gone. Take its quote out and try again.",
  NAME_TAKEN: "Somebody has this name. Choose another one.",
  UNREACHABLE: "The server can't be reached. Nothing is lost: try again.",
  TOO_DEEP: "This would stand too deep. Answer a reply further up.",
};

function advice({ code, message, limit, resetAt }) {
  if (code === "RATE_LIMITED" && resetAt) return `${message} Try again after ${new Date(resetAt).toLocaleTimeString("en")}.`;
  return ADVICE[code] ?? message;
}

/** What a request that threw amounts to, as a mutation's errors. */
export function asErrors(error) {
  if (error.name === "Unreachable") return [{ code: "UNREACHABLE", message: error.message }];
  if (error.name === "Refused") return [{ code: error.code, message: error.message, resetAt: error.resetAt }];
  throw error;
}

/** A modal dialog; it ends with Escape, and gives the focus back to where it was. */
export function Dialog({ title, onClose, children, className = "" }) {
  const element = useRef(null);
  useEffect(() => {
    const { current } = element;
    const opener = document.activeElement;
    current.showModal();
    current.querySelector("[data-first]")?.focus();
    return () => {
      current.close();
      if (opener?.isConnected) opener.focus();
    };
  }, []);
  const closed = (event) => {
    event.preventDefault();
    onClose();
  };
  return html`<dialog ref=${element} class="dialog ${className}" aria-labelledby="dialog-title" onCancel=${closed}>
    <div class="dialog-head">
      <h2 id="dialog-title">${title}</h2>
      <button type="button" class="quiet square" aria-label="Close" onClick=${onClose}><${Icon} name="close" /></button>
    </div>
    ${children}
  </dialog>`;
}

/** Asks before something is done that can't be undone. */
export function Confirm({ title, text, action, onYes, onClose }) {
  const [errors, setErrors] = useState([]);
  const [isBusy, setBusy] = useState(false);
  const yes = async () => {
    setBusy(true);
    const found = await onYes();
    setBusy(false);
    if (found.length) setErrors(found);
    else onClose();
  };
  return html`<${Dialog} title=${title} onClose=${onClose}>
    <p>${text}</p>
    <${Problems} errors=${errors} />
    <footer>
      <button type="button" onClick=${onClose}>Cancel</button>
      <button type="button" class="danger" disabled=${isBusy} onClick=${yes}>${action}</button>
    </footer>
  <//>`;
}
