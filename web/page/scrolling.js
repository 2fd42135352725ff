// Scrolling to a post.
import { notices } from "./state.js";
import { asErrors } from "./components.js";

/** Returns a function that scrolls to a reply, given its sequence, and loads it first if necessary. */
export function replyRevealer(liveDiscussion, setCollapsed) {
  return async (sequence) => {
    const isFound = await liveDiscussion.reach(sequence).catch((error) => {
      notices.show(asErrors(error)[0].message);
      return null;
    });
    if (isFound === false) notices.show(`There is no reply ${sequence} in this discussion.`);
    if (!isFound) return;
    const { path } = liveDiscussion.thread.replies.get(sequence);
    setCollapsed((known) => new Set([...known].filter((one) => !path.slice(0, -1).includes(one))));
    requestAnimationFrame(() => requestAnimationFrame(() => settle(sequence)));
  };
}

/** Scrolls to a reply, three times: the browser computes the heights of replies above it only when they are near. */
function settle(sequence, times = 3) {
  const post = document.getElementById(`reply-${sequence}`);
  if (!post) return;
  post.scrollIntoView({ block: "start", behavior: "instant" });
  if (times > 1) return void requestAnimationFrame(() => settle(sequence, times - 1));
  post.focus({ preventScroll: true });
  post.classList.remove("found");
  requestAnimationFrame(() => post.classList.add("found"));
}

/** Scrolls so that a reply is at the top of the screen. */
export function scrollToReply(sequence) {
  const scroll = () => document.getElementById(`reply-${sequence}`)?.scrollIntoView({ block: "start", behavior: "instant" });
  requestAnimationFrame(() => (scroll(), requestAnimationFrame(scroll)));
}

/** Scrolls just as far as necessary to show a post. */
export function scrollIntoView(post) {
  post?.scrollIntoView({ block: "nearest", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth" });
}
