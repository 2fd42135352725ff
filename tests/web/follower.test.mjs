import assert from "node:assert/strict";
import { test } from "node:test";

import { Changing } from "../../web/page/changing.js";
import { Follower } from "../../web/page/follower.js";
import { until } from "./making.mjs";

/** A connection whose other end is the test. */
class Line extends Changing {
  state = "open";
  streams = [];

  follow(_query, sink) {
    const stream = { ...sink, asked: [], stopped: false };
    this.streams.push(stream);
    if (this.state === "open") stream.asked.push(sink.variables());
    return () => (stream.stopped = true);
  }

  become(state) {
    this.state = state;
    this.changed();
    if (state === "open") for (const stream of this.streams) if (!stream.stopped) stream.asked.push(stream.variables());
  }

  bring(...items) {
    for (const [type, cursor] of items) this.streams.at(-1).next({ feed: { __typename: type, cursor } });
  }
}

function following({ resync = async () => "anew", handle = () => {} } = {}) {
  const line = new Line();
  const heard = [];
  const follower = new Follower(line, {
    query: "",
    field: "feed",
    cursor: "start",
    handle: (items, replayed) => {
      handle(items);
      heard.push(...items.map(({ cursor }, at) => (at < replayed ? `${cursor} again` : cursor)));
    },
    resync,
  });
  return { line, follower, heard };
}

test("it is live once it has caught up", async () => {
  const { line, follower, heard } = following();
  assert.equal(follower.state, "replaying");
  line.bring(["ReplyAdded", "1"], ["CaughtUp", "1c"], ["ReplyAdded", "2"]);
  await until(() => follower.state === "live");
  assert.deepEqual(heard, ["1", "1c", "2"]);
  assert.deepEqual(line.streams[0].asked, [{ after: "start" }]);
});

test("every new attempt carries the cursor of the last item handled, and the replay is counted", async () => {
  const { line, follower, heard } = following();
  line.bring(["CaughtUp", "c"], ["ReplyAdded", "1"]);
  await until(() => heard.length === 2);
  line.bring(["ReplyAdded", "2"]);
  line.become("waiting");
  assert.equal(follower.state, "connecting");
  assert.equal(heard.at(-1), "2", "What was heard before the cut counts.");
  line.become("connecting");
  line.become("open");
  assert.equal(follower.state, "replaying");
  assert.deepEqual(line.streams[0].asked.at(-1), { after: "2" });
  line.bring(["ReplyAdded", "3"], ["CaughtUp", "c2"], ["ReplyAdded", "4"]);
  await until(() => follower.state === "live");
  assert.deepEqual(heard.slice(-3), ["3 again", "c2", "4"]);
});

test("told to resync it reads all anew and goes on from there", async () => {
  let asked = 0;
  const { line, follower } = following({ resync: async () => `anew ${(asked += 1)}` });
  line.bring(["ResyncRequired", "x"]);
  const first = line.streams[0];
  await until(() => line.streams.length === 2);
  first.ended();
  assert.equal(first.stopped, true);
  assert.deepEqual(line.streams[1].asked, [{ after: "anew 1" }]);
  assert.notEqual(follower.state, "ended");
  line.streams[1].failed(["BAD_CURSOR"]);
  await until(() => line.streams.length === 3);
  assert.deepEqual(line.streams[2].asked, [{ after: "anew 2" }]);
});

test("what could not be taken in is not passed over", async () => {
  let isBroken = true;
  const handle = () => {
    if (isBroken) throw new Error("broken on purpose");
  };
  const { line, heard } = following({ handle });
  const { error } = console;
  console.error = () => {};
  line.bring(["ReplyAdded", "1"]);
  await until(() => line.streams.length === 2);
  console.error = error;
  isBroken = false;
  line.bring(["CaughtUp", "c"]);
  await until(() => heard.length === 1);
  assert.deepEqual(line.streams[1].asked, [{ after: "anew" }]);
});

test("a stream that the server ends for good is over", () => {
  const { line, follower } = following();
  line.streams[0].ended();
  assert.equal(follower.state, "ended");
  line.become("waiting");
  assert.equal(follower.state, "ended");
});

test("what is gone is not followed anew", async () => {
  const { line, follower } = following({ resync: async () => null });
  line.bring(["ResyncRequired", "x"]);
  await until(() => follower.state === "ended");
  assert.equal(line.streams.length, 1);
});

test("what was left is not heard any more", async () => {
  const { line, follower, heard } = following();
  line.bring(["ReplyAdded", "1"]);
  follower.stop();
  line.bring(["ReplyAdded", "2"]);
  await new Promise((go) => setTimeout(go, 60));
  assert.deepEqual(heard, []);
  assert.equal(line.streams[0].stopped, true);
});
