// The page's thread follows the rules of docs/reference/mirroring.md: its test vectors for what is in one thread.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { Thread } from "../../web/page/thread.js";
import { page } from "./fixtures.mjs";

const { vectors } = JSON.parse(readFileSync(new URL("../../docs/reference/mirroring-vectors.json", import.meta.url)));
const RULES = ["content", "counts", "thread"];

/** A post with what the page selects besides. */
function whole(post) {
  return post?.path ? { ...post, sequence: post.path.at(-1), depth: post.path.length - 1 } : post && { ...post, __typename: "Discussion" };
}

function essence({ id, lastEvent, body, replyCount, descendantCount }) {
  return { id, lastEvent, body, replyCount, descendantCount };
}

function take(thread, { page: found, event }) {
  if (found) {
    const { thread: { nodes }, ...discussion } = found;
    thread.replace(whole(discussion), page(nodes.map(whole)));
    return;
  }
  const { reply, post, edges, discussion } = event;
  thread.apply({
    ...event,
    discussion: { ...discussion, eventNumber: event.eventNumber },
    ...(reply && { reply: whole(reply) }),
    ...(post && { post: whole(post) }),
    ...(edges && { edges: edges.map(({ node }) => ({ node: whole(node) })) }),
    ...(["ReplyAdded", "ReplyRestored"].includes(event.__typename) && { edge: { cursor: "" } }),
  });
}

for (const { name, order, given, shown, toFetch } of vectors.filter(({ rule }) => RULES.includes(rule))) {
  const [discussion] = Object.values(shown.discussions);
  // A thread begins with a page; the page loads again what is to be fetched, and tombstones that come back with a reply.
  const isLoadedAgain = toFetch.length > 0 || given.some(({ event }) => event?.edges?.length > 1);
  if (!given[0].page || isLoadedAgain || Object.keys(shown.discussions).length > 1) continue;
  test(name, () => {
    const [first, ...others] = given;
    const orders = order === "any" ? [others, [...others].reverse(), [...others, ...others]] : [others];
    for (const rest of orders) {
      const thread = new Thread();
      for (const one of [first, ...rest]) take(thread, one);
      assert.deepEqual(thread.inOrder.map(essence), discussion.thread.map(essence));
      assert.equal(thread.discussion.replyCount, discussion.replyCount);
    }
  });
}
