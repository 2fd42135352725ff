// The state of a discussion that the reader follows: its thread, event stream, presence and pending replies.
import { Observable } from "./observable.js";
import * as documents from "./documents.js";
import { Follower } from "./follower.js";
import { Thread } from "./thread.js";

const PAGE = 50;
const JUMP_PAGE = 60;
const PRESENCE_MS = 15_000;
const TYPING_MS = 6_000;
/** The depth of replies that is shown before the reader asks for more. */
const DEPTH = 5;
/** Changes of a discussion that are changes of all its posts, for which there is no other event. */
const OF_ALL_POSTS = new Set(["RESTORED", "ERASED", "RENDERED"]);

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

  /** `root`: the sequence of the reply whose branch is shown; null for the whole discussion. */
  constructor(number, { session, connection, outbox, order = "OLDEST", root = null }) {
    super();
    this.number = number;
    this.root = root;
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
    /** Called with a reply sent from this page, whether it is in the window, and its entry of the outbox. */
    this.onOwnReply = () => {};
    outbox.onSent = (payload, entry) => this.#sent(payload, entry);
  }

  get discussion() {
    return this.thread.discussion;
  }

  get pending() {
    return this.discussion ? this.#outbox.of(this.discussion.id) : [];
  }

  /** Who has written in the loaded part of the thread, those of the newest replies first, then who reads it now. */
  get people() {
    const replies = [...this.thread.replies.values()].sort((a, b) => b.sequence - a.sequence);
    const users = [...replies.map(({ author }) => author), this.discussion.author, ...(this.presence?.readers ?? [])];
    return users.filter((user) => user && user.id !== this.#session.viewer?.user.id);
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
    const { root } = this.thread;
    const found = await this.#fetchThread(sequence, null, root);
    if (!found?.thread) return false;
    this.#replace(found, root);
    return this.thread.replies.has(sequence);
  }

  /** The tombstone of a reply that the thread does not list; null if there is none. */
  async tombstone(sequence) {
    const reply = await this.#fetchReply(sequence);
    return reply?.state === "DELETED" ? reply : null;
  }

  /** Loads the page "before" or "after" the window. */
  async more(side) {
    const edge = this.thread[side];
    if (!edge.more || this.loading.has(side)) return;
    const page = side === "after" ? { first: PAGE, after: edge.cursor } : { last: PAGE, before: edge.cursor };
    const { root } = this.thread;
    await this.#page(side, { ...page, root: root?.id, maxDepth: root ? null : DEPTH }, (found, number) => {
      // The window may have moved while the page was loading.
      if (this.thread[side] === edge) this.thread.extend(side, found, number);
    });
  }

  /** Loads the next page of the replies below a reply, at any depth. */
  async loadSubtree(reply) {
    const after = this.#subtreeEnds.get(reply.sequence);
    await this.#page(reply.sequence, { root: reply.id, first: PAGE, after }, (found, number) => {
      const { hasNextPage, endCursor } = found.pageInfo;
      // Below each reply on the way to the last one, the page ends there as well.
      const ended = hasNextPage ? found.edges.at(-1).node.path.slice(reply.path.length - 1) : [];
      for (const sequence of ended) this.#subtreeEnds.set(sequence, endCursor);
      this.thread.addSubtree(found, number);
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
    const root = await this.#fetchRoot();
    // A linked reply is shown at any depth; around a reply that was already shown, the usual depth is enough.
    const wasShown = (this.thread.replies.get(around)?.depth ?? DEPTH + 1) <= DEPTH;
    let found = await this.#fetchThread(around, around === null || wasShown ? DEPTH : null, root);
    // If there is no such reply, the thread is shown from its start.
    if (found && !found.thread) found = await this.#fetchThread(null, DEPTH, root);
    if (this.#isClosed) return null;
    this.state = found ? "shown" : "missing";
    if (found) {
      this.thread.clear();
      this.#replace(found, root);
    }
    this.notify();
    return found?.eventCursor ?? null;
  }

  /** Loads the window again, around the reply at the top of the screen. The events go on meanwhile. */
  async #reload() {
    const root = await this.#fetchRoot();
    const found = await this.#fetchThread(this.topSequence(), DEPTH, root);
    if (found?.thread && !this.#isClosed) this.#replace(found, root);
  }

  #replace(found, root) {
    this.#subtreeEnds.clear();
    this.thread.replace(found, found.thread, root);
  }

  /** Of a branch, which the reader has chosen, the replies of every depth. */
  async #fetchThread(around, maxDepth, root) {
    const first = around === null ? PAGE : JUMP_PAGE;
    const variables = { number: this.number, around, first, maxDepth: root ? null : maxDepth, root: root?.id, order: this.thread.order };
    return (await this.#session.execute(documents.THREAD, variables)).discussion;
  }

  /** The reply whose branch is shown; null for the whole discussion, or if there is no such reply. */
  async #fetchRoot() {
    return this.root === null ? null : this.#fetchReply(this.root);
  }

  async #fetchReply(sequence) {
    const { discussion } = await this.#session.execute(documents.REPLY_AT, { number: this.number, sequence });
    return discussion?.reply ?? null;
  }

  async #page(name, variables, merge) {
    this.loading.add(name);
    this.notify();
    try {
      const { discussion } = await this.#session.execute(documents.THREAD_PAGE, {
        number: this.number,
        order: this.thread.order,
        ...variables,
      });
      if (discussion?.thread) merge(discussion.thread, discussion.eventNumber);
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
    let isToReload = false;
    items.forEach((item, at) => {
      if (item.__typename === "CaughtUp") {
        this.missed = [...this.missed, ...this.#replayed];
        this.#replayed = [];
      }
      if (!item.discussion) return;
      const { reply } = item;
      const isNew = item.__typename === "ReplyAdded" && reply.state === "VISIBLE" && !this.thread.replies.has(reply.sequence);
      this.thread.apply(item);
      if (item.clientMutationId) this.#outbox.settle(item.clientMutationId);
      if (reply?.state === "DELETED") this.unseen.delete(reply.sequence);
      isToReload ||= this.thread.lacks(item) || (item.changes ?? []).some((change) => OF_ALL_POSTS.has(change));
      if (!isNew || !this.thread.holds(reply.path)) return;
      if (reply.author?.id === this.#session.viewer?.user.id) return;
      if (at < replayed) this.#replayed.push(reply.sequence);
      arrived.push(reply);
      this.unseen.set(reply.sequence, reply);
    });
    if (arrived.length) this.onArrived(arrived);
    if (isToReload) this.#reload().catch((error) => console.info("The thread could not be loaded again:", error.message));
    this.notify();
  }

  #sent({ reply, edge }, entry) {
    if (entry.discussionId !== this.discussion?.id) return;
    this.onOwnReply(reply, this.thread.apply({ eventNumber: reply.lastEvent, reply, edge }), entry);
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
