// A subscription that resumes after the last handled item when the connection was lost.
import { Observable } from "./observable.js";

const BATCH_MS = 25;

/**
 * Follows a stream from a cursor until `stop()`. `handle(items, replayed)` gets the items in order and in batches, of which
 * the first `replayed` were missed while the connection was lost; a batch counts as handled when it returns. `resync()` is
 * called if the stream can't resume: it loads everything again and returns the new cursor, or null to stop.
 */
export class Follower extends Observable {
  /** "connecting", "replaying" missed events, "live", or "ended". */
  state = "connecting";
  /** When what it follows was last known to be complete, in milliseconds; null if never. */
  #asOf;
  #connection;
  #query;
  #variables;
  #field;
  #handle;
  #resync;
  #stops = [];
  #stop = () => {};
  #batch = [];
  #timer = null;
  #wasLive = false;
  #turn = 0;

  constructor(connection, { query, field, cursor, variables = {}, asOf = null, handle, resync }) {
    super();
    this.#asOf = asOf;
    this.#connection = connection;
    this.#query = query;
    this.#field = field;
    this.#variables = variables;
    this.#handle = handle;
    this.#resync = resync;
    this.cursor = cursor;
    this.#stops.push(connection.subscribe(() => this.#connectionChanged()));
    this.#follow();
  }

  /** As of when what it follows is known to be complete, in milliseconds: while it is live, as of the last sign of life. */
  get asOf() {
    return this.state === "live" ? this.#connection.heardAt : this.#asOf;
  }

  stop() {
    this.#cancel();
    for (const stop of this.#stops) stop();
    this.#setState("ended");
  }

  #cancel() {
    this.#turn += 1;
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#batch = [];
    this.#stop();
  }

  #follow() {
    this.#setState(this.#connection.state === "open" ? "replaying" : "connecting");
    // Items of a former stream may still arrive after the next one has begun.
    const turn = this.#turn;
    const ifCurrent = (act) => (received) => turn === this.#turn && act(received);
    this.#stop = this.#connection.follow(this.#query, {
      variables: () => ({ ...this.#variables, after: this.cursor }),
      next: ifCurrent((data) => this.#received(data[this.#field])),
      failed: ifCurrent((found) => this.#failed(found)),
      ended: ifCurrent(() => this.#ended()),
    });
  }

  #received(item) {
    this.#batch.push(item);
    this.#timer ??= setTimeout(() => this.#flush(), BATCH_MS);
  }

  #flush() {
    clearTimeout(this.#timer);
    this.#timer = null;
    const items = this.#batch;
    this.#batch = [];
    if (!items.length || this.state === "ended") return;
    const isReplay = this.state !== "live" && this.#wasLive;
    const caughtUp = items.findIndex(({ __typename }) => __typename === "CaughtUp");
    const replayed = isReplay ? (caughtUp === -1 ? items.length : caughtUp) : 0;
    try {
      this.#handle(items, replayed);
    } catch (error) {
      // If an item can't be handled, everything is loaded again rather than leaving a gap.
      console.error(error);
      return this.#restart("RESYNC_REQUIRED");
    }
    this.cursor = items.at(-1).cursor;
    if (items.at(-1).__typename === "ResyncRequired") {
      this.#restart("RESYNC_REQUIRED");
    } else if (caughtUp !== -1) {
      this.#wasLive = true;
      this.#setState("live");
    }
  }

  #connectionChanged() {
    if (this.state === "ended") return;
    // Items that arrived over the lost socket are valid.
    this.#flush();
    this.#setState(this.#connection.state === "open" ? "replaying" : "connecting");
  }

  #failed(found) {
    const turn = this.#turn;
    this.#flush();
    if (turn !== this.#turn) return;
    if (found.includes("BAD_CURSOR") || found.includes("RESYNC_REQUIRED")) this.#restart("RESYNC_REQUIRED");
    else if (found.includes("NOT_FOUND")) this.stop();
    else this.#restart(found[0]);
  }

  #ended() {
    const turn = this.#turn;
    this.#flush();
    // After a ResyncRequired a new stream has begun already; any other end is final.
    if (turn === this.#turn) this.stop();
  }

  async #restart(code) {
    this.#cancel();
    this.#setState("connecting");
    const turn = this.#turn;
    let cursor = this.cursor;
    if (code === "RESYNC_REQUIRED") cursor = await this.#resynced();
    else await randomDelay();
    if (turn !== this.#turn) return;
    if (cursor === null) return this.stop();
    this.cursor = cursor;
    this.#follow();
  }

  #setState(state) {
    if (state === this.state) return;
    this.#asOf = this.asOf;
    this.state = state;
    this.notify();
  }

  /** The cursor after a resync, tried until it succeeds; null if there is nothing to follow. */
  async #resynced() {
    const turn = this.#turn;
    while (turn === this.#turn) {
      try {
        return await this.#resync();
      } catch (error) {
        if (error.name !== "NetworkError" && error.name !== "RequestError") throw error;
        await randomDelay();
      }
    }
    return null;
  }
}

/** Waits 2 to 5 seconds, at random, so that clients which lost a server together do not return together. */
function randomDelay() {
  return new Promise((go) => setTimeout(go, 2_000 + 3_000 * Math.random()));
}
