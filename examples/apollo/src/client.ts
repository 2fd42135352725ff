// Apollo Client over two ways: queries and mutations over HTTP, subscriptions over a websocket that comes back by itself.
import { ApolloClient, ApolloLink, HttpLink } from "@apollo/client";
import { OperationTypeNode, print } from "graphql";
import { Observable } from "rxjs";
import { createCache } from "./cache";
import { fetchUntilAnswered } from "../../shared/fetching";
import { follow, websocket } from "../../shared/following";

const socket = websocket("/graphql");

/** In the place of GraphQLWsLink, which would come back with the old cursor. */
const following = new ApolloLink(
  ({ query, variables }) =>
    new Observable((observer) => follow(socket, { query: print(query), variables }, observer)),
);

const asking = new HttpLink({ uri: "/graphql", fetch: fetchUntilAnswered });

export const client = new ApolloClient({
  cache: createCache(),
  link: ApolloLink.split(({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION, following, asking),
});
