// Executes one operation over HTTP.

/** There was no response. The server may have executed the request: repeat a mutation with its clientMutationId. */
export class NetworkError extends Error {
  name = "NetworkError";
  /** Whether it is certain that the request was not sent. */
  unsent = false;
}

/** The server refused the request. */
export class RequestError extends Error {
  name = "RequestError";

  constructor(errors) {
    super(errors[0].message);
    this.code = errors[0].extensions?.code ?? "BAD_REQUEST";
    this.resetAt = errors[0].extensions?.resetAt ?? null;
  }

  /** Whether the token is refused: a request without it may succeed. */
  get refusesToken() {
    return this.code === "UNAUTHENTICATED";
  }
}

/** Returns the data of an operation. Throws NetworkError or RequestError. */
export async function execute(document, variables = {}, { token = null, signal = null, address = "/graphql", fetch = globalThis.fetch } = {}) {
  const headers = { "Content-Type": "application/json", Accept: "application/graphql-response+json, application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  const result = await fetchResult(fetch, address, { method: "POST", headers, body: JSON.stringify({ query: document, variables }), signal });
  // Data beside errors is incomplete, for example with NOT_FOUND below a list: the rest is shown.
  if (result.errors?.length && !result.data) throw new RequestError(result.errors);
  return result.data;
}

async function fetchResult(fetch, address, request) {
  try {
    const response = await fetch(address, request);
    const result = await response.json();
    if (!result || typeof result !== "object" || !("data" in result || "errors" in result)) throw new Error("not a GraphQL response");
    return result;
  } catch (cause) {
    // A proxy's error page instead of a GraphQL response counts as none.
    throw new NetworkError("The server can't be reached. Check your connection and try again.", { cause });
  }
}
