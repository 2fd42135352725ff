// A list of discussions that follows the feed. Its rows stay in their places while it is read: only their contents change by
// themselves.
import { Observable } from "./observable.js";
import * as documents from "./documents.js";
import { connection, session, site } from "./state.js";
import { Follower } from "./follower.js";
import { asErrors } from "./components.js";

const FRESH_MS = 2_500;
/** How many discussions' newest copies are kept, to be merged into pages that the server read before. */
const MAX_RECENT = 500;
/** The events whose discussions are highlighted: others change little or nothing in a row. */
const HIGHLIGHTED = new Set(["DiscussionStarted", "ReplyAdded", "ReplyDeleted", "ReplyRestored", "DiscussionUpdated"]);
/** More than any key: pinned discussions come before all others. */
const PINNED = 2 ** 52;
/** What an order compares: the greatest comes first. */
const KEYS = {
  LAST_ACTIVITY_AT: ({ lastActivityAt }) => Date.parse(lastActivityAt),
  CREATED_AT: startedAt,
  REPLY_COUNT: ({ replyCount }) => replyCount,
};

const kept = new Map();

/** The list of a category in an order. It is kept, so that a visitor who comes back finds it as it was. */
export function listOf({ categoryId, field }) {
  const kind = JSON.stringify([categoryId, field]);
  if (!kept.has(kind)) kept.set(kind, new DiscussionList({ categoryId, field }));
  return kept.get(kind);
}

export class DiscussionList extends Observable {
  /** The discussions in the places in which they are shown. */
  nodes = [];
  errors = [];
  fresh = new Set();
  hasMore = false;
  isLoading = true;
  follower = null;
  #categoryId;
  #filter;
  #field;
  #key;
  #cursor = null;
  #feedCursor = null;
  /** As of when the list was complete when it was closed or loaded, in milliseconds. */
  #asOf = null;
  #turn = 0;
  /** Discussions of the list that have no place yet, by their ids. */
  #waiting = new Map();
  /** The ids of discussions that may belong to other places than their present ones, or to none. */
  #moved = new Set();
  /** When the newest discussion was started, at the time when all were last put into their places. */
  #newest = 0;
  /** A first page that has nothing in common with the list, and takes its place; otherwise null. */
  #successor = null;
  /** The newest copies that the feed has brought, by their ids. */
  #recent = new Map();

  constructor({ categoryId, field }) {
    super();
    this.#categoryId = categoryId;
    this.#filter = categoryId ? { categoryId } : null;
    this.#field = field;
    this.#key = (discussion) => KEYS[field](discussion) + (discussion.pinned ? PINNED : 0);
  }

