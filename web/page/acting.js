// What can be done with the posts of a discussion.
import * as documents from "./documents.js";
import { notices, outbox, router, session, site } from "./here.js";
import { asErrors } from "./parts.js";
import { discussionPath } from "./router.js";
import { selected } from "./selecting.js";
import { textOf } from "./words.js";

/** One object for all posts, so that none is drawn anew for it; `state.current` holds what it acts upon. */
export function actsOn(state) {
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
      const [first] = conversation.missed;
      conversation.forgetMissed();
      router.go(`${discussionPath(conversation.discussion)}#reply-${first}`, { instead: true });
    },
    sendAgain: (entry) => outbox.again(entry.key),
    adopt: (entry) => outbox.adopt(entry.key, session.viewer.user),
    signIn: () => site.askToSignIn(),
    takeBack(entry) {
      const { composing } = now();
      outbox.settle(entry.key);
      composing.open(entry.replyTo);
      composing.sources = [...composing.sources, ...entry.quotes];
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
