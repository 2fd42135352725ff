// The state of the connection to the server: a word for it, and what to do when the connection is lost.
import { html, useEffect, useState } from "./libraries.js";
import { t } from "./i18n.js";
import { connection, session } from "./state.js";
import { useObservables } from "./components.js";
import { Timestamp } from "./timestamps.js";

/** How long the connection may take before it is said as of when the page is. */
const LATE_MS = 2_000;

/** The state of a followed stream: "live", "replaying", "connecting", "offline", "disconnected" or "ended". */
export function connectionState(follower) {
  if (session.isDisconnected) return "disconnected";
  if (!follower || follower.state === "ended") return follower ? "ended" : "connecting";
  if (follower.state !== "connecting") return follower.state;
  return isOffline() ? "offline" : "connecting";
}

function isOffline() {
  return connection.state === "waiting" || !navigator.onLine;
}

const TEXTS = {
  live: () => [t("connection.live"), t("connection.liveHint")],
  replaying: () => [t("connection.replaying"), t("connection.replayingHint")],
  connecting: () => [t("connection.connecting"), t("connection.connectingHint")],
  offline: () => [t("connection.offline"), t("connection.offlineHint")],
  disconnected: () => [t("connection.disconnected"), t("connection.disconnectedHint")],
  ended: () => [t("connection.ended"), t("connection.endedHint")],
};

/** `liveHint`: what is live. */
export function ConnectionBadge({ follower, liveHint = t("connection.liveHint") }) {
  useObservables(connection, session, follower);
  const state = connectionState(follower);
  const [name, hint] = state === "live" ? [t("connection.live"), liveHint] : TEXTS[state]();
  return html`<span class="badge" role="status" data-connection=${state} title=${hint}><i aria-hidden="true"></i>${name}</span>`;
}

/** While what is shown is not live: as of when it is complete. No live region, since its text changes by itself. */
export function AsOf({ follower }) {
  const [isLate, setLate] = useState(false);
  useObservables(connection, session, follower);
  const isLive = connectionState(follower) === "live";
  useEffect(() => {
    const timer = isLive ? null : setTimeout(() => setLate(true), LATE_MS);
    return () => {
      clearTimeout(timer);
      setLate(false);
    };
  }, [isLive]);
  if (isLive || !isLate || !follower?.asOf) return null;
  return html`<span class="as-of">${t("connection.asOf", { time: html`<${Timestamp} at=${new Date(follower.asOf).toISOString()} />` })}</span>`;
}

export function ConnectionHint({ follower }) {
  useObservables(connection, session, follower);
  return html`<p class="hint">${TEXTS[connectionState(follower)]()[1]}</p>`;
}

/** While the connection is lost: what becomes of what one writes, and a button to try again. */
export function LostConnection() {
  useObservables(connection, session);
  const { isDisconnected } = session;
  if (!isDisconnected && !isOffline()) return null;
  return html`<div class="lost" role="status">
    <p>${isDisconnected ? t("connection.disconnectedHint") : t("connection.offlineHint")}</p>
    <button type="button" class="primary small" data-action="reconnect" onClick=${() => connection.reconnect()}>
      ${isDisconnected ? t("connection.reconnect") : t("connection.tryNow")}
    </button>
  </div>`;
}
