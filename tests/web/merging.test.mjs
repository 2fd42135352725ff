// A thread that gets pages, events and payloads late, twice and in any order in the end is as one that was loaded afresh.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Thread, isWithin } from "../../web/page/thread.js";
import { discussion, page, reply } from "./fixtures.mjs";

const HISTORIES = 80;
const STEPS = 60;

/** The same numbers below `limit` for the same seed: mulberry32. */
function dice(seed) {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

/** A discussion as a server keeps it: the state of each reply, and a log that names them. */
class Server {
  posts = [];
  log = [{ kind: "DiscussionStarted" }];

  constructor(roll) {
    this.roll = roll;
  }

  act() {
    const posts = this.posts.filter(({ state }) => state === "VISIBLE");
    const chosen = posts[this.roll(posts.length || 1)];
    const acts = [() => this.add(chosen), () => this.add(null), () => this.edit(chosen), () => this.turn(chosen, "DELETED"), () => this.restore()];
    acts[chosen ? this.roll(acts.length) : 1]();
  }

  add(parent) {
    const sequence = this.posts.length + 1;
    this.posts.push({ path: [...(parent?.path ?? []), sequence], state: "VISIBLE", edits: 0 });
    this.append("ReplyAdded", this.posts.at(-1));
  }

  edit(post) {
    post.edits += 1;
    this.append(this.roll(2) ? "ReplyEdited" : "PostChanged", post);
  }

  turn(post, state) {
    post.state = state;
    this.append(state === "DELETED" ? "ReplyDeleted" : "ReplyRestored", post);
  }

  restore() {
    const gone = this.posts.filter(({ state }) => state === "DELETED");
    if (gone.length) this.turn(gone[this.roll(gone.length)], "VISIBLE");
  }

  append(kind, post) {
    this.log.push({ kind, post });
    post.lastEvent = this.log.length;
  }

  isListed({ path }) {
    return this.posts.some((one) => one.state === "VISIBLE" && isWithin(one.path, path));
  }

  below({ path }, depth = Number.POSITIVE_INFINITY) {
    return this.posts.filter((one) => one.path.length > path.length && one.path.length <= path.length + depth && isWithin(one.path, path) && this.isListed(one)).length;
  }

  copy(post) {
    const { path, state, edits, lastEvent } = post;
    const bodyHtml = state === "VISIBLE" ? `edit ${edits}` : "";
    return reply(path, { state, lastEvent, bodyHtml, replyCount: this.below(post, 1), descendantCount: this.below(post) });
  }

  discussion() {
    return discussion({ eventNumber: this.log.length, replyCount: this.posts.filter((one) => this.isListed(one)).length });
  }

  page() {
    const listed = this.posts.filter((one) => this.isListed(one)).map((one) => this.copy(one));
    return page(listed.sort((a, b) => (isWithin(a.path, b.path) ? 1 : isWithin(b.path, a.path) ? -1 : a.path.find((at, place) => at !== b.path[place]) - b.path.find((at, place) => at !== a.path[place]))));
  }

  /** An event as it is delivered now. */
  event(number) {
    const { kind, post } = this.log[number - 1];
    const event = { __typename: kind, eventNumber: number, discussion: this.discussion() };
    if (!post) return event;
    const node = this.copy(post);
    if (kind === "PostChanged") return { ...event, post: node };
    const above = this.posts.filter((one) => one !== post && isWithin(post.path, one.path));
    const all = [post, ...above];
    return {
      ...event,
      reply: node,
      ...((kind === "ReplyAdded" || kind === "ReplyRestored") && { edge: { cursor: "" } }),
      ...(kind === "ReplyRestored" && { edges: all.filter((one) => this.isListed(one)).map((one) => ({ node: this.copy(one) })) }),
      ...(kind === "ReplyDeleted" && { unlisted: all.filter((one) => !this.isListed(one)).map((one) => this.copy(one).id) }),
      ...(kind !== "ReplyEdited" && { ancestors: above.map((one) => this.copy(one)).map(({ id, replyCount, descendantCount }) => ({ id, replyCount, descendantCount })) }),
    };
  }
}

function state(thread) {
  return { replyCount: thread.discussion.replyCount, replies: thread.inOrder.map(({ sequence, state, bodyHtml, replyCount, descendantCount }) => ({ sequence, state, bodyHtml, replyCount, descendantCount })) };
}

test("events, pages and payloads in any order lead to what the server has", () => {
  for (let seed = 1; seed <= HISTORIES; seed += 1) {
    const roll = dice(seed);
    const server = new Server(roll);
    for (let step = 0; step < 5; step += 1) server.act();
    const thread = new Thread();
    thread.replace(server.discussion(), server.page());
    let position = thread.discussion.eventNumber;
    const underWay = [];
    const deliver = () => {
      const event = server.event((position += 1));
      const isToLoad = thread.lacks(event);
      thread.apply(event);
      if (isToLoad) underWay.push(((found, replies) => () => thread.replace(found, replies))(server.discussion(), server.page()));
    };
    const steps = [
      () => server.act(),
      () => server.act(),
      () => position < server.log.length && deliver(),
      // The connection is cut: what was handled last comes again.
      () => (position = Math.max(1, position - roll(4))),
      () => underWay.push(((number, replies) => () => thread.addSubtree(replies, number))(server.log.length, server.page())),
      () => underWay.push(((found, replies) => () => thread.replace(found, replies))(server.discussion(), server.page())),
      () => underWay.splice(roll(underWay.length || 1), 1).forEach((arrive) => arrive()),
      () => {
        server.add(null);
        const payload = server.event(server.log.length);
        underWay.push(() => thread.apply({ ...payload, eventNumber: payload.reply.lastEvent }));
      },
      () => {
        const post = server.posts[roll(server.posts.length)];
        const copy = server.copy(post);
        underWay.push(() => thread.update(copy));
      },
    ];
    for (let step = 0; step < STEPS; step += 1) {
      const before = { ...thread.discussion, replies: new Map(thread.replies) };
      steps[roll(steps.length)]();
      assert.ok(thread.discussion.eventNumber >= before.eventNumber, `seed ${seed}: the discussion went back`);
      for (const [sequence, { lastEvent }] of thread.replies) {
        assert.ok(!(lastEvent < before.replies.get(sequence)?.lastEvent), `seed ${seed}: reply ${sequence} went back`);
      }
    }
    while (position < server.log.length) deliver();
    // The latest of all are answers to requests of before.
    for (const arrive of underWay) arrive();
    const fresh = new Thread();
    fresh.replace(server.discussion(), server.page());
    assert.deepEqual(state(thread), state(fresh), `seed ${seed}`);
  }
});
