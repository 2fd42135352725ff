// Small components that several views use.
import { html, useEffect, useLayoutEffect, useRef, useState } from "./libraries.js";

/** Renders the component again after each change of one of the observables. */
export function useObservables(...things) {
  const [, draw] = useState(0);
  useLayoutEffect(() => {
    const stops = things.map((thing) => thing?.subscribe(() => draw((count) => count + 1)));
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
  disconnect: "M4 4l16 16M9 5a10 10 0 0 1 12 4M3 9a12 12 0 0 1 3-2M6 13a8 8 0 0 1 4-3M15 11a8 8 0 0 1 3 2M12 19h.01",
  connect: "M2 9a15 15 0 0 1 20 0M5.5 13a10 10 0 0 1 13 0M9 16.5a5 5 0 0 1 6 0M12 20h.01",
};

/** Decorative: its meaning is in the text next to it or in the button's label. */
export function Icon({ name }) {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d=${ICONS[name]} /></svg>`;
}

/** "1 reply", "12 replies". */
export function counted(count, one, many = `${one}s`) {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

/** The errors of a mutation with what to do about them, announced to screen readers. */
export function Errors({ errors, children }) {
  if (!errors?.length) return null;
  return html`<div class="problems" role="alert">
    ${errors.map((error) => html`<p key=${error.code} data-code=${error.code}>${advice(error)}</p>`)} ${children}
  </div>`;
}

const ADVICE = {
  BODY_EMPTY: "The text is empty. Write something first.",
  TITLE_EMPTY: "The title is empty. Enter a title first.",
  NOT_SIGNED_IN: "You are not signed in. Sign in first; your text is kept.",
  UNAUTHENTICATED: "Your session has ended. Sign in again; your text is kept.",
  NOT_ALLOWED: "You don't have permission to do this.",
  DISCUSSION_LOCKED: "This discussion has been locked and accepts no more replies. Copy your text if you want to keep it.",
  PARENT_DELETED: "The post you are replying to has been deleted. Copy your text and reply to another post.",
  DISCUSSION_NOT_FOUND: "This discussion no longer exists.",
  REPLY_NOT_FOUND: "This reply no longer exists.",
  QUOTE_SOURCE_NOT_FOUND: "A post you quote no longer exists. Remove the quote and try again.",
  NAME_TAKEN: "This name is taken. Choose another one.",
  UNREACHABLE: "The server can't be reached. Your text is kept. Try again.",
  TOO_DEEP: "Replies can't be nested this deep. Reply to a post further up.",
};

function advice({ code, message, resetAt }) {
  if (code === "RATE_LIMITED" && resetAt) return `${message} Try again after ${new Date(resetAt).toLocaleTimeString("en")}.`;
  return ADVICE[code] ?? message;
}

/** The error of a failed request in the form of a mutation's errors. Throws any other error. */
export function asErrors(error) {
  if (error.name === "NetworkError") return [{ code: "UNREACHABLE", message: error.message }];
  if (error.name === "RequestError") return [{ code: error.code, message: error.message, resetAt: error.resetAt }];
  throw error;
}

/** A modal dialog. Escape closes it, and closing returns the focus to the element that had it. */
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

/** A dialog that asks for confirmation before an action that can't be undone. */
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
    <${Errors} errors=${errors} />
    <footer>
      <button type="button" onClick=${onClose}>Cancel</button>
      <button type="button" class="danger" disabled=${isBusy} onClick=${yes}>${action}</button>
    </footer>
  <//>`;
}
