// Follows an endless subscription through reconnects: node follow.mjs URL QUERY LAST TOKEN…
// QUERY takes $after and gives one number per result. Ends when LAST has come; each connection takes the next TOKEN, and the
// last one stays. Prints {"numbers": all, as they came, "codes": of the closes, "tokens": those used}.
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

const [url, query, last, ...tokens] = process.argv.slice(2);
const numbers = [];
const codes = [];
const used = [];
// The client sends this very object again after a cut, so the cursor travels along.
const variables = { after: 0 };
const client = createClient({
  url,
  webSocketImpl: WebSocket,
  retryAttempts: 20,
  retryWait: () => new Promise((resolve) => setTimeout(resolve, 20)),
  connectionParams: () => {
    const token = tokens.length > 1 ? tokens.shift() : tokens[0];
    used.push(token);
    return { authorization: `Bearer ${token}` };
  },
  on: { closed: (event) => codes.push(event.code) },
});
for await (const result of client.iterate({ query, variables })) {
  const [number] = Object.values(result.data);
  numbers.push(number);
  variables.after = number;
  if (number === Number(last)) break;
}
await client.dispose();
console.log(JSON.stringify({ numbers, codes, tokens: used }));
