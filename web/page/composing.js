// The one reply that is being written: to what, in which words, quoting whom.
import { Changing } from "./changing.js";
import { draftAt, dropDraft, keepDraft } from "./drafts.js";
import { quoteInputs, quoteMarkdown, withQuote } from "./quoting.js";

export class Composing extends Changing {
  isOpen = false;
  /** The reply that is answered, {id, sequence, depth, author}; null for the opening post. */
  replyTo = null;
  body = "";
  sources = [];
  /** Where the text is to be written on, once after it was changed from outside. */
  caret = null;
  #place = null;

  constructor(discussionId) {
    super();
    this.discussionId = discussionId;
  }

  /** Answers a reply, or the opening post, going on with what was written there before. */
  open(replyTo) {
    this.#place = this.#placeOf(replyTo);
    const draft = draftAt(this.#place);
    this.isOpen = true;
    this.replyTo = replyTo;
    this.body = draft?.body ?? "";
    this.sources = draft?.sources ?? [];
    this.caret = this.body.length;
    this.changed();
  }

  /** Whether something was begun in answer to a reply, or to the opening post. */
  hasDraft(replyTo) {
    return draftAt(this.#placeOf(replyTo)) !== null;
  }

  #placeOf(replyTo) {
    return `reply:${this.discussionId}:${replyTo?.id ?? "opening"}`;
  }

  write(body) {
    this.body = body;
    keepDraft(this.#place, { body, sources: this.sources });
    this.changed();
  }

  /** Puts words of a post in, at `at` or the end; opens an answer to that post where nothing is being written. */
  quote(post, text, at = this.body.length) {
    if (!this.isOpen) {
      this.open(post.sequence ? post : null);
      at = this.body.length;
    }
    const { body, caret } = withQuote(this.body, at, quoteMarkdown(post.author?.name ?? "Somebody", text));
    this.sources = [...this.sources, { sourceId: post.id, sourceVersion: post.version, text }];
    this.caret = caret;
    this.write(body);
  }

  /** What is to be sent, quotes and all. */
  get draft() {
    const { id, sequence, depth, author } = this.replyTo ?? {};
    return {
      discussionId: this.discussionId,
      replyTo: this.replyTo && { id, sequence, depth, author },
      body: this.body,
      quotes: quoteInputs(this.body, this.sources),
    };
  }

  /** It was handed over. */
  done() {
    dropDraft(this.#place);
    this.close();
  }

  /** Puts it away; what was written is kept. */
  close() {
    this.isOpen = false;
    this.body = "";
    this.sources = [];
    this.changed();
  }
}
