// A list of discussions that keeps up: whatever is replied to anywhere moves its discussion and its counts.
import { Changing } from "./changing.js";
import * as documents from "./documents.js";
import { connection, session } from "./here.js";
import { Follower } from "./follower.js";
import { asErrors } from "./parts.js";

const FRESH_MS = 2_500;

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
    const feedCursor = await this.#load(null);
    if (feedCursor === null || turn !== this.#turn) return;
    this.follower = new Follower(connection, {
      query: documents.FEED,
      field: "feed",
      cursor: feedCursor,
      handle: (items) => this.#handle(items),
      resync: () => this.#load(null),
    });
    this.changed();
  }

  close() {
    this.#turn += 1;
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
      const orderBy = { field: this.#field, direction: "DESC" };
      const { discussions, feedCursor } = await session.ask(documents.DISCUSSIONS, { after, filter: this.#filter, orderBy });
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
