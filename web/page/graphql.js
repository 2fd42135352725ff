// One operation over HTTP.

/** No answer came. What was sent may have arrived all the same: send a mutation again with its clientMutationId. */
export class Unreachable extends Error {
  name = "Unreachable";
  /** Whether it is certain that nothing was sent. */
  unsent = false;
}

/** The server answered that it will not do this. */
export class Refused extends Error {
  name = "Refused";

  constructor(errors) {
    super(errors[0].message);
    this.code = errors[0].extensions?.code ?? "BAD_REQUEST";
    this.resetAt = errors[0].extensions?.resetAt ?? null;
  }
}

/** The data of an operation. Throws Unreachable or Refused. */
export async function ask(document, variables = {}, { token = null, address = "/graphql", fetch = globalThis.fetch } = {}) {
  const headers = { "Content-Type": "application/json", Accept: "application/graphql-response+json, application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  const answer = await answered(fetch, address, { method: "POST", headers, body: JSON.stringify({ query: document, variables }) });
  // Data next to errors is a part that is missing (NOT_FOUND below a list, say): the rest is shown.
  if (answer.errors?.length && !answer.data) throw new Refused(answer.errors);
  return answer.data;
}

async function answered(fetch, address, request) {
  try {
    const response = await fetch(address, request);
    const answer = await response.json();
    if (!answer || typeof answer !== "object" || !("data" in answer || "errors" in answer)) throw new Error("no GraphQL");
    return answer;
  } catch (cause) {
    // A proxy's page in place of an answer is as good as none.
    throw new Unreachable("The server can't be reached.", { cause });
  }
}
