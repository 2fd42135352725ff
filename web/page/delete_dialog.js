// The question before a post is deleted: what others see then, and who can restore it for how long.
import { html, useState } from "./libraries.js";
import { Dialog, Errors } from "./components.js";
import { session, site } from "./state.js";
import { t } from "./i18n.js";

const MAX_REASON = 500;

/** `onYes(reason)` deletes the post, and returns the errors. */
export function DeleteDialog({ post, onYes, onClose }) {
  const [reason, setReason] = useState("");
  const [errors, setErrors] = useState([]);
  const [isBusy, setBusy] = useState(false);
  // A discussion in which somebody has answered, only moderators delete, as moderators.
  const isOwn = post.author?.id === session.viewer?.user.id && (Boolean(post.sequence) || !post.replyCount);
  const yes = async () => {
    setBusy(true);
    const found = await onYes(reason.trim() || null);
    setBusy(false);
    if (found.length) setErrors(found);
    else onClose();
  };
  return html`<${Dialog} title=${post.sequence ? t("thread.deleteReply", { number: post.sequence }) : t("thread.deleteDiscussion")} onClose=${onClose}>
    <p>${whatOthersSee(post, isOwn)}</p>
    <p>${whoRestores(isOwn)}</p>
    ${!isOwn && html`<label class="field"><span>${t("deletion.reason")}</span>
      <input type="text" maxlength=${MAX_REASON} dir="auto" value=${reason} onInput=${(event) => setReason(event.target.value)} />
    </label>`}
    <${Errors} errors=${errors} />
    <footer>
      <button type="button" onClick=${onClose}>${t("page.cancel")}</button>
      <button type="button" class="danger" disabled=${isBusy} onClick=${yes}>${t("post.delete")}</button>
    </footer>
  <//>`;
}

function whatOthersSee({ sequence }, isOwn) {
  if (sequence) return t(isOwn ? "deletion.ownReply" : "deletion.reply");
  return t(isOwn ? "deletion.ownDiscussion" : "deletion.discussion");
}

function whoRestores(isOwn) {
  const { deletedDays } = site;
  if (!deletedDays) return t("deletion.never");
  return t(isOwn ? "deletion.ownDays" : "deletion.days", { count: deletedDays });
}
