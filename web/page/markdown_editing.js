// What the tools of the editor do to a text. No UI.

const MARKS = { bold: "**", italic: "_", spoiler: "||" };
const PREFIXES = { quote: "> ", list: "- " };
/** What is selected, so that the writer types over it. */
const ADDRESS = "https://";

/**
 * The change that a tool makes to a text with the selection from `start` to `end`: `{from, to, insert, select}` with the part to
 * replace, what replaces it, and the selection afterwards. Bold, italic, spoiler, quote and list take back what they made before.
 */
export function edited(tool, text, start, end) {
  if (MARKS[tool]) return marked(MARKS[tool], text, start, end);
  if (PREFIXES[tool]) return prefixed(PREFIXES[tool], text, start, end);
  const chosen = text.slice(start, end);
  if (tool === "code") return code(text, start, end);
  const isAddress = /^https?:\/\/\S+$/.test(chosen);
  const before = `${tool === "picture" ? "!" : ""}[${isAddress ? "" : chosen}](`;
  const address = isAddress ? chosen : ADDRESS;
  const at = start + before.length;
  const select = isAddress ? [at - 2, at - 2] : [at, at + address.length];
  return { from: start, to: end, insert: `${before}${address})`, select };
}

function marked(mark, text, start, end) {
  const { length } = mark;
  if (text.slice(start - length, start) === mark && text.slice(end, end + length) === mark) {
    return { from: start - length, to: end + length, insert: text.slice(start, end), select: [start - length, end - length] };
  }
  const chosen = text.slice(start, end);
  if (!chosen.trim()) return { from: start, to: end, insert: mark + mark + chosen, select: [start + length, start + length] };
  // Marks hold within a paragraph, and only where no blank is beside them inside.
  const insert = chosen.replace(/^([^\S\n]*)(\S(?:.*\S)?)([^\S\n]*)$/gm, `$1${mark}$2${mark}$3`);
  const isOne = !chosen.trim().includes("\n");
  const first = start + chosen.search(/\S/) + length;
  return { from: start, to: end, insert, select: isOne ? [first, first + chosen.trim().length] : [start, start + insert.length] };
}

function prefixed(prefix, text, start, end) {
  const from = text.lastIndexOf("\n", start - 1) + 1;
  const next = text.indexOf("\n", end);
  const to = next === -1 ? text.length : next;
  const lines = text.slice(from, to).split("\n");
  const isMade = lines.every((line) => line.startsWith(prefix));
  const changed = lines.map((line) => (isMade ? line.slice(prefix.length) : prefix + line)).join("\n");
  const above = text.slice(0, from).split("\n").at(-2) ?? "";
  const gap = !isMade && above.trim() && !above.startsWith(prefix) ? "\n" : "";
  const insert = gap + changed;
  const caret = from + insert.length;
  return { from, to, insert, select: start === end ? [caret, caret] : [from + gap.length, caret] };
}

function code(text, start, end) {
  const chosen = text.slice(start, end);
  const longest = Math.max(0, ...(chosen.match(/`+/g) ?? []).map(({ length }) => length));
  if (chosen.includes("\n")) {
    const fence = "`".repeat(Math.max(3, longest + 1));
    const gap = start > 0 && text[start - 1] !== "\n" ? "\n" : "";
    const insert = `${gap}${fence}\n${chosen.replace(/\n$/, "")}\n${fence}${text[end] === "\n" || end === text.length ? "" : "\n"}`;
    return { from: start, to: end, insert, select: [start + insert.length, start + insert.length] };
  }
  const mark = "`".repeat(longest + 1);
  const blank = longest ? " " : "";
  const insert = mark + blank + chosen + blank + mark;
  const first = start + mark.length + blank.length;
  return { from: start, to: end, insert, select: [first, first + chosen.length] };
}
