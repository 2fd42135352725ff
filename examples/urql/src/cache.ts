// What Graphcache has to know of a thread: how its pages become one list, and where a new reply goes.
//
// The replies themselves need nothing: Graphcache keeps each once, by its id, and an event that brings it again updates it.
import { type Cache, cacheExchange, type Resolver } from "@urql/exchange-graphcache";
import type { EventsSubscription, EventsSubscriptionVariables } from "./generated/graphql";
import schema from "./generated/introspection";
import { comparePaths, inReadingOrder } from "../../shared/paths";

type Path = readonly number[];

/** Fields of our own in each discussion: the replies that came in live, and those that are in the thread no more. */
const LIVE = "liveReplies";
const UNLISTED = "unlistedReplies";

export function createCache() {
  return cacheExchange({
    schema,
    // Without an id of their own.
    keys: {
      CaughtUp: () => null,
      DiscussionStarted: () => null,
      DiscussionUpdated: () => null,
      PageInfo: () => null,
      PostChanged: () => null,
      QuoteStatusChanged: () => null,
      ReplyAdded: () => null,
      ReplyDeleted: () => null,
      ReplyEdited: () => null,
      ReplyRestored: () => null,
      ResyncRequired: () => null,
      ThreadEdge: () => null,
      ThreadConnection: () => null,
    },
    resolvers: { Discussion: { thread: wholeThread } },
    updates: {
      Subscription: {
        discussionEvents(result, args, cache) {
          const { discussionId } = args as EventsSubscriptionVariables;
          const item = (result as EventsSubscription).discussionEvents;
          if (item.__typename === "ReplyAdded" || item.__typename === "ReplyRestored") list(cache, discussionId, [item.reply.id]);
          if (item.__typename === "ReplyDeleted") unlist(cache, discussionId, item.unlisted);
        },
      },
    },
  });
}

/** Keeps replies with their discussion; one that is kept already stays the only one. */
function list(cache: Cache, discussionId: string, ids: readonly string[]): void {
  const [discussion, replies] = keysOf(cache, discussionId, ids);
  cache.link(discussion, LIVE, [...new Set([...keysIn(cache, discussion, LIVE), ...replies])]);
  cache.link(discussion, UNLISTED, keysIn(cache, discussion, UNLISTED).filter((key) => !replies.includes(key)));
}

/** Keeps what is deleted and has no answer left that can be read: the pages that were loaded have it still. */
function unlist(cache: Cache, discussionId: string, ids: readonly string[]): void {
  const [discussion, replies] = keysOf(cache, discussionId, ids);
  cache.link(discussion, UNLISTED, [...new Set([...keysIn(cache, discussion, UNLISTED), ...replies])]);
}

function keysOf(cache: Cache, discussionId: string, ids: readonly string[]): [string, string[]] {
  const keyOf = (__typename: string, id: string) => cache.keyOfEntity({ __typename, id })!;
  return [keyOf("Discussion", discussionId), ids.map((id) => keyOf("Reply", id))];
}

/** The pages that are loaded and the replies that came in live, in reading order, each once. */
const wholeThread: Resolver = (_discussion, args, cache, { parentKey }) => {
  // A page that was never loaded has to be fetched.
  if (!cache.resolve(parentKey, "thread", args)) return undefined;
  const pathOf = (reply: string): Path => (cache.resolve(reply, "path") as Path | undefined) ?? [];
  const pages = cache
    .inspectFields(parentKey)
    .filter(({ fieldName }) => fieldName === "thread")
    .map(({ fieldKey }) => {
      const page = cache.resolve(parentKey, fieldKey) as string;
      const nodes = keysIn(cache, page, "nodes");
      return { nodes, info: cache.resolve(page, "pageInfo") as string, end: pathOf(nodes.at(-1) ?? "") };
    })
    .sort((a, b) => comparePaths(a.end, b.end));
  const { info, end } = pages.at(-1)!;
  const hasNextPage = cache.resolve(info, "hasNextPage") as boolean;
  // Replies behind the pages that came in live are shown with the pages before them.
  const isLoaded = (reply: string) => !hasNextPage || comparePaths(pathOf(reply), end) <= 0;
  const unlisted = keysIn(cache, parentKey, UNLISTED);
  const known = [...pages.flatMap(({ nodes }) => nodes), ...keysIn(cache, parentKey, LIVE)];
  return {
    __typename: "ThreadConnection",
    nodes: inReadingOrder(known, (reply) => reply, pathOf).filter((reply) => isLoaded(reply) && !unlisted.includes(reply)),
    pageInfo: { __typename: "PageInfo", hasNextPage, endCursor: cache.resolve(info, "endCursor") as string },
  };
};

function keysIn(cache: Cache, entity: string | null, field: string): string[] {
  return (cache.resolve(entity, field) as string[] | null | undefined) ?? [];
}
