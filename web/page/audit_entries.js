// The entries of the audit log, newest first, live. New ones wait to be shown, so that none moves while it is read.
import { Follower, Observable, asErrors, connection, session } from "./app.js";
import { ENTRIES, LOG, LOG_EVENTS } from "./moderate_documents.js";

const PAGE = 30;
/** How often the progress of acts that are under way is looked up. */
const PROGRESS_MS = 1_500;

/** Whether an act on many posts is under way. */
export function isUnderWay({ total, done, skipped }) {
  return total !== null && (done ?? 0) + (skipped ?? 0) < total;
}

export class AuditEntries extends Observable {
  nodes = [];
  errors = [];
  hasMore = false;
  isLoading = true;
  follower = null;
  /** New entries that are not shown yet, newest first. */
  waiting = [];
  #filter;
  #holds;
  #cursor = null;
  #timer = null;
  #turn = 0;

  /** `filter`: an AuditFilter; `holds(entry)` says the same of an entry. */
  constructor(filter, holds) {
    super();
    this.#filter = filter;
    this.#holds = holds;
  }

  async open() {
    this.close();
    const turn = this.#turn;
    const cursor = await this.#load(null);
    if (cursor === null || turn !== this.#turn) return;
    this.follower = new Follower(connection, {
      query: LOG_EVENTS,
      field: "moderationEvents",
      cursor,
      handle: (items) => this.#handle(items),
      resync: () => this.#load(null),
    });
    this.notify();
  }

  close() {
    this.#turn += 1;
    clearTimeout(this.#timer);
    this.follower?.stop();
    this.follower = null;
  }

  async more() {
    if (!this.isLoading && this.hasMore) await this.#load(this.#cursor);
  }

  /** Shows the entries that wait. */
  show() {
    this.nodes = [...this.waiting, ...this.nodes];
    this.waiting = [];
    this.#watch();
    this.notify();
  }

  /** Takes the entry of what this moderator has just undone. */
  undone(entry) {
    this.#add([entry]);
    this.show();
  }

  /** Loads a page. Returns the cursor of the moderation log, null if it failed. */
  async #load(after) {
    const turn = this.#turn;
    this.isLoading = true;
    this.errors = [];
    this.notify();
    try {
      const { moderationCursor, auditLog } = await session.execute(LOG, { filter: this.#filter, first: PAGE, after });
      if (turn !== this.#turn) return null;
      if (!after) this.waiting = [];
      this.nodes = after ? [...this.nodes, ...auditLog.nodes] : auditLog.nodes;
      this.hasMore = auditLog.pageInfo.hasNextPage;
      this.#cursor = auditLog.pageInfo.endCursor;
      this.#watch();
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
    this.#add(items.map(({ entry }) => entry).filter(Boolean));
    this.notify();
  }

  #add(entries) {
    for (const entry of entries) {
      if (entry.undoes) this.#replace({ id: entry.undoes.id, canUndo: false, undoneBy: { id: entry.id } });
      const isKnown = [...this.waiting, ...this.nodes].some(({ id }) => id === entry.id);
      if (isKnown) this.#replace(entry);
      else if (this.#holds(entry)) this.waiting = [entry, ...this.waiting];
    }
  }

  /** Changes what is known of an entry. */
  #replace(changed) {
    const replaced = (entry) => (entry.id === changed.id ? { ...entry, ...changed } : entry);
    this.nodes = this.nodes.map(replaced);
    this.waiting = this.waiting.map(replaced);
  }

  /** Looks up the progress of shown acts until they are done. */
  #watch() {
    clearTimeout(this.#timer);
    const ids = this.nodes.filter(isUnderWay).map(({ id }) => id);
    if (!ids.length) return;
    const turn = this.#turn;
    this.#timer = setTimeout(async () => {
      try {
        const { nodes } = await session.execute(ENTRIES, { ids });
        if (turn !== this.#turn) return;
        for (const entry of nodes.filter(Boolean)) this.#replace(entry);
        this.notify();
      } catch (error) {
        // The next look may succeed.
        console.info("The progress could not be read:", error.message);
      }
      if (turn === this.#turn) this.#watch();
    }, PROGRESS_MS);
  }
}
