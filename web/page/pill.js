// "3 new replies below": what has come in out of sight, and the way to it.
import { html, useEffect, useState } from "./libraries.js";
import { Icon, counted } from "./parts.js";

export function Pill({ conversation, onGo }) {
  const [, draw] = useState(0);
  const isAny = conversation.unseen.size > 0;
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
  const { above, below } = sides(conversation);
  return html`<div class="pills">
    ${above.length > 0 && html`<button type="button" class="pill" data-pill="above" onClick=${() => onGo(above.at(-1).sequence)}>
      <${Icon} name="up" />${counted(above.length, "new reply", "new replies")} above
    </button>`}
    ${below.length > 0 && html`<button type="button" class="pill" data-pill="below" onClick=${() => onGo(below[0].sequence)}>
      <${Icon} name="down" />${counted(below.length, "new reply", "new replies")} below
    </button>`}
  </div>`;
}

/** The unseen replies above and below what can be seen, in reading order. */
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
