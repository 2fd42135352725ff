// Follows a discussion through cuts: node resume.mjs URL QUERY ID AFTER LAST
// QUERY takes $id and $after and gives items with eventNumber and cursor. Ends when event LAST has come. Prints
// {"numbers": of all items, as they came, "frames": how many next frames came in, "codes": of the closes}; before that, a
// line for each item, so that whoever reads knows how far it is.
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

const [url, query, id, after, last] = process.argv.slice(2);
const numbers = [];
const codes = [];
let frames = 0;
// The client sends this very object again after a cut, so the cursor of the last handled item travels along.
const variables = { id, after };
const client = createClient({
  url,
  webSocketImpl: WebSocket,
  retryAttempts: 20,
  retryWait: () => new Promise((resolve) => setTimeout(resolve, 20)),
  on: {
    closed: (event) => codes.push(event.code),
    message: (message) => { if (message.type === 'next') frames += 1; },
  },
});
for await (const result of client.iterate({ query, variables })) {
  const [item] = Object.values(result.data);
  variables.after = item.cursor;
  if (item.eventNumber === undefined) continue;
  numbers.push(item.eventNumber);
  console.log(item.eventNumber);
  if (item.eventNumber === Number(last)) break;
}
await client.dispose();
console.log(JSON.stringify({ numbers, frames, codes }));
