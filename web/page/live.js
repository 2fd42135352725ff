// The line that all streams of the page go over: one websocket, or where none comes through, event streams.
import { Changing } from "./changing.js";
import { Refused } from "./graphql.js";
import { createClient } from "./libraries.js";
import { EventStreams } from "./streams.js";

const MOST_WAIT_MS = 15_000;
const PING_MS = 10_000;
const PONG_MS = 5_000;
const FORBIDDEN = 4403;
/** After so many websockets that did not open, of a server that answers otherwise, something on the way lets none through. */
const VAIN_ATTEMPTS = 3;

/** Comes back by itself, however long that takes. */
export class Connection extends Changing {
  /** "idle" while nothing is followed; "connecting", "open", or "waiting" for the next attempt. */
  state = "idle";
  #session;
  #address;
  #client;
  #hasOpened = false;
  #followed = new Set();
  #wakes = new Set();
  #pongDue = null;

  /** `address` is the path of the endpoint. */
  constructor(session, address) {
    super();
    this.#session = session;
    this.#address = address;
    this.#client = this.#websocket();
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

  /** Does a mutation that is of this moment: only while the line is open, and without waiting for what comes of it. */
  say(query, variables) {
    if (this.state !== "open") return;
    if (this.#isWebsocket) this.#client.subscribe({ query, variables }, { next() {}, error() {}, complete() {} });
    else this.#session.ask(query, variables).catch((error) => console.info("Not told:", error.message));
  }

  /**
   * Follows a stream. `variables()` is asked anew at every attempt, also those that the libraries make by themselves, so
   * that it carries the cursor of the last item that was handled. `next(data)`, `failed(codes)` and `ended()` hear of it.
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
    const over = (act) => (heard) => {
      this.#followed.delete(followed);
      act(heard);
    };
    const followed = {
      payload,
      next: ({ data, errors }) => (errors ? over(failed)(codes(errors)) : next(data)),
      error: over((error) => failed(codes(error))),
      complete: over(ended),
    };
    this.#followed.add(followed);
    this.#subscribe(followed);
    return () => {
      this.#followed.delete(followed);
      followed.stop();
    };
  }

  #subscribe(followed) {
    const client = this.#client;
    followed.client = client;
    // A client that was left may still say something.
    const inTurn = (act) => (heard) => followed.client === client && act(heard);
    followed.stop = client.subscribe(followed.payload, {
      next: inTurn(followed.next),
      error: inTurn(followed.error),
      complete: inTurn(followed.complete),
    });
  }

  /** Whether each stream takes one of the six connections that a browser has to a server, in all its tabs together. */
  get isNarrow() {
    const [page] = performance.getEntriesByType("navigation");
    return !this.#isWebsocket && /^http\/1/.test(page?.nextHopProtocol ?? "");
  }

  get #isWebsocket() {
    return !(this.#client instanceof EventStreams);
  }

  #headers() {
    const { token } = this.#session;
    return token ? { authorization: `Bearer ${token}` } : {};
  }

  #websocket() {
    return createClient({
      url: new URL(this.#address, location.origin.replace(/^http/, "ws")).href,
      connectionParams: () => this.#headers(),
      retryAttempts: Number.POSITIVE_INFINITY,
      shouldRetry: () => true,
      retryWait: async (retries) => {
        if (!this.#hasOpened && retries + 1 >= VAIN_ATTEMPTS && (await this.#answers())) this.#fallBack();
        else await this.#waited(retries);
      },
      keepAlive: PING_MS,
      lazyCloseTimeout: 1_000,
      on: {
        connecting: () => this.#become("connecting"),
        connected: () => {
          this.#hasOpened = true;
          this.#become("open");
        },
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
  }

  /** Goes over to event streams, and takes along what is followed. */
  #fallBack() {
    this.#client = new EventStreams({
      url: this.#address,
      headers: () => this.#headers(),
      connected: () => this.#become("open"),
      lost: (retries) => this.#lost(retries),
      refused: () => this.#session.expire(),
    });
    this.#become("connecting");
    for (const followed of this.#followed) {
      const { stop } = followed;
      this.#subscribe(followed);
      stop();
    }
  }

  /** Whether the server answers at all. */
  async #answers() {
    try {
      await this.#session.ask("{ __typename }");
      return true;
    } catch (error) {
      return error instanceof Refused;
    }
  }

  #lost(retries) {
    // Where one stream breaks the others are as good as broken: all come back together, as over one websocket.
    if (retries === 0 && this.state === "open") {
      this.#become("waiting");
      this.#client.terminate();
    } else if (this.state === "connecting") {
      this.#become("waiting");
    }
    return this.#waited(retries, { isQuiet: true });
  }

  async #waited(retries, { isQuiet = false } = {}) {
    if (!isQuiet) this.#become("waiting");
    const wait = retries === 0 ? 100 + 400 * Math.random() : Math.min(MOST_WAIT_MS, 500 * 2 ** retries) * (0.5 + Math.random() / 2);
    await new Promise((go) => {
      const wake = () => {
        if (this.#session.cut) return;
        clearTimeout(timer);
        this.#wakes.delete(wake);
        go();
      };
      const timer = setTimeout(wake, wait);
      this.#wakes.add(wake);
    });
  }

  /** Tries again at once. */
  #wake() {
    for (const wake of [...this.#wakes]) wake();
  }

  #closed(event) {
    clearTimeout(this.#pongDue);
    if (event.code === FORBIDDEN) this.#session.expire();
    // A websocket that was left for event streams has no say.
    if (this.#isWebsocket) this.#become(event.code === 1000 ? "idle" : "waiting");
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
