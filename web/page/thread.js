// The loaded part of a thread: which replies, in which order, and where there are more. No UI, no network.
import { Observable } from "./observable.js";

const MAX_RECENT = 500;

/** Compares two paths in reading order; a reply precedes its descendants in any order of siblings. */
export function comparePaths(a, b, order = "OLDEST") {
  const shared = Math.min(a.length, b.length);
  for (let at = 0; at < shared; at += 1) {
    if (a[at] !== b[at]) return order === "NEWEST" ? b[at] - a[at] : a[at] - b[at];
  }
  return a.length - b.length;
}

/** Whether the path `above` is the path `below` or one of its ancestors. */
export function isWithin(below, above) {
  return above.length <= below.length && above.every((sequence, at) => sequence === below[at]);
}

/**
 * The loaded replies: one window of the thread in reading order, and the subtrees that were loaded below its replies.
 *
 * Posts are merged by id and version, and counts are absolute and never fall. So the same post may arrive several times and
 * in any way: in a page, by an event, or in the payload of a mutation.
 */
export class Thread extends Observable {
  discussion = null;
  /** The replies by sequence. */
  replies = new Map();
  /** The replies in reading order. */
  inOrder = [];
  /** Whether there are replies before and after the window, and from which cursor. */
  before = { more: false, cursor: null };
  after = { more: false, cursor: null };

  #firstPath = null;
  #lastPath = null;
  #clock = 0;
  #touched = new Map();
  /** The replies added last, as {at, reply, cursor}, to be merged into pages that were requested before. */
  #recent = [];

  constructor(order = "OLDEST") {
    super();
    this.order = order;
  }

  compare(a, b) {
    return comparePaths(a, b, this.order);
  }

  /** The logical time of a page's request, to be passed as `asOf` with the page: later events are newer than the page. */
  now() {
    return this.#clock;
  }

  /** Clears the thread after a resync or for another viewer: what is loaded next is valid, whatever its version. */
  clear() {
    this.discussion = null;
    this.replies = new Map();
    this.#touched = new Map();
    this.#recent = [];
  }

  /** Replaces the window by that of a page. */
  replace(discussion, page, asOf) {
    const known = this.replies;
    this.replies = new Map();
    this.inOrder = [];
    this.before = { more: page.pageInfo.hasPreviousPage, cursor: page.pageInfo.startCursor };
    this.after = { more: page.pageInfo.hasNextPage, cursor: page.pageInfo.endCursor };
    this.#firstPath = page.edges[0]?.node.path ?? null;
    this.#lastPath = page.edges.at(-1)?.node.path ?? null;
    this.#mergeDiscussion(discussion, asOf);
    for (const edge of page.edges) {
      const old = known.get(edge.node.sequence);
      if (old) this.replies.set(old.sequence, old);
      this.#merge(edge, asOf);
    }
    // A page is in reading order; replies that were known already keep their former place otherwise.
    this.inOrder = [...this.replies.values()];
    this.#mergeRecent(asOf);
    this.notify();
  }

  /** Adds the page before or after the window. */
  extend(side, page, asOf) {
    const [edge] = page.edges.slice(side === "after" ? -1 : 0);
    this[side] =
      side === "after"
        ? { more: page.pageInfo.hasNextPage, cursor: page.pageInfo.endCursor }
        : { more: page.pageInfo.hasPreviousPage, cursor: page.pageInfo.startCursor };
    if (edge && side === "after") this.#lastPath = edge.node.path;
    if (edge && side === "before") this.#firstPath = edge.node.path;
    this.addSubtree(page, asOf);
  }

  /** Adds the replies below one that is in the window. */
  addSubtree(page, asOf) {
    for (const edge of page.edges) this.#merge(edge, asOf);
    this.#mergeRecent(asOf);
    this.notify();
  }

  /** Applies an event. Returns a new reply as `{reply, shown}`; null if the event brings none. */
  apply(event) {
    let added = null;
    this.#clock += 1;
    if (event.discussion) this.#mergeCounts(event.discussion);
    if (event.__typename === "ReplyAdded") {
      added = { reply: event.reply, shown: this.add(event.reply, event.edge.cursor) };
    } else if (event.updated) {
      this.#mergeDiscussion(event.updated);
    } else {
      this.update(event.reply ?? event.post);
    }
    this.notify();
    return added;
  }

  /** Adds a new reply. Returns whether it is in the window. */
  add(reply, cursor) {
    this.#recent = [...this.#recent.slice(1 - MAX_RECENT), { at: this.#clock, reply, cursor }];
    const shown = this.#put(reply, cursor);
    this.notify();
    return shown;
  }

