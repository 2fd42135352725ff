import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { Refused, Unreachable } from "../../web/page/graphql.js";
import { Outbox } from "../../web/page/outbox.js";
import { reply, until } from "./making.mjs";

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

/** An outbox and the server it sends to: one that answers each key once and repeats the answer. */
function post({ storage = new Storage(), person = () => "U_1", answer = () => ({ errors: [], reply: reply([2]), edge: { cursor: "at 2" } }) } = {}) {
  const asked = [];
  const sent = [];
  const ask = async (_document, { input }) => {
    asked.push(input);
    return { addReply: await answer(input, asked.length) };
  };
  const outbox = new Outbox({ storage: () => storage, ask, person });
  outbox.onSent = (payload, entry) => sent.push(entry.key);
  opened.push({ outbox, storage });
  return { outbox, asked, sent, storage };
}

// An outbox tries for ever; the tests must come to an end.
const opened = [];
afterEach(() => {
  for (const { outbox, storage } of opened.splice(0)) {
    storage.kept.clear();
    outbox.reread();
    outbox.flush();
  }
});

function away() {
  throw new Unreachable("away");
}

test("a reply is kept until the server has it", async () => {
  const { outbox, asked, sent, storage } = post();
  const { key } = outbox.add(DRAFT, ADA);
  assert.equal(storage.length, 1);
  await until(() => sent.length === 1);
  assert.deepEqual(asked[0], { discussionId: "D_1", body: "Mend it.", quotes: [], clientMutationId: key, replyToId: "R_1" });
  assert.equal(storage.length, 0);
  assert.deepEqual(outbox.of("D_1"), []);
});

test("it survives a lost connection and a reload, and goes out under the same key", async () => {
  const lost = post({ answer: away });
  const { key } = lost.outbox.add(DRAFT, ADA);
  await until(() => lost.outbox.entries[0].tried);
  const { outbox, asked, sent } = post({ storage: lost.storage });
  assert.equal(outbox.of("D_1").length, 1);
  outbox.flush();
  await until(() => sent.length === 1);
  assert.equal(asked[0].clientMutationId, key);
});

test("it tries again by itself", async () => {
  const { outbox, asked, sent } = post({ answer: (_input, times) => (times === 1 ? away() : { errors: [], reply: reply([2]), edge: {} }) });
  outbox.add(DRAFT, ADA);
  await until(() => sent.length === 1);
  assert.equal(asked[0].clientMutationId, asked[1].clientMutationId);
});

test("what never left may be taken back, and what may have arrived not", async () => {
  const unsent = post({ answer: () => { throw Object.assign(new Unreachable("cut"), { unsent: true }); } });
  const entry = unsent.outbox.add(DRAFT, ADA);
  await until(() => !unsent.outbox.isSending(entry));
  assert.equal(unsent.outbox.entries[0].tried, false);
  const lost = post({ answer: away });
  lost.outbox.add(DRAFT, ADA);
  await until(() => lost.outbox.entries[0].tried);
});

test("an event that brings it first settles it", async () => {
  let finish;
  const { outbox, storage } = post({ answer: () => new Promise((go) => (finish = go)) });
  const { key } = outbox.add(DRAFT, ADA);
  outbox.settle(key);
  assert.equal(storage.length, 0);
  await until(() => finish);
  finish({ errors: [], reply: reply([2]), edge: {} });
  await until(() => !outbox.isSending({ key }));
  assert.deepEqual(outbox.entries, []);
});

test("a refused reply stays, with the reason, until it is sent again under another key", async () => {
  const locked = { code: "DISCUSSION_LOCKED", message: "locked" };
  const { outbox, asked, sent } = post({ answer: (_input, times) => (times === 1 ? { errors: [locked] } : { errors: [], reply: reply([2]), edge: {} }) });
  const { key } = outbox.add(DRAFT, ADA);
  await until(() => outbox.entries[0].errors.length === 1);
  outbox.flush();
  assert.equal(asked.length, 1);
  outbox.again(key);
  await until(() => sent.length === 1);
  assert.notEqual(asked[1].clientMutationId, key);
});

test("who has to sign in again finds it waiting", async () => {
  let signedIn = "U_1";
  const answer = (_input, times) => {
    if (times > 1) return { errors: [], reply: reply([2]), edge: {} };
    throw new Refused([{ message: "expired", extensions: { code: "UNAUTHENTICATED" } }]);
  };
  const { outbox, asked, sent } = post({ person: () => signedIn, answer });
  const entry = outbox.add(DRAFT, ADA);
  await until(() => asked.length === 1 && !outbox.isSending(entry));
  signedIn = null;
  outbox.flush();
  assert.equal(asked.length, 1);
  signedIn = "U_1";
  outbox.flush();
  await until(() => sent.length === 1);
});

test("nobody sends another's words without saying so", async () => {
  const { outbox, asked, sent } = post({ person: () => "U_2" });
  const entry = outbox.add(DRAFT, ADA);
  assert.equal(outbox.isElses(entry), true);
  assert.equal(asked.length, 0);
  outbox.adopt(entry.key, BO);
  await until(() => sent.length === 1);
});

test("what was tried so long ago that the server has forgotten the key is not sent unasked", async () => {
  const storage = new Storage();
  const at = new Date(Date.now() - 8 * 86_400_000).toISOString();
  storage.setItem("parley:outbox:k", JSON.stringify({ ...DRAFT, key: "k", by: "U_1", author: ADA, at, tried: true, errors: [] }));
  const { outbox, asked } = post({ storage });
  outbox.flush();
  assert.equal(asked.length, 0);
  assert.equal(outbox.entries[0].errors[0].code, "TOO_OLD");
});
