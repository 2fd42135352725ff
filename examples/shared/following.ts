// Follows a subscription for good: whatever cuts the connection, the next one goes on after the last item that was handled.
//
// Why not leave that to graphql-ws, which comes back by itself? It sends the same `subscribe` message again, with the cursor
// that the page was opened with: all that has happened since would come once more. So its own retries are off, and each
// attempt here is a new subscription that carries the cursor of the last item handled.
//
// Every client library can stand on this: it wants a function that takes a query with its variables and reports to a sink.
import { createClient, type Client } from "graphql-ws";
import { pause } from "./fetching";
import { forgetToken, token } from "./session";

const PING_MS = 10_000;
const ANSWER_MS = 5_000;
const FORBIDDEN = 4403;
/** What a websocket is closed with where the same once more would end the same. */
const FAULTS = [4400, 4401, 4406, 4409, 4429];

export type Operation = {
  query: string;
  /** `after` among them is the cursor to begin from: the `eventCursor` of the thread that was loaded. */
  variables: Record<string, unknown>;
};

export type Result<Data> = { data?: Data | null | undefined; errors?: readonly Failure[] | undefined };

export type Failure = { message: string; extensions?: { code?: string } | undefined };

export interface Sink<Data> {
  next(result: Result<Data>): void;
  /** It is over: with ResyncRequired, or with what no retry can mend. */
  error(error: Error): void;
  /** It is over: there is nothing to follow any more, as where the discussion was deleted. */
  complete(): void;
}

/** A way to follow: how a stream is opened, and which of its errors only say that it was cut. */
export interface Transport {
  iterate<Data>(operation: Operation): AsyncIterableIterator<Result<Data>>;
  isCut(error: unknown): boolean;
}

/** The stream can't be resumed from its cursor, as after a restored backup: load the thread again and follow from there. */
export class ResyncRequired extends Error {}

/** One websocket for everything that is followed. It is opened with the first stream. */
export function websocket(url: string): Transport {
  let answerIsDue: ReturnType<typeof setTimeout>;
  // A connection whose other end is gone says nothing by itself.
  const expectAnswer = () => {
    clearTimeout(answerIsDue);
    answerIsDue = setTimeout(() => client.terminate(), ANSWER_MS);
  };
  const client: Client = createClient({
    url,
    retryAttempts: 0,
    keepAlive: PING_MS,
    // Called again for each connection.
    connectionParams: () => (token() ? { authorization: `Bearer ${token()}` } : {}),
    on: {
      connecting: expectAnswer,
      connected: () => clearTimeout(answerIsDue),
      ping: (isTheirs) => isTheirs || expectAnswer(),
      pong: (isTheirs) => isTheirs && clearTimeout(answerIsDue),
      closed: (event) => {
        clearTimeout(answerIsDue);
        if (codeOf(event) === FORBIDDEN) forgetToken();
      },
    },
  });
  return {
    iterate: <Data>(operation: Operation) => client.iterate<Data>(operation) as AsyncIterableIterator<Result<Data>>,
    // A socket that failed or was closed throws the event that said so.
    isCut: (error) => (error instanceof Event || codeOf(error) !== undefined) && !FAULTS.includes(codeOf(error) ?? 0),
  };
}

/** Follows from the cursor `after`, through all cuts. Returns the function that stops it. */
export function follow<Data>(transport: Transport, operation: Operation, sink: Sink<Data>): () => void {
  const variables = { ...operation.variables };
  let isStopped = false;
  let stream: AsyncIterableIterator<Result<Data>> | undefined;

  async function run(): Promise<void> {
    for (let attempt = 0; !isStopped; attempt += 1) {
      try {
        stream = transport.iterate<Data>({ ...operation, variables });
        for await (const result of stream) {
          await pagesOnTheirWay;
          if (isStopped) return;
          if (!result.data) throw result.errors;
          const item = itemOf(result.data);
          if (item.__typename === "ResyncRequired") throw new ResyncRequired();
          sink.next(result);
          // Not before it was handled: else it would be lost if that went wrong.
          variables["after"] = item.cursor;
          if (item.__typename === "CaughtUp") connection.become("live");
          attempt = 0;
        }
        connection.become("ended");
        return sink.complete();
      } catch (error) {
        if (isStopped) return;
        const codes = codesOf(error);
        if (codes.includes("UNAUTHENTICATED")) forgetToken();
        if (codes.includes("BAD_CURSOR") || codes.includes("RESYNC_REQUIRED")) return sink.error(new ResyncRequired());
        const isPassing = codes.some((code) => ["UNAUTHENTICATED", "RATE_LIMITED", "INTERNAL"].includes(code));
        if (!isPassing && !transport.isCut(error)) return sink.error(asError(error));
      }
      connection.become("offline");
      await pause(attempt);
    }
  }

  void run();
  return () => {
    isStopped = true;
    void stream?.return?.();
  };
}

let pagesOnTheirWay: Promise<unknown> = Promise.resolve();

/**
 * Loads a further page of the thread, and keeps what happens meanwhile for after it. The page may have been read before an
 * event that comes in before it, and would undo what that has changed.
 */
export function whileEventsWait<Page>(load: () => Promise<Page>): Promise<Page> {
  const page = load();
  pagesOnTheirWay = Promise.allSettled([pagesOnTheirWay, page]);
  return page;
}

type State = "connecting" | "live" | "offline" | "ended";

/** What a badge on the page shows. A stream is live once it has caught up with what happened before it was opened. */
export const connection = {
  state: "connecting" as State,
  watchers: new Set<() => void>(),
  become(state: State): void {
    connection.state = state;
    for (const changed of connection.watchers) changed();
  },
  watch(changed: () => void): () => void {
    connection.watchers.add(changed);
    return () => connection.watchers.delete(changed);
  },
};

/** What a result brings: each subscription that is followed has one field, whose items carry their cursor. */
function itemOf(data: object): { __typename: string; cursor: string } {
  return Object.values(data)[0];
}

function codesOf(error: unknown): string[] {
  return Array.isArray(error) ? error.map(({ extensions }: Failure) => extensions?.code ?? "") : [];
}

function codeOf(event: unknown): number | undefined {
  return (event as { code?: number } | null)?.code;
}

function asError(error: unknown): Error {
  if (Array.isArray(error)) return new Error(error.map(({ message }: Failure) => message).join(" "));
  return error instanceof Error ? error : new Error(`The connection was closed with ${codeOf(error)}.`);
}
