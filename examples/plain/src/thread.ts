// What is known of a thread: its replies, each once and in its newest version, in reading order.
import type { Discussion, Item, Page, Reply } from "./documents";
import { comparePaths, inReadingOrder } from "../../shared/paths";

export class Thread {
  readonly id: string;
  readonly eventCursor: string;
  title: string;
  replyCount: number;
  /** The cursor of the next page; null where all are loaded. */
  more: string | null = null;
  readonly #known = new Map<string, Reply>();
  /** The last reply of the pages loaded; null where all are. */
  #end: readonly number[] | null = null;

  constructor({ id, title, replyCount, eventCursor, thread }: Discussion) {
    this.id = id;
    this.eventCursor = eventCursor;
    this.title = title;
    this.replyCount = replyCount;
    this.addPage(thread);
  }

  /** From top to bottom. Replies behind the pages loaded that came in live are shown with the pages before them. */
  get replies(): Reply[] {
    const end = this.#end;
    const loaded = [...this.#known.values()].filter(({ path }) => !end || comparePaths(path, end) <= 0);
    return inReadingOrder(loaded, ({ id }) => id, ({ path }) => path);
  }

  addPage({ nodes, pageInfo }: Page): void {
    for (const reply of nodes) this.take(reply);
    this.more = pageInfo.hasNextPage ? pageInfo.endCursor : null;
    this.#end = pageInfo.hasNextPage ? (nodes.at(-1)?.path ?? null) : null;
  }

  /** Takes in a reply, from wherever it comes. Of two copies the one with the higher version is the newer. */
  take(reply: Reply): void {
    const known = this.#known.get(reply.id);
    if (!known || known.version <= reply.version) this.#known.set(reply.id, reply);
  }

  /** Takes in what the stream brings. Counts are absolute, so it does no harm to receive an event twice. */
  handle(item: Item): void {
    switch (item.__typename) {
      case "ReplyAdded":
        this.replyCount = item.discussion.replyCount;
        return this.take(item.reply);
      case "ReplyEdited":
      case "ReplyDeleted":
        return this.take(item.reply);
      case "QuoteStatusChanged":
        return "id" in item.post ? this.take(item.post) : undefined;
      case "DiscussionUpdated":
        this.title = item.discussion.title;
    }
  }
}
