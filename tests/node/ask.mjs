// Runs one operation to its end over graphql-transport-ws: node ask.mjs URL QUERY [VARIABLES] [AUTHORIZATION]
// Prints {"results": […], "error": the error, or null}.
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

const [url, query, variables = '{}', authorization] = process.argv.slice(2);
const client = createClient({
  url,
  webSocketImpl: WebSocket,
  retryAttempts: 0,
  connectionParams: authorization ? { authorization } : undefined,
});
const results = [];
const error = await new Promise((resolve) => {
  client.subscribe(
    { query, variables: JSON.parse(variables) },
    { next: (result) => results.push(result), error: resolve, complete: () => resolve(null) },
  );
});
await client.dispose();
const told = Array.isArray(error) || error === null ? error : { code: error.code, reason: error.reason };
console.log(JSON.stringify({ results, error: told }));
