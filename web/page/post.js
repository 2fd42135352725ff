// One post of a thread, as it is shown and acted upon.
import { html, memo, useEffect, useRef } from "./libraries.js";
import { EditForm } from "./editing.js";
import { Moment } from "./moments.js";
import { Icon, Problems, counted } from "./parts.js";
import { Avatar, Name } from "./people.js";
import { Words } from "./words.js";

/** A reply in its place. `acts` is what can be done with it, and stays the same object. */
export const Reply = memo(function Reply({ reply, below, number, path, isFresh, isEditing, canWrite, acts }) {
  const element = useRef(null);
  const isGone = reply.state === "DELETED";
  const name = reply.author?.name ?? "a former member";
  useSeen(element, isFresh, () => acts.see(reply.sequence));
  return html`<article
    ref=${element}
    id=${`reply-${reply.sequence}`}
    class=${`post ${isFresh ? "fresh" : ""} ${isGone ? "gone" : ""}`}
    style=${{ "--depth": reply.depth }}
    tabindex="-1"
    data-sequence=${reply.sequence}
    data-depth=${reply.depth}
    data-version=${reply.version}
    data-state=${reply.state}
    aria-label=${isGone ? `Reply ${reply.sequence}, deleted` : `Reply ${reply.sequence} by ${name}`}
  >
    <header>
      ${isGone ? html`<span class="avatar hue-none" aria-hidden="true">·</span>` : html`<${Avatar} person=${reply.author} />`}
      <p class="byline">
        ${!isGone && html`<${Name} person=${reply.author} />`}
        <a class="when" href=${`${path}#reply-${reply.sequence}`}><${Moment} at=${reply.createdAt} /></a>
        ${reply.lastEditedAt && !isGone && html`<span class="edited">edited <${Moment} at=${reply.lastEditedAt} /></span>`}
        ${reply.replyTo &&
        html`<a class="answers" href=${`${path}#reply-${reply.replyTo.sequence}`}
          ><${Icon} name="reply" /><span class="unseen">in answer to </span><bdi>${reply.replyTo.author?.name ?? "a deleted reply"}</bdi></a
        >`}
      </p>
      <span class="number" aria-hidden="true">${reply.sequence}</span>
    </header>
    ${isEditing
      ? html`<${EditForm} post=${reply} discussionId=${acts.discussionId} onDone=${() => acts.stopEditing(reply)} onSaved=${acts.saved} />`
      : isGone
        ? html`<p class="tombstone">This reply was deleted.</p>`
        : html`<${Words} bodyHtml=${reply.bodyHtml} quotes=${reply.quotes} postId=${reply.id} number=${number} />`}
    ${!isEditing &&
    html`<${Actions} post=${reply} canWrite=${canWrite} acts=${acts}>
      ${reply.descendantCount > 0 &&
      html`<button type="button" class="quiet" data-act="collapse" aria-expanded=${!below} onClick=${() => acts.toggle(reply)}>
        ${below ? `Show ${counted(below, "reply", "replies")}` : "Collapse"}
      </button>`}
    <//>`}
  </article>`;
});

/** The opening post. */
export const Opening = memo(function Opening({ discussion, isEditing, canWrite, acts }) {
  const isGone = discussion.state === "DELETED";
  return html`<article
    id="opening"
    class="post opening"
    tabindex="-1"
    data-state=${discussion.state}
    data-version=${discussion.version}
    aria-label=${`Opening post by ${discussion.author?.name ?? "a former member"}`}
  >
    <header>
      <${Avatar} person=${discussion.author} size="large" />
      <p class="byline">
        <${Name} person=${discussion.author} />
        <span class="when"><${Moment} at=${discussion.createdAt} /></span>
        ${discussion.lastEditedAt && !isGone && html`<span class="edited">edited <${Moment} at=${discussion.lastEditedAt} /></span>`}
      </p>
    </header>
    ${isEditing
      ? html`<${EditForm} post=${discussion} discussionId=${discussion.id} onDone=${() => acts.stopEditing(discussion)} onSaved=${acts.saved} />`
      : isGone
        ? html`<p class="tombstone">This discussion was deleted.</p>`
        : html`<${Words} bodyHtml=${discussion.bodyHtml} quotes=${discussion.quotes} postId=${discussion.id} number=${discussion.number} />`}
    ${!isEditing && html`<${Actions} post=${discussion} canWrite=${canWrite} acts=${acts} />`}
  </article>`;
});

function Actions({ post, canWrite, acts, children }) {
  const isShown = post.state === "VISIBLE";
  return html`<div class="actions">
    ${isShown &&
    canWrite &&
    html`<button type="button" class="quiet" data-act="reply" onClick=${() => acts.reply(post)}><${Icon} name="reply" />Reply</button>
      <button type="button" class="quiet" data-act="quote" onClick=${() => acts.quote(post)}><${Icon} name="quote" />Quote</button>`}
    ${isShown &&
    post.viewerCanEdit &&
    html`<button type="button" class="quiet" data-act="edit" onClick=${() => acts.edit(post)}><${Icon} name="edit" />Edit</button>`}
    ${isShown &&
    post.viewerCanDelete &&
    html`<button type="button" class="quiet" data-act="delete" onClick=${() => acts.remove(post)}><${Icon} name="trash" />Delete</button>`}
    ${children}
  </div>`;
}

/** A reply on its way: kept here until the server has it. */
export function Pending({ entry, depth, isSending, isElses, viewer, isHeld, acts }) {
  return html`<article class="post pending" style=${{ "--depth": depth }} data-pending=${entry.key} data-refused=${entry.errors.length > 0}
    aria-label=${`Your reply, ${entry.errors.length ? "refused" : "not sent yet"}`}>
    <header>
      <${Avatar} person=${entry.author} />
      <p class="byline">
        <${Name} person=${entry.author} />
        <span class="state" role="status">${stateOf({ entry, isSending, isElses, isHeld })}</span>
      </p>
    </header>
    <p class="words as-typed" dir="auto">${entry.body}</p>
    <${Problems} errors=${entry.errors} />
    <div class="actions">
      ${entry.errors.length > 0 && html`<button type="button" class="quiet" onClick=${() => acts.sendAgain(entry)}>Try again</button>`}
      ${isElses && viewer && html`<button type="button" class="quiet" onClick=${() => acts.adopt(entry)}>Send as <bdi>${viewer.user.name}</bdi></button>`}
      ${isElses && !viewer && html`<button type="button" class="quiet" onClick=${acts.signIn}>Sign in to send</button>`}
      ${(entry.errors.length > 0 || (!isSending && !entry.tried)) &&
      html`<button type="button" class="quiet" onClick=${() => acts.takeBack(entry)}>Take back</button>`}
    </div>
  </article>`;
}

function stateOf({ entry, isSending, isElses, isHeld }) {
  if (entry.errors.length) return "Not sent";
  if (isElses) return "Waits for you to sign in";
  if (isSending) return "Sending…";
  return isHeld ? "Waits for the connection" : "Will be sent";
}

/** Calls `seen` once a fresh post has been in sight. */
function useSeen(element, isFresh, seen) {
  useEffect(() => {
    if (!isFresh) return undefined;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting) && !document.hidden) seen();
      },
      { rootMargin: "-64px 0px -64px 0px" },
    );
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [isFresh]);
}
