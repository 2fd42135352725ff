import assert from "node:assert/strict";
import { test } from "node:test";

import { Thread, comparePaths } from "../../web/page/thread.js";
import { added, discussion, event, page, reply } from "./fixtures.mjs";

function thread(replies, { order = "OLDEST", ...edges } = {}) {
  const made = new Thread(order);
  made.replace(discussion(), page(replies, edges));
  return made;
}

function drawn(made, options) {
  return made.rows(options).map((row) => {
    if (row.kind === "reply") return row.below ? `${row.reply.sequence} hides ${row.below}` : row.reply.sequence;
    return row.kind === "more" ? `${row.count} below ${row.reply.sequence}` : `pending ${row.entry.key}`;
  });
}

test("paths give the reading order, with replies before their descendants", () => {
  const paths = [[1], [1, 3], [1, 3, 4], [1, 5], [2]];
  assert.deepEqual([...paths].reverse().sort(comparePaths), paths);
  const newest = [[2], [1], [1, 5], [1, 3], [1, 3, 4]];
  assert.deepEqual([...paths].sort((a, b) => comparePaths(a, b, "NEWEST")), newest);
});

test("a new reply is placed by its path", () => {
  const made = thread([reply([1], { descendantCount: 1 }), reply([1, 3]), reply([2])]);
  const ancestors = [{ id: "R_1", replyCount: 2, descendantCount: 2 }];
  assert.equal(made.apply(added(reply([1, 4]), 4, { ancestors, replyCount: 4 })), true);
  assert.deepEqual(drawn(made), [1, 3, 4, 2]);
  assert.equal(made.replies.get(1).descendantCount, 2);
  assert.equal(made.discussion.replyCount, 4);
});

test("in newest-first order a new reply comes right below its parent", () => {
  const made = thread([reply([2]), reply([1], { descendantCount: 1 }), reply([1, 3])], { order: "NEWEST" });
  made.apply(added(reply([1, 4]), 4, { ancestors: [{ id: "R_1", replyCount: 2, descendantCount: 2 }] }));
  made.apply(added(reply([5]), 5));
  assert.deepEqual(drawn(made), [5, 2, 1, 4, 3]);
});

test("a duplicate is shown once, and older counts change nothing", () => {
  const made = new Thread();
  made.replace(discussion({ eventNumber: 4 }), page([reply([1], { descendantCount: 3, replyCount: 3 })]));
  const event = added(reply([1, 2]), 2, { ancestors: [{ id: "R_1", replyCount: 1, descendantCount: 1 }] });
  made.apply(event);
  made.apply(event);
  assert.equal(made.inOrder.length, 2);
  assert.equal(made.replies.get(1).descendantCount, 3);
  made.update(reply([1], { descendantCount: 2, version: 2, lastEvent: 3, bodyHtml: "edited" }));
  assert.equal(made.replies.get(1).descendantCount, 3);
  assert.equal(made.replies.get(1).bodyHtml, "edited");
});

test("counts of as new an event or page are set, also to less", () => {
  const made = thread([reply([1], { descendantCount: 2, replyCount: 2 }), reply([1, 2]), reply([1, 3])]);
  const ancestors = [{ id: "R_1", replyCount: 1, descendantCount: 1 }];
  made.apply(event("ReplyDeleted", 5, { reply: reply([1, 3], { lastEvent: 5, state: "DELETED" }), unlisted: ["R_3"], ancestors }));
  assert.deepEqual(drawn(made), [1, 2]);
  made.replace(discussion({ eventNumber: 6, replyCount: 1 }), page([reply([1])]));
  assert.deepEqual(drawn(made), [1]);
});

test("replacing a window by the same page changes nothing", () => {
  const replies = [reply([1], { descendantCount: 1 }), reply([1, 3]), reply([2])];
  const made = thread(replies);
  made.replace(discussion(), page(replies));
  assert.deepEqual(drawn(made), [1, 3, 2]);
});

test("an older copy never overwrites a newer one, whatever its version", () => {
  const made = thread([reply([1])]);
  made.update(reply([1], { version: 2, lastEvent: 7, bodyHtml: "new" }));
  made.update(reply([1], { version: 2, lastEvent: 5, bodyHtml: "old" }));
  assert.equal(made.replies.get(1).bodyHtml, "new");
  made.update(reply([1], { version: 2, lastEvent: 7, bodyHtml: "of the same event" }));
  assert.equal(made.replies.get(1).bodyHtml, "of the same event");
});

test("a tombstone keeps its place and its replies", () => {
  const made = thread([reply([1], { descendantCount: 1 }), reply([1, 2])]);
  const tombstone = reply([1], { version: 2, lastEvent: 3, state: "DELETED", descendantCount: 1 });
  made.apply(event("ReplyDeleted", 3, { reply: tombstone, unlisted: [], ancestors: [] }));
  assert.deepEqual(drawn(made), [1, 2]);
  assert.equal(made.replies.get(1).state, "DELETED");
});

