// The other way to follow: server-sent events with graphql-sse, for where websockets do not get through.
//
// Over HTTP/1.1 a browser opens six connections to a server, over all tabs, and each stream takes one: prefer the websocket
// there, or let several tabs share a stream.
import { createClient, NetworkError } from "graphql-sse";
import type { Operation, Result, Transport } from "../../shared/following";
import { forgetToken, onSignIn, token } from "../../shared/session";

/** The server sends something every 12 seconds, a comment if there is nothing else. */
const SILENCE_MS = 30_000;

export function eventStream(url: string): Transport {
  // A stream keeps the identity with which it was opened.
  let identity = new AbortController();
  onSignIn(() => {
    identity.abort();
    identity = new AbortController();
  });
  const client = createClient({
    // graphql-sse needs an absolute address.
    url: new URL(url, location.href).href,
    // `follow` reconnects with the cursor of the last item handled; the client itself would use the old one.
    retryAttempts: 0,
    headers: (): Record<string, string> => (token() ? { Authorization: `Bearer ${token()}` } : {}),
    fetchFn: (url: string, init: RequestInit) => fetchWhileReceiving(url, init, identity.signal),
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

/** A fetch that aborts by `stop`, or after a silence: a browser is not notified if the other end of a connection is gone. */
async function fetchWhileReceiving(url: string, init: RequestInit, stop: AbortSignal): Promise<Response> {
  const silence = new AbortController();
  let due: ReturnType<typeof setTimeout>;
  const restartTimer = () => {
    clearTimeout(due);
    due = setTimeout(() => silence.abort(), SILENCE_MS);
  };
  restartTimer();
  const signal = AbortSignal.any([stop, silence.signal, ...(init.signal ? [init.signal] : [])]);
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
