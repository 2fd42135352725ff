// The loaded part of a thread: which replies, in which order, and where there are more. No UI, no network.
import { Observable } from "./observable.js";

/** How many events are kept, to be applied again to pages that the server read before them. */
const MAX_RECENT = 500;
/** What events and pages say of a discussion beside its content. */
const COUNTS = ["replyCount", "participantCount", "viewCount", "lastActivityAt", "eventNumber"];

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
 * The loaded replies: one window of the thread in reading order, and the subtrees that were loaded below its replies. With a
 * `root`, the thread is the branch of that reply, which comes first.
 *
 * What was read of a post is merged by its `lastEvent`, and its counts by the number of the event or page that brought them:
 * an older copy changes nothing, and one that is as new or newer takes its place. After a page, and after an event that is late,
 * the events that are newer than it are applied again. So pages, events and payloads may come in any order, and twice.
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

  #root = null;
  #firstPath = null;
  #lastPath = null;
  /** The numbers of what brought the counts of the replies, and the replies' sequences, by their ids. */
  #countedAt = new Map();
  #sequences = new Map();
  #kept = new Set();
  /** The last events, by their numbers. */
  #recent = [];

  constructor(order = "OLDEST") {
    super();
    this.order = order;
  }

  /** The reply whose branch this is; null for the whole thread. */
  get root() {
    return this.#root && (this.replies.get(this.#root.sequence) ?? this.#root);
  }

  compare(a, b) {
    return comparePaths(a, b, this.order);
  }

  /** Clears the thread after a resync or for another viewer: what is loaded next is valid, whatever its numbers. */
  clear() {
    this.discussion = null;
    this.replies = new Map();
    this.#countedAt = new Map();
    this.#sequences = new Map();
    this.#recent = [];
  }

  /** Whether a reply with this path belongs to the branch, or to the whole thread. */
  holds(path) {
    return !this.#root || isWithin(path, this.#root.path);
  }

  /** Replaces the window by that of a page of the `discussion`, with the `root` of a branch. */
  replace(discussion, page, root = null) {
    const known = this.replies;
    this.#root = root;
    this.replies = new Map();
    this.inOrder = [];
    this.before = { more: page.pageInfo.hasPreviousPage, cursor: page.pageInfo.startCursor };
    this.after = { more: page.pageInfo.hasNextPage, cursor: page.pageInfo.endCursor };
    this.#firstPath = page.edges[0]?.node.path ?? null;
    this.#lastPath = page.edges.at(-1)?.node.path ?? null;
    this.#mergeDiscussion(discussion);
    for (const edge of [...(root ? [{ node: root, cursor: null }] : []), ...page.edges]) {
      const old = known.get(edge.node.sequence);
      if (old) this.replies.set(old.sequence, old);
      this.#merge(edge, discussion.eventNumber);
    }
    // A page is in reading order; replies that were known already keep their former place otherwise.
    this.inOrder = [...this.replies.values()];
    this.#applyNewerThan(discussion.eventNumber);
    this.notify();
  }

  /** Adds the page before or after the window, as it was at the event `number`. */
  extend(side, page, number) {
    const [edge] = page.edges.slice(side === "after" ? -1 : 0);
    this[side] =
      side === "after"
        ? { more: page.pageInfo.hasNextPage, cursor: page.pageInfo.endCursor }
        : { more: page.pageInfo.hasPreviousPage, cursor: page.pageInfo.startCursor };
    if (edge && side === "after") this.#lastPath = edge.node.path;
    if (edge && side === "before") this.#firstPath = edge.node.path;
    this.addSubtree(page, number);
  }

  /** Adds the replies below one that is in the window, as they were at the event `number`. */
  addSubtree(page, number) {
    for (const edge of page.edges) this.#merge(edge, number);
    this.#applyNewerThan(number);
    this.notify();
  }

  /** Applies an event. Returns whether its reply is in the window now. */
  apply(event) {
    const { eventNumber: number } = event;
    const at = this.#recent.findLastIndex((one) => one.eventNumber <= number) + 1;
    this.#recent = [...this.#recent.slice(0, at), event, ...this.#recent.slice(at)].slice(-MAX_RECENT);
    this.#take(event);
    this.#applyNewerThan(number);
    this.notify();
    return this.replies.has(event.reply?.sequence);
  }

  /** Whether an event lists tombstones again that are not loaded: those above a reply that was restored, or published. */
  lacks({ edges = [] }) {
    return edges.some(({ node }) => node.state === "DELETED" && !this.replies.has(node.sequence));
  }

  /** Merges a post that a mutation has returned, if it is loaded. */
  update(post) {
    if (post) this.apply({ eventNumber: post.lastEvent, post });
  }

  /** Keeps a reply in the window once it is deleted, also when it is not listed any more. */
  keep(id) {
    this.#kept.add(id);
  }

  /** Merges a discussion's counts. */
  count(counts) {
    this.#countDiscussion(counts);
    this.notify();
  }

  /** Where a reply that is not loaded belongs: "before" or "after" the window, or "inside" it in a subtree not loaded. */
  placeOf(path) {
    if (this.before.more && this.#firstPath && comparePaths(path, this.#firstPath, this.order) < 0) return "before";
    if (this.after.more && this.#lastPath && comparePaths(path, this.#lastPath, this.order) > 0) return "after";
    return "inside";
  }

  /**
   * The rows to show, from top to bottom, each with its `depth` in the thread or branch: `{kind: "reply", reply, below}`, where
   * `below` is the number of replies that a collapsed one hides; `{kind: "more", reply, count}` after a reply below which `count`
   * replies are not loaded; and `{kind: "pending", entry}` for pending replies, which are the newest of their siblings.
   */
  rows({ collapsed = new Set(), pending = [] } = {}) {
    const rows = [];
    const depthOf = ({ depth }) => depth - (this.root?.depth ?? 0);
    const loadedBelow = new Map();
    for (const { path, descendantCount } of this.inOrder) {
      const above = path.at(-2);
      if (above !== undefined) loadedBelow.set(above, (loadedBelow.get(above) ?? 0) + 1 + descendantCount);
    }
    const waiting = groupBy(pending, byParent);
    const opened = [];
    const showPending = (reply) => {
      for (const entry of waiting.get(reply.sequence) ?? []) {
        rows.push({ kind: "pending", key: `pending-${entry.key}`, entry, depth: depthOf(reply) + 1 });
      }
      waiting.delete(reply.sequence);
    };
    const close = (reply) => {
      const count = reply.descendantCount - (loadedBelow.get(reply.sequence) ?? 0);
      if (count > 0 && !this.#continues(reply)) rows.push({ kind: "more", key: `more-${reply.sequence}`, reply, count, depth: depthOf(reply) + 1 });
      showPending(reply);
    };
    let hidden = null;
    for (const reply of this.inOrder) {
      if (hidden && isWithin(reply.path, hidden)) continue;
      hidden = null;
      while (opened.length && !isWithin(reply.path, opened.at(-1).path)) close(opened.pop());
      const isCollapsed = collapsed.has(reply.sequence) && reply.descendantCount > 0;
      rows.push({ kind: "reply", key: reply.sequence, reply, depth: depthOf(reply), below: isCollapsed ? reply.descendantCount : 0 });
      if (isCollapsed) hidden = reply.path;
      else opened.push(reply);
      if (!isCollapsed && this.order === "NEWEST") showPending(reply);
    }
    while (opened.length) close(opened.pop());
    // Pending replies to the opening post, or to a reply that is not loaded.
    const rest = [...waiting.values()].flat().map((entry) => {
      return { kind: "pending", key: `pending-${entry.key}`, entry, depth: entry.replyTo ? Math.max(0, depthOf(entry.replyTo) + 1) : 0 };
    });
    return this.order === "NEWEST" ? [...rest, ...rows] : [...rows, ...rest];
  }

  /** Whether the replies missing below a reply come with the next page. */
  #continues(reply) {
    return this.after.more && this.#lastPath !== null && isWithin(this.#lastPath, reply.path);
  }

  #applyNewerThan(number) {
    for (const event of this.#recent) if (event.eventNumber > number) this.#take(event);
  }

  #take({ eventNumber: number, discussion, reply, post = reply, edge, ancestors = reply?.ancestors ?? [], unlisted = [] }) {
    if (discussion) this.#countDiscussion(discussion);
    if (post?.__typename === "Discussion") this.#mergeDiscussion(post);
    else if (post && this.replies.has(post.sequence)) this.#merge({ node: post }, number);
    for (const counts of ancestors) this.#count(counts, number);
    if (edge && this.#isInside(reply.path)) this.#merge({ cursor: edge.cursor, node: reply }, number);
    for (const id of unlisted) this.#remove(id);
  }

  #isInside(path) {
    const above = path.at(-2);
    return this.placeOf(path) === "inside" && (above === undefined ? !this.#root : this.replies.has(above));
  }

  #merge({ cursor, node }, number) {
    const { ancestors, replyCount, descendantCount, ...content } = node;
    const old = this.replies.get(node.sequence);
    if (!old) this.#countedAt.delete(node.id);
    const counted = this.#takesCounts(node.id, number) ? node : old;
    const taken = {
      ...(old && isOlder(content, old) ? old : content),
      cursor: cursor ?? old?.cursor,
      replyCount: counted.replyCount,
      descendantCount: counted.descendantCount,
    };
    this.#sequences.set(node.id, node.sequence);
    if (old && isSame(old, taken)) return;
    this.replies.set(node.sequence, taken);
    this.#place(taken, Boolean(old));
    if (old && old.state !== taken.state) this.#nameAbove(taken);
  }

  /** The replies to one that was deleted name its author no more, until it is restored. */
  #nameAbove({ sequence, author }) {
    for (const reply of this.inOrder) {
      if (reply.replyTo?.sequence !== sequence) continue;
      const named = { ...reply, replyTo: { ...reply.replyTo, author: author && { name: author.name } } };
      this.replies.set(reply.sequence, named);
      this.#place(named, true);
    }
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

  /** Takes away a reply that is listed no more. The root of a branch and what is kept stay, as tombstones. */
  #remove(id) {
    const sequence = this.#sequences.get(id);
    if (sequence === undefined || sequence === this.#root?.sequence || this.#kept.has(id)) return;
    this.replies.delete(sequence);
    this.inOrder = this.inOrder.filter((reply) => reply.sequence !== sequence);
    this.#countedAt.delete(id);
    this.#sequences.delete(id);
  }

  #count({ id, replyCount, descendantCount }, number) {
    const reply = this.replies.get(this.#sequences.get(id));
    if (!reply || !this.#takesCounts(id, number)) return;
    if (reply.replyCount === replyCount && reply.descendantCount === descendantCount) return;
    const counted = { ...reply, replyCount, descendantCount };
    this.replies.set(reply.sequence, counted);
    this.#place(counted, true);
  }

  /** Whether counts that the event or page `number` brings are as new as the known ones, which they then replace. */
  #takesCounts(id, number) {
    if (number < this.#countedAt.get(id)) return false;
    this.#countedAt.set(id, number);
    return true;
  }

  #mergeDiscussion({ thread, eventCursor, ...taken }) {
    const old = this.discussion;
    if (!old) this.discussion = taken;
    else if (!isOlder(taken, old)) this.#setDiscussion({ ...taken, ...countsOf(old) });
    this.#countDiscussion(taken);
  }

  #countDiscussion(taken) {
    const known = this.discussion;
    if (known && !(taken.eventNumber < known.eventNumber)) this.#setDiscussion({ ...known, ...countsOf(taken) });
  }

  #setDiscussion(discussion) {
    if (!isSame(this.discussion, discussion)) this.discussion = discussion;
  }
}

/** Whether one copy of a post was read before what another one shows. */
export function isOlder(one, other) {
  return one.lastEvent < other.lastEvent;
}

/** Whether two copies are the same, so that what is shown needs not be rendered again. */
function isSame(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

function countsOf(discussion) {
  return Object.fromEntries(COUNTS.filter((name) => name in discussion).map((name) => [name, discussion[name]]));
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
