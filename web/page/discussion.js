// The page of one discussion.
import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from "./libraries.js";
import { Composer } from "./composer.js";
import { Composing } from "./composing.js";
import { ConnectionCard } from "./connecting.js";
import { Conversation } from "./conversation.js";
import * as documents from "./documents.js";
import { Feed, topPost } from "./feed.js";
import { connection, notices, outbox, router, session, site } from "./here.js";
import { Confirm, Icon, asErrors, counted, useChanges } from "./parts.js";
import { Avatar, Names } from "./people.js";
import { Pill } from "./pill.js";
import { Opening } from "./post.js";
import { discussionPath } from "./router.js";
import { QuoteButton, selected } from "./selecting.js";
import { announcer } from "./speaking.js";
import { textOf } from "./words.js";

export function DiscussionPage({ number, sequence }) {
  const [order, setOrder] = useState("OLDEST");
  const conversation = useMemo(() => new Conversation(number, { session, connection, outbox, order }), [number, order]);
  useChanges(conversation, session, outbox);
  useConversation(conversation, sequence);
  const { state, discussion } = conversation;
  useTitle(discussion, conversation.unseen.size);
  if (state === "missing") return html`<${Empty} title="There is no such discussion." />`;
  if (state === "unreachable") {
    return html`<${Empty} title="The discussion could not be loaded.">
      <p>${conversation.error.message}</p>
      <button type="button" class="primary" onClick=${() => conversation.open(sequence || null)}>Try again</button>
    <//>`;
  }
  if (!discussion) return html`<main id="main" class="page" aria-busy="true"><${Skeleton} /></main>`;
  return html`<${Shown} key=${discussion.id} ...${{ conversation, sequence, order, setOrder }} />`;
}

