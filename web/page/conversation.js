// One discussion as a reader follows it: its thread, the stream, who is there, and what they send.
import { Changing } from "./changing.js";
import * as documents from "./documents.js";
import { Follower } from "./follower.js";
import { Thread } from "./thread.js";

const PAGE = 50;
const JUMP_PAGE = 60;
const OPENED = 100;
const PRESENCE_MS = 15_000;
const TYPING_MS = 6_000;
/** How deep answers are shown before a reader asks for more. */
const DEPTH = 5;

export class Conversation extends Changing {
  /** "loading", "shown", "missing", or "unreachable". */
  state = "loading";
  follower = null;
  presence = null;
  /** The sequences of the replies that replays brought, until they are looked at. */
  missed = [];
  /** Replies that came by the stream and have not been seen, by sequence. */
  unseen = new Map();
  /** What is being loaded: "before", "after", or the sequence of a reply that is opened. */
  loading = new Set();
  /** Gives the sequence of the reply at the top of the screen, to come back to; set by the page. */
  inSight = () => null;
  /** Where what was opened below a reply goes on, by its sequence. */
  #endOfOpened = new Map();
  #session;
  #connection;
  #outbox;
  #stops = [];
  #typingUntil = 0;
  #timer = null;
  #endPresence = () => {};
  #heardInReplay = [];
  #isOver = false;
  #watchesPresence = false;

  constructor(number, { session, connection, outbox, order = "OLDEST" }) {
    super();
    this.number = number;
    this.thread = new Thread(order);
    this.#session = session;
    this.#connection = connection;
    this.#outbox = outbox;
    /** Called with the replies that the stream just brought, for those who can't see them come. */
    this.onArrived = () => {};
    this.#stops.push(
      this.thread.watch(() => this.changed()),
      outbox.watch(() => this.changed()),
      connection.watch(() => this.#connectionChanged()),
    );
    /** Called with a reply that was sent from here, and whether it is in the window. */
    this.onOwn = () => {};
    outbox.onSent = (payload, entry) => this.#sent(payload, entry);
  }

  get discussion() {
    return this.thread.discussion;
  }

  get pending() {
    return this.discussion ? this.#outbox.of(this.discussion.id) : [];
  }

