import assert from "node:assert/strict";
import { test } from "node:test";

import { Observable } from "../../web/page/observable.js";
import { Follower } from "../../web/page/follower.js";
import { until } from "./fixtures.mjs";

/** A connection whose server is the test. */
class FakeConnection extends Observable {
  state = "open";
  streams = [];

  follow(_query, sink) {
    const stream = { ...sink, sent: [], stopped: false };
    this.streams.push(stream);
    if (this.state === "open") stream.sent.push(sink.variables());
    return () => (stream.stopped = true);
  }

  setState(state) {
    this.state = state;
    this.notify();
    if (state === "open") for (const stream of this.streams) if (!stream.stopped) stream.sent.push(stream.variables());
  }

  deliver(...items) {
    for (const [type, cursor] of items) this.streams.at(-1).next({ feed: { __typename: type, cursor } });
  }
}

function following({ resync = async () => "fresh", handle = () => {} } = {}) {
  const connection = new FakeConnection();
  const received = [];
  const follower = new Follower(connection, {
    query: "",
    field: "feed",
    cursor: "start",
    handle: (items, replayed) => {
      handle(items);
      received.push(...items.map(({ cursor }, at) => (at < replayed ? `${cursor} replayed` : cursor)));
    },
    resync,
  });
  return { connection, follower, received };
}

test("the follower is live after CaughtUp", async () => {
  const { connection, follower, received } = following();
  assert.equal(follower.state, "replaying");
  connection.deliver(["ReplyAdded", "1"], ["CaughtUp", "1c"], ["ReplyAdded", "2"]);
  await until(() => follower.state === "live");
  assert.deepEqual(received, ["1", "1c", "2"]);
  assert.deepEqual(connection.streams[0].sent, [{ after: "start" }]);
});

test("a new attempt sends the last handled cursor and counts the replay", async () => {
  const { connection, follower, received } = following();
  connection.deliver(["CaughtUp", "c"], ["ReplyAdded", "1"]);
  await until(() => received.length === 2);
  connection.deliver(["ReplyAdded", "2"]);
  connection.setState("waiting");
  assert.equal(follower.state, "connecting");
  assert.equal(received.at(-1), "2", "Items received before the connection was lost count.");
  connection.setState("connecting");
  connection.setState("open");
  assert.equal(follower.state, "replaying");
  assert.deepEqual(connection.streams[0].sent.at(-1), { after: "2" });
  connection.deliver(["ReplyAdded", "3"], ["CaughtUp", "c2"], ["ReplyAdded", "4"]);
  await until(() => follower.state === "live");
  assert.deepEqual(received.slice(-3), ["3 replayed", "c2", "4"]);
});

test("ResyncRequired loads everything again and follows from there", async () => {
  let resyncs = 0;
  const { connection, follower } = following({ resync: async () => `fresh ${(resyncs += 1)}` });
  connection.deliver(["ResyncRequired", "x"]);
  const first = connection.streams[0];
  await until(() => connection.streams.length === 2);
  first.ended();
  assert.equal(first.stopped, true);
  assert.deepEqual(connection.streams[1].sent, [{ after: "fresh 1" }]);
  assert.notEqual(follower.state, "ended");
  connection.streams[1].failed(["BAD_CURSOR"]);
  await until(() => connection.streams.length === 3);
  assert.deepEqual(connection.streams[2].sent, [{ after: "fresh 2" }]);
});

test("an item that fails to be handled causes a resync", async () => {
  let isBroken = true;
  const handle = () => {
    if (isBroken) throw new Error("broken on purpose");
  };
  const { connection, received } = following({ handle });
  const { error } = console;
  console.error = () => {};
  connection.deliver(["ReplyAdded", "1"]);
  await until(() => connection.streams.length === 2);
  console.error = error;
  isBroken = false;
  connection.deliver(["CaughtUp", "c"]);
  await until(() => received.length === 1);
  assert.deepEqual(connection.streams[1].sent, [{ after: "fresh" }]);
});

test("a stream that the server completes ends the follower", () => {
  const { connection, follower } = following();
  connection.streams[0].ended();
  assert.equal(follower.state, "ended");
  connection.setState("waiting");
  assert.equal(follower.state, "ended");
});

test("a resync that returns null ends the follower", async () => {
  const { connection, follower } = following({ resync: async () => null });
  connection.deliver(["ResyncRequired", "x"]);
  await until(() => follower.state === "ended");
  assert.equal(connection.streams.length, 1);
});

test("a stopped follower handles no more items", async () => {
  const { connection, follower, received } = following();
  connection.deliver(["ReplyAdded", "1"]);
  follower.stop();
  connection.deliver(["ReplyAdded", "2"]);
  await new Promise((go) => setTimeout(go, 60));
  assert.deepEqual(received, []);
  assert.equal(connection.streams[0].stopped, true);
});
