// Around a thread: its status line, what is behind it, and the bar that opens the composer.
import { html } from "./libraries.js";
import { ConnectionBadge, ConnectionHint } from "./connection_status.js";
import { formatNumber, t } from "./i18n.js";
import { session } from "./state.js";
import { Icon } from "./components.js";
import { useIsWide } from "./menus.js";
import { Avatar, Names } from "./users.js";

/** "● Live · 75 replies · 14 people". Without a rail it is a button that opens the sheet with the rest. */
export function StatusLine({ liveDiscussion, actions }) {
  const { discussion, missed, follower } = liveDiscussion;
  const isWide = useIsWide();
  const { replyCount, participantCount } = discussion;
  const line = html`<${ConnectionBadge} follower=${follower} />
    <span data-count="replies" data-value=${replyCount}>${replyCount ? t("thread.replies", { count: replyCount }) : t("thread.noReplies")}</span>
    <span data-count="people" data-value=${participantCount}>${t("list.people", { count: participantCount })}</span>`;
  return html`${isWide
      ? html`<p key="wide" class="status-line">${line}</p>`
      : html`<button key="narrow" type="button" class="status-line" data-action="about" popovertarget="about">${line}<${Icon} name="next" /></button>`}
    ${missed.length > 0 && html`<p class="missed" role="status"><button type="button" class="link" onClick=${() => actions.showMissed()}>${t("connection.missed", { count: missed.length })}</button></p>`}`;
}

/** Who reads, in which order, and what concerns the discussion as a whole: in the rail, else in a sheet. */
export function Sidebar({ liveDiscussion, order, setOrder, actions }) {
  const { discussion, presence, follower } = liveDiscussion;
  const isWide = useIsWide();
  const orders = { OLDEST: t("sidebar.oldest"), NEWEST: t("sidebar.newest") };
  return html`<aside key=${isWide} id="about" class="rail sidebar" ...${isWide ? {} : { popover: "auto" }} aria-label=${t("sidebar.label")}>
    ${!isWide && html`<${ConnectionHint} follower=${follower} />`}
    <section class="presence" aria-label=${t("sidebar.readers")}>
      <h2>${t("sidebar.readingNow")} <span data-readers>${presence ? formatNumber(presence.readerCount) : "–"}</span></h2>
      <div class="faces">${presence?.readers.map((reader) => html`<span key=${reader.id} class="face"><${Avatar} user=${reader} size="small" /><bdi>${reader.name}</bdi></span>`)}</div>
    </section>
    <section aria-label=${t("sidebar.order")}>
      <h2>${t("sidebar.order")}</h2>
      <div class="choice" role="group" aria-label=${t("sidebar.order")}>
        ${Object.entries(orders).map(([value, label]) => html`<button key=${value} type="button" data-order=${value} aria-pressed=${order === value} onClick=${() => setOrder(value)}>${label}</button>`)}
      </div>
    </section>
    <p class="sidebar-foot">
      <span data-count="views" data-value=${discussion.viewCount}>${t("sidebar.views", { count: discussion.viewCount })}</span>
      <a href=${`/d/${discussion.number}/feed.atom`} download>${t("sidebar.feed")}</a>
      <button type="button" class="link" data-action="keys">${t("keys.title")}</button>
    </p>
  </aside>`;
}

/** The button at the foot of a thread that opens the composer. */
export function ReplyBar({ discussion, actions }) {
  const { viewer } = session;
  return html`<div class="reply-bar">
    <button type="button" data-action="reply-opening" onClick=${() => actions.reply(discussion)}>
      ${viewer ? html`<${Avatar} user=${viewer.user} />` : html`<${Icon} name="reply" />`}${t("thread.replyToDiscussion")}
    </button>
  </div>`;
}

export function Typing({ presence }) {
  const others = presence?.typing.filter(({ id }) => id !== session.viewer?.user.id) ?? [];
  return html`<p class="typing" data-typing=${others.length}>
    ${others.length > 0 && html`<i aria-hidden="true"></i><span>${typing(others)}</span>`}
  </p>`;
}

/** "Ada and Bo are typing…": the verb agrees with how many there are. */
function typing(others) {
  const names = html`<${Names} users=${others} />`;
  return t("thread.typing", { names, count: others.length });
}
