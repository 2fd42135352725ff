// The posts of a thread: replies, the opening post and pending replies.
import { html, memo, useEffect, useRef } from "./libraries.js";
import { EditForm } from "./edit_form.js";
import { Timestamp } from "./timestamps.js";
import { Icon, Errors, counted } from "./components.js";
import { Avatar, Name } from "./users.js";
import { PostBody } from "./post_body.js";

/** A reply. `actions` is the object of `postActions`, always the same one. */
export const Reply = memo(function Reply({ reply, below, number, path, isNew, isEditing, canWrite, actions }) {
  const element = useRef(null);
  const isDeleted = reply.state === "DELETED";
  const name = reply.author?.name ?? "a former member";
  useSeen(element, isNew, () => actions.see(reply.sequence));
  return html`<article
    ref=${element}
    id=${`reply-${reply.sequence}`}
    class=${`post ${isNew ? "fresh" : ""} ${isDeleted ? "gone" : ""}`}
    style=${{ "--depth": reply.depth }}
    tabindex="-1"
    data-sequence=${reply.sequence}
    data-depth=${reply.depth}
    data-version=${reply.version}
    data-state=${reply.state}
    aria-label=${isDeleted ? `Reply ${reply.sequence}, deleted` : `Reply ${reply.sequence} by ${name}`}
  >
    <header>
      ${isDeleted ? html`<span class="avatar hue-none" aria-hidden="true">·</span>` : html`<${Avatar} user=${reply.author} />`}
      <p class="byline">
        ${!isDeleted && html`<${Name} user=${reply.author} />`}
        <a class="when" href=${`${path}#reply-${reply.sequence}`}><${Timestamp} at=${reply.createdAt} /></a>
        ${reply.lastEditedAt && !isDeleted && html`<span class="edited">edited <${Timestamp} at=${reply.lastEditedAt} /></span>`}
        ${reply.replyTo &&
        html`<a class="answers" href=${`${path}#reply-${reply.replyTo.sequence}`}
          ><${Icon} name="reply" /><span class="unseen">in reply to </span><bdi>${reply.replyTo.author?.name ?? "a deleted reply"}</bdi></a
        >`}
      </p>
      <span class="number" aria-hidden="true">${reply.sequence}</span>
    </header>
    ${isEditing
      ? html`<${EditForm} post=${reply} discussionId=${actions.discussionId} onDone=${() => actions.stopEditing(reply)} onSaved=${actions.saved} />`
      : isDeleted
        ? html`<p class="tombstone">This reply was deleted.</p>`
        : html`<${PostBody} bodyHtml=${reply.bodyHtml} quotes=${reply.quotes} postId=${reply.id} number=${number} />`}
    ${!isEditing &&
    html`<${Actions} post=${reply} canWrite=${canWrite} actions=${actions}>
      ${reply.descendantCount > 0 &&
      html`<button type="button" class="quiet" data-action="collapse" aria-expanded=${!below} onClick=${() => actions.toggle(reply)}>
        ${below ? `Show ${counted(below, "reply", "replies")}` : "Collapse"}
      </button>`}
    <//>`}
  </article>`;
});

/** The opening post. */
export const OpeningPost = memo(function OpeningPost({ discussion, isEditing, canWrite, actions }) {
  const isDeleted = discussion.state === "DELETED";
  return html`<article
    id="opening"
    class="post opening"
    tabindex="-1"
    data-state=${discussion.state}
    data-version=${discussion.version}
    aria-label=${`OpeningPost post by ${discussion.author?.name ?? "a former member"}`}
  >
    <header>
      <${Avatar} user=${discussion.author} size="large" />
      <p class="byline">
        <${Name} user=${discussion.author} />
        <span class="when"><${Timestamp} at=${discussion.createdAt} /></span>
        ${discussion.lastEditedAt && !isDeleted && html`<span class="edited">edited <${Timestamp} at=${discussion.lastEditedAt} /></span>`}
      </p>
    </header>
    ${isEditing
      ? html`<${EditForm} post=${discussion} discussionId=${discussion.id} onDone=${() => actions.stopEditing(discussion)} onSaved=${actions.saved} />`
      : isDeleted
        ? html`<p class="tombstone">This discussion was deleted.</p>`
        : html`<${PostBody} bodyHtml=${discussion.bodyHtml} quotes=${discussion.quotes} postId=${discussion.id} number=${discussion.number} />`}
    ${!isEditing && html`<${Actions} post=${discussion} canWrite=${canWrite} actions=${actions} />`}
  </article>`;
});

function Actions({ post, canWrite, actions, children }) {
  const isShown = post.state === "VISIBLE";
  return html`<div class="actions">
    ${isShown &&
    canWrite &&
    html`<button type="button" class="quiet" data-action="reply" onClick=${() => actions.reply(post)}><${Icon} name="reply" />Reply</button>
      <button type="button" class="quiet" data-action="quote" onClick=${() => actions.quote(post)}><${Icon} name="quote" />Quote</button>`}
    ${isShown &&
    post.viewerCanEdit &&
    html`<button type="button" class="quiet" data-action="edit" onClick=${() => actions.edit(post)}><${Icon} name="edit" />Edit</button>`}
    ${isShown &&
    post.viewerCanDelete &&
    html`<button type="button" class="quiet" data-action="delete" onClick=${() => actions.remove(post)}><${Icon} name="trash" />Delete</button>`}
    ${children}
  </div>`;
}

/** A pending reply: stored in the outbox until the server has it. */
export function Pending({ entry, depth, isSending, isOfAnotherUser, viewer, isHeld, actions }) {
  return html`<article class="post pending" style=${{ "--depth": depth }} data-pending=${entry.key} data-refused=${entry.errors.length > 0}
    aria-label=${`Your reply, ${entry.errors.length ? "not accepted" : "not sent yet"}`}>
    <header>
      <${Avatar} user=${entry.author} />
      <p class="byline">
        <${Name} user=${entry.author} />
        <span class="state" role="status">${stateOf({ entry, isSending, isOfAnotherUser, isHeld })}</span>
      </p>
    </header>
    <p class="post-body as-typed" dir="auto">${entry.body}</p>
    <${Errors} errors=${entry.errors} />
    <div class="actions">
      ${entry.errors.length > 0 && html`<button type="button" class="quiet" onClick=${() => actions.sendAgain(entry)}>Try again</button>`}
      ${isOfAnotherUser && viewer && html`<button type="button" class="quiet" onClick=${() => actions.adopt(entry)}>Send as <bdi>${viewer.user.name}</bdi></button>`}
      ${isOfAnotherUser && !viewer && html`<button type="button" class="quiet" onClick=${actions.signIn}>Sign in to send</button>`}
      ${(entry.errors.length > 0 || (!isSending && !entry.tried)) &&
      html`<button type="button" class="quiet" onClick=${() => actions.cancel(entry)}>Edit</button>`}
    </div>
  </article>`;
}

function stateOf({ entry, isSending, isOfAnotherUser, isHeld }) {
  if (entry.errors.length) return "Not sent";
  if (isOfAnotherUser) return "Waiting for you to sign in";
  if (isSending) return "Sending…";
  return isHeld ? "Waiting for the connection" : "Waiting to be sent";
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
