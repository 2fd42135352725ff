// The review items that wait for a decision, oldest first, live. None moves: what is decided stays in its place until it is
// cleared, and what is new comes at the end.
import { Follower, Observable, asErrors, connection, newKey, session } from "./app.js";
import { CLAIM, DECIDE, MODERATION_EVENTS, QUEUE } from "./moderate_documents.js";

const PAGE = 20;

export class ReviewItems extends Observable {
  nodes = [];
  errors = [];
  hasMore = false;
  isLoading = true;
  follower = null;
  /** The audit entries about each item, by the item's id and the act: a decision may suspend somebody as well. */
  #entries = new Map();
  /** The ids of items that somebody else decided, or that changed, while this moderator was about to decide them. */
  conflicts = new Set();
  #filter;
  #cursor = null;
  #turn = 0;

  /** `kind`: "REPORTED" or "HELD"; null for both. */
  constructor(kind) {
    super();
    this.#filter = { state: "OPEN", ...(kind && { kind }) };
  }

  /** The audit entry of the decision of an item, once it has arrived; else null. */
  entryOf({ id, decision }) {
    return this.#entries.get(`${id} ${decision?.action}`) ?? null;
  }

  /** How many are decided and still shown. */
  get decided() {
    return this.nodes.filter(({ state }) => state === "DECIDED").length;
  }

  async open() {
    this.close();
    const turn = this.#turn;
    const cursor = await this.#load(null);
    if (cursor === null || turn !== this.#turn) return;
    this.follower = new Follower(connection, {
      query: MODERATION_EVENTS,
      field: "moderationEvents",
      cursor,
      handle: (items) => this.#handle(items),
      resync: () => this.#load(null),
    });
    this.notify();
  }

  close() {
    this.#turn += 1;
    this.follower?.stop();
    this.follower = null;
  }

  async more() {
    if (!this.isLoading && this.hasMore) await this.#load(this.#cursor);
  }

  /** Takes the decided items away. */
  clear() {
    this.nodes = this.nodes.filter(({ state }) => state === "OPEN");
    this.conflicts.clear();
    this.notify();
  }

  /** Decides an item as it is shown. Returns the errors; after a conflict the item is shown as it is now. */
  async decide(item, { action, reason = null, suspendAuthorUntil = null }) {
    const input = { reviewItemId: item.id, action, reason, suspendAuthorUntil, expectedVersion: item.version, clientMutationId: newKey() };
    try {
      const { reviewItem, errors } = (await session.execute(DECIDE, { input })).decideReview;
      const current = errors.find((error) => "current" in error)?.current;
      if (current) this.conflicts.add(item.id);
      else this.conflicts.delete(item.id);
      this.#take(reviewItem ?? current);
      this.notify();
      return errors;
    } catch (error) {
      return asErrors(error);
    }
  }

  /** Takes an item, so that others see that somebody is at it, or with `release` gives it back. Returns the errors. */
  async claim(item, release = false) {
    try {
      const { reviewItem, errors } = (await session.execute(CLAIM, { input: { reviewItemId: item.id, release } })).claimReview;
      this.#take(reviewItem);
      this.notify();
      return errors;
    } catch (error) {
      return asErrors(error);
    }
  }

  /** Loads a page. Returns the cursor of the moderation log, null if it failed. */
  async #load(after) {
    const turn = this.#turn;
    this.isLoading = true;
    this.errors = [];
    this.notify();
    try {
      const { moderationCursor, reviewQueue } = await session.execute(QUEUE, { filter: this.#filter, first: PAGE, after });
      if (turn !== this.#turn) return null;
      if (!after) this.nodes = [];
      for (const item of reviewQueue.nodes) this.#take(item, true);
      this.hasMore = reviewQueue.pageInfo.hasNextPage;
      this.#cursor = reviewQueue.pageInfo.endCursor;
      return moderationCursor;
    } catch (error) {
      this.errors = asErrors(error);
      return null;
    } finally {
      this.isLoading = false;
      this.notify();
    }
  }

  #handle(items) {
    for (const { reviewItem, entry } of items) {
      if (reviewItem) this.#take(reviewItem);
      if (entry?.reviewItem) this.#entries.set(`${entry.reviewItem.id} ${entry.action}`, entry);
      // An act that was undone can't be undone again.
      if (entry?.undoes) for (const [key, known] of this.#entries) if (known.id === entry.undoes.id) this.#entries.delete(key);
    }
    this.notify();
  }

  /** Takes an item as it is now, if that is no older than what is known. New ones come at the end, if the end is loaded. */
  #take(item, isOfPage = false) {
    if (!item || (this.#filter.kind && item.kind !== this.#filter.kind)) return;
    const known = this.nodes.find(({ id }) => id === item.id);
    if (known) {
      if (item.version < known.version) return;
      // A decided item has its words no more; here they stay where they were read, unless they are erased.
      const taken = item.author ? { ...item, body: item.body ?? known.body, title: item.title ?? known.title } : item;
      this.nodes = this.nodes.map((one) => (one === known ? taken : one));
    } else if (item.state === "OPEN" && (isOfPage || !this.hasMore)) {
      this.nodes = [...this.nodes, item];
    }
  }
}
