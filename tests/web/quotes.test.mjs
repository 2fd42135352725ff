import assert from "node:assert/strict";
import { test } from "node:test";

import { quoteInput, quoteMarkdown, quotedWords, quotesLeft, withQuote } from "../../web/page/quotes.js";

const SOURCE = { sourceId: "R_1", sourceVersion: 2, text: "Cast iron gives no warning. It holds, and it holds.", isInText: true };

test("a quote has an attribution and its text is escaped", () => {
  assert.equal(quoteMarkdown("Bo", "Plain words."), "> **Bo said:**\n>\n> Plain words.\n");
  const hostile = ["# not a heading", "1. not a list", "- nor this", "*a* _b_ `c` <i> [d](e) \\f", "> g"];
  for (const words of hostile) {
    const written = quoteMarkdown("B*o_", words);
    assert.match(written, /^> \*\*B\\\*o\\_ said:\*\*\n>\n> /);
    assert.deepEqual(quotedWords(written), [words]);
  }
});

test("no line of a quote starts a Markdown block", () => {
  const lines = quoteMarkdown("Bo", "# Title\n\n1. First\n\n- Point\n\n2026: a year").split("\n");
  assert.deepEqual(lines.slice(2).filter((line) => line !== ">"), ["> \\# Title", "> 1\\. First", "> \\- Point", "> 2026\\: a year", ""]);
});

test("paragraphs of a quote stay separate", () => {
  assert.deepEqual(quotedWords(quoteMarkdown("Bo", "One.\n\n\nTwo.\n")), ["One.\n\nTwo."]);
});

test("a quote is inserted as paragraphs of its own", () => {
  const quote = quoteMarkdown("Bo", "Words.");
  assert.equal(withQuote("", 0, quote).body, `${quote}\n`);
  const { body, caret } = withQuote("Before after", 6, quote);
  assert.equal(body, `Before\n\n${quote}\n\nafter`);
  assert.equal(body.slice(0, caret), `Before\n\n${quote}\n`);
});

test("a quote is sent while its text is in the body", () => {
  const body = `${quoteMarkdown("Bo", SOURCE.text)}\nIndeed.`;
  assert.deepEqual(quotesLeft(body, [SOURCE]), [SOURCE]);
  assert.deepEqual(quotesLeft("Indeed.", [SOURCE]), []);
  assert.deepEqual(quotesLeft("> **Bo said:**\n>\n> Nothing of the kind.\n", [SOURCE]), []);
});

test("a shortened quote is sent with its current text", () => {
  const body = "> **Bo said:**\n>\n> It holds, and it holds.\n\nIndeed.";
  assert.deepEqual(quotesLeft(body, [SOURCE]), [{ ...SOURCE, text: "It holds, and it holds." }]);
});

test("two quotes of one source are sent as two", () => {
  const other = { ...SOURCE, text: "Edges bright, no rust inside." };
  const body = `${quoteMarkdown("Bo", other.text)}\nYes.\n\n${quoteMarkdown("Bo", SOURCE.text)}\nAnd yes.`;
  assert.deepEqual(quotesLeft(body, [SOURCE, other]), [SOURCE, other]);
});

test("a quote beside the text is sent whatever the text says", () => {
  const beside = { ...SOURCE, isInText: false };
  assert.deepEqual(quotesLeft("Indeed.", [beside]), [beside]);
});

test("the server gets nothing but what its input has", () => {
  assert.deepEqual(quoteInput({ ...SOURCE, key: "a", name: "Bo" }), { sourceId: "R_1", sourceVersion: 2, text: SOURCE.text });
  assert.equal(quoteInput({ ...SOURCE, versionProof: "p" }).versionProof, "p");
});
