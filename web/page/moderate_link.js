// The moderators' link in the header, with the number of what waits for a decision, live.
import { Follower, Icon, Observable, connection, formatNumber, html, moderatePath, session, t, useEffect, useMemo, useObservables } from "./app.js";
import { OPEN_ITEMS, OPEN_ITEM_EVENTS } from "./moderate_documents.js";

/** How many are counted: of more it is only said that there are more. */
const COUNTED = 100;

/** The ids of the open review items. */
class OpenItems extends Observable {
  ids = new Set();
  hasMore = false;
  #follower = null;
  #isClosed = false;

  async open() {
    try {
      const cursor = await this.#load();
      // Where connections are few, they are kept for what the view follows.
      if (this.#isClosed || connection.hasFewConnections) return;
      this.#follower = new Follower(connection, {
        query: OPEN_ITEM_EVENTS,
        field: "moderationEvents",
        cursor,
        handle: (items) => this.#handle(items),
        resync: () => this.#load(),
      });
    } catch (error) {
      console.info("The open items could not be counted:", error.message);
    }
  }

  close() {
    this.#isClosed = true;
    this.#follower?.stop();
  }

  async #load() {
    const { moderationCursor, reviewQueue } = await session.execute(OPEN_ITEMS, { first: COUNTED });
    this.ids = new Set(reviewQueue.nodes.map(({ id }) => id));
    this.hasMore = reviewQueue.pageInfo.hasNextPage;
    this.notify();
    return moderationCursor;
  }

  #handle(items) {
    for (const { reviewItem } of items) {
      if (reviewItem?.state === "OPEN") this.ids.add(reviewItem.id);
      else if (reviewItem) this.ids.delete(reviewItem.id);
    }
    this.notify();
  }
}

export function ModerateLink({ isCurrent }) {
  const viewer = session.viewer.user.id;
  const items = useMemo(() => new OpenItems(), [viewer]);
  useObservables(items);
  useEffect(() => {
    items.open();
    return () => items.close();
  }, [items]);
  const count = items.ids.size;
  return html`<a class="button moderate-link" href=${moderatePath()} aria-current=${isCurrent ? "page" : null} data-open=${count}>
    <${Icon} name="shield" /><span class="moderate-word">${t("moderation.link")}</span>
    ${count > 0 && html`<span class="open-count" aria-hidden="true">${formatNumber(count)}${items.hasMore && "+"}</span><span class="unseen">${t("moderation.waiting", { count, isExact: !items.hasMore })}</span>`}
  </a>`;
}
