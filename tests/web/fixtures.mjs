// Posts and pages as the server returns them, for the tests of the page's modules.

export function reply(path, more = {}) {
  const sequence = path.at(-1);
  return {
    __typename: "Reply",
    id: `R_${sequence}`,
    version: 1,
    lastEvent: 1,
    state: "VISIBLE",
    bodyHtml: `<p>${sequence}</p>`,
    author: { id: "U_1", name: "Ada" },
    quotes: [],
    sequence,
    path,
    depth: path.length - 1,
    replyCount: 0,
    descendantCount: 0,
    ...more,
  };
}

export function discussion(more = {}) {
  return { __typename: "Discussion", id: "D_1", version: 1, lastEvent: 1, eventNumber: 1, title: "Cider", replyCount: 0, state: "VISIBLE", ...more };
}

export function page(replies, { before = false, after = false } = {}) {
  return {
    pageInfo: { hasPreviousPage: before, hasNextPage: after, startCursor: "start", endCursor: "end" },
    edges: replies.map((node) => ({ cursor: `at ${node.sequence}`, node })),
  };
}

/** An event of some kind: the `number`th of its discussion, where nothing has happened since. */
export function event(kind, number, more = {}) {
  return { __typename: kind, eventNumber: number, discussion: { id: "D_1", eventNumber: number }, ...more };
}

export function added(node, number, { ancestors = [], replyCount = 0 } = {}) {
  const discussion = { id: "D_1", eventNumber: number, replyCount };
  return event("ReplyAdded", number, { discussion, edge: { cursor: `at ${node.sequence}` }, reply: { ...node, lastEvent: number }, ancestors });
}

/** Resolves when `holds()` returns true. */
export async function until(holds) {
  for (let turn = 0; turn < 1_000; turn += 1) {
    if (holds()) return;
    await new Promise((go) => setTimeout(go, 2));
  }
  throw new Error(`The condition did not become true: ${holds}`);
}
