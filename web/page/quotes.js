// Quotes in a draft: beside the text, or in it as Markdown, and the QuoteInputs for the server.

const SPECIAL = /[\\`*_[\]<>&~|]/g;
const OPENS_BLOCK = /^(\d*)([.)#+=:-])/;

/** The Markdown of a quote: an attribution, then the text, escaped so that Markdown shows it as it is. */
export function quoteMarkdown(name, text) {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line, at, all) => line || (at > 0 && all[at - 1]))
    .map((line) => line.replace(SPECIAL, "\\$&").replace(OPENS_BLOCK, "$1\\$2"));
  while (lines.at(-1) === "") lines.pop();
  const escapedName = name.replace(/[\\`*_[\]<>&~|]/g, "\\$&");
  return [`**${escapedName} said:**`, "", ...lines].map((line) => `> ${line}`.trimEnd()).join("\n") + "\n";
}

/** The text of each outermost blockquote of a body, without the attribution. */
export function quotedWords(body) {
  const quotes = [];
  let open = null;
  for (const line of body.split("\n")) {
    const inside = /^ {0,3}> ?(.*)$/.exec(line)?.[1];
    if (inside === undefined) open = null;
    else if (open) open.push(inside);
    else quotes.push((open = [inside]));
  }
  return quotes.map((lines) => (/^\*\*.*:\*\*\s*$/.test(lines[0]) ? lines.slice(1) : lines).join("\n").replace(/\\([!-/:-@[-`{-~])/g, "$1").trim());
}

/**
 * The quotes that are sent with a body: those beside it, which the server puts before it, and of those in it the ones whose text
 * is still there, with the part that is left. A quote in the text that was removed or rewritten is none.
 */
export function quotesLeft(body, quotes) {
  const left = quotedWords(body);
  const kept = [];
  for (const quote of quotes) {
    const at = quote.isInText ? left.findIndex((words) => words && plain(quote.text).includes(plain(words))) : -1;
    if (!quote.isInText) kept.push(quote);
    else if (at !== -1) kept.push({ ...quote, text: left.splice(at, 1)[0] });
  }
  return kept;
}

/** A quote as the server takes it. */
export function quoteInput({ sourceId, sourceVersion, versionProof, text }) {
  return { sourceId, sourceVersion, ...(versionProof && { versionProof }), text };
}

/** Inserts a quote into `body` at `at`, as paragraphs of its own. Returns `{body, caret}`. */
export function withQuote(body, at, quote) {
  const before = body.slice(0, at).trimEnd();
  const after = body.slice(at).trimStart();
  const start = `${before ? `${before}\n\n` : ""}${quote}\n`;
  return { body: start + (after ? `\n${after}` : ""), caret: start.length };
}

function plain(text) {
  return text.replace(/\s+/g, " ").trim().toLowerCase();
}
