// What is known of a thread: its replies, each once and in its newest version, in reading order.
import type { Discussion, Heading, Item, Page, Reply } from "./documents";
import { comparePaths, inReadingOrder } from "../../shared/paths";

export class Thread {
  readonly id: string;
  readonly eventCursor: string;
  title = "";
  replyCount = 0;
  /** The number of the event that title and count are as of. */
  #eventNumber = 0;
  /** The cursor of the next page; null where all are loaded. */
  more: string | null = null;
  readonly #known = new Map<string, Reply>();
  /** Those that are deleted and have no answer left that can be read: they are in the thread no more. */
  readonly #unlisted = new Set<string>();
  /** The last reply of the pages loaded; null where all are. */
  #end: readonly number[] | null = null;

  constructor(discussion: Discussion) {
    this.id = discussion.id;
    this.eventCursor = discussion.eventCursor;
    this.#head(discussion);
    this.addPage(discussion.thread);
  }

  /** From top to bottom. Replies behind the pages loaded that came in live are shown with the pages before them. */
  get replies(): Reply[] {
    const end = this.#end;
    const listed = [...this.#known.values()].filter(({ id }) => !this.#unlisted.has(id));
    const loaded = listed.filter(({ path }) => !end || comparePaths(path, end) <= 0);
    return inReadingOrder(loaded, ({ id }) => id, ({ path }) => path);
  }

  addPage({ nodes, pageInfo }: Page): void {
    for (const reply of nodes) this.take(reply);
    this.more = pageInfo.hasNextPage ? pageInfo.endCursor : null;
    this.#end = pageInfo.hasNextPage ? (nodes.at(-1)?.path ?? null) : null;
  }

  /** Takes in a reply, from wherever it comes. Of two copies the one with the higher `lastEvent` is the newer. */
  take(reply: Reply): void {
    const known = this.#known.get(reply.id);
    if (!known || known.lastEvent <= reply.lastEvent) this.#known.set(reply.id, reply);
  }

  /** Takes in what the stream brings. Nothing is added up, so it does no harm to receive an event twice. */
  handle(item: Item): void {
    if ("discussion" in item) this.#head(item.discussion);
    if (item.__typename === "ReplyRestored") this.#unlisted.delete(item.reply.id);
    if ("reply" in item) this.take(item.reply);
    if ("unlisted" in item) for (const id of item.unlisted) this.#unlisted.add(id);
    if ("post" in item && "id" in item.post) this.take(item.post);
  }

  #head({ title, replyCount, eventNumber }: Heading): void {
    if (eventNumber >= this.#eventNumber) Object.assign(this, { title, replyCount });
    this.#eventNumber = Math.max(this.#eventNumber, eventNumber);
  }
}
