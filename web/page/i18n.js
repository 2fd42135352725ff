// The page's own words: `t("post.reply")` is the sentence of web/strings/LANGUAGE.json in the page's language.
// A new sentence goes into every table there: tests/web/test_languages.py compares them.

const ISOLATE = ["\u2068", "\u2069"];
const RIGHT_TO_LEFT = /[\p{Script=Arab}\p{Script=Hebr}\p{Script=Syrc}\p{Script=Thaa}\p{Script=Nkoo}\p{Script=Adlm}]/u;

let table = {};
let plurals = null;
let numbers = null;
/** The language of the page as a BCP 47 tag, for Intl. */
export let language = "en";

/** Uses a table of strings, by default the one that the server has put into the page. */
export function useStrings(code, strings) {
  language = code;
  table = strings;
  plurals = new Intl.PluralRules(code);
  numbers = new Intl.NumberFormat(code);
}

/** Adds further sections to the table. */
export function addStrings(strings) {
  table = { ...table, ...strings };
}

const given = globalThis.document?.getElementById("strings");
if (given) useStrings(document.documentElement.lang, JSON.parse(given.textContent));

const block = globalThis.document?.getElementById("languages");
/** The names of all languages that the page is in, by their codes. */
export const languages = block ? JSON.parse(block.textContent) : {};

/** A number as the language writes it. */
export function formatNumber(number) {
  return numbers.format(number);
}

/** "a, b" as the language lists things. */
export function listed(parts) {
  return new Intl.ListFormat(language, { type: "unit", style: "short" }).format(parts);
}

/** Whether there is a sentence for a key that is not known before, such as `errors.${code}`. */
export function hasText(key) {
  return find(key) !== undefined;
}

/**
 * The sentence of a key, with the {placeholders} filled in. `count` chooses its plural form and is written as the language
 * writes numbers, with a "+" if `isExact` is false: there are more. A value may be an element: then the result is an array,
 * for `html`. Throws if the key or a value is missing.
 */
export function t(key, { isExact = true, ...values } = {}) {
  const found = find(key);
  const text = typeof found === "object" ? (found[plurals.select(values.count)] ?? found.other) : found;
  if (text === undefined) throw new Error(`The table of strings has no "${key}".`);
  const parts = text.split(/\{(\w+)\}/).map((part, at) => (at % 2 ? written(values[part], part, key, isExact) : part));
  return parts.some((part) => typeof part === "object") ? parts.filter((part) => part !== "") : parts.join("");
}

function find(key) {
  const [section, name] = key.split(".");
  return table[section]?.[name];
}

function written(value, name, key, isExact) {
  if (value === undefined || value === null) throw new Error(`"${key}" needs a value for {${name}}.`);
  if (name === "count") return formatNumber(value) + (isExact ? "" : "+");
  if (typeof value === "number") return String(value);
  if (typeof value !== "string") return value;
  // A name in another direction must not reorder the sentence around it.
  const isForeign = RIGHT_TO_LEFT.test(value) !== (table.language?.direction === "rtl");
  return isForeign ? ISOLATE[0] + value + ISOLATE[1] : value;
}
