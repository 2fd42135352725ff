// What a search finds, page by page: posts by discussion, or those of one discussion.
import { Observable } from "./observable.js";
import * as documents from "./documents.js";
import { session } from "./state.js";
import { asErrors } from "./components.js";
import { MAX_NUMBER, searchPath } from "./router.js";

const ORDERS = { newest: "NEWEST" };

let kept = null;

/** The results for the parameters of the search page's address. The last ones are kept for a visitor who comes back. */
export function resultsOf(place) {
  if (kept?.address !== searchPath(place)) kept = new SearchResults(place);
  return kept;
}

export class SearchResults extends Observable {
  edges = [];
  totalCount = 0;
  isExact = true;
  errors = [];
  hasMore = false;
  /** Whether the first page is there. */
  isLoaded = false;
  isLoading = false;
  /** Whom and what the filters name. */
  author = null;
  category = null;
  discussion = null;
  /** The name of a filter that names what there is not; otherwise null. */
  unknown = null;
  #place;
  #filter = null;
  #cursor = null;

  constructor(place) {
    super();
    this.#place = place;
    this.address = searchPath(place);
  }

  /** Loads the first page, or the next one. */
  async load() {
    if (this.isLoading || !this.#place.query.trim()) return;
    this.isLoading = true;
    this.errors = [];
    this.notify();
    try {
      this.#filter ??= await this.#filterOf(this.#place);
      if (!this.unknown) this.#add(await this.#fetchPage());
      this.isLoaded = true;
    } catch (error) {
      this.errors = asErrors(error);
    }
    this.isLoading = false;
    this.notify();
  }

  async #fetchPage() {
    const { query, order, discussion } = this.#place;
    const variables = { query, filter: this.#filter, orderBy: ORDERS[order] ?? "RELEVANCE", after: this.#cursor };
    const { found } = await session.execute(discussion ? documents.SEARCH_POSTS : documents.SEARCH_DISCUSSIONS, variables);
    return found;
  }

  #add({ edges, totalCount, totalCountIsExact, pageInfo }) {
    this.edges = [...this.edges, ...edges.map((edge) => ({ post: edge.node, matchCount: 1, ...edge }))];
    this.totalCount = totalCount;
    this.isExact = totalCountIsExact;
    this.hasMore = pageInfo.hasNextPage;
    this.#cursor = pageInfo.endCursor;
  }

  /** The filter of the API. Handles, slugs and numbers become ids, so the server is asked for what they name. */
  async #filterOf({ author, category, discussion, from, to }) {
    const filter = { createdAfter: startOf(from), createdBefore: startOf(to, 1) };
    if (author || category || discussion) {
      const number = /^\d{1,10}$/.test(discussion) ? Math.min(Number(discussion), MAX_NUMBER) : 0;
      const named = { by: Boolean(author), within: Boolean(category), in: Boolean(discussion) };
      Object.assign(this, await session.execute(documents.SEARCH_FILTER, { author, category, number, ...named }));
      this.unknown = Object.entries({ author, category, discussion }).find(([name, given]) => given && !this[name])?.[0] ?? null;
      for (const name of ["author", "category", "discussion"]) if (this[name]) filter[`${name}Id`] = this[name].id;
    }
    return filter;
  }
}

/** The moment at which a date begins here, or the one so many `days` after it; null for what is no date. */
function startOf(date, days = 0) {
  const begin = new Date(`${date}T00:00`);
  if (!date || Number.isNaN(begin.getTime())) return null;
  begin.setDate(begin.getDate() + days);
  return begin.toISOString();
}