  /** Shows the thread from its start, or around a reply; follows it from there. */
  async open(around = null) {
    this.#leave();
    this.state = "loading";
    this.changed();
    try {
      const cursor = await this.#load(around);
      if (this.#isOver || cursor === null) return;
      this.#follow(cursor);
      this.#watchPresence();
      this.#recordView();
    } catch (error) {
      if (this.#isOver) return;
      this.state = "unreachable";
      this.error = error;
      this.changed();
    }
  }

  close() {
    this.#isOver = true;
    this.#leave();
    for (const stop of this.#stops) stop();
  }

  /** Brings a reply into the window. Gives whether the discussion has it. */
  async reach(sequence) {
    if (this.thread.replies.has(sequence)) return true;
    const asOf = this.thread.now();
    const found = await this.#ask(sequence, null);
    if (!found?.thread) return false;
    this.thread.replace(found, found.thread, asOf);
    return this.thread.replies.has(sequence);
  }

  /** Takes in the page "before" or "after" what is shown. */
  async more(side) {
    const edge = this.thread[side];
    if (!edge.more || this.loading.has(side)) return;
    const page = side === "after" ? { first: PAGE, after: edge.cursor } : { last: PAGE, before: edge.cursor };
    await this.#page(side, { ...page, maxDepth: DEPTH }, (found, asOf) => {
      // The window may have moved on meanwhile.
      if (this.thread[side] === edge) this.thread.extend(side, found, asOf);
    });
  }

  /** Opens what lies below a reply. */
  async openBelow(reply) {
    const loaded = this.#endOfOpened.get(reply.sequence);
    await this.#page(reply.sequence, { root: reply.id, first: OPENED, after: loaded, maxDepth: DEPTH }, (found, asOf) => {
      this.#endOfOpened.set(reply.sequence, found.pageInfo.hasNextPage ? found.pageInfo.endCursor : undefined);
      this.thread.open(found, asOf);
    });
  }

  /** Says that the reader is writing. */
  type() {
    const wasTyping = Date.now() < this.#typingUntil;
    this.#typingUntil = Date.now() + TYPING_MS;
    if (!wasTyping) this.#say();
  }

  stopTyping() {
    if (Date.now() >= this.#typingUntil) return;
    this.#typingUntil = 0;
    this.#say();
  }

  see(sequence) {
    if (this.unseen.delete(sequence)) this.changed();
  }

  forgetMissed() {
    this.missed = [];
    this.changed();
  }

  /** Reads all anew and forgets what was known. Gives the cursor to follow from; null where the discussion is gone. */
  async #load(around) {
    // A reply that is addressed is shown however deep it stands; for one that was in sight the thread is as it was.
    const wasShown = (this.thread.replies.get(around)?.depth ?? DEPTH + 1) <= DEPTH;
    let found = await this.#ask(around, around === null || wasShown ? DEPTH : null);
    // A reply that is not there any more, or never was: the thread is shown from its start.
    if (found && !found.thread) found = await this.#ask(null, DEPTH);
    if (this.#isOver) return null;
    this.state = found ? "shown" : "missing";
    if (found) {
      this.thread.forget();
      this.thread.replace(found, found.thread);
    }
    this.changed();
    return found?.eventCursor ?? null;
  }

  async #ask(around, maxDepth) {
    const first = around === null ? PAGE : JUMP_PAGE;
    const variables = { number: this.number, around, first, maxDepth, order: this.thread.order };
    return (await this.#session.ask(documents.THREAD, variables)).discussion;
  }

  async #page(name, variables, take) {
    this.loading.add(name);
    this.changed();
    const asOf = this.thread.now();
    try {
      const { discussion } = await this.#session.ask(documents.THREAD_PAGE, {
        number: this.number,
        order: this.thread.order,
        ...variables,
      });
      if (discussion?.thread) take(discussion.thread, asOf);
    } finally {
      this.loading.delete(name);
      this.changed();
    }
  }

  #follow(cursor) {
    this.follower = new Follower(this.#connection, {
      query: documents.EVENTS,
      field: "discussionEvents",
      variables: { discussionId: this.discussion.id },
      cursor,
      handle: (items, replayed) => this.#handle(items, replayed),
      resync: () => this.#load(this.inSight()),
    });
    this.follower.watch(() => this.changed());
  }

  #handle(items, replayed) {
    const arrived = [];
    items.forEach((item, at) => {
      if (item.__typename === "CaughtUp") {
        this.missed = [...this.missed, ...this.#heardInReplay];
        this.#heardInReplay = [];
      }
      if (!item.discussion) return;
      const isNew = item.__typename === "ReplyAdded" && !this.thread.replies.has(item.reply.sequence);
      const added = this.thread.apply(item);
      if (item.clientMutationId) this.#outbox.settle(item.clientMutationId);
      if (!added || !isNew || added.reply.author?.id === this.#session.viewer?.user.id) return;
      if (at < replayed) this.#heardInReplay.push(added.reply.sequence);
      arrived.push(added.reply);
      this.unseen.set(added.reply.sequence, added.reply);
    });
    if (arrived.length) this.onArrived(arrived);
    this.changed();
  }

  #sent({ reply, edge }, entry) {
    if (entry.discussionId !== this.discussion?.id) return;
    this.onOwn(reply, this.thread.add(reply, edge.cursor));
  }

  #watchPresence() {
    // Where connections are few, news comes first.
    if (!this.#connection.isNarrow) {
      this.#watchesPresence = true;
      this.#endPresence = this.#connection.follow(documents.PRESENCE, {
        variables: () => ({ discussionId: this.discussion.id }),
        next: ({ presence }) => {
          this.presence = presence;
          this.changed();
        },
        // Who is there is nice to know, and no more: the next connection asks again.
        failed: () => (this.#watchesPresence = false),
        ended: () => (this.#watchesPresence = false),
      });
    }
    this.#say();
  }

  #say() {
    clearTimeout(this.#timer);
    if (this.#isOver || !this.discussion) return;
    const typing = Date.now() < this.#typingUntil;
    const input = { discussionId: this.discussion.id, typing };
    if (!document.hidden || typing) this.#connection.say(documents.SET_PRESENCE, { input });
    this.#timer = setTimeout(() => this.#say(), typing ? Math.max(500, this.#typingUntil - Date.now()) : PRESENCE_MS);
  }

  #connectionChanged() {
    if (this.#watchesPresence && this.#connection.isNarrow) {
      this.#watchesPresence = false;
      this.#endPresence();
    }
    if (this.#connection.state !== "open") this.presence = null;
    else if (this.follower && !this.#watchesPresence) this.#watchPresence();
    else this.#say();
    this.changed();
  }

  async #recordView() {
    try {
      const { recordView } = await this.#session.ask(documents.RECORD_VIEW, { input: { discussionId: this.discussion.id } });
      if (recordView.discussion) this.thread.count(recordView.discussion);
    } catch (error) {
      console.info("The view was not counted:", error.message);
    }
  }

  #leave() {
    clearTimeout(this.#timer);
    this.#endPresence();
    this.follower?.stop();
    this.follower = null;
  }
}
