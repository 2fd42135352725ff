// Quotes in a draft: from selected text to Markdown, and from Markdown to the QuoteInputs for the server.

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
 * The QuoteInputs of a body: one for each inserted quote whose text is still in it, with the part that is left. A quote that
 * was removed or rewritten has none.
 */
export function quoteInputs(body, sources) {
  const left = quotedWords(body);
  const inputs = [];
  for (const { sourceId, sourceVersion, versionProof, text } of sources) {
    const at = left.findIndex((words) => words && plain(text).includes(plain(words)));
    if (at === -1) continue;
    const [words] = left.splice(at, 1);
    inputs.push({ sourceId, sourceVersion, ...(versionProof && { versionProof }), text: words });
  }
  return inputs;
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