function Shown({ conversation, sequence, order, setOrder }) {
  const { discussion, thread } = conversation;
  const composing = useMemo(() => new Composing(discussion.id), [discussion.id]);
  const [collapsed, setCollapsed] = useState(new Set());
  const [editing, setEditing] = useState(new Set());
  const [removing, setRemoving] = useState(null);
  const state = useRef({});
  state.current = { conversation, composing, setCollapsed, setEditing, setRemoving };
  const acts = useMemo(() => actsOn(state), [conversation]);
  const reveal = useReveal(conversation, setCollapsed);
  const path = discussionPath(discussion);
  const isGone = discussion.state === "DELETED";
  const canWrite = !isGone && (!discussion.locked || Boolean(discussion.viewerCanReply));
  const rows = thread.rows({ collapsed, pending: conversation.pending });
  conversation.inSight = () => Number(topPost()?.dataset.sequence) || null;
  conversation.onOwn = (reply, isShown) => {
    if (isShown) setTimeout(() => scrollIntoSight(document.getElementById(`reply-${reply.sequence}`)), 0);
    else notices.show(`Your reply is number ${reply.sequence}.`, { label: "Show it", act: () => router.go(`${path}#reply-${reply.sequence}`) });
  };
  useEffect(() => {
    if (sequence) reveal(sequence);
  }, [sequence, router.changes]);
  const pendingProps = (entry) => ({
    isSending: outbox.isSending(entry),
    isElses: outbox.isElses(entry),
    viewer: session.viewer,
    isHeld: session.cut || connection.state !== "open",
  });
  const showPending = (key) => {
    const { replyTo } = conversation.pending.find((entry) => entry.key === key) ?? {};
    // At the end of a thread that is not loaded to its end it would run away from whoever scrolls to it.
    if (!replyTo && thread.after.more) notices.show("Your reply is on its way. It stands at the end.");
    else setTimeout(() => scrollIntoSight(document.querySelector(`[data-pending="${key}"]`)), 0);
  };
  const quoteSelection = ({ postId, text }) => {
    const post = postId === discussion.id ? discussion : [...thread.replies.values()].find(({ id }) => id === postId);
    if (post) acts.quote(post, text);
  };
  return html`<main id="main" class="page thread" tabindex="-1" data-discussion=${discussion.number}>
    <div class="title">
      <p class="crumbs">
        <a href="/">All discussions</a>
        ${discussion.category && html`<a class="chip" href=${`/?category=${discussion.category.slug}`}><bdi>${discussion.category.name}</bdi></a>`}
      </p>
      <h1 dir="auto">${isGone ? "Deleted discussion" : discussion.title}</h1>
      ${discussion.locked && html`<p class="notice locked"><${Icon} name="lock" />This discussion is locked: it can be read, and takes no more replies.</p>`}
      ${isGone && html`<p class="notice">This discussion was deleted. What others wrote in it can still be read here until you leave.</p>`}
    </div>
    <${Rail} ...${{ conversation, order, setOrder, acts, canWrite }} />
    <div class="column">
      <${Opening} discussion=${discussion} isEditing=${editing.has(discussion.id)} canWrite=${canWrite} acts=${acts} />
      <h2 class="replies-heading">${discussion.replyCount ? counted(discussion.replyCount, "reply", "replies") : "No replies yet"}</h2>
      <${Sentinel} side="before" conversation=${conversation} />
      <${Feed}
        rows=${rows}
        number=${discussion.number}
        path=${path}
        fresh=${conversation.unseen}
        editing=${editing}
        canWrite=${canWrite}
        acts=${acts}
        pendingProps=${pendingProps}
        loading=${conversation.loading}
        openBelow=${(reply) => tried(conversation.openBelow(reply))}
      />
      <${Sentinel} side="after" conversation=${conversation} />
      ${canWrite && !thread.after.more && html`<div class="last-word">
        <button type="button" class="primary" data-act="reply-last" onClick=${() => acts.reply(discussion)}><${Icon} name="reply" />Reply to the discussion</button>
      </div>`}
      <${Typing} presence=${conversation.presence} />
    </div>
    <${Pill} conversation=${conversation} onGo=${reveal} />
    <${QuoteButton} onQuote=${canWrite ? quoteSelection : () => {}} />
    <${Composer} composing=${composing} conversation=${conversation} onSend=${showPending} />
    ${removing && html`<${Confirm}
      title=${removing.sequence ? `Delete reply ${removing.sequence}?` : "Delete this discussion?"}
      text="Its words go for good. A mark stays in its place, so that the answers below it still make sense."
      action="Delete"
      onYes=${() => acts.removed(removing)}
      onClose=${() => setRemoving(null)}
    />`}
  </main>`;
}

function Rail({ conversation, order, setOrder, acts, canWrite }) {
  const { discussion, presence, missed, follower } = conversation;
  const { viewer } = session;
  return html`<aside class="rail" aria-label="About this discussion">
    <${ConnectionCard} follower=${follower} missed=${missed} onMissed=${() => acts.showMissed()} />
    <section class="card presence" aria-label="Who is here">
      <h2>Here now <span class="count" data-readers>${presence?.readerCount ?? "–"}</span></h2>
      <div class="faces">${presence?.readers.map((reader) => html`<span key=${reader.id} class="face" title=${reader.name}><${Avatar} person=${reader} size="small" /><bdi>${reader.name}</bdi></span>`)}</div>
    </section>
    <section class="card facts" aria-label="Figures">
      <dl>
        <div><dt>Replies</dt><dd data-count="replies">${discussion.replyCount.toLocaleString("en")}</dd></div>
        <div><dt>People</dt><dd data-count="people">${discussion.participantCount.toLocaleString("en")}</dd></div>
        <div><dt>Views</dt><dd data-count="views">${discussion.viewCount.toLocaleString("en")}</dd></div>
      </dl>
      <label class="field"><span>Order</span>
        <select value=${order} onChange=${(event) => setOrder(event.target.value)}>
          <option value="OLDEST">Oldest first</option>
          <option value="NEWEST">Newest first</option>
        </select>
      </label>
      <div class="rail-actions">
        ${canWrite && html`<button type="button" class="primary" data-act="reply-opening" onClick=${() => acts.reply(discussion)}><${Icon} name="reply" />Reply</button>`}
        ${viewer?.isModerator && discussion.state === "VISIBLE" && html`<button type="button" onClick=${() => acts.lock(discussion)}><${Icon} name="lock" />${discussion.locked ? "Unlock" : "Lock"}</button>`}
        <a class="button quiet" href=${`/d/${discussion.number}/feed.atom`} download>Atom feed</a>
      </div>
      <p class="hint keys">On a reply: <kbd>j</kbd> <kbd>k</kbd> next and previous, <kbd>r</kbd> reply, <kbd>q</kbd> quote, <kbd>c</kbd> collapse.</p>
    </section>
  </aside>`;
}

