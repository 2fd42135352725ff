// The view of one discussion.
import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from "./libraries.js";
import { postActions } from "./post_actions.js";
import { Composer } from "./composer.js";
import { ComposerState } from "./composer_state.js";
import { LiveDiscussion } from "./live_discussion.js";
import { ReplyList, topPost } from "./reply_list.js";
import { connection, notices, outbox, router, session, site } from "./state.js";
import { Confirm, Icon, asErrors, counted, useObservables } from "./components.js";
import { NewReplies } from "./new_replies.js";
import { OpeningPost } from "./post.js";
import { Sidebar, Typing } from "./sidebar.js";
import { replyRevealer, scrollIntoView, scrollToReply } from "./scrolling.js";
import { discussionPath } from "./router.js";
import { QuoteButton } from "./text_selection.js";
import { ServerHtml } from "./server_html.js";
import { announcer } from "./announcements.js";

export function DiscussionPage({ number, sequence }) {
  const [order, setOrder] = useState("OLDEST");
  const liveDiscussion = useMemo(() => new LiveDiscussion(number, { session, connection, outbox, order }), [number, order]);
  useObservables(liveDiscussion, session, outbox);
  useLiveDiscussion(liveDiscussion, sequence);
  const { state, discussion } = liveDiscussion;
  useTitle(discussion, liveDiscussion.unseen.size);
  if (state === "missing") return html`<${Empty} title="This discussion does not exist." />`;
  if (state === "unreachable") {
    return html`<${Empty} title="The discussion can't be loaded.">
      <p>${liveDiscussion.error.message}</p>
      <button type="button" class="primary" onClick=${() => liveDiscussion.open(sequence || null)}>Try again</button>
    <//>`;
  }
  if (!discussion) return html`<main id="main" class="page" aria-busy="true"><p class="unseen" role="status">Loading…</p><${ServerHtml}><${Skeleton} /><//></main>`;
  return html`<${Shown} key=${discussion.id} ...${{ liveDiscussion, sequence, order, setOrder }} />`;
}

