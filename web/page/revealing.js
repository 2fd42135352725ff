// Bringing a post into sight.
import { notices } from "./here.js";
import { asErrors } from "./parts.js";

/** Gives what brings a reply into sight, loading it where that is due. */
export function revealer(conversation, setCollapsed) {
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

/** Puts a reply at the top of the screen, as it was when it was left. */
export function scrollToReply(sequence) {
  const scroll = () => document.getElementById(`reply-${sequence}`)?.scrollIntoView({ block: "start", behavior: "instant" });
  requestAnimationFrame(() => (scroll(), requestAnimationFrame(scroll)));
}

/** Scrolls no further than is needed. */
export function scrollIntoSight(post) {
  post?.scrollIntoView({ block: "nearest", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth" });
}
