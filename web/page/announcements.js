// Announcements of new replies for screen readers: one sentence for a burst of replies.

const BURST_MS = 1_500;

/** Returns a function that takes replies as they arrive, and calls `speak` with one sentence per burst. */
export function announcer(speak, { after = setTimeout } = {}) {
  let burst = [];
  return (replies) => {
    if (!burst.length) {
      after(() => {
        speak(sentence(burst));
        burst = [];
      }, BURST_MS);
    }
    burst = [...burst, ...replies];
  };
}

/** "New reply by Ada.", "5 new replies, by Ada, Bo and 2 others." */
export function sentence(replies) {
  const names = [...new Set(replies.map(({ author }) => author?.name ?? "a former member"))];
  const others = names.length - 2;
  const shown = others > 0 ? `${names[0]}, ${names[1]} and ${others === 1 ? "one other" : `${others} others`}` : names.join(" and ");
  return replies.length === 1 ? `New reply by ${shown}.` : `${replies.length} new replies, by ${shown}.`;
}
