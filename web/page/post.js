// The posts of a thread: replies, the opening post and pending replies.
import { html, memo, useEffect, useLayoutEffect, useRef, useState } from "./libraries.js";
import { EditForm } from "./edit_form.js";
import { HeldCard } from "./held_card.js";
import { Timestamp } from "./timestamps.js";
import { Icon, Errors } from "./components.js";
import { Menu, placeAt } from "./menus.js";
import { Guides, light } from "./guides.js";
import { language, t } from "./i18n.js";
import { site } from "./state.js";
import { Author, Avatar, Face, Name, Standing } from "./users.js";
import { PostBody } from "./post_body.js";

const DAY_MS = 86_400_000;

/** A reply, at a `depth` in the thread or branch. `actions` is the object of `postActions`, always the same one. */
export const Reply = memo(function Reply({ reply, depth, below, number, path, isNew, isEditing, heldEdit, canWrite, actions }) {
  const element = useRef(null);
  const isDeleted = reply.state === "DELETED";
  useSeen(element, isNew, () => actions.see(reply.sequence));
  return html`<article
    ref=${element}
    id=${`reply-${reply.sequence}`}
    class=${`post ${isNew ? "fresh" : ""} ${isDeleted ? "gone" : ""}`}
    style=${{ "--depth": depth }}
    tabindex="-1"
    data-sequence=${reply.sequence}
    data-depth=${depth}
    data-version=${reply.version}
    data-state=${reply.state}
    aria-label=${isDeleted ? t("post.replyDeleted", { number: reply.sequence }) : t("post.replyBy", { number: reply.sequence, name: nameOf(reply.author) })}
    onPointerMove=${light}
    onPointerLeave=${() => light(null)}
  >
    ${depth > 0 && html`<${Guides} path=${reply.path} actions=${actions} />`}
    <header>
      ${isDeleted ? html`<span class="avatar hue-none" aria-hidden="true">·</span>` : html`<${Face} user=${reply.author} />`}
      <p class="byline">
        ${!isDeleted && html`<${Author} user=${reply.author} /><${Standing} post=${reply} />`}
        <a class="when" href=${`${path}#reply-${reply.sequence}`}><${Timestamp} at=${reply.createdAt} /></a>
        <${Edited} post=${reply} />
        ${reply.replyTo && html`<${Parent} replyTo=${reply.replyTo} ...${{ path, number, actions }} />`}
      </p>
      <span class="number" aria-hidden="true">${reply.sequence}</span>
    </header>
    <div class="content">
      <${Content} post=${reply} number=${number} isEditing=${isEditing} actions=${actions} />
      ${heldEdit && html`<${HeldCard} held=${heldEdit} />`}
    </div>
    ${!isEditing && html`<${Actions} post=${reply} canWrite=${canWrite} below=${below} actions=${actions} />`}
  </article>`;
});

/** The opening post. */
export const OpeningPost = memo(function OpeningPost({ discussion, isEditing, heldEdit, canWrite, actions }) {
  return html`<article
    id="opening"
    class="post opening"
    tabindex="-1"
    data-state=${discussion.state}
    data-version=${discussion.version}
    aria-label=${t("post.openingBy", { name: nameOf(discussion.author) })}
  >
    <h2 class="unseen">${t("post.opening")}</h2>
    <header>
      <${Face} user=${discussion.author} size="large" />
      <p class="byline">
        <${Author} user=${discussion.author} />
        <${Standing} post=${{ ...discussion, byDiscussionAuthor: false }} />
        <span class="when"><${Timestamp} at=${discussion.createdAt} /></span>
        <${Edited} post=${discussion} />
      </p>
    </header>
    <div class="content">
      <${Content} post=${discussion} number=${discussion.number} isEditing=${isEditing} actions=${actions} />
      ${heldEdit && html`<${HeldCard} held=${heldEdit} />`}
    </div>
    ${!isEditing && html`<${Actions} post=${discussion} canWrite=${canWrite} below=${0} actions=${actions} />`}
  </article>`;
});

function Content({ post, number, isEditing, actions }) {
  if (isEditing) return html`<${EditForm} post=${post} discussionId=${actions.discussionId} near=${actions.people} onDone=${() => actions.stopEditing(post)} onSaved=${actions.saved} />`;
  if (post.state === "DELETED") return html`<${Tombstone} post=${post} actions=${actions} />`;
  return html`<${PostBody} bodyHtml=${post.bodyHtml} quotes=${post.quotes} postId=${post.id} number=${number} />`;
}

const DELETED = { AUTHOR: "post.deletedByAuthor", MODERATOR: "post.deletedByModerator", ERASURE: "post.erased" };
const DISCUSSION_DELETED = {
  AUTHOR: "post.discussionDeletedByAuthor",
  MODERATOR: "post.discussionDeletedByModerator",
  ERASURE: "post.discussionErased",
};
const day = new Intl.DateTimeFormat(language, { dateStyle: "long" });

/** In place of a deleted post: by whom it was deleted, why, what it said to those who may read it, and until when the viewer can restore it. */
function Tombstone({ post, actions }) {
  const { sequence, deletion, viewerCanRestore } = post;
  const date = viewerCanRestore && site.deletedDays > 0 && day.format(Date.parse(deletion.at) + site.deletedDays * DAY_MS);
  const key = sequence ? (DELETED[deletion?.by] ?? "post.deleted") : (DISCUSSION_DELETED[deletion?.by] ?? "post.discussionDeleted");
  return html`<div class="tombstone">
    <p>${t(key)}</p>
    ${deletion?.reason && html`<p>${t("post.reason", { reason: html`<bdi>${deletion.reason}</bdi>` })}</p>`}
    ${deletion?.body && html`<details><summary>${t("post.said")}</summary><p class="as-typed" dir="auto">${deletion.body}</p></details>`}
    ${viewerCanRestore && actions && html`<p>
      ${date && t("post.restorable", { date })}
      <button type="button" class="link" data-action="restore" onClick=${() => actions.restore(post)}>${t("post.restore")}</button>
    </p>`}
  </div>`;
}

function Edited({ post: { lastEditedAt, state } }) {
  if (!lastEditedAt || state === "DELETED") return null;
  return html`<span class="edited">${t("post.edited", { time: html`<${Timestamp} at=${lastEditedAt} />` })}</span>`;
}

/** The link to the post that a reply answers, which shows that post while the link has the mouse or the focus. */
function Parent({ replyTo, path, number, actions }) {
  const [parent, setParent] = useState(null);
  const link = useRef(null);
  const card = useRef(null);
  useLayoutEffect(() => {
    if (!parent) return undefined;
    card.current.showPopover();
    placeAt(card.current, link.current);
    const hide = () => setParent(null);
    addEventListener("scroll", hide, { passive: true, once: true });
    return () => removeEventListener("scroll", hide);
  }, [parent]);
  const show = () => setParent(actions.loadedReply(replyTo.sequence));
  const hide = () => setParent(null);
  return html`<a
      ref=${link}
      class="answers"
      href=${`${path}#reply-${replyTo.sequence}`}
      aria-label=${t("post.inReplyTo", { name: replyTo.author?.name ?? t("post.deletedParent") })}
      onPointerEnter=${({ pointerType }) => pointerType === "mouse" && show()}
      onPointerLeave=${hide}
      onFocus=${({ currentTarget }) => currentTarget.matches(":focus-visible") && show()}
      onBlur=${hide}
      onClick=${hide}
      onKeyDown=${({ key }) => key === "Escape" && hide()}
      ><${Icon} name="reply" /><bdi>${replyTo.author?.name ?? t("post.deletedParent")}</bdi></a
    >
    ${parent && html`<div ref=${card} popover="manual" class="peek" aria-hidden="true">
      <${Name} user=${parent.author} /><${Content} post=${parent} number=${number} />
    </div>`}`;
}

/** What can be done with a post: by buttons beside each other where a mouse is, else by Reply and a menu. */
function Actions({ post, canWrite, below, actions }) {
  const isShown = post.state === "VISIBLE";
  const others = [
    isShown && canWrite && { name: "quote", label: t("post.quote"), icon: "quote", act: () => actions.quote(post) },
    isShown && post.viewerCanEdit && { name: "edit", label: t("post.edit"), icon: "edit", act: () => actions.edit(post) },
    isShown && post.viewerCanDelete && { name: "delete", label: t("post.delete"), icon: "trash", act: () => actions.remove(post) },
    isShown && post.viewerCanReport && { name: "report", label: t("report.action"), icon: "flag", act: () => actions.report(post) },
    post.descendantCount > 0 && !below && { name: "collapse", label: t("post.collapse"), icon: "fold", act: () => actions.toggle(post) },
  ].filter(Boolean);
  return html`${below > 0 && html`<div class="actions folded">
      <button type="button" class="quiet" data-action="collapse" aria-expanded="false" onClick=${() => actions.toggle(post)}><${Icon} name="next" />${t("thread.replies", { count: below })}</button>
    </div>`}
    ${(others.length > 0 || (isShown && canWrite)) && html`<div class="actions">
      ${isShown && canWrite && html`<button type="button" class="quiet" data-action="reply" onClick=${() => actions.reply(post)}><${Icon} name="reply" />${t("post.reply")}</button>`}
      <span class="direct">${others.map(({ name, label, icon, act }) => html`<button key=${name} type="button" class="quiet square" data-action=${name} aria-label=${label} title=${label} onClick=${act}><${Icon} name=${icon} /></button>`)}</span>
      ${others.length > 0 && html`<${Menu} className="quiet square more" action="more" label=${t("post.moreActions")} button=${html`<${Icon} name="more" />`}>
        ${others.map(({ name, label, icon, act }) => html`<button key=${name} type="button" onClick=${act}><${Icon} name=${icon} />${label}</button>`)}
      <//>`}
    </div>`}`;
}

/** A pending reply: stored in the outbox until the server has it. */
export function Pending({ entry, depth, isSending, isOfAnotherUser, viewer, isHeld, actions }) {
  const isRefused = entry.errors.length > 0;
  return html`<article class="post pending" tabindex="-1" style=${{ "--depth": depth }} data-pending=${entry.key} data-refused=${isRefused}
    aria-label=${isRefused ? t("outbox.refusedLabel") : t("outbox.pendingLabel")}>
    <header>
      <${Avatar} user=${entry.author} />
      <p class="byline">
        <${Name} user=${entry.author} />
        <span class="state" role="status">${stateOf({ entry, isSending, isOfAnotherUser, isHeld })}</span>
      </p>
    </header>
    <div class="content">
      ${entry.quotes.filter(({ isInText }) => !isInText).map((quote) => html`<blockquote key=${quote.key} class="as-typed" dir="auto">${quote.text}</blockquote>`)}
      <p class="post-body as-typed" dir="auto">${entry.body}</p>
      <${Errors} errors=${entry.errors} />
    </div>
    <div class="actions">
      ${isRefused && html`<button type="button" class="quiet" onClick=${() => actions.sendAgain(entry)}>${t("page.tryAgain")}</button>`}
      ${isOfAnotherUser && viewer && html`<button type="button" class="quiet" onClick=${() => actions.adopt(entry)}>${t("outbox.sendAs", { name: html`<bdi>${viewer.user.name}</bdi>` })}</button>`}
      ${isOfAnotherUser && !viewer && html`<button type="button" class="quiet" onClick=${actions.signIn}>${t("outbox.signInToSend")}</button>`}
      ${(isRefused || (!isSending && !entry.tried)) &&
      html`<button type="button" class="quiet" onClick=${() => actions.cancel(entry)}>${t("post.edit")}</button>`}
    </div>
  </article>`;
}

function stateOf({ entry, isSending, isOfAnotherUser, isHeld }) {
  if (entry.errors.length) return t("outbox.notSent");
  if (isOfAnotherUser) return t("outbox.waitsForSignIn");
  if (isSending) return t("outbox.sending");
  return isHeld ? t("outbox.waitsForConnection") : t("outbox.waits");
}

function nameOf(author) {
  return author?.name ?? t("page.formerMember");
}

/** Calls `seen` once a new post has been visible. */
function useSeen(element, isNew, seen) {
  useEffect(() => {
    if (!isNew) return undefined;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting) && !document.hidden) seen();
      },
      { rootMargin: "-64px 0px -64px 0px" },
    );
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [isNew]);
}
