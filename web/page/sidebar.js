// The sidebar of a discussion: connection, presence, figures, and actions on the whole discussion.
import { html } from "./libraries.js";
import { ConnectionCard } from "./connection_status.js";
import { session } from "./state.js";
import { Icon } from "./components.js";
import { Avatar, Names } from "./users.js";

export function Sidebar({ liveDiscussion, order, setOrder, actions, canWrite }) {
  const { discussion, presence, missed, follower } = liveDiscussion;
  const { viewer } = session;
  return html`<aside class="sidebar" aria-label="About this discussion">
    <${ConnectionCard} follower=${follower} missed=${missed} onMissed=${() => actions.showMissed()} />
    <section class="card presence" aria-label="Readers">
      <h2>Reading now <span class="count" data-readers>${presence?.readerCount ?? "–"}</span></h2>
      <div class="faces">${presence?.readers.map((reader) => html`<span key=${reader.id} class="face" title=${reader.name}><${Avatar} user=${reader} size="small" /><bdi>${reader.name}</bdi></span>`)}</div>
    </section>
    <section class="card facts" aria-label="Figures">
      <dl>
        <div><dt>Replies</dt><dd data-count="replies">${discussion.replyCount.toLocaleString("en")}</dd></div>
        <div><dt>People</dt><dd data-count="people">${discussion.participantCount.toLocaleString("en")}</dd></div>
        <div><dt>Views</dt><dd data-count="views">${discussion.viewCount.toLocaleString("en")}</dd></div>
      </dl>
      <label class="field"><span>Order</span>
        <select value=${order} onChange=${(event) => setOrder(event.target.value)}>
          <option value="OLDEST">Oldest first</option>
          <option value="NEWEST">Newest first</option>
        </select>
      </label>
      <div class="sidebar-actions">
        ${canWrite && html`<button type="button" class="primary" data-action="reply-opening" onClick=${() => actions.reply(discussion)}><${Icon} name="reply" />Reply</button>`}
        ${viewer?.isModerator && discussion.state === "VISIBLE" && html`<button type="button" onClick=${() => actions.lock(discussion)}><${Icon} name="lock" />${discussion.locked ? "Unlock" : "Lock"}</button>`}
        <a class="button quiet" href=${`/d/${discussion.number}/feed.atom`} download>Atom feed</a>
      </div>
      <p class="hint keys">On a reply: <kbd>j</kbd> <kbd>k</kbd> next and previous, <kbd>r</kbd> reply, <kbd>q</kbd> quote, <kbd>c</kbd> collapse.</p>
    </section>
  </aside>`;
}

export function Typing({ presence }) {
  const others = presence?.typing.filter(({ id }) => id !== session.viewer?.user.id) ?? [];
  return html`<p class="typing" data-typing=${others.length}>
    ${others.length > 0 && html`<i aria-hidden="true"></i><${Names} users=${others} /> ${others.length === 1 ? "is" : "are"} typing…`}
  </p>`;
}
