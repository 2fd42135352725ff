// Replies on their way. Each is kept under its clientMutationId until the server has it for certain, so that neither a lost
// connection nor a reload loses or doubles it: sending it once more is answered with what the first time did.
import { Changing } from "./changing.js";
import { newKey } from "./keys.js";
import { Refused, Unreachable } from "./graphql.js";
import { ADD_REPLY } from "./documents.js";
import { readKept } from "./storage.js";

const PREFIX = "parley:outbox:";
const MOST_WAIT_SECONDS = 30;
/** The server knows a key for 7 days; what was tried before that is not sent again unasked. */
const MOST_AGE_MS = 6 * 86_400_000;

const TOO_OLD = {
  code: "TOO_OLD",
  message: "This was written days ago and may have arrived. Look for it before you send it again.",
};

export class Outbox extends Changing {
  #storage;
  #ask;
  #person;
  #sending = new Set();
  #waits = 0;
  #timer = null;

  /** `storage()` is where entries are kept; `ask(document, variables)` sends; `person()` is the id of who is signed in, or null. */
  constructor({ storage, ask, person }) {
    super();
    this.#storage = storage;
    this.#ask = ask;
    this.#person = person;
    /** Called with the payload and the entry of each reply that went out. */
    this.onSent = () => {};
    this.entries = this.#read();
  }

  /** Those of one discussion, first written first. */
  of(discussionId) {
    return this.entries.filter((entry) => entry.discussionId === discussionId);
  }

  /** Takes a reply and sends it as soon as that can be. `draft` is {discussionId, replyTo, body, quotes}. */
  add(draft, author) {
    const entry = { ...draft, key: newKey(), by: author.id, author, at: new Date().toISOString(), tried: false, errors: [] };
    this.#write(entry);
    this.flush();
    return entry;
  }

  /** Sends what waits. A reply that somebody else has written here stays until they are back, or it is adopted. */
  flush() {
    clearTimeout(this.#timer);
    for (const entry of this.entries) {
      if (entry.by !== this.#person() || entry.errors.length || this.#sending.has(entry.key)) continue;
      if (entry.tried && Date.now() - Date.parse(entry.at) > MOST_AGE_MS) this.#write({ ...entry, errors: [TOO_OLD] });
      else this.#send(entry);
    }
  }

  /** Sends a refused reply once more: nothing was written, so the key is a new one. */
  again(key) {
    const entry = this.#find(key);
    if (!entry) return;
    this.settle(key);
    this.#write({ ...entry, key: newKey(), at: new Date().toISOString(), tried: false, errors: [] });
    this.flush();
  }

  /** Makes a reply that was written here by another person the reply of `author`. */
  adopt(key, author) {
    const entry = this.#find(key);
    if (!entry) return;
    this.settle(key);
    this.#write({ ...entry, key: newKey(), by: author.id, author, tried: false, errors: [] });
    this.flush();
  }

  /** Whether an entry waits for its author to sign in. */
  isElses(entry) {
    return entry.by !== this.#person();
  }

  isSending(entry) {
    return this.#sending.has(entry.key);
  }

  /** The server has it, as an answer or an event says, or the author gives it up. */
  settle(key) {
    if (!this.#find(key)) return;
    this.#storage().removeItem(PREFIX + key);
    this.entries = this.entries.filter((entry) => entry.key !== key);
    this.changed();
  }

  /** What is kept has changed, by another tab or because somebody else is here. */
  reread() {
    this.entries = this.#read();
    this.changed();
  }

  async #send(entry) {
    this.#sending.add(entry.key);
    this.changed();
    const { discussionId, body, quotes, key } = entry;
    const input = { discussionId, body, quotes, clientMutationId: key, replyToId: entry.replyTo?.id ?? null };
    try {
      const { addReply } = await this.#ask(ADD_REPLY, { input });
      this.#waits = 0;
      const late = addReply.errors.find((error) => error.resetAt);
      if (late) this.#later(Math.max(1, (Date.parse(late.resetAt) - Date.now()) / 1000));
      else if (addReply.errors.length) this.#change({ ...entry, errors: addReply.errors });
      else this.#sent(entry, addReply);
    } catch (error) {
      this.#failed(entry, error);
    } finally {
      this.#sending.delete(entry.key);
      this.changed();
    }
  }

  #sent(entry, payload) {
    this.settle(entry.key);
    this.onSent(payload, entry);
  }

  #failed(entry, error) {
    // From now on it may have arrived, so it can't be taken back any more.
    if (error instanceof Unreachable && !error.unsent && !entry.tried) this.#change({ ...entry, tried: true });
    if (error instanceof Unreachable || error.code === "RATE_LIMITED" || error.code === "INTERNAL") {
      this.#later(Math.min(MOST_WAIT_SECONDS, 2 ** this.#waits));
      this.#waits += 1;
    } else if (error instanceof Refused && error.code !== "UNAUTHENTICATED") {
      this.#change({ ...entry, errors: [{ code: error.code, message: error.message }] });
    } else if (!(error instanceof Refused)) {
      throw error;
    }
    // Whoever is not signed in any more signs in again, which flushes.
  }

  #later(seconds) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), seconds * 1000);
  }

  /** Somebody else may have come to this tab while an entry was on its way: then it is not kept here any more. */
  #change(entry) {
    if (this.#find(entry.key)) this.#write(entry);
  }

  #find(key) {
    return this.entries.find((entry) => entry.key === key);
  }

  #write(entry) {
    this.#storage().setItem(PREFIX + entry.key, JSON.stringify(entry));
    this.entries = [...this.entries.filter(({ key }) => key !== entry.key), entry].sort((a, b) => (a.at < b.at ? -1 : 1));
    this.changed();
  }

  #read() {
    const storage = this.#storage();
    const names = Array.from({ length: storage.length }, (_, at) => storage.key(at)).filter((name) => name?.startsWith(PREFIX));
    const kept = names.map((name) => readKept(storage, name, (entry) => isSound(entry, name))).filter(Boolean);
    return kept.sort((a, b) => (a.at < b.at ? -1 : 1));
  }
}

function isSound(entry, name) {
  const { key, by, author, at, discussionId, body, quotes, errors } = entry ?? {};
  const texts = [by, at, discussionId, body, author?.name];
  return PREFIX + key === name && texts.every((text) => typeof text === "string") && Array.isArray(quotes) && Array.isArray(errors);
}
