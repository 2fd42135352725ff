// Subscriptions over server-sent events, one request each, by graphql-sse: for networks that block websockets.
import { createStreamClient } from "./libraries.js";

/** The server sends at least a comment every 12 seconds. */
const SILENCE_MS = 30_000;

/** The part of graphql-ws's client that the page uses. `heard()` is called for all that arrives, `lost(retries)` called for a broken stream, and waits; `refused()` for a refused token. */
export class EventStreams {
  #client;
  #abort = new AbortController();

  constructor({ url, headers, connected, heard, lost, refused }) {
    this.#client = createStreamClient({
      url,
      headers,
      retryAttempts: Number.POSITIVE_INFINITY,
      retry: lost,
      on: { connected },
      fetchFn: (address, request) => this.#fetched(address, request, { heard, refused }),
    });
  }

  subscribe(payload, sink) {
    return this.#client.subscribe(payload, sink);
  }

  /** Aborts all requests; each subscription then resumes from its cursor. */
  terminate() {
    this.#abort.abort();
    this.#abort = new AbortController();
  }

  async #fetched(address, request, { heard, refused }) {
    const abort = this.#abort;
    const silence = new AbortController();
    let timer = null;
    const received = () => {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
    };
    received();
    const signal = AbortSignal.any([request.signal, abort.signal, silence.signal]);
    signal.addEventListener("abort", () => clearTimeout(timer));
    const response = await fetch(address, { ...request, signal });
    if (!response.ok || !response.body) {
      clearTimeout(timer);
      if ((await codeOf(response.clone())) === "UNAUTHENTICATED") refused();
      return response;
    }
    const monitored = new TransformStream({
      transform(chunk, controller) {
        received();
        heard();
        controller.enqueue(chunk);
      },
      flush: () => clearTimeout(timer),
    });
    return new Response(response.body.pipeThrough(monitored), response);
  }
}

/** The code of the error that a request is refused with; null if the response is not the server's own. */
async function codeOf(response) {
  try {
    const { errors } = await response.json();
    return errors[0].extensions.code;
  } catch {
    return null;
  }
}
