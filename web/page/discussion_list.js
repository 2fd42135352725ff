// A live list of discussions: each new reply updates the place and the counts of its discussion.
import { Observable } from "./observable.js";
import * as documents from "./documents.js";
import { connection, session } from "./state.js";
import { Follower } from "./follower.js";
import { asErrors } from "./components.js";

const FRESH_MS = 2_500;
/** How often the list is loaded again, for new discussions without replies: the feed has replies only. */
const REFRESH_MS = 10_000;

const kept = new Map();

/** The list of a category in an order. It is kept, so that a visitor who comes back finds it as it was. */
export function listOf({ categoryId, field }) {
  const kind = JSON.stringify([categoryId, field]);
  if (!kept.has(kind)) kept.set(kind, new DiscussionList({ categoryId, field }));
  return kept.get(kind);
}

export class DiscussionList extends Observable {
  nodes = [];
  errors = [];
  fresh = new Set();
  hasMore = false;
  isLoading = true;
  follower = null;
  #filter;
  #field;
  #cursor = null;
  #turn = 0;
  #timer = null;
  #refreshIfVisible = () => document.hidden || this.#refresh().catch((error) => console.info("The list could not be refreshed:", error.message));

  constructor({ categoryId, field }) {
    super();
    this.#filter = categoryId ? { categoryId } : null;
    this.#field = field;
  }

  static search(query, after) {
    return session.execute(documents.SEARCH, { query, after });
  }

  async open() {
    this.close();
    const turn = this.#turn;
    const feedCursor = await (this.nodes.length ? this.#refresh().catch(() => this.#load(null)) : this.#load(null));
    if (feedCursor === null || turn !== this.#turn) return;
    this.follower = new Follower(connection, {
      query: documents.FEED,
      field: "feed",
      cursor: feedCursor,
      handle: (items) => this.#handle(items),
      resync: () => this.#load(null),
    });
    this.#timer = setInterval(this.#refreshIfVisible, REFRESH_MS);
    document.addEventListener("visibilitychange", this.#refreshIfVisible);
    this.notify();
  }

  close() {
    this.#turn += 1;
    clearInterval(this.#timer);
    document.removeEventListener("visibilitychange", this.#refreshIfVisible);
    this.follower?.stop();
    this.follower = null;
  }

  async more() {
    if (!this.isLoading && this.hasMore) await this.#load(this.#cursor);
  }

  async #load(after) {
    this.isLoading = true;
    this.errors = [];
    const turn = this.#turn;
    this.notify();
    try {
      const { discussions, feedCursor } = await this.#fetchPage(after);
      if (turn !== this.#turn) return null;
      const known = after ? this.nodes : [];
      const ids = new Set(known.map(({ id }) => id));
      this.nodes = [...known, ...discussions.nodes.filter(({ id }) => !ids.has(id))];
      this.hasMore = discussions.pageInfo.hasNextPage;
      this.#cursor = discussions.pageInfo.endCursor;
      return feedCursor;
    } catch (error) {
      this.errors = asErrors(error);
      return null;
    } finally {
      this.isLoading = false;
      this.notify();
    }
  }

  #fetchPage(after) {
    const orderBy = { field: this.#field, direction: "DESC" };
    return session.execute(documents.DISCUSSIONS, { after, filter: this.#filter, orderBy });
  }

  /** Loads the first page again and merges what is new or has changed. Returns the feed's cursor. */
  async #refresh() {
    const turn = this.#turn;
    const { discussions, feedCursor } = await this.#fetchPage(null);
    if (turn !== this.#turn) return null;
    const known = new Map(this.nodes.map((one) => [one.id, one]));
    const read = new Set(discussions.nodes.map(({ id }) => id));
    for (const id of read) if (!known.has(id)) this.#highlight(id);
    // The feed may have brought a reply that the page does not count yet.
    const newer = discussions.nodes.map((one) => (known.get(one.id)?.replyCount > one.replyCount ? known.get(one.id) : one));
    const overlaps = this.nodes.some(({ id }) => read.has(id));
    this.nodes = overlaps ? [...newer, ...this.nodes.filter(({ id }) => !read.has(id))] : newer;
    if (!overlaps) {
      this.hasMore = discussions.pageInfo.hasNextPage;
      this.#cursor = discussions.pageInfo.endCursor;
    }
    this.errors = [];
    this.notify();
    return feedCursor;
  }

  #handle(items) {
    for (const { event } of items) {
      if (!event) continue;
      const { discussion } = event;
      const known = this.nodes.find(({ id }) => id === discussion.id);
      // The place of an unlisted discussion is known in one order only: by activity it comes first.
      if (!known && (this.#filter || this.#field !== "LAST_ACTIVITY_AT")) continue;
      const rest = this.nodes.filter(({ id }) => id !== discussion.id);
      if (this.#field === "LAST_ACTIVITY_AT") this.nodes = [discussion, ...rest];
      else this.nodes = this.nodes.map((one) => (one.id === discussion.id ? discussion : one));
      this.#highlight(discussion.id);
    }
    this.notify();
  }

  #highlight(id) {
    this.fresh = new Set([...this.fresh, id]);
    setTimeout(() => {
      this.fresh = new Set([...this.fresh].filter((one) => one !== id));
      this.notify();
    }, FRESH_MS);
  }
}
