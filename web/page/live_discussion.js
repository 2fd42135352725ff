// The state of a discussion that the reader follows: its thread, event stream, presence and pending replies.
import { Observable } from "./observable.js";
import * as documents from "./documents.js";
import { Follower } from "./follower.js";
import { Thread } from "./thread.js";

const PAGE = 50;
const JUMP_PAGE = 60;
const SUBTREE_PAGE = 100;
const PRESENCE_MS = 15_000;
const TYPING_MS = 6_000;
/** The depth of replies that is shown before the reader asks for more. */
const DEPTH = 5;

export class LiveDiscussion extends Observable {
  /** "loading", "shown", "missing", or "unreachable". */
  state = "loading";
  follower = null;
  presence = null;
  /** The sequences of replies that arrived in a replay and that the reader has not looked at. */
  missed = [];
  /** Unseen replies that arrived by the stream, by sequence. */
  unseen = new Map();
  /** What is being loaded: "before", "after", or the sequence of a reply whose subtree is loaded. */
  loading = new Set();
  /** Returns the sequence of the reply at the top of the screen; set by the page. */
  topSequence = () => null;
  /** The end cursor of the subtree loaded below a reply, by its sequence. */
  #subtreeEnds = new Map();
  #session;
  #connection;
  #outbox;
  #stops = [];
  #typingUntil = 0;
  #timer = null;
  #endPresence = () => {};
  #replayed = [];
  #isClosed = false;
  #watchesPresence = false;

  constructor(number, { session, connection, outbox, order = "OLDEST" }) {
    super();
    this.number = number;
    this.thread = new Thread(order);
    this.#session = session;
    this.#connection = connection;
    this.#outbox = outbox;
    /** Called with the replies that have just arrived by the stream, to announce them. */
    this.onArrived = () => {};
    this.#stops.push(
      this.thread.subscribe(() => this.notify()),
      outbox.subscribe(() => this.notify()),
      connection.subscribe(() => this.#connectionChanged()),
    );
    /** Called with a reply sent from this page, and whether it is in the window. */
    this.onOwnReply = () => {};
    outbox.onSent = (payload, entry) => this.#sent(payload, entry);
  }

  get discussion() {
    return this.thread.discussion;
  }

  get pending() {
    return this.discussion ? this.#outbox.of(this.discussion.id) : [];
  }

