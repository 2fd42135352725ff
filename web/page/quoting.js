// Quotes in what is being written: from chosen words to Markdown, and from Markdown to the sources the server is told of.

const SPECIAL = /[\\`*_[\]<>&~|]/g;
const OPENS_BLOCK = /^(\d*)([.)#+=:-])/;

/** The Markdown of a quote: who said it, then the words, of which Markdown reads nothing else. */
export function quoteMarkdown(name, text) {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line, at, all) => line || (at > 0 && all[at - 1]))
    .map((line) => line.replace(SPECIAL, "\\$&").replace(OPENS_BLOCK, "$1\\$2"));
  while (lines.at(-1) === "") lines.pop();
  const said = name.replace(/[\\`*_[\]<>&~|]/g, "\\$&");
  return [`**${said} said:**`, "", ...lines].map((line) => `> ${line}`.trimEnd()).join("\n") + "\n";
}

/** The words of each outermost blockquote of a body, without the line that says whose they are. */
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
 * The QuoteInputs of a body: for each source that was quoted into it and whose words are still there, cut down to those
 * that are. A quote that was taken out or rewritten is not claimed any more.
 */
export function quoteInputs(body, sources) {
  const left = quotedWords(body);
  const inputs = [];
  for (const { sourceId, sourceVersion, text } of sources) {
    const at = left.findIndex((words) => words && plain(text).includes(plain(words)));
    if (at === -1) continue;
    const [words] = left.splice(at, 1);
    inputs.push({ sourceId, sourceVersion, text: words });
  }
  return inputs;
}

/** `body` with a quote put in at `at`, in paragraphs of its own, and where to write on: `{body, caret}`. */
export function withQuote(body, at, quote) {
  const before = body.slice(0, at).trimEnd();
  const after = body.slice(at).trimStart();
  const start = `${before ? `${before}\n\n` : ""}${quote}\n`;
  return { body: start + (after ? `\n${after}` : ""), caret: start.length };
}

function plain(text) {
  return text.replace(/\s+/g, " ").trim().toLowerCase();
}