function Typing({ presence }) {
  const others = presence?.typing.filter(({ id }) => id !== session.viewer?.user.id) ?? [];
  return html`<p class="typing" data-typing=${others.length}>
    ${others.length > 0 && html`<i aria-hidden="true"></i><${Names} people=${others} /> ${others.length === 1 ? "is" : "are"} typing…`}
  </p>`;
}

/** Loads the next page before it is reached; can be pressed where that did not work. */
function Sentinel({ side, conversation }) {
  const element = useRef(null);
  const { more } = conversation.thread[side];
  useEffect(() => {
    if (!more) return undefined;
    const observer = new IntersectionObserver(([{ isIntersecting }]) => isIntersecting && tried(conversation.more(side)), { rootMargin: "900px 0px" });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [more, conversation.thread[side]]);
  if (!more) return null;
  return html`<div ref=${element} class="sentinel" data-side=${side}>
    <button type="button" class="quiet" onClick=${() => tried(conversation.more(side))}>Show ${side === "after" ? "more" : "earlier"} replies</button>
  </div>`;
}

/** What can be done with posts: one object for all of them, so that none is drawn anew for it. */
function actsOn(state) {
  const now = () => state.current;
  const without = (post) => (known) => new Set([...known].filter((id) => id !== post.id));
  return {
    get discussionId() {
      return now().conversation.discussion.id;
    },
    see: (sequence) => now().conversation.see(sequence),
    reply: (post) => now().composing.open(post.sequence ? post : null),
    quote(post, text = null) {
      const found = text ?? wordsOf(post);
      if (found) now().composing.quote(post, found);
    },
    edit: (post) => now().setEditing((known) => new Set([...known, post.id])),
    stopEditing(post) {
      now().setEditing(without(post));
      requestAnimationFrame(() => document.getElementById(post.sequence ? `reply-${post.sequence}` : "opening")?.focus({ preventScroll: true }));
    },
    saved: (post) => now().conversation.thread.update(post),
    remove: (post) => now().setRemoving(post),
    async removed(post) {
      const input = post.sequence ? { replyId: post.id } : { discussionId: post.id };
      try {
        const found = await session.ask(post.sequence ? documents.DELETE_REPLY : documents.DELETE_DISCUSSION, { input });
        const payload = found.deleteReply ?? found.deleteDiscussion;
        now().conversation.thread.update(payload.reply ?? payload.discussion);
        return payload.errors;
      } catch (error) {
        return asErrors(error);
      }
    },
    async lock(discussion) {
      const document = discussion.locked ? documents.UNLOCK_DISCUSSION : documents.LOCK_DISCUSSION;
      try {
        const { written } = await session.ask(document, { input: { discussionId: discussion.id } });
        now().conversation.thread.update(written.discussion);
        if (written.errors.length) notices.show(written.errors[0].message);
      } catch (error) {
        notices.show(asErrors(error)[0].message);
      }
    },
    toggle: (reply) =>
      now().setCollapsed((known) => {
        const next = new Set(known);
        if (!next.delete(reply.sequence)) next.add(reply.sequence);
        return next;
      }),
    showMissed() {
      const { conversation } = now();
      const [first] = [...conversation.unseen.keys()].sort((a, b) => a - b);
      conversation.forgetMissed();
      if (first) router.go(`${discussionPath(conversation.discussion)}#reply-${first}`, { instead: true });
    },
    sendAgain: (entry) => outbox.again(entry.key),
    adopt: (entry) => outbox.adopt(entry.key, session.viewer.user),
    signIn: () => site.askToSignIn(),
    takeBack(entry) {
      const { composing } = now();
      outbox.settle(entry.key);
      composing.open(entry.replyTo);
      composing.sources = entry.sources ?? composing.sources;
      composing.write([composing.body, entry.body].filter(Boolean).join("\n\n"));
    },
  };
}

/** A post's own words: what is selected in it, or all but its quotes. */
function wordsOf(post) {
  const chosen = selected();
  if (chosen?.postId === post.id) return chosen.text;
  const words = document.querySelector(`.words[data-post="${post.id}"]`)?.cloneNode(true);
  words?.querySelectorAll("blockquote").forEach((quote) => quote.remove());
  return words ? textOf(words).replace(/\n{3,}/g, "\n\n").trim() : null;
}

function useConversation(conversation, sequence) {
  useEffect(() => {
    conversation.onArrived = announcer((text) => notices.speak(text));
    conversation.open(sequence || null);
    return () => conversation.close();
  }, [conversation]);
  // What may be done depends on who asks.
  const viewer = session.viewer?.user.id;
  const before = useRef(viewer);
  useEffect(() => {
    if (before.current === viewer) return;
    before.current = viewer;
    connection.renew();
    if (conversation.discussion) conversation.open(conversation.inSight());
  }, [viewer]);
}

/** Gives what brings a reply into sight, loading it where that is due. */
function useReveal(conversation, setCollapsed) {
  return async (sequence) => {
    const isThere = await conversation.reach(sequence).catch((error) => {
      notices.show(asErrors(error)[0].message);
      return null;
    });
    if (isThere === false) notices.show(`There is no reply ${sequence} in this discussion.`);
    if (!isThere) return;
    const { path } = conversation.thread.replies.get(sequence);
    setCollapsed((known) => new Set([...known].filter((one) => !path.slice(0, -1).includes(one))));
    requestAnimationFrame(() => requestAnimationFrame(() => settle(sequence)));
  };
}

/** Scrolls to a reply. Those above it get their true heights only when they are near, so it is looked at twice. */
function settle(sequence, times = 3) {
  const post = document.getElementById(`reply-${sequence}`);
  if (!post) return;
  post.scrollIntoView({ block: "start", behavior: "instant" });
  if (times > 1) return void requestAnimationFrame(() => settle(sequence, times - 1));
  post.focus({ preventScroll: true });
  post.classList.remove("found");
  requestAnimationFrame(() => post.classList.add("found"));
}

function scrollIntoSight(post) {
  post?.scrollIntoView({ block: "nearest", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth" });
}

function tried(promise) {
  promise.catch((error) => notices.show(asErrors(error)[0].message));
}

function useTitle(discussion, unseen) {
  useLayoutEffect(() => {
    if (discussion) document.title = `${unseen ? `(${unseen}) ` : ""}${discussion.title} · ${site.name}`;
  }, [discussion?.title, unseen]);
}

export function Empty({ title, children }) {
  return html`<main id="main" class="page empty" tabindex="-1">
    <h1>${title}</h1>
    ${children}
    <p><a href="/">All discussions</a></p>
  </main>`;
}

function Skeleton() {
  return html`<div class="skeleton" role="status"><span class="unseen">Loading…</span>${[1, 2, 3, 4].map((key) => html`<i key=${key}></i>`)}</div>`;
}
