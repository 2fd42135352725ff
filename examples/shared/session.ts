// Who writes: a guest who is signed in with the first reply. Your application has the token of its own sign-in here.
import { fetchUntilAnswered } from "./fetching";

const KEPT_AS = "parley-example-token";
const SIGN_IN = `mutation ($name: String!) {
  signInAsGuest(input: { name: $name }) { token errors { code message } }
}`;

/** The bearer token, or null for a reader, who needs none. */
export function token(): string | null {
  return localStorage.getItem(KEPT_AS);
}

const listeners: (() => void)[] = [];

/** Calls `listener` after each sign-in: a websocket keeps the identity with which it was opened, so it must be reopened. */
export function onSignIn(listener: () => void): void {
  listeners.push(listener);
}

/** Drops a token that the server does not take any more. */
export function forgetToken(): void {
  localStorage.removeItem(KEPT_AS);
}

/** Makes sure that there is a token. Throws where the site takes no guests. */
export async function signIn(): Promise<void> {
  if (token()) return;
  while (!token()) {
    // A name belongs to one guest. One that was given to this page in a response that was lost is taken, too.
    const name = `Guest ${Math.floor(Math.random() * 1_000_000)}`;
    const answer = await fetchUntilAnswered("/graphql", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ query: SIGN_IN, variables: { name } }),
    });
    const { data, errors } = await answer.json();
    const [failure] = errors ?? data.signInAsGuest.errors;
    if (failure && failure.code !== "NAME_TAKEN") throw new Error(failure.message);
    if (!failure) localStorage.setItem(KEPT_AS, data.signInAsGuest.token);
  }
  for (const listener of listeners) listener();
}
