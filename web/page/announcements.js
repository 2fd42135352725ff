// Announcements of new replies for screen readers: one sentence for a burst of replies.
import { t } from "./i18n.js";

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
  const names = listed([...new Set(replies.map(({ author }) => author?.name ?? t("page.formerMember")))]);
  return replies.length === 1 ? t("thread.newReplyBy", { names }) : t("thread.newRepliesBy", { count: replies.length, names });
}

function listed([first, second, ...others]) {
  if (second === undefined) return first;
  return others.length ? t("names.more", { first, second, count: others.length }) : t("names.two", { first, second });
}
