// How things stand between the page and the server, and a button that cuts the line.
import { html } from "./libraries.js";
import { connection, session } from "./here.js";
import { Icon, counted, useChanges } from "./parts.js";

const STATES = {
  live: ["Live", "New replies appear by themselves."],
  replaying: ["Replaying", "Fetching what happened meanwhile, in order."],
  connecting: ["Connecting", "Looking for the server."],
  offline: ["Offline", "Nothing you write is lost; the gap is filled when the connection is back."],
  cut: ["Cut", "You cut the line. Write something here or elsewhere, then reconnect and watch the gap fill."],
  ended: ["Ended", "This discussion sends no more news."],
};

/** One word for how what is followed stands. */
export function standing(follower) {
  if (session.cut) return "cut";
  if (!follower || follower.state === "ended") return follower ? "ended" : "connecting";
  if (follower.state !== "connecting") return follower.state;
  return connection.state === "waiting" || !navigator.onLine ? "offline" : "connecting";
}

export function Badge({ follower }) {
  useChanges(connection, session, follower);
  const state = standing(follower);
  return html`<span class="badge" role="status" data-connection=${state}><i aria-hidden="true"></i>${STATES[state][0]}</span>`;
}

export function ConnectionCard({ follower, missed, onMissed }) {
  useChanges(connection, session, follower);
  const state = standing(follower);
  const isCut = session.cut;
  const isLost = isCut || state === "offline";
  return html`<section class="card connection" data-connection=${state} aria-label="Connection">
    <div class="connection-line">
      <${Badge} follower=${follower} />
      ${isLost
        ? html`<button type="button" class="primary small" data-act="mend" onClick=${() => connection.mend()}>
            <${Icon} name="wave" />${isCut ? "Reconnect" : "Try now"}
          </button>`
        : html`<button type="button" class="small" data-act="cut" onClick=${() => connection.cut()}><${Icon} name="cut" />Cut the connection</button>`}
    </div>
    <p class="hint">${STATES[state][1]}</p>
    ${missed.length > 0 &&
    html`<p class="missed" role="status">
      <button type="button" class="link" onClick=${onMissed}>${counted(missed.length, "missed reply", "missed replies")} arrived</button>
    </p>`}
  </section>`;
}
