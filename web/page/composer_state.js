// The reply that is being written: its parent, text and quotes.
import { Observable } from "./observable.js";
import { draftAt, dropDraft, keepDraft } from "./drafts.js";
import { newKey } from "./keys.js";
import { quoteInput, quoteMarkdown, quotesLeft, withQuote } from "./quotes.js";

export class ComposerState extends Observable {
  isOpen = false;
  /** The parent as {id, sequence, depth, author}; null for the opening post. */
  replyTo = null;
  body = "";
  /** What is quoted, as {key, sourceId, sourceVersion, versionProof, name, text, isInText}: beside the text, or in it as Markdown. */
  quotes = [];
  /** Whether the draft is stored; null while there is nothing to store. */
  isSaved = null;
  /** A new object {at} puts the caret there, after a change from outside of the editor. */
  caret = null;
  #place = null;

  constructor(discussionId) {
    super();
    this.discussionId = discussionId;
  }

  /** Starts a reply to a reply, or with null to the opening post, from its draft if there is one. */
  open(replyTo) {
    this.#place = `reply:${this.discussionId}:${replyTo?.id ?? "opening"}`;
    const draft = draftAt(this.#place);
    this.isOpen = true;
    this.replyTo = replyTo;
    this.body = draft?.body ?? "";
    this.quotes = Array.isArray(draft?.quotes) ? draft.quotes : [];
    this.isSaved = draft ? true : null;
    this.caret = { at: this.body.length };
    this.notify();
  }

  write(body) {
    this.body = body;
    this.isSaved = keepDraft(this.#place, { body, quotes: this.quotes });
    this.notify();
  }

  /** Quotes a text of a post; starts a reply to that post if none is being written. */
  quote(post, text) {
    if (!this.isOpen) this.open(post.sequence ? post : null);
    const { id, version, versionProof, author } = post;
    const quote = { key: newKey(), sourceId: id, sourceVersion: version, versionProof, name: author?.name, text, isInText: false };
    this.quotes = [...this.quotes, quote];
    this.caret = { at: this.body.length };
    this.write(this.body);
  }

  removeQuote(key) {
    this.quotes = this.quotes.filter((quote) => quote.key !== key);
    this.write(this.body);
  }

  /** Moves a quote into a text as Markdown, behind its first `at` characters. Returns `{body, caret}`, to be written. */
  moveIntoText(key, text, at) {
    const quote = this.quotes.find((one) => one.key === key);
    this.quotes = this.quotes.map((one) => (one === quote ? { ...quote, isInText: true } : one));
    return withQuote(text, at, quoteMarkdown(quote.name ?? "Somebody", quote.text));
  }

  /** Adds what a reply that was not sent says. */
  resume({ body, quotes }) {
    this.quotes = [...this.quotes, ...quotes];
    this.write([this.body, body].filter(Boolean).join("\n\n"));
  }

  /** What `Outbox.add` takes: discussionId, replyTo, body and quotes. */
  get draft() {
    const { id, sequence, depth, author } = this.replyTo ?? {};
    return {
      discussionId: this.discussionId,
      replyTo: this.replyTo && { id, sequence, depth, author },
      body: this.body,
      quotes: quotesLeft(this.body, this.quotes),
    };
  }

  /** The variables of a preview. */
  get preview() {
    const { discussionId, replyTo, body, quotes } = this.draft;
    return { discussionId, body, quotes: quotes.map(quoteInput), replyToId: replyTo?.id ?? null };
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
    this.quotes = [];
    this.notify();
  }
}
