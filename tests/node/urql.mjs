// Asks and follows with urql: node urql.mjs HOW URL QUERY SUBSCRIPTION VARIABLES COUNT
// HOW is fetch (urql's own event streams) or sse (graphql-sse). Prints {"asked": the data of the query, "followed": the
// first COUNT results of the subscription, "error": the first error, or null}; before that "following".
import { Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { createClient } from 'graphql-sse';

const [how, url, query, subscription, given, count] = process.argv.slice(2);
const variables = JSON.parse(given);
const sse = createClient({ url });
const forward = subscriptionExchange({
  forwardSubscription: (request) => ({
    subscribe: (sink) => ({ unsubscribe: sse.subscribe({ ...request, query: request.query || '' }, sink) }),
  }),
});
const client = new Client({
  url,
  preferGetMethod: true,
  fetchSubscriptions: how === 'fetch',
  exchanges: how === 'fetch' ? [fetchExchange] : [fetchExchange, forward],
});
const asked = await client.query(query, variables).toPromise();
const followed = [];
const error = await new Promise((resolve) => {
  if (asked.error) resolve(asked.error);
  client.subscription(subscription, variables).subscribe((result) => {
    if (result.error) resolve(result.error);
    followed.push(result.data);
    console.log(JSON.stringify(result.data));
    if (followed.length === Number(count)) resolve(null);
  });
  console.log('following');
});
console.log(JSON.stringify({ asked: asked.data, followed, error: error && error.message }));
process.exit();