  #put(reply, cursor) {
    for (const above of reply.ancestors ?? []) this.#count(above);
    const shown = this.replies.has(reply.sequence) || this.#isInside(reply.path);
    if (shown) this.#merge({ cursor, node: reply });
    return shown;
  }

  /** Merges the current copy of a post, if it is loaded. */
  update(post) {
    if (!post) return;
    if (post.__typename === "Discussion") this.#mergeDiscussion(post);
    else if (this.replies.has(post.sequence)) this.#merge({ cursor: this.replies.get(post.sequence).cursor, node: post });
    this.notify();
  }

  /** Merges a discussion's counts. */
  count(counts) {
    this.#mergeCounts(counts);
    this.notify();
  }

  /** Where a reply that is not loaded belongs: "before" or "after" the window, or "inside" it in a subtree not loaded. */
  placeOf(path) {
    if (this.before.more && this.#firstPath && comparePaths(path, this.#firstPath, this.order) < 0) return "before";
    if (this.after.more && this.#lastPath && comparePaths(path, this.#lastPath, this.order) > 0) return "after";
    return "inside";
  }

  /**
   * The rows to show, from top to bottom: `{kind: "reply", reply, below}`, where `below` is the number of replies that a
   * collapsed one hides; `{kind: "more", reply, count}` after a reply below which `count` replies are not loaded; and
   * `{kind: "pending", entry}` for pending replies, which are the last among their siblings.
   */
  rows({ collapsed = new Set(), pending = [] } = {}) {
    const rows = [];
    const loadedBelow = new Map();
    for (const { path, descendantCount } of this.inOrder) {
      const above = path.at(-2);
      if (above !== undefined) loadedBelow.set(above, (loadedBelow.get(above) ?? 0) + 1 + descendantCount);
    }
    const waiting = groupBy(pending, byParent);
    const opened = [];
    const close = (reply) => {
      const count = reply.descendantCount - (loadedBelow.get(reply.sequence) ?? 0);
      if (count > 0 && !this.#continues(reply)) rows.push({ kind: "more", key: `more-${reply.sequence}`, reply, count });
      for (const entry of waiting.get(reply.sequence) ?? []) {
        rows.push({ kind: "pending", key: `pending-${entry.key}`, entry, depth: reply.depth + 1 });
      }
      waiting.delete(reply.sequence);
    };
    let hidden = null;
    for (const reply of this.inOrder) {
      if (hidden && isWithin(reply.path, hidden)) continue;
      hidden = null;
      while (opened.length && !isWithin(reply.path, opened.at(-1).path)) close(opened.pop());
      const isCollapsed = collapsed.has(reply.sequence) && reply.descendantCount > 0;
      rows.push({ kind: "reply", key: reply.sequence, reply, below: isCollapsed ? reply.descendantCount : 0 });
      if (isCollapsed) hidden = reply.path;
      else opened.push(reply);
    }
    while (opened.length) close(opened.pop());
    // Pending replies to the opening post, or to a reply that is not loaded.
    const rest = [...waiting.values()].flat().map((entry) => {
      return { kind: "pending", key: `pending-${entry.key}`, entry, depth: entry.replyTo ? entry.replyTo.depth + 1 : 0 };
    });
    return this.order === "NEWEST" ? [...rest, ...rows] : [...rows, ...rest];
  }

  /** Whether the replies missing below a reply come with the next page. */
  #continues(reply) {
    return this.after.more && this.#lastPath !== null && isWithin(this.#lastPath, reply.path);
  }

  #mergeRecent(asOf) {
    for (const { at, reply, cursor } of this.#recent) if (at > asOf) this.#put(reply, cursor);
  }

  #isInside(path) {
    const above = path.at(-2);
    return this.placeOf(path) === "inside" && (above === undefined || this.replies.has(above));
  }

  #merge({ cursor, node }, asOf) {
    const { ancestors, ...reply } = node;
    const old = this.replies.get(reply.sequence);
    const taken = merged(old, { ...reply, cursor }, this.#isStale(reply.id, asOf));
    if (asOf === undefined) this.#touched.set(reply.id, this.#clock);
    if (taken === old) return;
    this.replies.set(reply.sequence, taken);
    this.#place(taken, Boolean(old));
  }

  #place(reply, isKnown) {
    let [low, high] = [0, this.inOrder.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (comparePaths(this.inOrder[middle].path, reply.path, this.order) < 0) low = middle + 1;
      else high = middle;
    }
    this.inOrder = [...this.inOrder.slice(0, low), reply, ...this.inOrder.slice(low + (isKnown ? 1 : 0))];
  }

  #count({ sequence, replyCount, descendantCount }) {
    const reply = this.replies.get(sequence);
    if (!reply || reply.descendantCount >= descendantCount) return;
    const counted = { ...reply, replyCount: Math.max(reply.replyCount, replyCount), descendantCount };
    this.replies.set(sequence, counted);
    this.#place(counted, true);
  }

  #mergeDiscussion(discussion, asOf) {
    const { thread, eventCursor, ...taken } = discussion;
    this.discussion = merged(this.discussion, taken, this.#isStale(taken.id, asOf));
    if (asOf === undefined) this.#touched.set(taken.id, this.#clock);
  }

  #mergeCounts(counts) {
    const known = this.discussion;
    if (!known) return;
    const { version, state, ...rest } = counts;
    this.discussion = { ...known, ...rest, replyCount: Math.max(known.replyCount, counts.replyCount) };
    this.#touched.set(known.id, this.#clock);
  }

  #isStale(id, asOf) {
    return asOf !== undefined && (this.#touched.get(id) ?? -1) > asOf;
  }
}

/** The newer of two copies of a post, with the greater counts; the same object as `old` if nothing has changed. */
export function merged(old, now, isStale = false) {
  if (!old) return now;
  const newer = now.version < old.version || (isStale && now.version === old.version) ? old : now;
  const counts = {};
  for (const name of ["replyCount", "descendantCount"]) {
    if (name in newer) counts[name] = Math.max(old[name] ?? 0, now[name] ?? 0);
  }
  const result = { ...newer, ...counts };
  return JSON.stringify(result) === JSON.stringify(old) ? old : result;
}

function byParent(entry) {
  return entry.replyTo?.sequence ?? null;
}

// Map.groupBy is missing in browsers that the page supports.
function groupBy(items, keyOf) {
  const groups = new Map();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
