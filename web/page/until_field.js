// Until when somebody is suspended: for a day, a week, a month, to a date, or without an end.
import { html, t, useState } from "./app.js";

const DAY_MS = 86_400_000;
const DAYS = { day: 1, week: 7, month: 30 };

/** The time of a choice in ISO 8601; null without an end. */
export function untilOf({ choice, date }, now = Date.now()) {
  if (choice in DAYS) return new Date(now + DAYS[choice] * DAY_MS).toISOString();
  // To the end of that day where the moderator is.
  return choice === "date" && date ? new Date(`${date}T23:59:59`).toISOString() : null;
}

/** `first`: the words for not suspending at all; null if that is no choice. `choose` gets {choice, date}. */
export function UntilField({ label, first = null, hasNoEnd = true, value, choose }) {
  const [today] = useState(() => new Date().toISOString().slice(0, 10));
  return html`<label class="field">${label}
      <select data-until value=${value.choice} onChange=${({ target }) => choose({ ...value, choice: target.value })}>
        ${first && html`<option value="">${first}</option>`}
        ${Object.keys(DAYS).map((name) => html`<option key=${name} value=${name}>${t(`moderation.for_${name}`)}</option>`)}
        <option value="date">${t("moderation.for_date")}</option>
        ${hasNoEnd && html`<option value="never">${t("moderation.for_ever")}</option>`}
      </select>
    </label>
    ${value.choice === "date" && html`<label class="field">${t("moderation.until")}<input type="date" required min=${today} value=${value.date} onInput=${({ target }) => choose({ ...value, date: target.value })} /></label>`}`;
}
