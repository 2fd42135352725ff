// Follows through cuts with nothing but an EventSource: node eventsource.mjs URL LAST
// URL asks by GET for a subscription that gives numbers, or items with eventNumber. Ends when LAST has come. Prints
// {"numbers": of all items, as they came, "opened": how often a stream was opened}; before that, a line for each item,
// for each position that a stream says, and for each heartbeat with the id that the EventSource would resume after.
import { EventSource } from 'eventsource';

const [url, last] = process.argv.slice(2);
const numbers = [];
let opened = 0;
const source = new EventSource(url);
await new Promise((resolve, reject) => {
  source.addEventListener('open', () => { opened += 1; });
  source.addEventListener('error', (event) => {
    if (source.readyState === EventSource.CLOSED) reject(new Error(`${event.code} ${event.message}`));
  });
  source.addEventListener('position', () => console.log('position'));
  source.addEventListener('heartbeat', ({ lastEventId }) => console.log(`heartbeat ${lastEventId}`));
  source.addEventListener('complete', () => reject(new Error('The stream completed.')));
  source.addEventListener('next', ({ data }) => {
    const { data: items, errors } = JSON.parse(data);
    if (errors) return reject(new Error(data));
    const [item] = Object.values(items);
    const number = item.eventNumber ?? item;
    if (typeof number !== 'number') return undefined;
    numbers.push(number);
    console.log(number);
    return number === Number(last) && resolve();
  });
});
source.close();
console.log(JSON.stringify({ numbers, opened }));
