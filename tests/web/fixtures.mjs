// Posts and pages as the server returns them, for the tests of the page's modules.

export function reply(path, more = {}) {
  const sequence = path.at(-1);
  return {
    __typename: "Reply",
    id: `R_${sequence}`,
    version: 1,
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
  return { __typename: "Discussion", id: "D_1", version: 1, title: "Cider", replyCount: 0, state: "VISIBLE", ...more };
}

export function page(replies, { before = false, after = false } = {}) {
  return {
    pageInfo: { hasPreviousPage: before, hasNextPage: after, startCursor: "start", endCursor: "end" },
    edges: replies.map((node) => ({ cursor: `at ${node.sequence}`, node })),
  };
}

export function added(node, { ancestors = [], replyCount = 0 } = {}) {
  return {
    __typename: "ReplyAdded",
    discussion: { id: "D_1", version: 1, state: "VISIBLE", replyCount },
    edge: { cursor: `at ${node.sequence}` },
    reply: { ...node, ancestors },
  };
}

/** Resolves when `holds()` returns true. */
export async function until(holds) {
  for (let turn = 0; turn < 1_000; turn += 1) {
    if (holds()) return;
    await new Promise((go) => setTimeout(go, 2));
  }
  throw new Error(`The condition did not become true: ${holds}`);
}
