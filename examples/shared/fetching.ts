// A fetch that does not give up: what got no answer is sent again as it was.
//
// A mutation may have been carried out although its answer was lost on the way. That is what `clientMutationId` is for: the
// server knows the same key again, repeats its answer, and writes nothing twice. So every mutation here carries one.
import { forgetToken, token } from "./session";

const ANSWER_MS = 10_000;
const LONGEST_PAUSE_MS = 15_000;

/** Takes what `fetch` takes, adds the token, and returns an answer of the server, however long that takes. */
export async function fetchUntilAnswered(url: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
  for (let attempt = 0; ; attempt += 1) {
    const late = AbortSignal.timeout(ANSWER_MS);
    const signal = init.signal ? AbortSignal.any([init.signal, late]) : late;
    const headers = new Headers(init.headers);
    const bearer = token();
    if (bearer) headers.set("Authorization", `Bearer ${bearer}`);
    try {
      const response = await fetch(url, { ...init, headers, signal });
      // The connection may be cut in the middle of the answer, too.
      const text = await response.text();
      if (response.status === 401 && bearer) {
        // It has expired. Reading continues without; a write is answered that it needs a sign-in.
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

/** Waits longer with every attempt, not as long as others who lost the same server, and no longer than the network is away. */
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

/** A proxy that can't reach the server answers, too, and not in JSON. */
function isOfTheServer(response: Response): boolean {
  return response.status < 500 || (response.headers.get("Content-Type") ?? "").includes("json");
}
