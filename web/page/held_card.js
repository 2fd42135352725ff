// A held post as its author sees it: that it waits and why, or why it was not published.
import { html, useEffect, useRef, useState } from "./libraries.js";
import { Icon } from "./components.js";
import { heldPosts } from "./held_posts.js";
import { listed, t } from "./i18n.js";
import { notices } from "./state.js";
import { PostBody } from "./post_body.js";
import { Avatar, Name } from "./users.js";

/** `onWithdrawn(held)` is called once it was taken back. */
export function HeldCard({ held, depth = 0, onWithdrawn = () => {} }) {
  const element = useRef(null);
  const [isBusy, setBusy] = useState(false);
  const isRejected = held.state === "REJECTED";
  useEffect(() => {
    if (heldPosts.sent !== held.id) return;
    heldPosts.sent = null;
    // It has taken the place of the post that was being sent, and with it the focus.
    if (document.activeElement === document.body) element.current.focus({ preventScroll: true });
    notices.announce(waits(held));
  }, [held.id]);
  const withdraw = async () => {
    setBusy(true);
    if (await heldPosts.withdraw(held)) onWithdrawn(held);
    setBusy(false);
  };
  return html`<article ref=${element} class="post held" tabindex="-1" style=${{ "--depth": depth }} data-held=${held.id} data-state=${held.state} aria-label=${t(isRejected ? "held.rejectedLabel" : "held.label")}>
    <header>
      <${Avatar} user=${held.author} />
      <p class="byline"><${Name} user=${held.author} /></p>
    </header>
    <div class="content">
      <p class="held-state"><${Icon} name=${isRejected ? "close" : "clock"} /><span>${isRejected ? rejected(held) : waits(held)}</span></p>
      ${held.title && html`<h3 dir="auto">${held.title}</h3>`}
      <${PostBody} bodyHtml=${held.bodyHtml} />
    </div>
    <div class="actions">
      ${isRejected
        ? html`<button type="button" class="quiet" data-action="hide-held" onClick=${() => heldPosts.hide(held)}>${t("page.dismiss")}</button>`
        : html`<button type="button" class="quiet" data-action="withdraw" disabled=${isBusy} onClick=${withdraw}><${Icon} name="undo" />${t("held.withdraw")}</button>`}
    </div>
  </article>`;
}

/** "Waits for a moderator: it has a link. Only you and moderators see it." */
function waits({ kind, reasons }) {
  const why = listed(reasons.map((reason) => t(`held.${reason}`)));
  return t(kind === "EDIT" ? "held.editWaits" : "held.waits", { why });
}

function rejected({ decision }) {
  if (!decision?.reason) return t("held.wasRejected");
  return t("held.wasRejectedFor", { reason: html`<bdi>${decision.reason}</bdi>` });
}
