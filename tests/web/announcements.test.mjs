import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { sentence } from "../../web/page/announcements.js";
import { useStrings } from "../../web/page/i18n.js";

useStrings("en", JSON.parse(readFileSync(new URL("../../web/strings/en.json", import.meta.url))));

test("a burst of replies is announced in one sentence", () => {
  const by = (...names) => names.map((name) => ({ author: { name } }));
  assert.equal(sentence(by("Ada")), "New reply by Ada.");
  assert.equal(sentence(by("Ada", "Ada")), "2 new replies, by Ada.");
  assert.equal(sentence(by("Ada", "Bo")), "2 new replies, by Ada and Bo.");
  assert.equal(sentence(by("Ada", "Bo", "Chi")), "3 new replies, by Ada, Bo and 1 other.");
  assert.equal(sentence([...by("Ada", "Bo", "Chi", "Dov"), { author: null }]), "5 new replies, by Ada, Bo and 3 others.");
});
