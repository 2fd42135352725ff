// What is known of a thread: which replies, in which order, and where more of it lies. No UI, no network.
import { Changing } from "./changing.js";

const MOST_RECENT = 500;

/** Compares two paths in reading order; a reply comes before its answers in any order of siblings. */
export function comparePaths(a, b, order = "OLDEST") {
  const shared = Math.min(a.length, b.length);
  for (let at = 0; at < shared; at += 1) {
    if (a[at] !== b[at]) return order === "NEWEST" ? b[at] - a[at] : a[at] - b[at];
  }
  return a.length - b.length;
}

/** Whether the reply at path `above` is `below` itself or stands above it. */
export function isWithin(below, above) {
  return above.length <= below.length && above.every((sequence, at) => sequence === below[at]);
}

/**
 * The replies that are loaded: one window of the thread in reading order, with what was opened below its replies.
 *
 * Posts are merged by id and version, and counts are absolute and never fall, so it does not matter what comes twice or
 * which way: in a page, as an event, or as the answer to a mutation.
 */
export class Thread extends Changing {
  discussion = null;
  /** The replies by sequence. */
  replies = new Map();
  /** The same in reading order. */
  inOrder = [];
  /** Whether, and from which cursor, the thread goes on before and after the window. */
  before = { more: false, cursor: null };
  after = { more: false, cursor: null };

  #firstPath = null;
  #lastPath = null;
  #clock = 0;
  #touched = new Map();
  /** The replies added last, as {at, reply, cursor}: a page that was asked for before has to be told of them. */
  #recent = [];

  constructor(order = "OLDEST") {
    super();
    this.order = order;
  }

  compare(a, b) {
    return comparePaths(a, b, this.order);
  }

  /** The moment a page is asked for, to be given back with it: events that come in between are newer than the page. */
  now() {
    return this.#clock;
  }

  /** Forgets all, as where a stream cannot go on, or somebody else looks: what is read next holds, whatever its version. */
  forget() {
    this.discussion = null;
    this.replies = new Map();
    this.#touched = new Map();
    this.#recent = [];
  }

  /** Shows another window: that of a page just read. */
  replace(discussion, page, asOf) {
    const known = this.replies;
    this.replies = new Map();
    this.inOrder = [];
    this.before = { more: page.pageInfo.hasPreviousPage, cursor: page.pageInfo.startCursor };
    this.after = { more: page.pageInfo.hasNextPage, cursor: page.pageInfo.endCursor };
    this.#firstPath = page.edges[0]?.node.path ?? null;
    this.#lastPath = page.edges.at(-1)?.node.path ?? null;
    this.#takeDiscussion(discussion, asOf);
    for (const edge of page.edges) {
      const old = known.get(edge.node.sequence);
      if (old) this.replies.set(old.sequence, old);
      this.#take(edge, asOf);
    }
    // A page is in reading order; those that were known already were not placed by it.
    this.inOrder = [...this.replies.values()];
    this.#catchUp(asOf);
    this.changed();
  }

  /** Takes in the page before or after the window. */
  extend(side, page, asOf) {
    const [edge] = page.edges.slice(side === "after" ? -1 : 0);
    this[side] =
      side === "after"
        ? { more: page.pageInfo.hasNextPage, cursor: page.pageInfo.endCursor }
        : { more: page.pageInfo.hasPreviousPage, cursor: page.pageInfo.startCursor };
    if (edge && side === "after") this.#lastPath = edge.node.path;
    if (edge && side === "before") this.#firstPath = edge.node.path;
    this.open(page, asOf);
  }

  /** Takes in replies below one that is in the window. */
  open(page, asOf) {
    for (const edge of page.edges) this.#take(edge, asOf);
    this.#catchUp(asOf);
    this.changed();
  }

  /** Takes in what happened. Gives the reply that is new in the thread, if there is one: `{reply, shown}`. */
  apply(event) {
    let added = null;
    this.#clock += 1;
    if (event.discussion) this.#takeCounts(event.discussion);
    if (event.__typename === "ReplyAdded") {
      added = { reply: event.reply, shown: this.add(event.reply, event.edge.cursor) };
    } else if (event.updated) {
      this.#takeDiscussion(event.updated);
    } else {
      this.update(event.reply ?? event.post);
    }
    this.changed();
    return added;
  }

  /** Puts a new reply where it belongs. Gives whether that is in the window. */
  add(reply, cursor) {
    this.#recent = [...this.#recent.slice(1 - MOST_RECENT), { at: this.#clock, reply, cursor }];
    const shown = this.#put(reply, cursor);
    this.changed();
    return shown;
  }

  #put(reply, cursor) {
    for (const above of reply.ancestors ?? []) this.#count(above);
    const shown = this.replies.has(reply.sequence) || this.#isInside(reply.path);
    if (shown) this.#take({ cursor, node: reply });
    return shown;
  }

  /** Takes in a post as it is now, where it is shown. */
  update(post) {
    if (!post) return;
    if (post.__typename === "Discussion") this.#takeDiscussion(post);
    else if (this.replies.has(post.sequence)) this.#take({ cursor: this.replies.get(post.sequence).cursor, node: post });
    this.changed();
  }

  /** Takes in a discussion's counts. */
  count(counts) {
    this.#takeCounts(counts);
    this.changed();
  }

  /** Where a reply that is not loaded lies: "before" or "after" the window, or "inside" it below something closed. */
  placeOf(path) {
    if (this.before.more && this.#firstPath && comparePaths(path, this.#firstPath, this.order) < 0) return "before";
    if (this.after.more && this.#lastPath && comparePaths(path, this.#lastPath, this.order) > 0) return "after";
    return "inside";
  }

  /**
   * What is to be drawn, from top to bottom: `{kind: "reply", reply, below}`, where `below` says how many replies a
   * collapsed one hides; `{kind: "more", reply, count}` at the end of replies below which more are not loaded; and
   * `{kind: "pending", entry}` for those on their way, which stand last among their siblings.
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
    // To the opening post, or to a reply that is not loaded here.
    const rest = [...waiting.values()].flat().map((entry) => {
      return { kind: "pending", key: `pending-${entry.key}`, entry, depth: entry.replyTo ? entry.replyTo.depth + 1 : 0 };
    });
    return this.order === "NEWEST" ? [...rest, ...rows] : [...rows, ...rest];
  }

  /** Whether what is missing below a reply comes with the next page. */
  #continues(reply) {
    return this.after.more && this.#lastPath !== null && isWithin(this.#lastPath, reply.path);
  }

  #catchUp(asOf) {
    for (const { at, reply, cursor } of this.#recent) if (at > asOf) this.#put(reply, cursor);
  }

  #isInside(path) {
    const above = path.at(-2);
    return this.placeOf(path) === "inside" && (above === undefined || this.replies.has(above));
  }

  #take({ cursor, node }, asOf) {
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

  #takeDiscussion(discussion, asOf) {
    const { thread, eventCursor, ...taken } = discussion;
    this.discussion = merged(this.discussion, taken, this.#isStale(taken.id, asOf));
    if (asOf === undefined) this.#touched.set(taken.id, this.#clock);
  }

  #takeCounts(counts) {
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

/** Of two copies of a post the newer, with the greater counts; the very `old` where nothing has changed. */
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

// Map.groupBy is younger than the browsers this page is for.
function groupBy(items, keyOf) {
  const groups = new Map();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
