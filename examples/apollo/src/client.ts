// Apollo Client: queries and mutations over HTTP, subscriptions over a websocket that reconnects by itself.
import { ApolloClient, ApolloLink, HttpLink } from "@apollo/client";
import { OperationTypeNode, print } from "graphql";
import { Observable } from "rxjs";
import { createCache } from "./cache";
import { fetchUntilAnswered } from "../../shared/fetching";
import { follow, websocket } from "../../shared/following";

const socket = websocket("/graphql");

/** In place of GraphQLWsLink, which would reconnect with the old cursor. */
const following = new ApolloLink(
  ({ query, variables }) =>
    new Observable((observer) => follow(socket, { query: print(query), variables }, observer)),
);

const asking = new HttpLink({ uri: "/graphql", fetch: fetchUntilAnswered });

export const client = new ApolloClient({
  cache: createCache(),
  link: ApolloLink.split(({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION, following, asking),
});
