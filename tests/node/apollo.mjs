// Asks and follows with Apollo Client and its HttpLink alone: node apollo.mjs URL QUERY SUBSCRIPTION VARIABLES COUNT [TOKEN]
// Prints {"asked": the data of the query, "followed": the first COUNT results of the multipart subscription, "errors":
// the codes of what it ended with, or its message}.
import { ApolloClient, CombinedGraphQLErrors, CombinedProtocolErrors, gql, HttpLink, InMemoryCache } from '@apollo/client';

const [url, query, subscription, given, count, token] = process.argv.slice(2);
const variables = JSON.parse(given);
const headers = token ? { Authorization: `Bearer ${token}` } : {};
const client = new ApolloClient({ cache: new InMemoryCache(), link: new HttpLink({ uri: url, headers }) });
const asked = await client.query({ query: gql(query), variables });
const followed = [];
const error = await new Promise((resolve) => {
  client.subscribe({ query: gql(subscription), variables }).subscribe({
    next: (result) => {
      if (result.error) return resolve(result.error);
      followed.push(result.data);
      console.log(JSON.stringify(result.data));
      if (followed.length === Number(count)) resolve(null);
    },
    error: resolve,
    complete: () => resolve(null),
  });
});
const combined = error && (CombinedProtocolErrors.is(error) || CombinedGraphQLErrors.is(error));
const errors = combined ? error.errors.map((one) => one.extensions.code) : error && [error.message];
console.log(JSON.stringify({ asked: asked.data, followed, errors: errors || [] }));
process.exit();
