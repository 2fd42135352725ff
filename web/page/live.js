// The websocket, and streams over it that go on from the last item that was handled, whatever happens in between.
import { Changing } from "./changing.js";
import { createClient } from "./libraries.js";

const MOST_WAIT_MS = 15_000;
const PING_MS = 10_000;
const PONG_MS = 5_000;
const BATCH_MS = 25;
const FORBIDDEN = 4403;

/** One websocket for all streams of the page, which comes back by itself. */
export class Connection extends Changing {
  /** "idle" while nothing is followed; "connecting", "open", or "waiting" for the next attempt. */
  state = "idle";
  #session;
  #client;
  #wake = () => {};
  #pongDue = null;

  constructor(session, address) {
    super();
    this.#session = session;
    this.#client = createClient({
      url: address,
      connectionParams: () => (session.token ? { authorization: `Bearer ${session.token}` } : {}),
      retryAttempts: Number.POSITIVE_INFINITY,
      shouldRetry: () => true,
      retryWait: (retries) => this.#waited(retries),
      keepAlive: PING_MS,
      lazyCloseTimeout: 1_000,
      on: {
        connecting: () => this.#become("connecting"),
        connected: () => this.#become("open"),
        closed: (event) => this.#closed(event),
        ping: (received) => {
          // A socket whose other end is gone says nothing by itself.
          if (!received) this.#pongDue = setTimeout(() => this.#client.terminate(), PONG_MS);
        },
        pong: (received) => {
          if (received) clearTimeout(this.#pongDue);
        },
      },
    });
    addEventListener("online", () => this.#wake());
    addEventListener("offline", () => this.#client.terminate());
    document.addEventListener("visibilitychange", () => document.hidden || this.#wake());
  }

  /** Cuts the connection, as a tunnel would, until it is mended. */
  cut() {
    this.#session.setCut(true);
    this.#client.terminate();
  }

  mend() {
    this.#session.setCut(false);
    this.#wake();
  }

  /** Comes back as who is signed in now. */
  renew() {
    if (this.state !== "open") return;
    this.#client.terminate();
    this.#wake();
  }

  /** Does a mutation over the websocket; only while it is open, since it is of this moment. */
  say(query, variables) {
    if (this.state !== "open") return;
    this.#client.subscribe({ query, variables }, { next() {}, error() {}, complete() {} });
  }

  /**
   * Follows a stream. `variables()` is asked anew at every attempt, also those that graphql-ws makes by itself, so that it
   * carries the cursor of the last item that was handled. `next(data)`, `failed(codes)` and `ended()` hear of it.
   * Gives what stops it.
   */
  follow(query, { variables, next, failed, ended }) {
    const payload = {
      query,
      // Read when the payload is written as JSON, each time it is.
      get variables() {
        return variables();
      },
    };
    return this.#client.subscribe(payload, {
      next: ({ data, errors }) => (errors ? failed(codes(errors)) : next(data)),
      error: (error) => failed(codes(error)),
      complete: ended,
    });
  }

  async #waited(retries) {
    this.#become("waiting");
    const wait = retries === 0 ? 100 + 400 * Math.random() : Math.min(MOST_WAIT_MS, 500 * 2 ** retries) * (0.5 + Math.random() / 2);
    await new Promise((go) => {
      const timer = setTimeout(() => this.#session.cut || go(), wait);
      this.#wake = () => {
        if (this.#session.cut) return;
        clearTimeout(timer);
        go();
      };
    });
    this.#wake = () => {};
  }

  #closed(event) {
    clearTimeout(this.#pongDue);
    if (event.code === FORBIDDEN) this.#session.expire();
    this.#become(event.code === 1000 ? "idle" : "waiting");
  }

  #become(state) {
    if (state === this.state) return;
    this.state = state;
    this.changed();
  }
}

/** Codes of what ended a stream: of GraphQL errors, or of a close that the client takes for fatal. */
function codes(error) {
  if (Array.isArray(error)) return error.map(({ extensions }) => extensions?.code ?? "BAD_REQUEST");
  return [`CLOSED_${error?.code ?? "UNKNOWN"}`];
}

/**
 * Follows from a cursor, for good: `handle(items)` gets what the stream brings, in order and in batches, and only what it
 * took counts as handled. `missed` says how many items the replay brought after a connection was lost.
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
    this.#handle(items, replayed);
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
    this.#flush();
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
    if (code === "RESYNC_REQUIRED") {
      const cursor = await this.#resync();
      if (cursor === null || this.state === "ended") return;
      this.cursor = cursor;
    } else {
      await new Promise((go) => setTimeout(go, 2_000 + 3_000 * Math.random()));
      if (this.state === "ended") return;
    }
    this.#follow();
  }

  #become(state) {
    if (state === this.state) return;
    this.state = state;
    this.changed();
  }
}
