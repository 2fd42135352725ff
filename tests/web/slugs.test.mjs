import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { slug } from "../../web/page/router.js";

test("titles have the slugs that the server knows", () => {
  const cases = JSON.parse(readFileSync(new URL("slugs.json", import.meta.url), "utf8"));
  for (const [title, expected] of cases) assert.equal(slug(title), expected, title);
});
