import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { t, hasText, useStrings } from "../../web/page/i18n.js";

const strings = (language) => JSON.parse(readFileSync(new URL(`../../web/strings/${language}.json`, import.meta.url)));

test("a sentence has its plural form, its values, and numbers as the language writes them", () => {
  useStrings("en", strings("en"));
  assert.equal(t("thread.replies", { count: 1 }), "1 reply");
  assert.equal(t("thread.replies", { count: 1234 }), "1,234 replies");
  assert.equal(t("thread.replies", { count: 10000, isExact: false }), "10,000+ replies");
  assert.equal(t("post.replyBy", { number: 1234, name: "Ada" }), "Reply 1234 by Ada");
});

test("an element as a value stays one", () => {
  const element = { type: "bdi" };
  assert.deepEqual(t("page.signedInAs", { name: element }), ["Signed in as ", element]);
});

test("a name of another direction does not reorder the sentence", () => {
  useStrings("en", strings("en"));
  assert.equal(t("page.signedInAs", { name: "עדה" }), "Signed in as \u2068עדה\u2069");
});

test("a key or a value that is missing is an error", () => {
  assert.throws(() => t("post.no"), /no "post.no"/);
  assert.throws(() => t("page.signedInAs"), /needs a value for \{name\}/);
  assert.equal(hasText("errors.BODY_EMPTY"), true);
  assert.equal(hasText("errors.NO_SUCH_CODE"), false);
});