  /** How many discussions `show()` would put into their places: those `started` since, and those `updated`. */
  get pending() {
    const waiting = [...this.#waiting.values()];
    const started = waiting.filter((one) => startedAt(one) > this.#newest).length;
    const sorted = this.#sorted(this.nodes);
    const moved = this.nodes.filter((one, at) => this.#moved.has(one.id) && (sorted[at] !== one || !this.#holds(one))).length;
    return { started, updated: waiting.length - started + moved };
  }

  /** Loads the list and follows it. With `keepsPlaces`, what has changed since it was shown waits for `show()`. */
  async open({ keepsPlaces = false } = {}) {
    this.close();
    const turn = this.#turn;
    const isKnown = this.nodes.length > 0 && this.#feedCursor !== null;
    if (!isKnown) await this.#load(null);
    if (this.#feedCursor === null || turn !== this.#turn) return;
    const follower = new Follower(connection, {
      query: documents.FEED,
      field: "feed",
      variables: { filter: this.#filter },
      cursor: this.#feedCursor,
      asOf: this.#asOf,
      handle: (items) => this.#handle(items),
      resync: () => this.#resync(),
    });
    this.follower = follower;
    if (!keepsPlaces) {
      const stop = follower.subscribe(() => {
        if (follower.state !== "live") return;
        stop();
        this.show();
      });
    }
    this.notify();
  }

  close() {
    this.#turn += 1;
    this.#asOf = this.follower?.asOf ?? this.#asOf;
    this.follower?.stop();
    this.follower = null;
  }

  async more() {
    if (!this.isLoading && this.hasMore) await this.#load(this.#cursor);
  }

  /** Puts all discussions into their places. */
  show() {
    for (const id of [...this.#waiting.keys(), ...this.#moved]) this.#highlight(id);
    const successor = this.#successor;
    let nodes = [...this.nodes, ...this.#waiting.values()];
    if (successor) {
      this.#continueFrom(successor);
      const last = this.#key(successor.nodes.at(-1));
      nodes = [...this.#waiting.values()].filter((one) => this.#key(one) >= last);
    }
    this.nodes = this.#sorted(nodes.filter((one) => this.#holds(one)));
    this.#settle();
    this.notify();
  }

  async #load(after) {
    this.isLoading = true;
    this.errors = [];
    const turn = this.#turn;
    this.notify();
    try {
      const { discussions, feedCursor } = await this.#fetchPage(after);
      if (turn !== this.#turn) return;
      this.#continueFrom(discussions);
      if (after) {
        const known = new Set(this.nodes.map(({ id }) => id));
        const nodes = discussions.nodes.filter(({ id }) => !known.has(id));
        for (const { id } of nodes) this.#waiting.delete(id);
        this.nodes = [...this.nodes, ...nodes];
        this.#merge(nodes.map(({ id }) => this.#recent.get(id)).filter(Boolean));
      } else {
        this.nodes = discussions.nodes;
        this.#feedCursor = feedCursor;
        this.#asOf = Date.now();
        this.#settle();
      }
    } catch (error) {
      this.errors = asErrors(error);
    } finally {
      this.isLoading = false;
      this.notify();
    }
  }

  /** Loads a page. The first one begins with the pinned discussions, which come nowhere else. */
  async #fetchPage(after) {
    const orderBy = { field: this.#field, direction: "DESC" };
    const asked = { after, filter: this.#filter, orderBy, pinned: { ...this.#filter, pinned: true }, isFirst: !after };
    const { discussions, pinned, feedCursor } = await session.execute(documents.DISCUSSIONS, asked);
    const others = discussions.nodes.filter((one) => !pinned?.nodes.some(({ id }) => id === one.id));
    return { feedCursor, discussions: { ...discussions, nodes: [...(pinned?.nodes ?? []), ...others] } };
  }

  #continueFrom({ pageInfo }) {
    this.hasMore = pageInfo.hasNextPage;
    this.#cursor = pageInfo.endCursor;
  }

  /** Nothing waits any more. */
  #settle() {
    this.#waiting.clear();
    this.#moved.clear();
    this.#successor = null;
    this.#newest = Math.max(...this.nodes.map(startedAt), 0);
  }

  /** Loads the first page again, since the feed can't be resumed. Returns the feed's cursor. */
  async #resync() {
    const turn = this.#turn;
    const { discussions, feedCursor } = await this.#fetchPage(null);
    if (turn !== this.#turn) return null;
    this.#recent.clear();
    this.#feedCursor = feedCursor;
    const known = new Set(this.nodes.map(({ id }) => id));
    if (known.size && !discussions.nodes.some(({ id }) => known.has(id))) this.#successor = discussions;
    this.#merge(discussions.nodes, { isAnotherHistory: true });
    this.errors = [];
    this.notify();
    return feedCursor;
  }

  #handle(items) {
    const discussions = [];
    for (const { event, cursor } of items) {
      this.#feedCursor = cursor;
      if (event?.discussion) {
        discussions.push(event.discussion);
        if (HIGHLIGHTED.has(event.__typename)) this.#highlight(event.discussion.id);
      } else if (event?.__typename === "UserChanged") {
        this.#replaceUser(event.user.id, event.user);
      } else if (event?.__typename === "UserErased") {
        this.#replaceUser(event.userId, null);
      } else if (event?.__typename === "CategoryChanged") {
        this.#replaceCategory(event.categoryId, event.category);
      }
    }
    for (const one of discussions) this.#remember(one);
    this.#merge(discussions);
    this.notify();
  }

  #remember(discussion) {
    if (isOlder(discussion, this.#recent.get(discussion.id))) return;
    this.#recent.delete(discussion.id);
    this.#recent.set(discussion.id, discussion);
    if (this.#recent.size > MAX_RECENT) this.#recent.delete(this.#recent.keys().next().value);
  }

  /** Takes discussions as they are now. What the viewer has done is shown at once. */
  #merge(discussions, { isAnotherHistory = false } = {}) {
    let isOwn = false;
    for (const discussion of discussions) {
      const { id } = discussion;
      const known = this.nodes.find((one) => one.id === id) ?? this.#waiting.get(id);
      if (!isAnotherHistory && isOlder(discussion, known)) continue;
      const isPlaced = known && !this.#waiting.has(id);
      const isMoved = !isPlaced || this.#key(known) !== this.#key(discussion) || !this.#holds(discussion);
      if (isPlaced) this.nodes = this.nodes.map((one) => (one === known ? discussion : one));
      else if (!this.#holds(discussion)) this.#waiting.delete(id);
      // What comes after the loaded part of the list is loaded with its page.
      else if (known || !this.hasMore || this.#key(discussion) >= this.#key(this.nodes.at(-1))) this.#waiting.set(id, discussion);
      else continue;
      if (isPlaced && isMoved) this.#moved.add(id);
      isOwn ||= isMoved && this.#holds(discussion) && lastWriter(discussion)?.id === (session.viewer?.user.id ?? null);
    }
    if (isOwn) this.show();
  }

  /** Whether a discussion belongs to the list. */
  #holds({ state, category }) {
    return state === "VISIBLE" && (!this.#categoryId || category?.id === this.#categoryId);
  }

  #replaceUser(id, user) {
    const replaced = (author) => (author?.id === id ? user : author);
    this.#change((discussion) => ({
      ...discussion,
      author: replaced(discussion.author),
      latest: { nodes: discussion.latest.nodes.map((post) => ({ ...post, author: replaced(post.author) })) },
    }));
  }

  #replaceCategory(id, category) {
    site.replaceCategory(id, category);
    this.#change((discussion) => (discussion.category?.id === id ? { ...discussion, category } : discussion));
  }

  /** Replaces all known copies of the discussions. */
  #change(changed) {
    this.nodes = this.nodes.map(changed);
    for (const copies of [this.#waiting, this.#recent]) for (const [id, one] of copies) copies.set(id, changed(one));
  }

  #sorted(discussions) {
    return [...discussions].sort((one, other) => this.#key(other) - this.#key(one));
  }

  #highlight(id) {
    this.fresh = new Set([...this.fresh, id]);
    setTimeout(() => {
      this.fresh = new Set([...this.fresh].filter((one) => one !== id));
      this.notify();
    }, FRESH_MS);
  }
}

function startedAt({ createdAt }) {
  return Date.parse(createdAt);
}

/** Whether a copy of a discussion is from before another one, if there is one. */
function isOlder({ eventNumber }, known) {
  return known !== undefined && eventNumber < known.eventNumber;
}

/** Who has written last in a discussion. */
function lastWriter({ author, latest }) {
  return (latest.nodes.at(-1) ?? { author }).author;
}
