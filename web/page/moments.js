// Times for people: "5 minutes ago", with the whole date as a title.
import { html, useLayoutEffect, useRef } from "./libraries.js";

const UNITS = [
  ["year", 365.25 * 86_400],
  ["month", 30.44 * 86_400],
  ["week", 7 * 86_400],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const absolute = new Intl.DateTimeFormat("en", { dateStyle: "full", timeStyle: "medium" });
const REFRESH_MS = 20_000;

/** A moment seen from `now`. */
export function ago(iso, now = Date.now()) {
  const seconds = (Date.parse(iso) - now) / 1000;
  const [unit, length] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? [];
  return unit ? relative.format(Math.round(seconds / length), unit) : "just now";
}

const shown = new Map();

// One timer for all, which touches only what reads differently by now.
setInterval(() => {
  for (const [element, iso] of shown) {
    const text = ago(iso);
    if (element.textContent !== text) element.textContent = text;
  }
}, REFRESH_MS);

/** `<time>` that stays true while it is looked at. */
export function Moment({ at }) {
  const element = useRef(null);
  useLayoutEffect(() => {
    const { current } = element;
    current.textContent = ago(at);
    shown.set(current, at);
    return () => shown.delete(current);
  }, [at]);
  return html`<time ref=${element} datetime=${at} title=${absolute.format(new Date(at))}></time>`;
}
