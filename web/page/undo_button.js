// The button that undoes an act of moderation.
import { Errors, Icon, asErrors, html, newKey, notices, session, t, useState } from "./app.js";
import { UNDO } from "./moderate_documents.js";

/** `onUndone(entry)` gets the entry of the undoing. Shows nothing for what can't be undone, or null. */
export function UndoButton({ entry, onUndone = () => {} }) {
  const [errors, setErrors] = useState([]);
  const [isBusy, setBusy] = useState(false);
  if (!entry?.canUndo || entry.undoneBy) return null;
  const undo = async () => {
    setBusy(true);
    try {
      const { auditEntry, errors: found } = (await session.execute(UNDO, { input: { auditEntryId: entry.id, clientMutationId: newKey() } })).undo;
      // A later act has changed it: there is nothing newer to show than the log itself.
      setErrors(found.map((error) => (error.code === "CONFLICT" ? { ...error, code: "UNDO_CONFLICT", message: t("moderation.undoConflict") } : error)));
      if (auditEntry) {
        notices.announce(t("moderation.undone"));
        onUndone(auditEntry);
      }
    } catch (error) {
      setErrors(asErrors(error));
    }
    setBusy(false);
  };
  return html`<button type="button" class="small" data-action="undo" disabled=${isBusy} onClick=${undo}><${Icon} name="undo" />${t("moderation.undo")}</button>
    <${Errors} errors=${errors} />`;
}
