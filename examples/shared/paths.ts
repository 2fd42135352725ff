// The place of a reply in its thread. Its `path` holds the numbers of the replies from the top of the thread down to itself, and never
// changes: [3, 17, 42] is reply 42, which answers 17, which answers 3.

/** Compares two paths in reading order: a reply is right before its answers, and answers are in the order of their writing. */
export function comparePaths(a: readonly number[], b: readonly number[]): number {
  for (const [depth, sequence] of a.entries()) {
    const other = b[depth];
    if (other === undefined) return 1;
    if (sequence !== other) return sequence - other;
  }
  return a.length - b.length;
}

/** These replies in reading order, each once: of two with the same key the later one counts. */
export function inReadingOrder<Reply, Key>(
  replies: Iterable<Reply>,
  keyOf: (reply: Reply) => Key,
  pathOf: (reply: Reply) => readonly number[],
): Reply[] {
  const once = new Map<Key, Reply>();
  for (const reply of replies) once.set(keyOf(reply), reply);
  return [...once.values()].sort((a, b) => comparePaths(pathOf(a), pathOf(b)));
}
