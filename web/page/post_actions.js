// The actions on the posts of a discussion.
import * as documents from "./documents.js";
import { notices, outbox, router, session, site } from "./state.js";
import { advice, asErrors } from "./components.js";
import { t } from "./i18n.js";
import { selectedText } from "./text_selection.js";
import { textOf } from "./post_body.js";

/** One object for all posts, so that they need not render again for it; `state.current` holds what it acts upon. */
export function postActions(state) {
  const now = () => state.current;
  const without = (post) => (known) => new Set([...known].filter((id) => id !== post.id));
  return {
    get discussionId() {
      return now().liveDiscussion.discussion.id;
    },
    /** Who is near by, to be mentioned. */
    people: () => now().liveDiscussion.people,
    /** A reply that the thread has loaded; null for others. */
    loadedReply: (sequence) => now().liveDiscussion.thread.replies.get(sequence) ?? null,
    see: (sequence) => now().liveDiscussion.see(sequence),
    reply: (post) => now().composerState.open(post.sequence ? post : null),
    quote(post, text = null) {
      const found = text ?? quotableText(post);
      if (found) now().composerState.quote(post, found);
    },
    edit: (post) => now().setEditing((known) => new Set([...known, post.id])),
    stopEditing(post) {
      now().setEditing(without(post));
      requestAnimationFrame(() => document.getElementById(post.sequence ? `reply-${post.sequence}` : "opening")?.focus({ preventScroll: true }));
    },
    saved: (post) => now().liveDiscussion.thread.update(post),
    report: (post) => now().setReporting(post),
    remove: (post) => now().setRemoving(post),
    async removed(post, reason) {
      const input = { ...(post.sequence ? { replyId: post.id } : { discussionId: post.id }), reason };
      // Where it is, to be restored, also if nobody else sees a tombstone there.
      now().liveDiscussion.thread.keep(post.id);
      try {
        const found = await session.execute(post.sequence ? documents.DELETE_REPLY : documents.DELETE_DISCUSSION, { input });
        const payload = found.deleteReply ?? found.deleteDiscussion;
        now().liveDiscussion.thread.update(payload.reply ?? payload.discussion);
        return payload.errors;
      } catch (error) {
        return asErrors(error);
      }
    },
    async restore(post) {
      const { liveDiscussion } = now();
      const input = post.sequence ? { replyId: post.id } : { discussionId: post.id };
      try {
        const found = await session.execute(post.sequence ? documents.RESTORE_REPLY : documents.RESTORE_DISCUSSION, { input });
        const { reply, errors } = found.restoreReply ?? found.restoreDiscussion;
        if (errors.length) return notices.show(advice(errors[0]));
        if (reply) liveDiscussion.thread.update(reply);
        // Its stream has ended with it, and its replies come back, too.
        else await liveDiscussion.open();
        notices.announce(t("post.restored"));
      } catch (error) {
        notices.show(advice(asErrors(error)[0]));
      }
    },
    async lock(discussion) {
      const document = discussion.locked ? documents.UNLOCK_DISCUSSION : documents.LOCK_DISCUSSION;
      try {
        const { written } = await session.execute(document, { input: { discussionId: discussion.id } });
        now().liveDiscussion.thread.update(written.discussion);
        if (written.errors.length) notices.show(advice(written.errors[0]));
      } catch (error) {
        notices.show(advice(asErrors(error)[0]));
      }
    },
    /** The words of a held reply that was taken back go on in the composer. */
    withdrawn(held) {
      const { composerState, liveDiscussion } = now();
      const parent = held.replyTo && liveDiscussion.thread.replies.get(held.replyTo.sequence);
      if (held.replyTo && !parent) return;
      composerState.open(parent ?? null);
      composerState.resume({ body: held.body, quotes: [] });
    },
    toggle: (reply) =>
      now().setCollapsed((known) => {
        const next = new Set(known);
        if (!next.delete(reply.sequence)) next.add(reply.sequence);
        return next;
      }),
    showMissed() {
      const { liveDiscussion } = now();
      const [first] = liveDiscussion.missed;
      liveDiscussion.clearMissed();
      router.go(`#reply-${first}`, { instead: true });
    },
    sendAgain: (entry) => outbox.again(entry.key),
    adopt: (entry) => outbox.adopt(entry.key, session.viewer.user),
    signIn: () => site.openSignIn(),
    cancel(entry) {
      const { composerState } = now();
      outbox.settle(entry.key);
      composerState.open(entry.replyTo);
      composerState.resume(entry);
    },
  };
}

/** The text of a post to quote: the selection in it, or all but its own quotes. */
function quotableText(post) {
  const chosen = selectedText();
  if (chosen?.postId === post.id) return chosen.text;
  const words = document.querySelector(`.post-body[data-post="${post.id}"]`)?.cloneNode(true);
  words?.querySelectorAll("blockquote").forEach((quote) => quote.remove());
  return words ? textOf(words).replace(/\n{3,}/g, "\n\n").trim() : null;
}