test("replies to a deleted reply name its author no more, until it is restored", () => {
  const replyTo = { sequence: 1, author: { name: "Ada" } };
  const made = thread([reply([1], { descendantCount: 1 }), reply([1, 2], { replyTo })]);
  made.update(reply([1], { lastEvent: 3, state: "DELETED", author: null }));
  assert.deepEqual(made.replies.get(2).replyTo, { sequence: 1, author: null });
  made.update(reply([1], { lastEvent: 4 }));
  assert.deepEqual(made.replies.get(2).replyTo, replyTo);
});

test("a page requested before an event does not undo the event", () => {
  const made = thread([reply([1])]);
  const changed = reply([1], { lastEvent: 2, quotes: [{ id: "Q_1", status: "SOURCE_EDITED" }] });
  made.apply(event("QuoteStatusChanged", 2, { post: changed }));
  made.extend("after", page([reply([1])]), 1);
  assert.equal(made.replies.get(1).quotes[0].status, "SOURCE_EDITED");
});

test("a reply that arrives during a page request is in the page's window", () => {
  const made = thread([reply([1])], { after: true });
  assert.equal(made.apply(added(reply([9]), 9)), false);
  made.extend("after", page([reply([2])]), 8);
  assert.deepEqual(drawn(made), [1, 2, 9]);
});

test("what was deleted during a page request does not come back with the page", () => {
  const made = thread([reply([1])], { after: true });
  const gone = reply([2], { lastEvent: 9, state: "DELETED", bodyHtml: "" });
  made.apply(event("ReplyDeleted", 9, { reply: gone, unlisted: ["R_2"], ancestors: [] }));
  made.extend("after", page([reply([2]), reply([3])]), 8);
  assert.deepEqual(drawn(made), [1, 3]);
});

test("the late payload of one's own reply does not undo its deletion", () => {
  const made = thread([reply([1])]);
  const own = added(reply([2]), 5);
  made.apply(own);
  made.apply(event("ReplyDeleted", 6, { reply: reply([2], { lastEvent: 6, state: "DELETED" }), unlisted: ["R_2"], ancestors: [] }));
  assert.equal(made.apply(own), false);
  assert.deepEqual(drawn(made), [1]);
});

test("a restored reply comes back in its place, and a thread says if it lacks tombstones above it", () => {
  const made = thread([reply([1]), reply([1, 3], { state: "DELETED" }), reply([7])]);
  const restored = reply([1, 3, 4], { lastEvent: 9 });
  const ancestors = [{ id: "R_3", replyCount: 1, descendantCount: 1 }, { id: "R_1", replyCount: 1, descendantCount: 2 }];
  const edgesOf = (...sequences) => sequences.map((sequence) => ({ node: { sequence, state: sequence === 3 ? "DELETED" : "VISIBLE" } }));
  const happened = event("ReplyRestored", 9, { reply: restored, edge: { cursor: "" }, edges: edgesOf(1, 3, 4), ancestors });
  assert.equal(made.lacks(happened), false);
  made.apply(happened);
  assert.deepEqual(drawn(made), [1, 3, 4, 7]);
  assert.equal(made.replies.get(1).descendantCount, 2);
  assert.equal(thread([reply([1]), reply([7])]).lacks(happened), true);
});

test("the root of a branch stays as a tombstone", () => {
  const made = new Thread();
  made.replace(discussion(), page([]), reply([2]));
  made.apply(event("ReplyDeleted", 3, { reply: reply([2], { lastEvent: 3, state: "DELETED" }), unlisted: ["R_2"], ancestors: [] }));
  assert.deepEqual(drawn(made), [2]);
  assert.equal(made.root.state, "DELETED");
});

test("a discussion's content and its counts are merged apart", () => {
  const made = thread([]);
  made.apply(event("DiscussionUpdated", 5, { post: discussion({ lastEvent: 5, eventNumber: 5, title: "Perry" }) }));
  made.count({ id: "D_1", eventNumber: 8, replyCount: 3 });
  made.update(discussion({ lastEvent: 4, eventNumber: 9, replyCount: 2, title: "Cider" }));
  assert.deepEqual([made.discussion.title, made.discussion.replyCount, made.discussion.eventNumber], ["Perry", 2, 9]);
});

test("a reply outside the window is not shown, and its side is known", () => {
  const made = thread([reply([5]), reply([6])], { before: true, after: true });
  assert.equal(made.apply(added(reply([7]), 7)), false);
  assert.equal(made.apply(added(reply([2, 8]), 8)), false);
  assert.equal(made.placeOf([7]), "after");
  assert.equal(made.placeOf([2, 8]), "before");
  assert.equal(made.apply(added(reply([5, 9]), 9)), true);
  assert.deepEqual(drawn(made), [5, 9, 6]);
});

