// Follows a subscription across all cuts: each connection resumes after the last item that was handled.
//
// Why not leave that to graphql-ws, which reconnects by itself? It sends the same `subscribe` message again, with the cursor
// that the page was opened with: everything since would be delivered again. So its own retries are off, and each attempt here
// is a new subscription with the cursor of the last item handled.
//
// Every client library can use this: it needs a function that takes a query with its variables and reports to a sink.
import { createClient, type Client } from "graphql-ws";
import { pause } from "./fetching";
import { forgetToken, onSignIn, token } from "./session";

const PING_MS = 10_000;
const ANSWER_MS = 5_000;
const FORBIDDEN = 4403;
/** Codes of errors after which a request without the token succeeds. */
const REFUSED_TOKEN = ["UNAUTHENTICATED"];
/** Close codes after which another attempt would end in the same way. */
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
  /** The stream has ended: with ResyncRequired, or with an error that no retry can mend. */
  error(error: Error): void;
  /** The stream has ended: there is nothing more to follow, as after the discussion was deleted. */
  complete(): void;
}

/** A transport: how a stream is opened, and which of its errors only say that it was cut. */
export interface Transport {
  iterate<Data>(operation: Operation): AsyncIterableIterator<Result<Data>>;
  isCut(error: unknown): boolean;
}

/** The stream can't be resumed from its cursor, as after a restored backup: load the thread again and follow from there. */
export class ResyncRequired extends Error {}

/** One websocket for all streams, opened with the first. It is reopened after a sign-in. */
export function websocket(url: string): Transport {
  let answerIsDue: ReturnType<typeof setTimeout>;
  // A connection whose other end is gone sends nothing by itself.
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
  // Else events would have no clientMutationId, and `viewerCan…` fields would be those of an anonymous reader.
  onSignIn(() => client.terminate());
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
          await loadingPages;
          if (isStopped) return;
          if (!result.data) throw result.errors;
          const item = itemOf(result.data);
          if (item.__typename === "ResyncRequired") throw new ResyncRequired();
          // Tombstones above a restored reply are in the thread again: they come with the thread as it is now.
          if (item.edges?.some(({ node }) => node.state === "DELETED")) throw new ResyncRequired();
          sink.next(result);
          // Only after it was handled: else it would be lost if that failed.
          variables["after"] = item.cursor;
          if (item.__typename === "CaughtUp") connection.become("live");
          attempt = 0;
        }
        connection.become("ended");
        return sink.complete();
      } catch (error) {
        if (isStopped) return;
        const codes = codesOf(error);
        if (REFUSED_TOKEN.some((code) => codes.includes(code))) forgetToken();
        if (codes.includes("BAD_CURSOR") || codes.includes("RESYNC_REQUIRED")) return sink.error(new ResyncRequired());
        const isPassing = codes.some((code) => [...REFUSED_TOKEN, "RATE_LIMITED", "INTERNAL"].includes(code));
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

let loadingPages: Promise<unknown> = Promise.resolve();

/**
 * Loads a further page of the thread, and holds back the events that arrive meanwhile. The page may have been read before an
 * event that arrives sooner, and would undo what that event has changed.
 */
export function whileEventsWait<Page>(load: () => Promise<Page>): Promise<Page> {
  const page = load();
  loadingPages = Promise.allSettled([loadingPages, page]);
  return page;
}

type State = "connecting" | "live" | "offline" | "ended";

/** What a badge on the page shows. A stream is live once it has caught up. */
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

/** The item of a result: each subscription has one field, whose items have a cursor. */
function itemOf(data: object): { __typename: string; cursor: string; edges?: { node: { state?: string } }[] } {
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
