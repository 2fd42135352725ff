// "3 new replies below": buttons that scroll to new replies outside the visible area.
import { html, useEffect, useState } from "./libraries.js";
import { Icon } from "./components.js";
import { t } from "./i18n.js";

export function NewReplies({ liveDiscussion, onGo }) {
  const [, draw] = useState(0);
  const isAny = liveDiscussion.unseen.size > 0;
  useEffect(() => {
    if (!isAny) return undefined;
    let frame = 0;
    const scrolled = () => {
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        draw((count) => count + 1);
      });
    };
    addEventListener("scroll", scrolled, { passive: true });
    return () => {
      removeEventListener("scroll", scrolled);
      cancelAnimationFrame(frame);
    };
  }, [isAny]);
  if (!isAny) return null;
  const { above, below } = sides(liveDiscussion);
  return html`<div class="new-replies">
    ${above.length > 0 && html`<button type="button" class="new-replies-button" data-side="above" onClick=${() => onGo(above.at(-1).sequence)}>
      <${Icon} name="up" />${t("thread.newAbove", { count: above.length })}
    </button>`}
    ${below.length > 0 && html`<button type="button" class="new-replies-button" data-side="below" onClick=${() => onGo(below[0].sequence)}>
      <${Icon} name="down" />${t("thread.newBelow", { count: below.length })}
    </button>`}
  </div>`;
}

/** The unseen replies above and below the visible area, in reading order. */
function sides({ unseen, thread }) {
  const above = [];
  const below = [];
  const replies = [...unseen.values()].sort((a, b) => thread.compare(a.path, b.path));
  for (const reply of replies) {
    const post = document.getElementById(`reply-${reply.sequence}`);
    const box = post?.getBoundingClientRect();
    if (!box) (thread.placeOf(reply.path) === "before" ? above : below).push(reply);
    else if (box.bottom < 64) above.push(reply);
    else if (box.top > innerHeight - 64) below.push(reply);
  }
  return { above, below };
}
