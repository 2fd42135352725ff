// urql: queries and mutations over HTTP, subscriptions over a websocket that reconnects by itself.
import { Client, fetchExchange, subscriptionExchange } from "urql";
import { createCache } from "./cache";
import { fetchUntilAnswered } from "../../shared/fetching";
import { follow, websocket } from "../../shared/following";

const socket = websocket("/graphql");

/** A client that knows nothing yet. */
export function createClient(): Client {
  return new Client({
    url: "/graphql",
    fetch: fetchUntilAnswered,
    preferGetMethod: false,
    exchanges: [
      createCache(),
      fetchExchange,
      subscriptionExchange({
        // In place of graphql-ws's own `subscribe`, which would reconnect with the old cursor.
        forwardSubscription: ({ query = "", variables }) => ({
          subscribe: (sink) => ({
            unsubscribe: follow(socket, { query, variables: variables ?? {} }, sink),
          }),
        }),
      }),
    ],
  });
}
