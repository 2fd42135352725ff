// A fetch that retries until it has a response.
//
// A mutation may have been executed although its response was lost. That is what `clientMutationId` is for: for a repeated key
// the server repeats its response, and writes nothing twice. So every mutation here has one.
import { forgetToken, token } from "./session";

const ANSWER_MS = 10_000;
const LONGEST_PAUSE_MS = 15_000;

/** Takes what `fetch` takes, adds the token, and returns a response of the server, however long that takes. */
export async function fetchUntilAnswered(url: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
  for (let attempt = 0; ; attempt += 1) {
    const late = AbortSignal.timeout(ANSWER_MS);
    const signal = init.signal ? AbortSignal.any([init.signal, late]) : late;
    const headers = new Headers(init.headers);
    const bearer = token();
    if (bearer) headers.set("Authorization", `Bearer ${bearer}`);
    try {
      const response = await fetch(url, { ...init, headers, signal });
      // The connection may be cut in the middle of the response, too.
      const text = await response.text();
      if (response.status === 401 && bearer) {
        // It has expired. Reads continue without it; writes return NOT_SIGNED_IN.
        forgetToken();
        continue;
      }
      if (isOfTheServer(response)) return new Response(text, response);
    } catch (error) {
      if (init.signal?.aborted) throw error;
    }
    await pause(attempt);
  }
}

/** Waits for a random time that grows with every attempt, at most until the network is back. */
export async function pause(attempt: number): Promise<void> {
  const longest = Math.min(LONGEST_PAUSE_MS, 250 * 2 ** attempt);
  await new Promise<void>((go) => {
    const end = () => {
      clearTimeout(timer);
      removeEventListener("online", end);
      go();
    };
    const timer = setTimeout(end, longest * (0.5 + Math.random() / 2));
    addEventListener("online", end);
  });
}

/** A proxy that can't reach the server responds as well, but not in JSON. */
function isOfTheServer(response: Response): boolean {
  return response.status < 500 || (response.headers.get("Content-Type") ?? "").includes("json");
}
