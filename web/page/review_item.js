// One review item: what was written, by whom, why it is here, and what can be done.
import { Author, Avatar, Icon, Menu, PostBody, Timestamp, discussionPath, html, memo, moderatePath, postPath, session, t } from "./app.js";
import { UndoButton } from "./undo_button.js";

/** What can be decided: the kind of item, the key and the icon. */
export const ACTIONS = {
  PUBLISH: { kind: "HELD", key: "p", icon: "check", className: "primary" },
  REJECT: { kind: "HELD", key: "r", icon: "close", className: "" },
  DISMISS: { kind: "REPORTED", key: "d", icon: "check", className: "" },
  DELETE_POST: { kind: "REPORTED", key: "x", icon: "trash", className: "danger" },
};

export const ReviewItem = memo(function ReviewItem({ item, isNew, isConflict, entry, act, claim }) {
  const { id, kind, state, author, createdAt } = item;
  const isOpen = state === "OPEN";
  return html`<article class=${`review card ${isNew ? "fresh" : ""}`} tabindex="-1" data-review=${id} data-kind=${kind} data-state=${state} aria-label=${label(item)}>
    <header>
      <${Avatar} user=${author} />
      <p class="byline">
        <${Author} user=${author} />
        <span class="when"><${Timestamp} at=${createdAt} /></span>
        <${Where} item=${item} />
      </p>
      <${Why} item=${item} />
    </header>
    <${Words} item=${item} />
    <${Reports} item=${item} />
    ${isConflict && html`<p class="notice" role="alert">${t(isOpen ? "moderation.changedMeanwhile" : "moderation.decidedMeanwhile")}</p>`}
    <footer>${isOpen ? html`<${Open} item=${item} act=${act} claim=${claim} />` : html`<${Decided} item=${item} entry=${entry} />`}</footer>
  </article>`;
});

function label({ kind, author }) {
  return t(`moderation.label_${kind}`, { name: author?.name ?? t("page.formerMember") });
}

/** Why it is here: that it was reported, how often, or why it is held. */
function Why({ item: { kind, reportCount, held } }) {
  if (kind === "REPORTED") return html`<p class="why" data-kind="REPORTED"><${Icon} name="flag" />${t("moderation.reported", { count: reportCount })}</p>`;
  return html`<p class="why" data-kind="HELD"><${Icon} name="clock" />${t(`moderation.held_${held?.kind ?? "REPLY"}`)}</p>`;
}

/** Where it is or would be. */
function Where({ item: { post, held } }) {
  if (post) {
    const { discussion, sequence } = post;
    const key = sequence ? "moderation.replyIn" : "moderation.openingOf";
    return html`<span class="where">${t(key, { number: sequence ?? 0, title: html`<a href=${postPath(post)}><bdi>${discussion.title}</bdi></a>` })}</span>`;
  }
  if (held?.edits) return html`<span class="where">${t("moderation.editIn", { title: html`<a href=${postPath(held.edits)}><bdi>${held.edits.discussion.title}</bdi></a>` })}</span>`;
  if (held?.discussion) return html`<span class="where">${t("moderation.newReplyIn", { title: html`<a href=${discussionPath(held.discussion)}><bdi>${held.discussion.title}</bdi></a>` })}</span>`;
  if (held?.category) return html`<span class="where">${t("moderation.inCategory", { name: html`<bdi>${held.category.name}</bdi>` })}</span>`;
  return null;
}