function Shown({ liveDiscussion, sequence, order, setOrder }) {
  const { discussion, thread } = liveDiscussion;
  const composerState = useMemo(() => new ComposerState(discussion.id), [discussion.id]);
  const [collapsed, setCollapsed] = useState(new Set());
  const [editing, setEditing] = useState(new Set());
  const [removing, setRemoving] = useState(null);
  const state = useRef({});
  state.current = { liveDiscussion, composerState, setCollapsed, setEditing, setRemoving };
  const actions = useMemo(() => postActions(state), [liveDiscussion]);
  const reveal = replyRevealer(liveDiscussion, setCollapsed);
  const path = discussionPath(discussion);
  const isDeleted = discussion.state === "DELETED";
  const canWrite = !isDeleted && (!discussion.locked || Boolean(discussion.viewerCanReply));
  const rows = thread.rows({ collapsed, pending: liveDiscussion.pending });
  liveDiscussion.topSequence = () => Number(topPost()?.dataset.sequence) || null;
  liveDiscussion.onOwnReply = (reply, isShown) => {
    if (isShown) setTimeout(() => scrollIntoView(document.getElementById(`reply-${reply.sequence}`)), 0);
    else notices.show(`Your reply was added as number ${reply.sequence}.`, { label: "Show it", act: () => router.go(`${path}#reply-${reply.sequence}`) });
  };
  useEffect(() => {
    if (sequence) reveal(sequence);
  }, [sequence, router.revision]);
  const pendingProps = (entry) => ({
    isSending: outbox.isSending(entry),
    isOfAnotherUser: outbox.isOfAnotherUser(entry),
    viewer: session.viewer,
    isHeld: session.isDisconnected || connection.state !== "open",
  });
  const showPending = (key) => {
    const { replyTo } = liveDiscussion.pending.find((entry) => entry.key === key) ?? {};
    // At the end of a thread that is not loaded completely, it would move away while the page scrolls to it.
    if (!replyTo && thread.after.more) notices.show("Your reply is being sent. It will be at the end of the thread.");
    else setTimeout(() => scrollIntoView(document.querySelector(`[data-pending="${key}"]`)), 0);
  };
  const quoteSelection = ({ postId, text }) => {
    const post = postId === discussion.id ? discussion : [...thread.replies.values()].find(({ id }) => id === postId);
    if (post) actions.quote(post, text);
  };
  return html`<main id="main" class="page thread" tabindex="-1" data-discussion=${discussion.number}>
    <div class="title">
      <p class="crumbs">
        <a href="/">All discussions</a>
        ${discussion.category && html`<a class="chip" href=${`/?category=${discussion.category.slug}`}><bdi>${discussion.category.name}</bdi></a>`}
      </p>
      <h1 dir="auto">${isDeleted ? "Deleted discussion" : discussion.title}</h1>
      ${discussion.locked && html`<p class="notice locked"><${Icon} name="lock" />This discussion is locked. You can read it, but it accepts no more replies.</p>`}
      ${isDeleted && html`<p class="notice">This discussion has been deleted. You can read the replies until you leave this page.</p>`}
    </div>
    <${Sidebar} ...${{ liveDiscussion, order, setOrder, actions, canWrite }} />
    <div class="column">
      <${OpeningPost} discussion=${discussion} isEditing=${editing.has(discussion.id)} canWrite=${canWrite} actions=${actions} />
      <h2 class="replies-heading">${discussion.replyCount ? counted(discussion.replyCount, "reply", "replies") : "No replies yet"}</h2>
      <${Sentinel} side="before" liveDiscussion=${liveDiscussion} />
      <${ReplyList}
        rows=${rows}
        number=${discussion.number}
        path=${path}
        unseen=${liveDiscussion.unseen}
        editing=${editing}
        canWrite=${canWrite}
        actions=${actions}
        pendingProps=${pendingProps}
        loading=${liveDiscussion.loading}
        loadSubtree=${(reply) => reportErrors(liveDiscussion.loadSubtree(reply))}
      />
      <${Sentinel} side="after" liveDiscussion=${liveDiscussion} />
      ${canWrite && !thread.after.more && html`<div class="reply-last">
        <button type="button" class="primary" data-action="reply-last" onClick=${() => actions.reply(discussion)}><${Icon} name="reply" />Reply to the discussion</button>
      </div>`}
      <${Typing} presence=${liveDiscussion.presence} />
    </div>
    <${NewReplies} liveDiscussion=${liveDiscussion} onGo=${reveal} />
    <${QuoteButton} onQuote=${canWrite ? quoteSelection : () => {}} />
    <${Composer} composerState=${composerState} liveDiscussion=${liveDiscussion} onSend=${showPending} />
    ${removing && html`<${Confirm}
      title=${removing.sequence ? `Delete reply ${removing.sequence}?` : "Delete this discussion?"}
      text="Its text is deleted for good. A notice stays in its place, so that the replies below it still make sense."
      action="Delete"
      onYes=${() => actions.removed(removing)}
      onClose=${() => setRemoving(null)}
    />`}
  </main>`;
}

/** Loads the next page before the reader reaches it; a button in case that fails. */
function Sentinel({ side, liveDiscussion }) {
  const element = useRef(null);
  const { more } = liveDiscussion.thread[side];
  useEffect(() => {
    if (!more) return undefined;
    const observer = new IntersectionObserver(([{ isIntersecting }]) => isIntersecting && reportErrors(liveDiscussion.more(side)), { rootMargin: "900px 0px" });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [more, liveDiscussion.thread[side]]);
  if (!more) return null;
  return html`<div ref=${element} class="sentinel" data-side=${side}>
    <button type="button" class="quiet" onClick=${() => reportErrors(liveDiscussion.more(side))}>Show ${side === "after" ? "more" : "earlier"} replies</button>
  </div>`;
}

function useLiveDiscussion(liveDiscussion, sequence) {
  useEffect(() => {
    liveDiscussion.onArrived = announcer((text) => notices.announce(text));
    // A visitor who comes back finds the reply that was at the top of the screen.
    const back = sequence ? null : router.restored?.reply;
    liveDiscussion.open(sequence || back || null).then(() => back && scrollToReply(back));
    router.saveView = () => ({ scroll: scrollY, reply: Number(topPost()?.dataset.sequence) || null });
    return () => {
      router.saveView = () => ({ scroll: scrollY });
      liveDiscussion.close();
    };
  }, [liveDiscussion]);
  // The viewer's permissions are part of the data.
  const viewer = session.viewer?.user.id;
  const before = useRef(viewer);
  useEffect(() => {
    if (before.current === viewer) return;
    before.current = viewer;
    connection.renew();
    if (liveDiscussion.discussion) liveDiscussion.open(liveDiscussion.topSequence());
  }, [viewer]);
}

function reportErrors(promise) {
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
