// Streams over server-sent events, for networks that let no websocket through: one request each, by graphql-sse.
import { createStreamClient } from "./libraries.js";

/** The server says something every 12 seconds, if only that it is there. */
const SILENCE_MS = 30_000;

/** As graphql-ws's client, as far as the page uses it. `lost(retries)` is told of a stream that broke, and waits. */
export class EventStreams {
  #client;
  #line = new AbortController();

  constructor({ url, headers, connected, lost, refused }) {
    this.#client = createStreamClient({
      url,
      headers,
      retryAttempts: Number.POSITIVE_INFINITY,
      retry: lost,
      on: { connected },
      fetchFn: (address, request) => this.#fetched(address, request, refused),
    });
  }

  subscribe(payload, sink) {
    return this.#client.subscribe(payload, sink);
  }

  /** Ends all connections without a word; each stream comes back with its cursor. */
  terminate() {
    this.#line.abort();
    this.#line = new AbortController();
  }

  async #fetched(address, request, refused) {
    const line = this.#line;
    const silence = new AbortController();
    let timer = null;
    const heard = () => {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
    };
    heard();
    const signal = AbortSignal.any([request.signal, line.signal, silence.signal]);
    signal.addEventListener("abort", () => clearTimeout(timer));
    const answer = await fetch(address, { ...request, signal });
    if (answer.status === 401) refused();
    if (!answer.ok || !answer.body) {
      clearTimeout(timer);
      return answer;
    }
    const listened = new TransformStream({
      transform(chunk, controller) {
        heard();
        controller.enqueue(chunk);
      },
      flush: () => clearTimeout(timer),
    });
    return new Response(answer.body.pipeThrough(listened), answer);
  }
}
