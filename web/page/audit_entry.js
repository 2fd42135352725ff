// An entry of the audit log: one plain sentence, its reason, its progress, and a way to undo it.
import { Avatar, Timestamp, discussionPath, html, moderatePath, postPath, t } from "./app.js";
import { isUnderWay } from "./audit_entries.js";
import { UndoButton } from "./undo_button.js";

/** `isTold`: whether the entry is in a list of entries, in which others can be found. */
export function AuditEntry({ entry, onUndone }) {
  const { id, actor, at, action, reason, undoes, undoneBy } = entry;
  return html`<li class="entry" id=${`entry-${id}`} data-action=${action} data-entry=${id}>
    <${Avatar} user=${actor} size="small" />
    <div class="entry-body">
      <p>${sentence(entry)}</p>
      ${reason && html`<p class="hint" dir="auto">${t("post.reason", { reason: html`<bdi>${reason}</bdi>` })}</p>`}
      <p class="hint when"><${Timestamp} at=${at} />${undoes && html`<span>${t("log.undoes", { time: html`<${Timestamp} at=${undoes.at} />` })}</span>`}${undoneBy && html`<span class="undone">${t("log.wasUndone")}</span>`}</p>
      <${Progress} entry=${entry} />
    </div>
    <${UndoButton} entry=${entry} onUndone=${onUndone} />
  </li>`;
}

/** Of an act on many posts: how far it is, or what it came to. */
export function Progress({ entry }) {
  const { total, done, skipped } = entry;
  if (total === null) return null;
  if (!isUnderWay(entry)) {
    return html`<p class="hint" role="status" data-done=${done}>${t("log.done", { count: done ?? 0 })}${skipped > 0 && html` ${t("log.skipped", { count: skipped })}`}</p>`;
  }
  const now = (done ?? 0) + (skipped ?? 0);
  return html`<label class="progress hint">${t("log.underWay", { done: now, total })}<progress max=${total} value=${now}></progress></label>`;
}

/** "Mo deleted reply 3 in Pears." */
function sentence(entry) {
  const { action, actor, user, discussion, post, category, held } = entry;
  const name = (one) => html`<a class="name" href=${moderatePath("people", { person: one.handle })}><bdi>${one.name}</bdi></a>`;
  const values = {
    actor: actor ? name(actor) : t("log.system"),
    user: user ? name(user) : t("page.formerMember"),
    discussion: placeOf(discussion ?? post?.discussion ?? held?.discussion, held),
    category: category ? html`<bdi>${category.name}</bdi>` : t("log.gone"),
    post: post ? postOf(post) : t("log.aPost"),
  };
  // Its time was over: nobody did it.
  if (action === "UNSUSPEND_USER" && !actor) return t("log.suspensionOver", { user: values.user });
  return t(`log.${action}`, values);
}

function placeOf(discussion, held) {
  if (!discussion) return held?.title ? html`<bdi>${held.title}</bdi>` : t("log.gone");
  return html`<a href=${discussionPath(discussion)}><bdi>${discussion.title}</bdi></a>`;
}

function postOf(post) {
  const { sequence, discussion } = post;
  const where = discussion ? html`<a href=${postPath(post)}><bdi>${discussion.title}</bdi></a>` : t("log.gone");
  return html`<span>${t(sequence ? "log.reply" : "log.opening", { number: sequence ?? 0, title: where })}</span>`;
}
