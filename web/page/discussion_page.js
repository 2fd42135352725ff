// The view of one discussion.
import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from "./libraries.js";
import { postActions } from "./post_actions.js";
import { heldPosts } from "./held_posts.js";
import { Composer } from "./composer.js";
import { DeleteDialog } from "./delete_dialog.js";
import { ReportDialog } from "./report_dialog.js";
import { ForModerators } from "./moderators.js";
import { ComposerState } from "./composer_state.js";
import { LiveDiscussion } from "./live_discussion.js";
import { ReplyList, topPost } from "./reply_list.js";
import { connection, notices, outbox, router, session, site } from "./state.js";
import { Icon, Skeleton, advice, asErrors, useObservables } from "./components.js";
import { NewReplies } from "./new_replies.js";
import { Category } from "./users.js";
import { OpeningPost } from "./post.js";
import { ReplyBar, Sidebar, StatusLine, Typing } from "./sidebar.js";
import { focusCalmly, replyRevealer, scrollToReply } from "./scrolling.js";
import { discussionPath } from "./router.js";
import { useThreadKeys } from "./thread_keys.js";
import { QuoteButton } from "./text_selection.js";
import { ServerHtml } from "./server_html.js";
import { announcer } from "./announcements.js";
import { t } from "./i18n.js";

/** How long after sending a reply the page still goes along with it, in milliseconds. */
const WAITED_FOR_MS = 10_000;

/** `root`: the sequence of the reply whose branch is shown; null for the whole discussion. */
export function DiscussionPage({ number, sequence, root }) {
  const [order, setOrder] = useState("OLDEST");
  const liveDiscussion = useMemo(() => new LiveDiscussion(number, { session, connection, outbox, order, root }), [number, order, root]);
  useObservables(liveDiscussion, session, outbox);
  useLiveDiscussion(liveDiscussion, sequence);
  const { state, discussion } = liveDiscussion;
  useTitle(discussion, liveDiscussion.unseen.size);
  if (state === "missing") return html`<${Empty} title=${t("thread.missing")}><p>${t("thread.missingHint")}</p><//>`;
  if (state === "unreachable") {
    return html`<${Empty} title=${t("thread.unreachable")}>
      <p>${advice(asErrors(liveDiscussion.error)[0])}</p>
      <button type="button" class="primary" onClick=${() => liveDiscussion.open(sequence || null)}>${t("page.tryAgain")}</button>
    <//>`;
  }
  if (!discussion) return html`<${ServerHtml}><main id="main" class="page" tabindex="-1" aria-busy="true"><p class="unseen" role="status">${t("page.loading")}</p><${Skeleton} /></main><//>`;
  return html`<${Shown} key=${discussion.id} ...${{ liveDiscussion, sequence, order, setOrder }} />`;
}

