// Runs one operation over graphql-sse, through cuts: node sse.mjs URL QUERY VARIABLES LAST TOKEN…
// A subscription gives numbers, or items with eventNumber and cursor, and ends when LAST has come (0: by itself). Each
// connection takes the next TOKEN, and the last one stays. Prints {"results": […], "error": the error, or null, "tokens":
// those used}; before that, a line for each result, so that whoever reads knows how far it is.
import { createClient } from 'graphql-sse';

const [url, query, given, last, ...tokens] = process.argv.slice(2);
const results = [];
const used = [];
// The client sends this very object again after a cut, so the cursor travels along.
const variables = JSON.parse(given);
const client = createClient({
  url,
  retryAttempts: 20,
  retry: () => new Promise((resolve) => setTimeout(resolve, 20)),
  headers: () => {
    const token = tokens.length > 1 ? tokens.shift() : tokens[0];
    used.push(token);
    return token ? { Authorization: `Bearer ${token}` } : {};
  },
});
const error = await new Promise((resolve) => {
  client.subscribe(
    { query, variables },
    {
      next: (result) => {
        results.push(result);
        console.log(JSON.stringify(result));
        if (!result.data) return;
        const [item] = Object.values(result.data);
        if (item.cursor) variables.after = item.cursor;
        if (typeof item === 'number') variables.after = `n${item}`;
        if ([item, item.eventNumber].includes(Number(last))) resolve(null);
      },
      error: resolve,
      complete: () => resolve(null),
    },
  );
});
client.dispose();
console.log(JSON.stringify({ results, error: error && { message: error.message, status: error.response?.status }, tokens: used }));
process.exit();
