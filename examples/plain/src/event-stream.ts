// The other way to follow: server-sent events with graphql-sse, for where websockets do not get through.
//
// Over HTTP/1.1 a browser opens six connections to a server, over all tabs, and each stream takes one: prefer the websocket
// there, or let several tabs share a stream.
import { createClient, NetworkError } from "graphql-sse";
import type { Operation, Result, Transport } from "../../shared/following";
import { forgetToken, token } from "../../shared/session";

/** The server says something every 12 seconds, if only that it is still there. */
const SILENCE_MS = 30_000;

export function eventStream(url: string): Transport {
  const client = createClient({
    // An absolute one, as graphql-sse wants it.
    url: new URL(url, location.href).href,
    // `follow` comes back with the cursor of the last item handled; the client itself would with the old one.
    retryAttempts: 0,
    headers: (): Record<string, string> => (token() ? { Authorization: `Bearer ${token()}` } : {}),
    fetchFn: fetchWhileReceiving,
  });
  return {
    iterate: <Data>(operation: Operation) => client.iterate<Data>(operation) as AsyncIterableIterator<Result<Data>>,
    isCut(error) {
      if (!(error instanceof NetworkError)) return false;
      if ((error as NetworkError<Response>).response?.status === 401) forgetToken();
      return true;
    },
  };
}

/** A fetch that aborts after a silence: a browser is not notified if the other end of a connection is gone. */
async function fetchWhileReceiving(url: string, init: RequestInit): Promise<Response> {
  const silence = new AbortController();
  let due: ReturnType<typeof setTimeout>;
  const restartTimer = () => {
    clearTimeout(due);
    due = setTimeout(() => silence.abort(), SILENCE_MS);
  };
  restartTimer();
  const signal = init.signal ? AbortSignal.any([init.signal, silence.signal]) : silence.signal;
  const response = await fetch(url, { ...init, signal });
  const watched = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, onward) {
      restartTimer();
      onward.enqueue(chunk);
    },
    flush: () => clearTimeout(due),
  });
  return new Response(response.body?.pipeThrough(watched) ?? null, response);
}
