// The websocket that all streams of the page go over.
import { Changing } from "./changing.js";
import { createClient } from "./libraries.js";

const MOST_WAIT_MS = 15_000;
const PING_MS = 10_000;
const PONG_MS = 5_000;
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
