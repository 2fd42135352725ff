import assert from "node:assert/strict";
import { test } from "node:test";

import { edited } from "../../web/page/markdown_editing.js";

/** Uses a tool on a text whose selection is between ¦, and returns the text after it, with its selection between ¦. */
function used(tool, marked) {
  const [before, chosen, after] = marked.split("¦");
  const text = before + chosen + after;
  const { from, to, insert, select } = edited(tool, text, before.length, before.length + chosen.length);
  const result = text.slice(0, from) + insert + text.slice(to);
  return `${result.slice(0, select[0])}¦${result.slice(select[0], select[1])}¦${result.slice(select[1])}`;
}

const CASES = [
  ["bold", "a ¦word¦ here", "a **¦word¦** here"],
  ["bold", "a **¦word¦** here", "a ¦word¦ here"],
  ["bold", "a¦ word ¦here", "a **¦word¦** here"],
  ["bold", "¦¦", "**¦¦**"],
  ["bold", "¦one\n\ntwo¦", "¦**one**\n\n**two**¦"],
  ["italic", "¦परीक्षा¦", "_¦परीक्षा¦_"],
  ["spoiler", "¦نهاية¦", "||¦نهاية¦||"],
  ["code", "a ¦b¦ c", "a `¦b¦` c"],
  ["code", "¦a `b` c¦", "`` ¦a `b` c¦ ``"],
  ["code", "¦a\nb¦", "```\na\nb\n```¦¦"],
  ["link", "see ¦here¦ now", "see [here](¦https://¦) now"],
  ["link", "¦https://a.example/b¦", "[¦¦](https://a.example/b)"],
  ["picture", "¦A cat¦", "![A cat](¦https://¦)"],
  ["quote", "one\nt¦w¦o\nthree", "one\n\n¦> two¦\nthree"],
  ["quote", "¦> one\n> two¦", "¦one\ntwo¦"],
  ["list", "¦one\ntwo¦", "¦- one\n- two¦"],
];

for (const [tool, before, after] of CASES) {
  test(`${tool}: ${JSON.stringify(before)}`, () => {
    assert.equal(used(tool, before), after);
  });
}

test("marks and prefixes are taken back by the same tool, in any script", () => {
  for (const word of ["Wörter", "слово", "كلمة", "מילה", "คำ", "言葉", "👩‍👩‍👧‍👦"]) {
    for (const tool of ["bold", "italic", "spoiler", "quote", "list"]) {
      const once = used(tool, `¦${word}¦`);
      assert.notEqual(once.replaceAll("¦", ""), word);
      assert.equal(used(tool, once).replaceAll("¦", ""), word, tool);
    }
  }
});
