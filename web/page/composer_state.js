// The reply that is being written: its parent, text and quotes.
import { Observable } from "./observable.js";
import { draftAt, dropDraft, keepDraft } from "./drafts.js";
import { quoteInputs, quoteMarkdown, withQuote } from "./quotes.js";

export class ComposerState extends Observable {
  isOpen = false;
  /** The parent as {id, sequence, depth, author}; null for the opening post. */
  replyTo = null;
  body = "";
  sources = [];
  /** Where to put the caret after a change from outside of the editor; otherwise null. */
  caret = null;
  #place = null;

  constructor(discussionId) {
    super();
    this.discussionId = discussionId;
  }

  /** Starts a reply to a reply, or with null to the opening post, from its draft if there is one. */
  open(replyTo) {
    this.#place = this.#placeOf(replyTo);
    const draft = draftAt(this.#place);
    this.isOpen = true;
    this.replyTo = replyTo;
    this.body = draft?.body ?? "";
    this.sources = draft?.sources ?? [];
    this.caret = this.body.length;
    this.notify();
  }

    #placeOf(replyTo) {
    return `reply:${this.discussionId}:${replyTo?.id ?? "opening"}`;
  }

  write(body) {
    this.body = body;
    keepDraft(this.#place, { body, sources: this.sources });
    this.notify();
  }

  /** Inserts a quote of a post at the end; starts a reply to that post if none is being written. */
  quote(post, text) {
    if (!this.isOpen) this.open(post.sequence ? post : null);
    const { body, caret } = withQuote(this.body, this.body.length, quoteMarkdown(post.author?.name ?? "Somebody", text));
    this.sources = [...this.sources, { sourceId: post.id, sourceVersion: post.version, versionProof: post.versionProof, text }];
    this.caret = caret;
    this.write(body);
  }

  /** What `Outbox.add` takes: discussionId, replyTo, body and quotes. */
  get draft() {
    const { id, sequence, depth, author } = this.replyTo ?? {};
    return {
      discussionId: this.discussionId,
      replyTo: this.replyTo && { id, sequence, depth, author },
      body: this.body,
      quotes: quoteInputs(this.body, this.sources),
    };
  }

  /** Closes the editor and deletes the draft, after the outbox has taken the reply. */
  done() {
    dropDraft(this.#place);
    this.close();
  }

  /** Closes the editor. The draft is kept. */
  close() {
    this.isOpen = false;
    this.body = "";
    this.sources = [];
    this.notify();
  }
}
