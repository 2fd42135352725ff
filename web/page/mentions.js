// Completing the name of a person after an @. No UI.

/** How many are suggested. */
export const MAX_SUGGESTIONS = 6;
const HANDLE_LENGTH = 40;
/** Scripts without spaces, where the @ may follow a letter. */
const UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{3ffff}";
/** As the server finds mentions (text/mentions.py): not in an e-mail address, a path or a query. */
const MENTION = new RegExp(
  `(?:(?<![\\p{L}\\p{N}\\p{M}@/.+=&%#$_-])|(?<=[${UNSPACED}])(?<!\\p{N})|(?<=(?<!\\S)-))_{0,3}@((?:[\\p{L}\\p{N}][\\p{L}\\p{N}\\p{M}_.\u200c\u200d-]*)?)$`,
  "u",
);

/** The beginning of a mention before the caret, as {at, word}: where its @ is, and what follows it. Null if there is none. */
export function mentionBefore(text, caret) {
  const word = MENTION.exec(text.slice(Math.max(0, caret - 2 * HANDLE_LENGTH), caret))?.[1];
  return word === undefined || word.length > HANDLE_LENGTH ? null : { at: caret - word.length - 1, word };
}

/** Those of `users` whose handle, or a word of whose name, begins with `word`; each once. A word without marks finds names with them. */
export function peopleBeginning(users, word) {
  const sought = decomposed(word);
  const form = /\p{M}/u.test(sought) ? decomposed : (text) => decomposed(text).replace(/\p{M}/gu, "");
  const begins = ({ handle, name }) => [handle, ...name.split(/[\s-]+/u)].some((part) => form(part).startsWith(sought));
  return [...new Map(users.filter(begins).map((user) => [user.id, user])).values()];
}

/** The change to a text that completes a mention, as `edited` returns changes. */
export function completed(text, { at, word }, handle) {
  const to = at + 1 + word.length;
  const isApart = /^\s/u.test(text.slice(to));
  const caret = at + handle.length + 2;
  return { from: at, to, insert: `@${handle}${isApart ? "" : " "}`, select: [caret, caret] };
}

function decomposed(text) {
  return text.normalize("NFKD").toLowerCase();
}