function Shown({ liveDiscussion, sequence, order, setOrder }) {
  const { discussion, thread } = liveDiscussion;
  const composerState = useMemo(() => new ComposerState(discussion.id), [discussion.id]);
  const [collapsed, setCollapsed] = useState(new Set());
  const [editing, setEditing] = useState(new Set());
  const [removing, setRemoving] = useState(null);
  const [reporting, setReporting] = useState(null);
  const state = useRef({});
  state.current = { liveDiscussion, composerState, setCollapsed, setEditing, setRemoving, setReporting };
  const actions = useMemo(() => postActions(state), [liveDiscussion]);
  const reveal = replyRevealer(liveDiscussion, setCollapsed);
  useObservables(heldPosts);
  const path = discussionPath(discussion);
  const isDeleted = discussion.state === "DELETED";
  const canWrite = !isDeleted && !session.suspension && (!discussion.locked || Boolean(discussion.viewerCanReply));
  const rows = thread.rows({ collapsed, pending: [...liveDiscussion.pending, ...heldPosts.entriesOf(discussion.id)] });
  const heldEdits = heldPosts.edits;
  liveDiscussion.topSequence = () => Number(topPost()?.dataset.sequence) || null;
  liveDiscussion.onOwnReply = (reply, isShown, entry) => {
    const focused = document.activeElement;
    const isWaitedFor = focused === document.body || focused.dataset.pending === entry.key;
    if (isWaitedFor && Date.now() - Date.parse(entry.at) < WAITED_FOR_MS) {
      notices.announce(t("outbox.posted"));
      reveal(reply.sequence, { isCalm: true });
    } else if (isShown) {
      notices.announce(t("outbox.posted"));
    } else {
      notices.show(t("outbox.posted"), { label: t("outbox.show"), act: () => reveal(reply.sequence) });
    }
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
    const parent = replyTo && thread.replies.get(replyTo.sequence);
    if (parent) setCollapsed((known) => new Set([...known].filter((one) => !parent.path.includes(one))));
    const isPlaceLoaded = replyTo ? Boolean(parent) : !thread[order === "NEWEST" ? "before" : "after"].more;
    if (isPlaceLoaded) setTimeout(() => focusCalmly(document.querySelector(`[data-pending="${key}"]`)), 0);
    // Its place is shown once the server has it.
    else notices.show(t(order === "NEWEST" ? "outbox.atTheStart" : "outbox.atTheEnd"));
  };
  useThreadKeys({ liveDiscussion, composerState, actions, canWrite, quoteSelection: (found) => quoteSelection(found) });
  const quoteSelection = ({ postId, text }) => {
    const post = postId === discussion.id ? discussion : [...thread.replies.values()].find(({ id }) => id === postId);
    if (post) actions.quote(post, text);
  };
  return html`<main id="main" class="page thread" tabindex="-1" data-discussion=${discussion.number}>
    <div class="head title">
      <div class="crumbs">
        <a href="/">${t("page.allDiscussions")}</a>
        ${discussion.category && html`<a href=${`/?category=${discussion.category.slug}`}><${Category} category=${discussion.category} /></a>`}
        ${session.viewer?.isModerator && !isDeleted && html`<${ForModerators} part="DiscussionMenu" discussion=${discussion} actions=${actions} />`}
      </div>
      <h1 dir="auto">${isDeleted ? t("thread.deleted") : discussion.title}</h1>
      <${StatusLine} liveDiscussion=${liveDiscussion} actions=${actions} />
      ${discussion.locked && html`<p class="notice locked"><${Icon} name="lock" />${t("thread.lockedNotice")}</p>`}
      ${isDeleted && thread.inOrder.some(({ state }) => state === "VISIBLE") && html`<p class="notice">${t("thread.deletedNotice")}</p>`}
    </div>
    <${Sidebar} ...${{ liveDiscussion, order, setOrder, actions }} />
    <div class="column">
      ${thread.root
        ? html`<p class="branch"><a href=${`${path}#reply-${thread.root.sequence}`} data-action="whole"><${Icon} name="up" />${t("thread.wholeDiscussion")}</a></p>`
        : html`<${OpeningPost} discussion=${discussion} isEditing=${editing.has(discussion.id)} heldEdit=${heldEdits.get(discussion.id) ?? null} canWrite=${canWrite} actions=${actions} />`}
      <h2 class="replies-heading">${heading(thread.root ? thread.root.descendantCount : discussion.replyCount)}</h2>
      <${Sentinel} side="before" liveDiscussion=${liveDiscussion} />
      <${ReplyList}
        rows=${rows}
        number=${discussion.number}
        path=${path}
        unseen=${liveDiscussion.unseen}
        editing=${editing}
        heldEdits=${heldEdits}
        canWrite=${canWrite}
        actions=${actions}
        pendingProps=${pendingProps}
        loading=${liveDiscussion.loading}
        loadSubtree=${(reply) => reportErrors(liveDiscussion.loadSubtree(reply))}
      />
      <${Sentinel} side="after" liveDiscussion=${liveDiscussion} />
      <${Typing} presence=${liveDiscussion.presence} />
      ${canWrite && html`<${ReplyBar} discussion=${discussion} actions=${actions} />`}
    </div>
    <${NewReplies} liveDiscussion=${liveDiscussion} onGo=${reveal} />
    <${QuoteButton} onQuote=${canWrite ? quoteSelection : () => {}} />
    <${Composer} composerState=${composerState} liveDiscussion=${liveDiscussion} onSend=${showPending} />
    ${removing && html`<${DeleteDialog} post=${removing} onYes=${(reason) => actions.removed(removing, reason)} onClose=${() => setRemoving(null)} />`}
    ${reporting && html`<${ReportDialog} post=${reporting} onClose=${() => setReporting(null)} />`}
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
    <button type="button" class="quiet" onClick=${() => reportErrors(liveDiscussion.more(side))}>${t(side === "after" ? "thread.moreReplies" : "thread.earlierReplies")}</button>
  </div>`;
}

function useLiveDiscussion(liveDiscussion, sequence) {
  // Before the browser paints: the page may have come with the data.
  useLayoutEffect(() => {
    liveDiscussion.onArrived = announcer((text) => notices.announce(text));
    // A visitor who comes back finds the reply that was at the top of the screen.
    const back = sequence ? null : router.restored?.reply;
    liveDiscussion.open(sequence || back || null).then(() => {
      if (back) scrollToReply(back);
      if (liveDiscussion.root && liveDiscussion.discussion && !liveDiscussion.thread.root) notices.show(t("thread.noSuchReply", { number: liveDiscussion.root }));
    });
    router.saveView = () => ({ scroll: scrollY, reply: Number(topPost()?.dataset.sequence) || null });
    return () => {
      router.saveView = () => ({ scroll: scrollY });
      liveDiscussion.close();
    };
  }, [liveDiscussion]);
  // The viewer's permissions are part of the data.
  const viewer = session.rights;
  const before = useRef(viewer);
  useEffect(() => {
    if (before.current === viewer) return;
    before.current = viewer;
    connection.renew();
    if (liveDiscussion.discussion) liveDiscussion.open(liveDiscussion.topSequence());
  }, [viewer]);
}

function reportErrors(promise) {
  promise.catch((error) => notices.show(advice(asErrors(error)[0])));
}

function useTitle(discussion, unseen) {
  useLayoutEffect(() => {
    if (discussion) document.title = `${unseen ? `(${unseen}) ` : ""}${discussion.title} · ${site.name}`;
  }, [discussion?.title, unseen]);
}

/** Instead of a view that can't be shown: what is missing, why, and a way on. */
export function Empty({ title, children }) {
  useLayoutEffect(() => {
    document.title = `${title} · ${site.name}`;
  }, [title]);
  return html`<main id="main" class="page empty" tabindex="-1">
    <h1>${title}</h1>
    ${children}
    <p><a class="button" href="/">${t("page.allDiscussions")}</a></p>
  </main>`;
}

function heading(count) {
  return count ? t("thread.replies", { count }) : t("thread.noReplies");
}
