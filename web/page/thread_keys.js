// The keys of a thread: j and k move between its posts; r, q and c reply to, quote and collapse the one that has the focus.
import { HEADER_HEIGHT } from "./reply_list.js";
import { selectedText } from "./text_selection.js";
import { useShortcuts } from "./shortcuts.js";

export function useThreadKeys({ liveDiscussion, composerState, actions, canWrite, quoteSelection }) {
  const { discussion, thread } = liveDiscussion;
  const focused = () => {
    const article = document.activeElement.closest("article");
    if (!article) return null;
    return article.id === "opening" ? discussion : (thread.replies.get(Number(article.dataset.sequence)) ?? null);
  };
  const canQuote = (post) => canWrite && post?.state === "VISIBLE";
  useShortcuts({
    j: () => step(1),
    k: () => step(-1),
    r: () => {
      const post = focused() ?? discussion;
      if (!canQuote(post)) return false;
      actions.reply(post);
    },
    q: () => {
      const selection = selectedText();
      const post = focused();
      if (canWrite && selection) quoteSelection(selection);
      else if (canQuote(post)) actions.quote(post);
      else return false;
    },
    c: () => {
      const post = focused();
      if (!post?.descendantCount) return false;
      actions.toggle(post);
    },
    Escape: () => {
      if (!composerState.isOpen) return false;
      composerState.close();
    },
  });
}

/** Focuses the next or previous post, counted from the one that has the focus, or else from the top of the screen. */
function step(by) {
  const posts = [...document.querySelectorAll("main.thread article.post:not(.pending)")];
  const at = posts.indexOf(document.activeElement.closest("article"));
  const isBelowTop = (post) => post.getBoundingClientRect().top >= HEADER_HEIGHT - 1;
  const below = posts.findIndex(isBelowTop);
  const first = below === -1 ? posts.length : below;
  const next = at === -1 ? posts[by === 1 ? first : first - 1] : posts[at + by];
  if (!next) return false;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest", behavior: "instant" });
}