test("replies left out by depth are offered where they belong", () => {
  const made = thread([reply([1], { descendantCount: 4 }), reply([1, 2], { descendantCount: 3 }), reply([3])]);
  assert.deepEqual(drawn(made), [1, 2, "3 below 2", 3]);
  made.addSubtree(page([reply([1, 2, 4], { descendantCount: 1 }), reply([1, 2, 4, 5])]), 1);
  assert.deepEqual(drawn(made), [1, 2, 4, 5, "1 below 2", 3]);
});

test("replies of the next page are not offered as left out", () => {
  const made = thread([reply([1], { descendantCount: 5 }), reply([1, 2], { descendantCount: 2 })], { after: true });
  assert.deepEqual(drawn(made), [1, 2]);
});

test("a new reply in a subtree that is not loaded is counted there", () => {
  const made = thread([reply([1], { descendantCount: 1 }), reply([2])]);
  const ancestors = [
    { id: "R_1", replyCount: 1, descendantCount: 2 },
    { id: "R_3", replyCount: 1, descendantCount: 1 },
  ];
  assert.equal(made.apply(added(reply([1, 3, 4]), 4, { ancestors })), false);
  assert.deepEqual(drawn(made), [1, "2 below 1", 2]);
});

test("a collapsed reply has the number of hidden replies", () => {
  const made = thread([reply([1], { descendantCount: 2 }), reply([1, 2], { descendantCount: 1 }), reply([1, 2, 3]), reply([4])]);
  assert.deepEqual(drawn(made, { collapsed: new Set([1]) }), ["1 hides 2", 4]);
});

test("pending replies are last among their siblings", () => {
  const made = thread([reply([1], { descendantCount: 1 }), reply([1, 2]), reply([3])]);
  const pending = [
    { key: "a", replyTo: { sequence: 1, depth: 0 } },
    { key: "b", replyTo: null },
    { key: "c", replyTo: { sequence: 99, depth: 4 } },
  ];
  assert.deepEqual(drawn(made, { pending }), [1, 2, "pending a", 3, "pending b", "pending c"]);
});

test("after a resync an older copy is accepted", () => {
  const made = thread([reply([1], { lastEvent: 4 })]);
  made.clear();
  made.replace(discussion(), page([reply([1], { lastEvent: 2, bodyHtml: "restored" })]));
  assert.equal(made.replies.get(1).bodyHtml, "restored");
});

test("an unchanged post stays the same object", () => {
  const made = thread([reply([1]), reply([2])]);
  const known = made.replies.get(1);
  made.apply(added(reply([3]), 3));
  made.update(reply([1]));
  made.extend("after", page([reply([1])]), 3);
  assert.equal(made.replies.get(1), known);
});

test("the order of events and pages does not change the thread", () => {
  const all = [reply([1], { descendantCount: 2 }), reply([1, 3], { descendantCount: 1 }), reply([1, 3, 4]), reply([2])];
  const events = all.slice(1).map((one) => added(one, one.sequence, { ancestors: [{ id: "R_1", replyCount: 1, descendantCount: 2 }] }));
  for (let seed = 0; seed < 50; seed += 1) {
    const made = thread([all[0]]);
    const shuffled = [...events, ...events].sort((a, b) => ((a.reply.sequence * 7 + seed * 13) % 11) - ((b.reply.sequence * 5 + seed) % 7));
    // A server sends a parent before its replies; everything else may arrive in any order, and twice.
    for (const event of [...events, ...shuffled]) made.apply(event);
    assert.deepEqual(drawn(made), [1, 3, 4, 2]);
  }
});

test("a branch begins with its reply and holds nothing else", () => {
  const thread = new Thread();
  const root = reply([2], { descendantCount: 2, replyCount: 1 });
  thread.replace(discussion({ replyCount: 4 }), page([reply([2, 3], { descendantCount: 1 }), reply([2, 3, 4])]), root);
  thread.apply(added(reply([1, 5]), 5));
  thread.apply(added(reply([6]), 6));
  thread.apply(added(reply([2, 7]), 7, { ancestors: [{ id: "R_2", replyCount: 2, descendantCount: 3 }], replyCount: 7 }));
  assert.deepEqual(thread.rows().map(({ key, depth }) => [key, depth]), [[2, 0], [3, 1], [4, 2], [7, 1]]);
  assert.equal(thread.replies.get(2).descendantCount, 3);
  assert.equal(thread.discussion.replyCount, 7);
});

test("pending replies are first among their siblings if the newest come first", () => {
  const thread = new Thread("NEWEST");
  thread.replace(discussion(), page([reply([1], { descendantCount: 1 }), reply([1, 2])]));
  const pending = [{ key: "a", replyTo: { sequence: 1, depth: 0 } }, { key: "b", replyTo: null }];
  assert.deepEqual(thread.rows({ pending }).map(({ key }) => key), ["pending-b", 1, "pending-a", 2]);
});
