// The state of the connection to the server, and a button that disconnects it.
import { html } from "./libraries.js";
import { connection, session } from "./state.js";
import { Icon, counted, useObservables } from "./components.js";

const STATES = {
  live: ["Live", "New replies appear automatically."],
  replaying: ["Catching up", "Loading what you missed, in order."],
  connecting: ["Connecting", "Connecting to the server."],
  offline: ["Offline", "The server can't be reached. Your replies are kept and sent when the connection is back, and what you missed is loaded then."],
  disconnected: ["Disconnected", "You disconnected this page. Write something here or in another window, then reconnect: what you missed is loaded."],
  ended: ["Ended", "This discussion sends no more updates. Reload the page to try again."],
};

/** The state of a followed stream, as a key of STATES. */
export function connectionState(follower) {
  if (session.isDisconnected) return "disconnected";
  if (!follower || follower.state === "ended") return follower ? "ended" : "connecting";
  if (follower.state !== "connecting") return follower.state;
  return connection.state === "waiting" || !navigator.onLine ? "offline" : "connecting";
}

export function ConnectionBadge({ follower }) {
  useObservables(connection, session, follower);
  const state = connectionState(follower);
  return html`<span class="badge" role="status" data-connection=${state}><i aria-hidden="true"></i>${STATES[state][0]}</span>`;
}

export function ConnectionCard({ follower, missed, onMissed }) {
  useObservables(connection, session, follower);
  const state = connectionState(follower);
  const isDisconnected = session.isDisconnected;
  const isLost = isDisconnected || state === "offline";
  return html`<section class="card connection" data-connection=${state} aria-label="Connection">
    <div class="connection-line">
      <${ConnectionBadge} follower=${follower} />
      ${isLost
        ? html`<button type="button" class="primary small" data-action="reconnect" onClick=${() => connection.reconnect()}>
            <${Icon} name="connect" />${isDisconnected ? "Reconnect" : "Try now"}
          </button>`
        : html`<button type="button" class="small" data-action="disconnect" onClick=${() => connection.disconnect()}><${Icon} name="disconnect" />Disconnect</button>`}
    </div>
    <p class="hint">${STATES[state][1]}</p>
    ${missed.length > 0 &&
    html`<p class="missed" role="status">
      <button type="button" class="link" onClick=${onMissed}>${counted(missed.length, "missed reply", "missed replies")}: show</button>
    </p>`}
  </section>`;
}
