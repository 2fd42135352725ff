// Relay: queries and mutations over HTTP, subscriptions over a websocket that reconnects by itself.
import { Environment, type GraphQLResponse, Network, Observable, RecordSource, Store } from "relay-runtime";
import { fetchUntilAnswered } from "../../shared/fetching";
import { follow, websocket } from "../../shared/following";

const socket = websocket("/graphql");

/** An environment that knows nothing yet. */
export function createEnvironment(): Environment {
  const network = Network.create(
    async ({ text }, variables) => {
      const answer = await fetchUntilAnswered("/graphql", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ query: text, variables }),
      });
      return answer.json();
    },
    // In place of graphql-ws's own `subscribe`, which would reconnect with the old cursor.
    ({ text }, variables) =>
      Observable.create<GraphQLResponse>((sink) =>
        follow(socket, { query: text ?? "", variables }, {
          next: (result) => sink.next(result as GraphQLResponse),
          error: (error) => sink.error(error),
          complete: () => sink.complete(),
        }),
      ),
  );
  return new Environment({ network, store: new Store(new RecordSource()) });
}
