// The connection of all subscriptions: one websocket or, if the network blocks websockets, event streams.
import { Observable } from "./observable.js";
import { RequestError } from "./graphql.js";
import { createClient } from "./libraries.js";
import { EventStreams } from "./event_streams.js";

const MAX_WAIT_MS = 15_000;
const PING_MS = 10_000;
const PONG_MS = 5_000;
const CLOSE_FORBIDDEN = 4403;
/** How the reason begins with which the server closes a connection whose viewer has other rights from now on, for example since they are suspended. */
const REASON_RIGHTS = "Rights";
/** After this many failed attempts while HTTP works, the network is taken to block websockets. */
const MAX_FAILED_WEBSOCKETS = 3;

/** Reconnects by itself, without a limit of attempts. */
export class Connection extends Observable {
  /** "idle" without subscriptions; "connecting", "open", or "waiting" for the next attempt. */
  state = "idle";
  /** When the server sent something last, in milliseconds. */
  heardAt = null;
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

  /** Disconnects the page, as a lost network would, until `reconnect()`. */
  disconnect() {
    this.#session.setDisconnected(true);
    this.#client.terminate();
  }

  /** Ends `disconnect()`. */
  reconnect() {
    this.#session.setDisconnected(false);
    this.#wake();
  }

  /** Reconnects with the current viewer's token. */
  renew() {
    if (this.state !== "open") return;
    this.#client.terminate();
    this.#wake();
  }

  /** Sends a mutation if the connection is open, and ignores its result. For presence, which is soon out of date. */
  send(query, variables) {
    if (this.state !== "open") return;
    if (this.#isWebsocket) this.#client.subscribe({ query, variables }, { next() {}, error() {}, complete() {} });
    else this.#session.execute(query, variables).catch((error) => console.info("A mutation failed:", error.message));
  }

  /**
   * Starts a subscription. `variables()` is called at every attempt, also at those of the libraries, so that it returns the
   * cursor of the last handled item. Calls `next(data)`, `failed(codes)` and `ended()`. Returns a function that stops it.
   */
  follow(query, { variables, next, failed, ended }) {
    const payload = {
      query,
      // Called each time the payload is serialised.
      get variables() {
        return variables();
      },
    };
    const over = (act) => (received) => {
      this.#followed.delete(followed);
      act(received);
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
    // A former client may still deliver items.
    const ifCurrent = (act) => (received) => followed.client === client && act(received);
    followed.stop = client.subscribe(followed.payload, {
      next: ifCurrent(followed.next),
      error: ifCurrent(followed.error),
      complete: ifCurrent(followed.complete),
    });
  }

  /** Whether each subscription takes one of the six HTTP/1 connections that a browser opens per server. */
  get hasFewConnections() {
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
        if (!this.#hasOpened && retries + 1 >= MAX_FAILED_WEBSOCKETS && (await this.#answers())) this.#fallBack();
        else await this.#waited(retries);
      },
      keepAlive: PING_MS,
      lazyCloseTimeout: 1_000,
      on: {
        message: () => this.#heard(),
        connecting: () => this.#setState("connecting"),
        connected: () => {
          this.#hasOpened = true;
          this.#setState("open");
        },
        closed: (event) => this.#closed(event),
        ping: (received) => {
          // A socket does not report that the other end is gone, so a missing pong closes it.
          if (!received) this.#pongDue = setTimeout(() => this.#client.terminate(), PONG_MS);
        },
        pong: (received) => {
          if (received) clearTimeout(this.#pongDue);
        },
      },
    });
  }

  /** Switches to event streams, with all current subscriptions. */
  #fallBack() {
    this.#client = new EventStreams({
      url: this.#address,
      headers: () => this.#headers(),
      connected: () => this.#setState("open"),
      heard: () => this.#heard(),
      lost: (retries) => this.#lost(retries),
      refused: () => this.#session.end(),
    });
    this.#setState("connecting");
    for (const followed of this.#followed) {
      const { stop } = followed;
      this.#subscribe(followed);
      stop();
    }
  }

  /** Whether the server can be reached over HTTP. */
  async #answers() {
    try {
      await this.#session.execute("{ __typename }");
      return true;
    } catch (error) {
      return error instanceof RequestError;
    }
  }

  #lost(retries) {
    // If one stream breaks, the others are about to: all reconnect together, as over one websocket.
    if (retries === 0 && this.state === "open") {
      this.#setState("waiting");
      this.#client.terminate();
    } else if (this.state === "connecting") {
      this.#setState("waiting");
    }
    return this.#waited(retries, { isQuiet: true });
  }

  async #waited(retries, { isQuiet = false } = {}) {
    if (!isQuiet) this.#setState("waiting");
    const wait = retries === 0 ? 100 + 400 * Math.random() : Math.min(MAX_WAIT_MS, 500 * 2 ** retries) * (0.5 + Math.random() / 2);
    await new Promise((go) => {
      const wake = () => {
        if (this.#session.isDisconnected) return;
        clearTimeout(timer);
        this.#wakes.delete(wake);
        go();
      };
      const timer = setTimeout(wake, wait);
      this.#wakes.add(wake);
    });
  }

  /** Makes waiting attempts happen now. */
  #wake() {
    for (const wake of [...this.#wakes]) wake();
  }

  #closed(event) {
    clearTimeout(this.#pongDue);
    if (event.code === CLOSE_FORBIDDEN) this.#session.end();
    if (event.reason?.startsWith(REASON_RIGHTS)) this.#session.refresh();
    // The events of a websocket are ignored after the switch to event streams.
    if (this.#isWebsocket) this.#setState(event.code === 1000 ? "idle" : "waiting");
  }

  #heard() {
    this.heardAt = Date.now();
  }

  #setState(state) {
    if (state === this.state) return;
    this.state = state;
    this.notify();
  }
}

/** The codes of what ended a stream: GraphQL errors, or a close event that the client does not retry. */
function codes(error) {
  if (Array.isArray(error)) return error.map(({ extensions }) => extensions?.code ?? "BAD_REQUEST");
  return [`CLOSED_${error?.code ?? "UNKNOWN"}`];
}
