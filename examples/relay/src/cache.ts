// What there is to know of a thread in Relay's store.
//
// Relay keeps each reply once, by its id, and an event that brings it again updates it. `@appendEdge` puts a new reply at
// the end of the connection, unless it is in there already. So all that is left to do is to read the connection in order.
import { comparePaths, inReadingOrder } from "../../shared/paths";

interface Edge {
  readonly cursor: string;
  readonly node: { readonly id: string; readonly path: readonly number[] };
}

interface Connection<E extends Edge> {
  readonly edges: readonly E[];
  readonly pageInfo: { readonly endCursor: string | null | undefined; readonly hasNextPage: boolean };
}

/** The replies of the pages that are loaded, and those that came in live among them, in reading order. */
export function edgesInOrder<E extends Edge>({ edges, pageInfo }: Connection<E>): E[] {
  const inOrder = inReadingOrder(edges, ({ node }) => node.id, ({ node }) => node.path);
  const last = pageInfo.hasNextPage && edges.find(({ cursor }) => cursor === pageInfo.endCursor);
  // Replies behind the pages that came in live are shown with the pages before them.
  return last ? inOrder.filter(({ node }) => comparePaths(node.path, last.node.path) <= 0) : inOrder;
}
