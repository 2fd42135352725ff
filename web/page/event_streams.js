// Subscriptions over server-sent events, one request each, by graphql-sse: for networks that block websockets.
import { createStreamClient } from "./libraries.js";

/** The server sends at least a comment every 12 seconds. */
const SILENCE_MS = 30_000;

/** The part of graphql-ws's client that the page uses. `lost(retries)` is called for a broken stream, and waits. */
export class EventStreams {
  #client;
  #abort = new AbortController();

  constructor({ url, headers, connected, lost, unauthorized }) {
    this.#client = createStreamClient({
      url,
      headers,
      retryAttempts: Number.POSITIVE_INFINITY,
      retry: lost,
      on: { connected },
      fetchFn: (address, request) => this.#fetched(address, request, unauthorized),
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

  async #fetched(address, request, unauthorized) {
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
    if (response.status === 401) unauthorized();
    if (!response.ok || !response.body) {
      clearTimeout(timer);
      return response;
    }
    const monitored = new TransformStream({
      transform(chunk, controller) {
        received();
        controller.enqueue(chunk);
      },
      flush: () => clearTimeout(timer),
    });
    return new Response(response.body.pipeThrough(monitored), response);
  }
}
