// Asks for the reason of a decision, and whether the author is suspended as well.
import { Dialog, Errors, html, t, useState } from "./app.js";
import { UntilField, untilOf } from "./until_field.js";

const MAX_REASON = 500;

/** `onYes({reason, suspendAuthorUntil})` decides, and returns the errors. */
export function DecisionDialog({ item, action, onYes, onClose }) {
  const [reason, setReason] = useState("");
  const [until, setUntil] = useState({ choice: "", date: "" });
  const [errors, setErrors] = useState([]);
  const [isBusy, setBusy] = useState(false);
  const isCalm = action === "PUBLISH" || action === "DISMISS";
  const yes = async (event) => {
    event.preventDefault();
    setBusy(true);
    const found = await onYes({ reason: reason.trim() || null, suspendAuthorUntil: untilOf(until) });
    setBusy(false);
    if (found.length) setErrors(found);
    else onClose();
  };
  return html`<${Dialog} title=${t(`moderation.ask_${action}`)} onClose=${onClose}>
    <form class="fields" onSubmit=${yes}>
      <p>${t(`moderation.means_${action}`)}</p>
      <label class="field">${t("moderation.reason")}
        <input type="text" name="reason" maxlength=${MAX_REASON} dir=${reason ? "auto" : null} autocomplete="off" data-first value=${reason} onInput=${({ target }) => setReason(target.value)} />
      </label>
      ${!isCalm && item.author && html`<${UntilField} label=${t("moderation.alsoSuspend", { name: item.author.name })} first=${t("moderation.notSuspended")} hasNoEnd=${false} value=${until} choose=${setUntil} />`}
      <${Errors} errors=${errors} />
      <footer>
        <button type="button" onClick=${onClose}>${t("page.cancel")}</button>
        <button type="submit" class=${isCalm ? "primary" : "danger"} disabled=${isBusy}>${t(`moderation.${action}`)}</button>
      </footer>
    </form>
  <//>`;
}
