// Relative times such as "5 minutes ago" in the page's language, with the full date as a title.
import { html, useLayoutEffect, useRef } from "./libraries.js";
import { language, t } from "./i18n.js";

const UNITS = [
  ["year", 365.25 * 86_400],
  ["month", 30.44 * 86_400],
  ["week", 7 * 86_400],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
const absolute = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "medium" });
const REFRESH_MS = 20_000;

/** An ISO 8601 time relative to `now`. */
export function timeAgo(iso, now = Date.now()) {
  const seconds = (Date.parse(iso) - now) / 1000;
  const [unit, length] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? [];
  return unit ? relative.format(Math.round(seconds / length), unit) : t("time.now");
}

const shown = new Map();

// One timer for all elements, which changes only those whose text is out of date.
setInterval(() => {
  for (const [element, iso] of shown) {
    const text = timeAgo(iso);
    if (element.textContent !== text) element.textContent = text;
  }
}, REFRESH_MS);

/** A `<time>` element that is kept up to date. */
export function Timestamp({ at }) {
  const element = useRef(null);
  useLayoutEffect(() => {
    const { current } = element;
    current.textContent = timeAgo(at);
    shown.set(current, at);
    return () => shown.delete(current);
  }, [at]);
  return html`<time ref=${element} datetime=${at} title=${absolute.format(new Date(at))}></time>`;
}
