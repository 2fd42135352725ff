// The page of one discussion.
import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from "./libraries.js";
import { actsOn } from "./acting.js";
import { Composer } from "./composer.js";
import { Composing } from "./composing.js";
import { Conversation } from "./conversation.js";
import { Feed, topPost } from "./feed.js";
import { connection, notices, outbox, router, session, site } from "./here.js";
import { Confirm, Icon, asErrors, counted, useChanges } from "./parts.js";
import { Pill } from "./pill.js";
import { Opening } from "./post.js";
import { Rail, Typing } from "./rail.js";
import { revealer, scrollIntoSight, scrollToReply } from "./revealing.js";
import { discussionPath } from "./router.js";
import { QuoteButton } from "./selecting.js";
import { Served } from "./served.js";
import { announcer } from "./speaking.js";

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
  if (!discussion) return html`<main id="main" class="page" aria-busy="true"><p class="unseen" role="status">Loading…</p><${Served}><${Skeleton} /><//></main>`;
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
  const reveal = revealer(conversation, setCollapsed);
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

function useConversation(conversation, sequence) {
  useEffect(() => {
    conversation.onArrived = announcer((text) => notices.speak(text));
    // Whoever comes back finds what was at the top of the screen.
    const back = sequence ? null : router.left?.reply;
    conversation.open(sequence || back || null).then(() => back && scrollToReply(back));
    router.leaving = () => ({ scroll: scrollY, reply: Number(topPost()?.dataset.sequence) || null });
    return () => {
      router.leaving = () => ({ scroll: scrollY });
      conversation.close();
    };
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
  return html`<div class="skeleton" aria-hidden="true">${[1, 2, 3, 4].map((key) => html`<i key=${key}></i>`)}</div>`;
}
