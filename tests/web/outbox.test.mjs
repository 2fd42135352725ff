import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { RequestError, NetworkError } from "../../web/page/graphql.js";
import { Outbox } from "../../web/page/outbox.js";
import { reply, until } from "./fixtures.mjs";

const ADA = { id: "U_1", name: "Ada" };
const BO = { id: "U_2", name: "Bo" };
const DRAFT = { discussionId: "D_1", replyTo: { id: "R_1", sequence: 1, depth: 0 }, body: "Mend it.", quotes: [] };

class Storage {
  kept = new Map();
  get length() {
    return this.kept.size;
  }
  key = (at) => [...this.kept.keys()][at];
  getItem = (name) => this.kept.get(name) ?? null;
  setItem = (name, value) => this.kept.set(name, value);
  removeItem = (name) => this.kept.delete(name);
}

/** An outbox with the requests it made and the entries it sent. */
function outboxOf({ storage = new Storage(), viewerId = () => "U_1", answer = () => ({ errors: [], reply: reply([2]), edge: { cursor: "at 2" } }) } = {}) {
  const requests = [];
  const sent = [];
  const execute = async (_document, { input }) => {
    requests.push(input);
    return { addReply: await answer(input, requests.length) };
  };
  const outbox = new Outbox({ storage: () => storage, execute, viewerId });
  outbox.onSent = (payload, entry) => sent.push(entry.key);
  opened.push({ outbox, storage });
  return { outbox, requests, sent, storage };
}

// An outbox retries without end; this ends it after each test.
const opened = [];
afterEach(() => {
  for (const { outbox, storage } of opened.splice(0)) {
    storage.kept.clear();
    outbox.reread();
    outbox.flush();
  }
});

function away() {
  throw new NetworkError("away");
}

test("a reply is stored until the server confirms it", async () => {
  const { outbox, requests, sent, storage } = outboxOf();
  const { key } = outbox.add(DRAFT, ADA);
  assert.equal(storage.length, 1);
  await until(() => sent.length === 1);
  assert.deepEqual(requests[0], { discussionId: "D_1", body: "Mend it.", quotes: [], clientMutationId: key, replyToId: "R_1" });
  assert.equal(storage.length, 0);
  assert.deepEqual(outbox.of("D_1"), []);
});

test("a reply survives a lost connection and a reload under the same key", async () => {
  const lost = outboxOf({ answer: away });
  const { key } = lost.outbox.add(DRAFT, ADA);
  await until(() => lost.outbox.entries[0].tried);
  const { outbox, requests, sent } = outboxOf({ storage: lost.storage });
  assert.equal(outbox.of("D_1").length, 1);
  outbox.flush();
  await until(() => sent.length === 1);
  assert.equal(requests[0].clientMutationId, key);
});

test("a failed request is repeated automatically", async () => {
  const { outbox, requests, sent } = outboxOf({ answer: (_input, times) => (times === 1 ? away() : { errors: [], reply: reply([2]), edge: {} }) });
  outbox.add(DRAFT, ADA);
  await until(() => sent.length === 1);
  assert.equal(requests[0].clientMutationId, requests[1].clientMutationId);
});

test("only a request that was sent counts as tried", async () => {
  const unsent = outboxOf({ answer: () => { throw Object.assign(new NetworkError("cut"), { unsent: true }); } });
  const entry = unsent.outbox.add(DRAFT, ADA);
  await until(() => !unsent.outbox.isSending(entry));
  assert.equal(unsent.outbox.entries[0].tried, false);
  const lost = outboxOf({ answer: away });
  lost.outbox.add(DRAFT, ADA);
  await until(() => lost.outbox.entries[0].tried);
});

test("an event that arrives before the payload settles the entry", async () => {
  let finish;
  const { outbox, storage } = outboxOf({ answer: () => new Promise((go) => (finish = go)) });
  const { key } = outbox.add(DRAFT, ADA);
  outbox.settle(key);
  assert.equal(storage.length, 0);
  await until(() => finish);
  finish({ errors: [], reply: reply([2]), edge: {} });
  await until(() => !outbox.isSending({ key }));
  assert.deepEqual(outbox.entries, []);
});

test("a refused reply keeps its errors until it is sent under a new key", async () => {
  const locked = { code: "DISCUSSION_LOCKED", message: "locked" };
  const { outbox, requests, sent } = outboxOf({ answer: (_input, times) => (times === 1 ? { errors: [locked] } : { errors: [], reply: reply([2]), edge: {} }) });
  const { key } = outbox.add(DRAFT, ADA);
  await until(() => outbox.entries[0].errors.length === 1);
  outbox.flush();
  assert.equal(requests.length, 1);
  outbox.again(key);
  await until(() => sent.length === 1);
  assert.notEqual(requests[1].clientMutationId, key);
});

test("an entry waits while its author has to sign in again", async () => {
  let signedIn = "U_1";
  const answer = (_input, times) => {
    if (times > 1) return { errors: [], reply: reply([2]), edge: {} };
    throw new RequestError([{ message: "expired", extensions: { code: "UNAUTHENTICATED" } }]);
  };
  const { outbox, requests, sent } = outboxOf({ viewerId: () => signedIn, answer });
  const entry = outbox.add(DRAFT, ADA);
  await until(() => requests.length === 1 && !outbox.isSending(entry));
  signedIn = null;
  outbox.flush();
  assert.equal(requests.length, 1);
  signedIn = "U_1";
  outbox.flush();
  await until(() => sent.length === 1);
});

test("an entry of another user is sent only after it is adopted", async () => {
  const { outbox, requests, sent } = outboxOf({ viewerId: () => "U_2" });
  const entry = outbox.add(DRAFT, ADA);
  assert.equal(outbox.isOfAnotherUser(entry), true);
  assert.equal(requests.length, 0);
  outbox.adopt(entry.key, BO);
  await until(() => sent.length === 1);
});

test("an attempt older than the key lives is not repeated automatically", async () => {
  const storage = new Storage();
  const at = new Date(Date.now() - 8 * 86_400_000).toISOString();
  storage.setItem("parley:outbox:k", JSON.stringify({ ...DRAFT, key: "k", by: "U_1", author: ADA, at, tried: true, errors: [] }));
  const { outbox, requests } = outboxOf({ storage });
  outbox.flush();
  assert.equal(requests.length, 0);
  assert.equal(outbox.entries[0].errors[0].code, "TOO_OLD");
});