  /** Loads the thread from its start, or around a reply, and follows it from there. */
  async open(around = null) {
    this.#leave();
    this.state = "loading";
    this.notify();
    try {
      const cursor = await this.#load(around);
      if (this.#isClosed || cursor === null) return;
      this.#follow(cursor);
      this.#watchPresence();
      this.#recordView();
    } catch (error) {
      if (this.#isClosed) return;
      this.state = "unreachable";
      this.error = error;
      this.notify();
    }
  }

  close() {
    this.#isClosed = true;
    this.#leave();
    for (const stop of this.#stops) stop();
  }

  /** Loads a reply into the window. Returns whether the discussion has it. */
  async reach(sequence) {
    if (this.thread.replies.has(sequence)) return true;
    const asOf = this.thread.now();
    const found = await this.#fetchThread(sequence, null);
    if (!found?.thread) return false;
    this.thread.replace(found, found.thread, asOf);
    return this.thread.replies.has(sequence);
  }

  /** Loads the page "before" or "after" the window. */
  async more(side) {
    const edge = this.thread[side];
    if (!edge.more || this.loading.has(side)) return;
    const page = side === "after" ? { first: PAGE, after: edge.cursor } : { last: PAGE, before: edge.cursor };
    await this.#page(side, { ...page, maxDepth: DEPTH }, (found, asOf) => {
      // The window may have moved while the page was loading.
      if (this.thread[side] === edge) this.thread.extend(side, found, asOf);
    });
  }

  /** Loads the replies below a reply. */
  async loadSubtree(reply) {
    const loaded = this.#subtreeEnds.get(reply.sequence);
    await this.#page(reply.sequence, { root: reply.id, first: SUBTREE_PAGE, after: loaded, maxDepth: DEPTH }, (found, asOf) => {
      this.#subtreeEnds.set(reply.sequence, found.pageInfo.hasNextPage ? found.pageInfo.endCursor : undefined);
      this.thread.addSubtree(found, asOf);
    });
  }

  /** Reports that the viewer is typing. */
  type() {
    const wasTyping = Date.now() < this.#typingUntil;
    this.#typingUntil = Date.now() + TYPING_MS;
    if (!wasTyping) this.#reportPresence();
  }

  stopTyping() {
    if (Date.now() >= this.#typingUntil) return;
    this.#typingUntil = 0;
    this.#reportPresence();
  }

  see(sequence) {
    if (this.unseen.delete(sequence)) this.notify();
  }

  clearMissed() {
    this.missed = [];
    this.notify();
  }

  /** Loads the thread again from scratch. Returns the cursor to follow from; null if the discussion does not exist. */
  async #load(around) {
    // A linked reply is shown at any depth; around a reply that was already shown, the usual depth is enough.
    const wasShown = (this.thread.replies.get(around)?.depth ?? DEPTH + 1) <= DEPTH;
    let found = await this.#fetchThread(around, around === null || wasShown ? DEPTH : null);
    // If there is no such reply, the thread is shown from its start.
    if (found && !found.thread) found = await this.#fetchThread(null, DEPTH);
    if (this.#isClosed) return null;
    this.state = found ? "shown" : "missing";
    if (found) {
      this.thread.clear();
      this.thread.replace(found, found.thread);
    }
    this.notify();
    return found?.eventCursor ?? null;
  }

  async #fetchThread(around, maxDepth) {
    const first = around === null ? PAGE : JUMP_PAGE;
    const variables = { number: this.number, around, first, maxDepth, order: this.thread.order };
    return (await this.#session.execute(documents.THREAD, variables)).discussion;
  }

  async #page(name, variables, merge) {
    this.loading.add(name);
    this.notify();
    const asOf = this.thread.now();
    try {
      const { discussion } = await this.#session.execute(documents.THREAD_PAGE, {
        number: this.number,
        order: this.thread.order,
        ...variables,
      });
      if (discussion?.thread) merge(discussion.thread, asOf);
    } finally {
      this.loading.delete(name);
      this.notify();
    }
  }

  #follow(cursor) {
    this.follower = new Follower(this.#connection, {
      query: documents.EVENTS,
      field: "discussionEvents",
      variables: { discussionId: this.discussion.id },
      cursor,
      handle: (items, replayed) => this.#handle(items, replayed),
      resync: () => this.#load(this.topSequence()),
    });
    this.follower.subscribe(() => this.notify());
  }

  #handle(items, replayed) {
    const arrived = [];
    items.forEach((item, at) => {
      if (item.__typename === "CaughtUp") {
        this.missed = [...this.missed, ...this.#replayed];
        this.#replayed = [];
      }
      if (!item.discussion) return;
      const isNew = item.__typename === "ReplyAdded" && !this.thread.replies.has(item.reply.sequence);
      const added = this.thread.apply(item);
      if (item.clientMutationId) this.#outbox.settle(item.clientMutationId);
      if (!added || !isNew || added.reply.author?.id === this.#session.viewer?.user.id) return;
      if (at < replayed) this.#replayed.push(added.reply.sequence);
      arrived.push(added.reply);
      this.unseen.set(added.reply.sequence, added.reply);
    });
    if (arrived.length) this.onArrived(arrived);
    this.notify();
  }

  #sent({ reply, edge }, entry) {
    if (entry.discussionId !== this.discussion?.id) return;
    this.onOwnReply(reply, this.thread.add(reply, edge.cursor));
  }

  #watchPresence() {
    // Where connections are few, they are kept for events.
    if (!this.#connection.hasFewConnections) {
      this.#watchesPresence = true;
      this.#endPresence = this.#connection.follow(documents.PRESENCE, {
        variables: () => ({ discussionId: this.discussion.id }),
        next: ({ presence }) => {
          this.presence = presence;
          this.notify();
        },
        // Presence is optional: the next connection tries again.
        failed: () => (this.#watchesPresence = false),
        ended: () => (this.#watchesPresence = false),
      });
    }
    this.#reportPresence();
  }

  #reportPresence() {
    clearTimeout(this.#timer);
    if (this.#isClosed || !this.discussion) return;
    const typing = Date.now() < this.#typingUntil;
    const input = { discussionId: this.discussion.id, typing };
    if (!document.hidden || typing) this.#connection.send(documents.SET_PRESENCE, { input });
    this.#timer = setTimeout(() => this.#reportPresence(), typing ? Math.max(500, this.#typingUntil - Date.now()) : PRESENCE_MS);
  }

  #connectionChanged() {
    if (this.#watchesPresence && this.#connection.hasFewConnections) {
      this.#watchesPresence = false;
      this.#endPresence();
    }
    if (this.#connection.state !== "open") this.presence = null;
    else if (this.follower && !this.#watchesPresence) this.#watchPresence();
    else this.#reportPresence();
    this.notify();
  }

  async #recordView() {
    try {
      const { recordView } = await this.#session.execute(documents.RECORD_VIEW, { input: { discussionId: this.discussion.id } });
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
