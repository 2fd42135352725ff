// What Apollo's cache has to know of a thread: how its pages become one list, and where a new reply goes.
//
// The replies themselves need nothing: Apollo keeps each once, by its id, and an event that brings it again updates it.
import { type ApolloCache, InMemoryCache, type Reference } from "@apollo/client";
import possible from "./generated/possibleTypes";
import { comparePaths, inReadingOrder } from "../../shared/paths";

type Path = readonly number[];

/** A thread as it is kept: all replies that are known, in reading order. */
interface Thread {
  nodes: readonly Reference[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
  /** The last reply of the pages loaded. Replies behind it that came in live are shown with the pages before them. */
  end: Path | null;
}

export function createCache(): InMemoryCache {
  return new InMemoryCache({
    possibleTypes: possible.possibleTypes,
    typePolicies: {
      Discussion: {
        fields: {
          thread: {
            // All pages are of one thread, whatever their arguments. (One with `root` or `order` would be another.)
            keyArgs: false,
            merge(known: Thread | undefined, page: Thread, { args, readField }): Thread {
              const pathOf = (reply: Reference): Path => readField<Path>("path", reply) ?? [];
              // The first page replaces the list, any other is appended to it.
              const nodes = args?.["after"] && known ? [...known.nodes, ...page.nodes] : page.nodes;
              const last = page.nodes.at(-1);
              return {
                ...page,
                nodes: inReadingOrder(nodes, (reply) => reply.__ref, pathOf),
                end: page.pageInfo.hasNextPage && last ? pathOf(last) : null,
              };
            },
            read(known: Thread | undefined, { readField }) {
              if (!known?.end) return known;
              const { end } = known;
              const isLoaded = (reply: Reference) => comparePaths(readField<Path>("path", reply) ?? [], end) <= 0;
              return { ...known, nodes: known.nodes.filter(isLoaded) };
            },
          },
        },
      },
    },
  });
}

/** Puts a reply in its place; one that is there already stays the only one. */
export function placeReply(cache: ApolloCache, discussionId: string, reply: { id: string }): void {
  cache.modify<{ thread: Thread }>({
    id: cache.identify({ __typename: "Discussion", id: discussionId }),
    fields: {
      thread(known, { readField, toReference }) {
        const { nodes, ...rest } = known as Thread;
        const added = toReference({ __typename: "Reply", id: reply.id });
        if (!added) return known;
        const pathOf = (each: Reference): Path => readField<Path>("path", each) ?? [];
        return { ...rest, nodes: inReadingOrder([...nodes, added], (each) => each.__ref, pathOf) };
      },
    },
  });
}

/** Takes replies out of the thread: they are deleted, and have no answer left that can be read. */
export function removeReplies(cache: ApolloCache, discussionId: string, ids: readonly string[]): void {
  cache.modify<{ thread: Thread }>({
    id: cache.identify({ __typename: "Discussion", id: discussionId }),
    fields: {
      thread(known, { readField }) {
        const { nodes, ...rest } = known as Thread;
        return { ...rest, nodes: nodes.filter((each) => !ids.includes(readField<string>("id", each) ?? "")) };
      },
    },
  });
}
