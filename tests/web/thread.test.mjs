import assert from "node:assert/strict";
import { test } from "node:test";

import { Thread, comparePaths, merged } from "../../web/page/thread.js";
import { added, discussion, page, reply } from "./fixtures.mjs";

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
  const ancestors = [{ sequence: 1, replyCount: 2, descendantCount: 2 }];
  const { shown } = made.apply(added(reply([1, 4]), { ancestors, replyCount: 4 }));
  assert.equal(shown, true);
  assert.deepEqual(drawn(made), [1, 3, 4, 2]);
  assert.equal(made.replies.get(1).descendantCount, 2);
  assert.equal(made.discussion.replyCount, 4);
});

test("in newest-first order a new reply comes right below its parent", () => {
  const made = thread([reply([2]), reply([1], { descendantCount: 1 }), reply([1, 3])], { order: "NEWEST" });
  made.apply(added(reply([1, 4]), { ancestors: [{ sequence: 1, replyCount: 2, descendantCount: 2 }] }));
  made.apply(added(reply([5])));
  assert.deepEqual(drawn(made), [5, 2, 1, 4, 3]);
});

test("a duplicate is shown once, and counts never fall", () => {
  const made = thread([reply([1], { descendantCount: 3, replyCount: 3 })]);
  const event = added(reply([1, 2]), { ancestors: [{ sequence: 1, replyCount: 1, descendantCount: 1 }] });
  made.apply(event);
  made.apply(event);
  made.add(event.reply, "at 2");
  assert.equal(made.inOrder.length, 2);
  assert.equal(made.replies.get(1).descendantCount, 3);
  made.update(reply([1], { descendantCount: 2, version: 2 }));
  assert.equal(made.replies.get(1).descendantCount, 3);
});

test("replacing a window by the same page changes nothing", () => {
  const replies = [reply([1], { descendantCount: 1 }), reply([1, 3]), reply([2])];
  const made = thread(replies);
  made.replace(discussion(), page(replies), made.now());
  assert.deepEqual(drawn(made), [1, 3, 2]);
});

test("an older version never overwrites a newer one", () => {
  const made = thread([reply([1])]);
  made.update(reply([1], { version: 3, bodyHtml: "new" }));
  made.update(reply([1], { version: 2, bodyHtml: "old" }));
  assert.equal(made.replies.get(1).bodyHtml, "new");
});

test("a tombstone keeps its place and its replies", () => {
  const made = thread([reply([1], { descendantCount: 1 }), reply([1, 2])]);
  made.apply({ __typename: "ReplyDeleted", discussion: { replyCount: 2 }, reply: reply([1], { version: 2, state: "DELETED" }) });
  assert.deepEqual(drawn(made), [1, 2]);
  assert.equal(made.replies.get(1).state, "DELETED");
});

test("a page requested before an event does not undo the event", () => {
  const made = thread([reply([1])]);
  const asOf = made.now();
  const changed = reply([1], { quotes: [{ id: "Q_1", status: "SOURCE_EDITED" }] });
  made.apply({ __typename: "QuoteStatusChanged", discussion: { replyCount: 1 }, post: changed });
  made.extend("after", page([reply([1])]), asOf);
  assert.equal(made.replies.get(1).quotes[0].status, "SOURCE_EDITED");
});

test("a reply that arrives during a page request is in the page's window", () => {
  const made = thread([reply([1])], { after: true });
  const asOf = made.now();
  assert.equal(made.apply(added(reply([9]))).shown, false);
  made.extend("after", page([reply([2])]), asOf);
  assert.deepEqual(drawn(made), [1, 2, 9]);
});

test("a reply outside the window is not shown, and its side is known", () => {
  const made = thread([reply([5]), reply([6])], { before: true, after: true });
  assert.equal(made.apply(added(reply([7]))).shown, false);
  assert.equal(made.apply(added(reply([2, 8]))).shown, false);
  assert.equal(made.placeOf([7]), "after");
  assert.equal(made.placeOf([2, 8]), "before");
  assert.equal(made.apply(added(reply([5, 9]))).shown, true);
  assert.deepEqual(drawn(made), [5, 9, 6]);
});

test("replies left out by depth are offered where they belong", () => {
  const made = thread([reply([1], { descendantCount: 4 }), reply([1, 2], { descendantCount: 3 }), reply([3])]);
  assert.deepEqual(drawn(made), [1, 2, "3 below 2", 3]);
  made.addSubtree(page([reply([1, 2, 4], { descendantCount: 1 }), reply([1, 2, 4, 5])]), made.now());
  assert.deepEqual(drawn(made), [1, 2, 4, 5, "1 below 2", 3]);
});

test("replies of the next page are not offered as left out", () => {
  const made = thread([reply([1], { descendantCount: 5 }), reply([1, 2], { descendantCount: 2 })], { after: true });
  assert.deepEqual(drawn(made), [1, 2]);
});

test("a new reply in a subtree that is not loaded is counted there", () => {
  const made = thread([reply([1], { descendantCount: 1 }), reply([2])]);
  const ancestors = [
    { sequence: 1, replyCount: 1, descendantCount: 2 },
    { sequence: 3, replyCount: 1, descendantCount: 1 },
  ];
  assert.equal(made.apply(added(reply([1, 3, 4]), { ancestors })).shown, false);
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

test("after a resync an older version is accepted", () => {
  const made = thread([reply([1], { version: 4 })]);
  made.clear();
  made.replace(discussion(), page([reply([1], { version: 2, bodyHtml: "restored" })]));
  assert.equal(made.replies.get(1).bodyHtml, "restored");
});

test("an unchanged post stays the same object", () => {
  const one = reply([1]);
  assert.equal(merged(one, { ...one }), one);
  const made = thread([one, reply([2])]);
  const known = made.replies.get(1);
  made.apply(added(reply([3])));
  assert.equal(made.replies.get(1), known);
});

test("the order of events and pages does not change the thread", () => {
  const all = [reply([1], { descendantCount: 2 }), reply([1, 3], { descendantCount: 1 }), reply([1, 3, 4]), reply([2])];
  const events = all.slice(1).map((one) => added(one, { ancestors: [{ sequence: 1, replyCount: 1, descendantCount: 2 }] }));
  for (let seed = 0; seed < 50; seed += 1) {
    const made = thread([all[0]]);
    const shuffled = [...events, ...events].sort((a, b) => ((a.reply.sequence * 7 + seed * 13) % 11) - ((b.reply.sequence * 5 + seed) % 7));
    // A server sends a parent before its replies; everything else may arrive in any order, and twice.
    for (const event of [...events, ...shuffled]) made.apply(event);
    assert.deepEqual(drawn(made), [1, 3, 4, 2]);
  }
});
