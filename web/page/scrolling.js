// Scrolling to a post.
import { notices, router } from "./state.js";
import { advice, asErrors } from "./components.js";
import { discussionPath } from "./router.js";
import { t } from "./i18n.js";

/**
 * Returns a function that scrolls to a reply, given its sequence, and loads it first if necessary. With `isCalm` a reply that is
 * loaded is only brought into sight, and not to the top.
 */
export function replyRevealer(liveDiscussion, setCollapsed) {
  return async (sequence, { isCalm = false } = {}) => {
    const wasLoaded = liveDiscussion.thread.replies.has(sequence);
    try {
      if (!(await liveDiscussion.reach(sequence))) return void missing(liveDiscussion.discussion, sequence, await liveDiscussion.tombstone(sequence));
    } catch (error) {
      return void notices.show(advice(asErrors(error)[0]));
    }
    const { path } = liveDiscussion.thread.replies.get(sequence);
    setCollapsed((known) => new Set([...known].filter((one) => !path.slice(0, -1).includes(one))));
    const show = () => (isCalm && wasLoaded ? focusCalmly(document.getElementById(`reply-${sequence}`)) : settle(sequence));
    requestAnimationFrame(() => requestAnimationFrame(show));
  };
}

/** Says that a thread does not show a reply. Who may read or restore it is led to where it is: the branch that it begins. */
function missing(discussion, sequence, tombstone) {
  if (!tombstone) return notices.show(t("thread.noSuchReply", { number: sequence }));
  const act = () => router.go(`${discussionPath(discussion)}?root=${sequence}`);
  const isKept = tombstone.viewerCanRestore || tombstone.deletion?.body;
  notices.show(t("thread.unlistedReply", { number: sequence }), isKept ? { label: t("outbox.show"), act } : null);
}

/** Scrolls to a reply, three times: the browser computes the heights of replies above it only when they are near. */
function settle(sequence, times = 3) {
  const post = document.getElementById(`reply-${sequence}`);
  if (!post) return;
  post.scrollIntoView({ block: "start", behavior: "instant" });
  if (times > 1) return void requestAnimationFrame(() => settle(sequence, times - 1));
  focusCalmly(post);
  post.classList.remove("found");
  requestAnimationFrame(() => post.classList.add("found"));
}

/** Scrolls so that a reply is at the top of the screen. */
export function scrollToReply(sequence) {
  const scroll = () => document.getElementById(`reply-${sequence}`)?.scrollIntoView({ block: "start", behavior: "instant" });
  requestAnimationFrame(() => (scroll(), requestAnimationFrame(scroll)));
}

/** Focuses a post, and scrolls just as far as necessary to show it. */
export function focusCalmly(post) {
  post?.focus({ preventScroll: true });
  scrollIntoView(post);
}

/** Scrolls just as far as necessary to show a post. */
export function scrollIntoView(post) {
  post?.scrollIntoView({ block: "nearest", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth" });
}
