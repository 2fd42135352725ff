// Reports a post to the moderators.
import { html, useState } from "./libraries.js";
import { REPORT } from "./documents.js";
import { notices, session } from "./state.js";
import { Dialog, Errors, asErrors } from "./components.js";
import { t } from "./i18n.js";
import { newKey } from "./keys.js";

const REASONS = ["SPAM", "ABUSE", "ILLEGAL", "PERSONAL_DATA", "OFF_TOPIC", "OTHER"];
const MAX_NOTE = 1_000;

export function ReportDialog({ post, onClose }) {
  const [reason, setReason] = useState(null);
  const [note, setNote] = useState("");
  const [errors, setErrors] = useState([]);
  const [isBusy, setBusy] = useState(false);
  const [key] = useState(newKey);
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    try {
      const { reported, errors: found } = (await session.execute(REPORT, { input: { postId: post.id, reason, note: note.trim() || null, clientMutationId: key } })).reportPost;
      setErrors(found);
      if (!found.length) {
        onClose();
        notices.show(t(reported ? "report.done" : "report.before"));
      }
    } catch (error) {
      setErrors(asErrors(error));
    }
    setBusy(false);
  };
  return html`<${Dialog} title=${post.sequence ? t("report.reply", { number: post.sequence }) : t("report.opening")} onClose=${onClose}>
    <form class="fields" onSubmit=${submit}>
      <p class="hint">${t("report.about")}</p>
      <fieldset class="reasons"><legend>${t("report.why")}</legend>
        ${REASONS.map((one, at) => html`<label key=${one} class="check"><input type="radio" name="reason" value=${one} required checked=${one === reason} data-first=${at === 0 ? "" : null} onChange=${() => setReason(one)} /><span>${t(`report.${one}`)}</span></label>`)}
      </fieldset>
      <label class="field">${t("report.note")}<textarea name="note" rows="2" maxlength=${MAX_NOTE} dir=${note ? "auto" : null} value=${note} onInput=${({ target }) => setNote(target.value)}></textarea></label>
      <${Errors} errors=${errors} />
      <footer>
        <button type="button" onClick=${onClose}>${t("page.cancel")}</button>
        <button type="submit" class="primary" disabled=${isBusy || !reason}>${t("report.send")}</button>
      </footer>
    </form>
  <//>`;
}
