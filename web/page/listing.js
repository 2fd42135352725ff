// A list of discussions that keeps up: whatever is replied to anywhere moves its discussion and its counts.
import { Changing } from "./changing.js";
import * as documents from "./documents.js";
import { connection, session } from "./here.js";
import { Follower } from "./follower.js";
import { asErrors } from "./parts.js";

const FRESH_MS = 2_500;
/** How often the list is looked at for discussions that nobody has replied to yet: the feed tells of replies alone. */
const LOOK_MS = 10_000;

const kept = new Map();

/** The list of a kind; the one that was shown before, where there is one, so that coming back finds it as it was. */
export function listingOf({ categoryId, field }) {
  const kind = JSON.stringify([categoryId, field]);
  if (!kept.has(kind)) kept.set(kind, new Listing({ categoryId, field }));
  return kept.get(kind);
}

export class Listing extends Changing {
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
  #seen = () => document.hidden || this.#look().catch((error) => console.info("The list was not looked at:", error.message));

  constructor({ categoryId, field }) {
    super();
    this.#filter = categoryId ? { categoryId } : null;
    this.#field = field;
  }

  static search(query, after) {
    return session.ask(documents.SEARCH, { query, after });
  }

  async open() {
    this.close();
    const turn = this.#turn;
    const feedCursor = await (this.nodes.length ? this.#look().catch(() => this.#load(null)) : this.#load(null));
    if (feedCursor === null || turn !== this.#turn) return;
    this.follower = new Follower(connection, {
      query: documents.FEED,
      field: "feed",
      cursor: feedCursor,
      handle: (items) => this.#handle(items),
      resync: () => this.#load(null),
    });
    this.#timer = setInterval(this.#seen, LOOK_MS);
    document.addEventListener("visibilitychange", this.#seen);
    this.changed();
  }

  close() {
    this.#turn += 1;
    clearInterval(this.#timer);
    document.removeEventListener("visibilitychange", this.#seen);
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
    this.changed();
    try {
      const { discussions, feedCursor } = await this.#ask(after);
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
      this.changed();
    }
  }

  #ask(after) {
    const orderBy = { field: this.#field, direction: "DESC" };
    return session.ask(documents.DISCUSSIONS, { after, filter: this.#filter, orderBy });
  }

  /** Reads the first page once more, and takes in what is new or has changed. Gives the feed's cursor. */
  async #look() {
    const turn = this.#turn;
    const { discussions, feedCursor } = await this.#ask(null);
    if (turn !== this.#turn) return null;
    const known = new Map(this.nodes.map((one) => [one.id, one]));
    const read = new Set(discussions.nodes.map(({ id }) => id));
    for (const id of read) if (!known.has(id)) this.#freshen(id);
    // The feed may have told of a reply that the page does not count yet.
    const newer = discussions.nodes.map((one) => (known.get(one.id)?.replyCount > one.replyCount ? known.get(one.id) : one));
    const goesOn = this.nodes.some(({ id }) => read.has(id));
    this.nodes = goesOn ? [...newer, ...this.nodes.filter(({ id }) => !read.has(id))] : newer;
    if (!goesOn) {
      this.hasMore = discussions.pageInfo.hasNextPage;
      this.#cursor = discussions.pageInfo.endCursor;
    }
    this.errors = [];
    this.changed();
    return feedCursor;
  }

  #handle(items) {
    for (const { event } of items) {
      if (!event) continue;
      const { discussion } = event;
      const known = this.nodes.find(({ id }) => id === discussion.id);
      // Outside of what is listed it is not known where it belongs, but by activity it comes first.
      if (!known && (this.#filter || this.#field !== "LAST_ACTIVITY_AT")) continue;
      const rest = this.nodes.filter(({ id }) => id !== discussion.id);
      if (this.#field === "LAST_ACTIVITY_AT") this.nodes = [discussion, ...rest];
      else this.nodes = this.nodes.map((one) => (one.id === discussion.id ? discussion : one));
      this.#freshen(discussion.id);
    }
    this.changed();
  }

  #freshen(id) {
    this.fresh = new Set([...this.fresh, id]);
    setTimeout(() => {
      this.fresh = new Set([...this.fresh].filter((one) => one !== id));
      this.changed();
    }, FRESH_MS);
  }
}