/** The words as they were held, or as they were when they were reported. */
function Words({ item: { post, held, body, title, postVersion } }) {
  const heading = held?.title ?? title;
  return html`<div class="review-words">
    ${heading && html`<h3 dir="auto">${heading}</h3>`}
    ${held ? html`<${PostBody} bodyHtml=${held.bodyHtml} />` : body !== null && html`<p class="as-typed" dir="auto">${body}</p>`}
    ${held && held.reasons.length > 0 && html`<p class="hint">${held.reasons.map((reason) => html`<span key=${reason} class="chip small">${t(`moderation.why_${reason}`)}</span>`)}</p>`}
    ${post?.state === "DELETED" && html`<p class="hint">${t(`moderation.gone_${post.deletion?.by ?? "AUTHOR"}`)}</p>`}
    ${post?.state === "VISIBLE" && postVersion !== null && post.version > postVersion && html`<p class="hint">${t("moderation.editedSince", { version: postVersion, now: post.version })}</p>`}
  </div>`;
}

/** Who reported it and why, as moderators read it. */
function Reports({ item: { reports, reportCount } }) {
  const { nodes } = reports;
  if (!nodes.length) return null;
  return html`<ul class="reports" aria-label=${t("moderation.reports")}>
    ${nodes.map(({ id, reporter, reason, note, at }) => html`<li key=${id}>
      <strong>${t(`report.${reason}`)}</strong> ${note && html`<q><bdi>${note}</bdi></q>${" "}`}
      <span class="hint"><${Author} user=${reporter} /> <${Timestamp} at=${at} /></span>
    </li>`)}
    ${reportCount > nodes.length && html`<li class="hint">${t("moderation.moreReports", { count: reportCount - nodes.length })}</li>`}
  </ul>`;
}

function Open({ item, act, claim }) {
  const { author, claimedBy, claimedUntil } = item;
  const isClaimed = claimedBy && Date.parse(claimedUntil) > Date.now();
  const isMine = isClaimed && claimedBy.id === session.viewer?.user.id;
  const actions = Object.entries(ACTIONS).filter(([, { kind }]) => kind === item.kind);
  const [calm] = actions[0];
  return html`<div class="review-actions">
      ${actions.map(([action, { key, icon, className }]) => html`<button key=${action} type="button" class=${className} data-action=${action} aria-keyshortcuts=${key} onClick=${() => act(item, action)}>
        <${Icon} name=${icon} />${t(`moderation.${action}`)} <kbd aria-hidden="true">${key}</kbd>
      </button>`)}
      <${Menu} className="quiet square" action="more" label=${t("post.moreActions")} button=${html`<${Icon} name="more" />`}>
        <button type="button" data-action="with-reason" onClick=${() => act(item, calm, { asks: true })}>${t(`moderation.withReason_${calm}`)}</button>
        <button type="button" data-action="claim" onClick=${() => claim(item, isMine)}>${t(isMine ? "moderation.release" : "moderation.claim")} <kbd aria-hidden="true">c</kbd></button>
        ${author && html`<a class="button" href=${moderatePath("people", { person: author.handle })}>${t("moderation.aboutAuthor")}</a>`}
      <//>
    </div>
    ${isClaimed && html`<p class="claimed hint">${isMine ? t("moderation.claimedByYou") : t("moderation.claimedBy", { name: html`<bdi>${claimedBy.name}</bdi>` })}</p>`}`;
}

/** What was decided, by whom and why. */
function Decided({ item: { decision, post, held }, entry }) {
  if (!decision) return html`<p class="decided">${t(held?.state === "WITHDRAWN" ? "moderation.withdrawn" : "moderation.closed")}</p>`;
  const { action, by, reason, at } = decision;
  const name = by?.id === session.viewer?.user.id ? t("moderation.you") : html`<bdi class="name">${by?.name ?? t("page.formerMember")}</bdi>`;
  return html`<p class="decided" role="status">
      <${Icon} name="check" /><span>${t(`moderation.decided_${action}`, { name })} <span class="hint"><${Timestamp} at=${at} /></span></span>
      ${reason && html`<span>${t("post.reason", { reason: html`<bdi>${reason}</bdi>` })}</span>`}
    </p>
    <${UndoButton} entry=${entry} />
    ${post?.state === "VISIBLE" && html`<a class="button quiet" href=${postPath(post)}>${t("moderation.open")}</a>`}`;
}
