// Small components that several views use.
import { html, useEffect, useLayoutEffect, useRef, useState } from "./libraries.js";
import { hasText, language, t } from "./i18n.js";

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
  bold: "M7 4h6a4 4 0 0 1 0 8H7zM7 12h7a4 4 0 0 1 0 8H7z",
  italic: "M10 4h8M6 20h8M14 4l-4 16",
  code: "m8 7-5 5 5 5M16 7l5 5-5 5",
  list: "M9 6h12M9 12h12M9 18h12M4 6h.01M4 12h.01M4 18h.01",
  spoiler: "M3 12s3-6 9-6c2 0 4 .7 5.5 1.8M21 12s-3 6-9 6c-2 0-4-.7-5.5-1.8M4 20 20 4",
  into: "M4 19h16M12 4v10m-5-4 5 5 5-5",
  edit: "m4 20 1-4L16 5l3 3L8 19zM14 7l3 3",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  link: "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
  close: "M6 6l12 12M18 6 6 18",
  filter: "M4 6h16M7 12h10M10 18h4",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14M20 20l-4-4",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2v2M12 20v2M4 12H2M22 12h-2M5 5l1 1M18 18l1 1M19 5l-1 1M6 18l-1 1",
  moon: "M20 14A8 8 0 0 1 10 4a8 8 0 1 0 10 10",
  half: "M12 4a8 8 0 1 0 0 16zM12 4a8 8 0 0 1 0 16",
  display: "M4 7h9M19 7h1M16 4a3 3 0 1 0 0 6a3 3 0 0 0 0-6M4 17h1M11 17h9M8 14a3 3 0 1 0 0 6a3 3 0 0 0 0-6",
  lock: "M6 11h12v9H6zM9 11V8a3 3 0 0 1 6 0v3",
  down: "M12 5v14M6 13l6 6 6-6",
  up: "M12 19V5M6 11l6-6 6 6",
  plus: "M12 5v14M5 12h14",
  people: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7M2 20c0-4 3-6 7-6s7 2 7 6M16 4a3.5 3.5 0 0 1 0 7M18 14c3 1 4 3 4 6",
  speech: "M4 5h16v11H10l-4 4v-4H4z",
  disconnect: "M4 4l16 16M9 5a10 10 0 0 1 12 4M3 9a12 12 0 0 1 3-2M6 13a8 8 0 0 1 4-3M15 11a8 8 0 0 1 3 2M12 19h.01",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  next: "m9 5 7 7-7 7",
  fold: "M5 12h14M9 4l3 3 3-3M9 20l3-3 3 3",
  flask: "M9 3h6M10 3v6l-5 9a2 2 0 0 0 2 3h10a2 2 0 0 0 2-3l-5-9V3M7.500 15h9",
  check: "m5 12 5 5L19 7",
  clock: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M12 8v4l3 2",
  flag: "M6 21V4h12l-3 4 3 4H6",
  pin: "M9 4h6l-1 6 3 3H7l3-3zM12 13v7",
  shield: "M12 3 5 6v5c0 5 3 8 7 10 4-2 7-5 7-10V6z",
  undo: "M9 8 5 12l4 4M5 12h9a5 5 0 0 1 0 10h-2",
  picture: "M4 5h16v14H4zM4 16l5-5 4 4 2-2 5 5M15.500 9.500h.01",
};

/** Decorative: its meaning is in the text next to it or in the button's label. */
export function Icon({ name }) {
  return html`<svg class="icon" data-icon=${name} viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d=${ICONS[name]} /></svg>`;
}

/** The errors of a mutation with what to do about them, announced to screen readers. */
export function Errors({ errors, children }) {
  if (!errors?.length) return null;
  return html`<div class="problems" role="alert">
    ${errors.map((error) => html`<p key=${error.code} data-code=${error.code}>${advice(error)}</p>`)} ${children}
  </div>`;
}

/** What happened and what to do about it, in the page's language where it has a sentence for the code. */
export function advice({ code, message, resetAt }) {
  if (code === "RATE_LIMITED" && resetAt) return t("errors.tryAgainAfter", { message, time: new Date(resetAt).toLocaleTimeString(language) });
  return hasText(`errors.${code}`) ? t(`errors.${code}`) : message;
}

/** The error of a failed request in the form of a mutation's errors. Throws any other error. */
export function asErrors(error) {
  if (error.name === "NetworkError") return [{ code: "UNREACHABLE", message: error.message }];
  if (error.name === "RequestError") return [{ code: error.code, message: error.message, resetAt: error.resetAt }];
  throw error;
}

/** What is shown where there is nothing: an icon, what happened, and below it one thing to do. */
export function Nothing({ icon, title, children }) {
  return html`<div class="nothing"><${Icon} name=${icon} /><h2>${title}</h2>${children}</div>`;
}

/** The shape of rows that are being loaded. */
export function Skeleton() {
  return html`<div class="skeleton" aria-hidden="true">${[1, 2, 3, 4].map((key) => html`<i key=${key}></i>`)}</div>`;
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
      <button type="button" class="quiet square" aria-label=${t("page.close")} onClick=${onClose}><${Icon} name="close" /></button>
    </div>
    ${children}
  </dialog>`;
}
