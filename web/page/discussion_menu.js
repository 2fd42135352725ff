// What moderators can do with a discussion as a whole: pin, move, retitle, lock and delete it.
import { Dialog, Errors, Icon, Menu, advice, asErrors, html, newKey, notices, session, site, t, useState } from "./app.js";
import { MOVE, PIN, RETITLE, UNPIN } from "./moderate_documents.js";

const MAX_REASON = 500;

/** `actions`: the object of `postActions`. */
export function DiscussionMenu({ discussion, actions }) {
  const [asked, setAsked] = useState(null);
  /** Sends a mutation and shows the discussion as it is then. Returns the errors. */
  const send = async (document, input) => {
    try {
      const { written } = await session.execute(document, { input: { discussionId: discussion.id, clientMutationId: newKey(), ...input } });
      if (written.discussion) actions.saved(written.discussion);
      return written.errors;
    } catch (error) {
      return asErrors(error);
    }
  };
  const pin = async () => {
    const found = await send(discussion.pinned ? UNPIN : PIN, {});
    if (found.length) notices.show(advice(found[0]));
    else notices.show(t(discussion.pinned ? "discussion.unpinned" : "discussion.nowPinned"));
  };
  return html`<${Menu} className="quiet small" action="moderate" button=${html`<${Icon} name="shield" />${t("moderation.link")}`}>
      <button type="button" data-action="pin" onClick=${pin}><${Icon} name="pin" />${t(discussion.pinned ? "discussion.unpin" : "discussion.pin")}</button>
      <button type="button" data-action="move" onClick=${() => setAsked("move")}><${Icon} name="next" />${t("discussion.move")}</button>
      <button type="button" data-action="retitle" onClick=${() => setAsked("retitle")}><${Icon} name="edit" />${t("discussion.retitle")}</button>
      <button type="button" data-action="lock" onClick=${() => actions.lock(discussion)}><${Icon} name="lock" />${t(discussion.locked ? "discussion.unlock" : "discussion.lock")}</button>
      <button type="button" data-action="delete-discussion" onClick=${() => actions.remove(discussion)}><${Icon} name="trash" />${t("discussion.delete")}</button>
    <//>
    ${asked === "move" && html`<${Move} discussion=${discussion} send=${send} onClose=${() => setAsked(null)} />`}
    ${asked === "retitle" && html`<${Retitle} discussion=${discussion} send=${send} onClose=${() => setAsked(null)} />`}`;
}

function Move({ discussion, send, onClose }) {
  const now = discussion.category?.id ?? "";
  const [categoryId, setCategoryId] = useState(now);
  return html`<${Asking} title=${t("discussion.moveTitle")} yes=${t("discussion.moveYes")} isReady=${categoryId !== now} onYes=${(reason) => send(MOVE, { categoryId: categoryId || null, reason })} onClose=${onClose}>
    <label class="field">${t("new.category")}
      <select name="category" data-first value=${categoryId} onChange=${({ target }) => setCategoryId(target.value)}>
        <option value="">${t("new.noCategory")}</option>
        ${site.categories.map(({ id, name }) => html`<option key=${id} value=${id}>${name}</option>`)}
      </select>
    </label>
  <//>`;
}

function Retitle({ discussion, send, onClose }) {
  const [title, setTitle] = useState(discussion.title);
  const [{ version }] = useState(discussion);
  return html`<${Asking} title=${t("discussion.retitleTitle")} yes=${t("edit.save")} isReady=${title.trim() && title !== discussion.title} onYes=${(reason) => send(RETITLE, { title, expectedVersion: version, reason })} onClose=${onClose}>
    <label class="field">${t("new.titleField")}<input name="title" data-first dir="auto" autocomplete="off" maxlength=${site.limits.titleLength} value=${title} onInput=${({ target }) => setTitle(target.value)} /></label>
  <//>`;
}

/** A dialog with a reason. `onYes(reason)` does it, and returns the errors. */
function Asking({ title, yes, isReady, onYes, onClose, children }) {
  const [reason, setReason] = useState("");
  const [errors, setErrors] = useState([]);
  const [isBusy, setBusy] = useState(false);
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    const found = await onYes(reason.trim() || null);
    setBusy(false);
    if (found.length) setErrors(found);
    else onClose();
  };
  return html`<${Dialog} title=${title} onClose=${onClose}>
    <form class="fields" onSubmit=${submit}>
      ${children}
      <label class="field">${t("discussion.reason")}<input name="reason" maxlength=${MAX_REASON} dir=${reason ? "auto" : null} autocomplete="off" value=${reason} onInput=${({ target }) => setReason(target.value)} /></label>
      <${Errors} errors=${errors} />
      <footer>
        <button type="button" onClick=${onClose}>${t("page.cancel")}</button>
        <button type="submit" class="primary" disabled=${isBusy || !isReady}>${yes}</button>
      </footer>
    </form>
  <//>`;
}
