// Replies that are being sent. Each is stored under its clientMutationId until the server has confirmed it, so that a lost
// connection or a reload neither loses nor doubles it: the server answers a repeated request with the first result.
import { Observable } from "./observable.js";
import { newKey } from "./keys.js";
import { RequestError, NetworkError } from "./graphql.js";
import { ADD_REPLY } from "./documents.js";
import { quoteInput } from "./quotes.js";
import { readJson } from "./storage.js";

const PREFIX = "parley:outbox:";
const MAX_WAIT_SECONDS = 30;
/** The server keeps a key for 7 days; an older attempt is not repeated without asking. */
const MAX_AGE_MS = 6 * 86_400_000;

const TOO_OLD = { code: "TOO_OLD" };

export class Outbox extends Observable {
  #storage;
  #execute;
  #viewerId;
  #sending = new Set();
  #waits = 0;
  #timer = null;

  /** `storage()` returns where entries are kept, `execute(document, variables)` sends, `viewerId()` returns the viewer's id or null. */
  constructor({ storage, execute, viewerId }) {
    super();
    this.#storage = storage;
    this.#execute = execute;
    this.#viewerId = viewerId;
    /** Called with the payload and the entry of each reply that was sent. */
    this.onSent = () => {};
    /** Called with each reply that is held until a moderator has seen it. */
    this.onHeld = () => {};
    this.entries = this.#read();
  }

  /** The entries of one discussion, oldest first. */
  of(discussionId) {
    return this.entries.filter((entry) => entry.discussionId === discussionId);
  }

  /** Stores a reply and sends it as soon as possible. `draft` is {discussionId, replyTo, body, quotes}. */
  add(draft, author) {
    const entry = { ...draft, key: newKey(), by: author.id, author, at: new Date().toISOString(), tried: false, errors: [] };
    this.#write(entry);
    this.flush();
    return entry;
  }

  /** Sends the waiting entries. Those of another user wait until that user signs in, or until they are adopted. */
  flush() {
    clearTimeout(this.#timer);
    for (const entry of this.entries) {
      if (entry.by !== this.#viewerId() || entry.errors.length || this.#sending.has(entry.key)) continue;
      if (entry.tried && Date.now() - Date.parse(entry.at) > MAX_AGE_MS) this.#write({ ...entry, errors: [TOO_OLD] });
      else this.#send(entry);
    }
  }

  /** Sends a refused reply again. Nothing was written, so it gets a new key. */
  again(key) {
    const entry = this.#find(key);
    if (!entry) return;
    this.settle(key);
    this.#write({ ...entry, key: newKey(), at: new Date().toISOString(), tried: false, errors: [] });
    this.flush();
  }

  /** Makes another user's entry an entry of `author`, and sends it. */
  adopt(key, author) {
    const entry = this.#find(key);
    if (!entry) return;
    this.settle(key);
    this.#write({ ...entry, key: newKey(), by: author.id, author, tried: false, errors: [] });
    this.flush();
  }

  /** Whether an entry waits for its author to sign in. */
  isOfAnotherUser(entry) {
    return entry.by !== this.#viewerId();
  }

  isSending(entry) {
    return this.#sending.has(entry.key);
  }

  /** Removes an entry: the server has confirmed it by a payload or an event, or its author has cancelled it. */
  settle(key) {
    if (!this.#find(key)) return;
    this.#storage().removeItem(PREFIX + key);
    this.entries = this.entries.filter((entry) => entry.key !== key);
    this.notify();
  }

  /** Reads the storage again, after a change by another tab or of the viewer. */
  reread() {
    this.entries = this.#read();
    this.notify();
  }

  async #send(entry) {
    this.#sending.add(entry.key);
    this.notify();
    const { discussionId, body, quotes, key } = entry;
    const input = { discussionId, body, quotes: quotes.map(quoteInput), clientMutationId: key, replyToId: entry.replyTo?.id ?? null };
    try {
      const { addReply } = await this.#execute(ADD_REPLY, { input });
      this.#waits = 0;
      const limited = addReply.errors.find((error) => error.resetAt);
      if (limited) this.#later(Math.max(1, (Date.parse(limited.resetAt) - Date.now()) / 1000));
      else if (addReply.errors.length) this.#change({ ...entry, errors: addReply.errors });
      else this.#sent(entry, addReply);
    } catch (error) {
      this.#failed(entry, error);
    } finally {
      this.#sending.delete(entry.key);
      this.notify();
    }
  }

  #sent(entry, payload) {
    this.settle(entry.key);
    if (payload.reply) this.onSent(payload, entry);
    else if (payload.held) this.onHeld(payload.held);
  }

  #failed(entry, error) {
    // From now on the server may have it, so it can't be cancelled any more.
    if (error instanceof NetworkError && !error.unsent && !entry.tried) this.#change({ ...entry, tried: true });
    if (error instanceof NetworkError || error.code === "RATE_LIMITED" || error.code === "INTERNAL") {
      this.#later(Math.min(MAX_WAIT_SECONDS, 2 ** this.#waits));
      this.#waits += 1;
    } else if (error instanceof RequestError && !error.refusesToken) {
      this.#change({ ...entry, errors: [{ code: error.code, message: error.message }] });
    } else if (!(error instanceof RequestError)) {
      throw error;
    }
    // A refused token: the next sign-in flushes the outbox.
  }

  #later(seconds) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), seconds * 1000);
  }

  /** Stores a changed entry, unless the viewer of this tab has changed meanwhile and with it the storage. */
  #change(entry) {
    if (this.#find(entry.key)) this.#write(entry);
  }

  #find(key) {
    return this.entries.find((entry) => entry.key === key);
  }

  #write(entry) {
    this.#storage().setItem(PREFIX + entry.key, JSON.stringify(entry));
    this.entries = [...this.entries.filter(({ key }) => key !== entry.key), entry].sort((a, b) => (a.at < b.at ? -1 : 1));
    this.notify();
  }

  #read() {
    const storage = this.#storage();
    const names = Array.from({ length: storage.length }, (_, at) => storage.key(at)).filter((name) => name?.startsWith(PREFIX));
    const kept = names.map((name) => readJson(storage, name, (entry) => isValid(entry, name))).filter(Boolean);
    return kept.sort((a, b) => (a.at < b.at ? -1 : 1));
  }
}

function isValid(entry, name) {
  const { key, by, author, at, discussionId, body, quotes, errors } = entry ?? {};
  const texts = [by, at, discussionId, body, author?.name];
  return PREFIX + key === name && texts.every((text) => typeof text === "string") && Array.isArray(quotes) && Array.isArray(errors);
}
