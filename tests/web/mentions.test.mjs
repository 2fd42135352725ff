import assert from "node:assert/strict";
import { test } from "node:test";

import { completed, mentionBefore, peopleBeginning } from "../../web/page/mentions.js";

const NAMES = ["Élodie", "İpek", "Hồng", "Ελένη", "Йорданка", "عُمر", "דָּוִד", "अमित", "মিতা", "மணி", "කමල", "กิต", "សុខ", "အောင်", "བོད", "서준", "李小龙", "はな", "ሰላም"];

test("a mention begins at an @ before a name of any script", () => {
  for (const word of ["", "a", "ada-l", "x_1", ...NAMES]) {
    for (const before of ["", "a ", "(", "\n", "«", "_", "こ", "คุณ"]) {
      assert.deepEqual(mentionBefore(`${before}@${word}`, before.length + 1 + word.length), { at: before.length, word }, before + word);
    }
  }
});

test("no mention begins in an e-mail address, a path, or behind a blank", () => {
  for (const text of ["ada@ex", "ж@ж", "a.b@c", "/@types", "a@@b", "?x=@y", "@ada ", "@", "अमित@अ"]) {
    const caret = text === "@" ? 0 : text.length;
    assert.equal(mentionBefore(text, caret), null, text);
  }
  assert.equal(mentionBefore(`@${"a".repeat(41)}`, 42), null);
});

test("people are found by each word of their name and by their handle, with or without marks", () => {
  const users = NAMES.map((name, id) => ({ id, name: `The ${name}`, handle: `h${id}` }));
  for (const [id, name] of NAMES.entries()) {
    assert.ok(peopleBeginning(users, name).some((user) => user.id === id), name);
    assert.ok(peopleBeginning(users, name.normalize("NFD").replace(/\p{M}/gu, "")).some((user) => user.id === id), name);
    assert.ok(peopleBeginning(users, `h${id}`).some((user) => user.id === id), name);
  }
  const [amit, amita] = [{ id: 1, name: "अमित", handle: "अमित" }, { id: 2, name: "अमिता", handle: "अमिता" }];
  assert.deepEqual(peopleBeginning([amit, amita, amit], "अमिता"), [amita]);
  assert.deepEqual(peopleBeginning([amit, amita, amit], ""), [amit, amita]);
});

test("a mention is completed by the handle and one blank", () => {
  assert.deepEqual(completed("Hi @ad, you", { at: 3, word: "ad" }, "ada"), { from: 3, to: 6, insert: "@ada ", select: [8, 8] });
  assert.deepEqual(completed("@अ है", { at: 0, word: "अ" }, "अमित"), { from: 0, to: 2, insert: "@अमित", select: [6, 6] });
});
