// A stream that goes on from the last item that was handled, whatever happens in between.
import { Changing } from "./changing.js";

const BATCH_MS = 25;

/**
 * Follows from a cursor, for good. `handle(items, replayed)` gets what the stream brings, in order and in batches, of which
 * the first `replayed` make up for a connection that was lost; only what it took counts as handled. `resync()` reads all
 * anew where the stream can't go on, and gives the cursor to go on from, or null where there is nothing to follow.
 */
export class Follower extends Changing {
  /** "connecting", "replaying" what happened meanwhile, "live", or "ended" for good. */
  state = "connecting";
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

  constructor(connection, { query, field, cursor, variables = {}, handle, resync }) {
    super();
    this.#connection = connection;
    this.#query = query;
    this.#field = field;
    this.#variables = variables;
    this.#handle = handle;
    this.#resync = resync;
    this.cursor = cursor;
    this.#stops.push(connection.watch(() => this.#connectionChanged()));
    this.#follow();
  }

  stop() {
    this.#halt();
    for (const stop of this.#stops) stop();
    this.#become("ended");
  }

  #halt() {
    this.#turn += 1;
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#batch = [];
    this.#stop();
  }

  #follow() {
    this.#become(this.#connection.state === "open" ? "replaying" : "connecting");
    // A stream that was left may still be heard of, after the next one has begun.
    const turn = this.#turn;
    const inTurn = (act) => (heard) => turn === this.#turn && act(heard);
    this.#stop = this.#connection.follow(this.#query, {
      variables: () => ({ ...this.#variables, after: this.cursor }),
      next: inTurn((data) => this.#heard(data[this.#field])),
      failed: inTurn((found) => this.#failed(found)),
      ended: inTurn(() => this.#ended()),
    });
  }

  #heard(item) {
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
      // What could not be taken in is read anew as a whole: a gap would be worse.
      console.error(error);
      return this.#again("RESYNC_REQUIRED");
    }
    this.cursor = items.at(-1).cursor;
    if (items.at(-1).__typename === "ResyncRequired") {
      this.#again("RESYNC_REQUIRED");
    } else if (caughtUp !== -1) {
      this.#wasLive = true;
      this.#become("live");
    }
  }

  #connectionChanged() {
    if (this.state === "ended") return;
    // What was heard over a socket that is gone is as good as what comes over the next.
    this.#flush();
    this.#become(this.#connection.state === "open" ? "replaying" : "connecting");
  }

  #failed(found) {
    const turn = this.#turn;
    this.#flush();
    if (turn !== this.#turn) return;
    if (found.includes("BAD_CURSOR") || found.includes("RESYNC_REQUIRED")) this.#again("RESYNC_REQUIRED");
    else if (found.includes("NOT_FOUND")) this.stop();
    else this.#again(found[0]);
  }

  #ended() {
    const turn = this.#turn;
    this.#flush();
    // After a ResyncRequired the stream is being followed anew already; any other end is for good.
    if (turn === this.#turn) this.stop();
  }

  async #again(code) {
    this.#halt();
    this.#become("connecting");
    const turn = this.#turn;
    let cursor = this.cursor;
    if (code === "RESYNC_REQUIRED") cursor = await this.#resynced();
    else await aWhile();
    if (turn !== this.#turn) return;
    if (cursor === null) return this.stop();
    this.cursor = cursor;
    this.#follow();
  }

  #become(state) {
    if (state === this.state) return;
    this.state = state;
    this.changed();
  }

  /** The cursor after all was read anew, however long that takes; null where there is nothing to follow any more. */
  async #resynced() {
    const turn = this.#turn;
    while (turn === this.#turn) {
      try {
        return await this.#resync();
      } catch (error) {
        if (error.name !== "Unreachable" && error.name !== "Refused") throw error;
        await aWhile();
      }
    }
    return null;
  }
}

/** Some seconds, and not the same for all who lost a server at once. */
function aWhile() {
  return new Promise((go) => setTimeout(go, 2_000 + 3_000 * Math.random()));
}
