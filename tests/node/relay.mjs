// Asks and follows with Relay, over fetch and graphql-sse: node relay.mjs URL ID AFTER COUNT
// Reads a discussion's title, then follows its replies. Prints {"asked": what the query read from the store, "followed":
// the first COUNT responses of the subscription, as read from the store, "error": the message of the first error, or null}.
import { createClient } from 'graphql-sse';
import relay from 'relay-runtime';

const { Environment, fetchQuery, Network, Observable, RecordSource, requestSubscription, Store } = relay;
const [url, id, after, count] = process.argv.slice(2);

// What relay-compiler would write.
const scalar = (name) => ({ kind: 'ScalarField', name, alias: null, args: null, storageKey: null });
const linked = (name, concreteType, args, selections) => (
  { kind: 'LinkedField', name, concreteType, args, selections, alias: null, plural: false, storageKey: null }
);
const variable = (name, variableName = name) => ({ kind: 'Variable', name, variableName });
function request(operationKind, name, text, variables, selections) {
  const argumentDefinitions = variables.map((one) => ({ kind: 'LocalArgument', name: one, defaultValue: null }));
  const type = operationKind === 'query' ? 'Query' : 'Subscription';
  return {
    kind: 'Request',
    fragment: { kind: 'Fragment', name, type, abstractKey: null, argumentDefinitions, selections, metadata: null },
    operation: { kind: 'Operation', name, argumentDefinitions, selections },
    params: { operationKind, name, text, id: null, cacheID: name, metadata: {} },
  };
}
const TITLE = request(
  'query', 'Title', 'query Title($id: ID!) { discussion(id: $id) { id title } }', ['id'],
  [linked('discussion', 'Discussion', [variable('id')], [scalar('id'), scalar('title')])],
);
const REPLIES = request(
  'subscription', 'Replies',
  'subscription Replies($id: ID!, $after: String) { replyAdded(discussionId: $id, after: $after) { cursor eventNumber reply { id body } } }',
  ['id', 'after'],
  [linked('replyAdded', 'ReplyAdded', [variable('after'), variable('discussionId', 'id')], [
    scalar('cursor'), scalar('eventNumber'), linked('reply', 'Reply', null, [scalar('id'), scalar('body')]),
  ])],
);

const sse = createClient({ url });
const environment = new Environment({
  store: new Store(new RecordSource()),
  network: Network.create(
    async ({ text }, variables) => {
      const headers = { 'Content-Type': 'application/json', Accept: 'application/graphql-response+json' };
      return (await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query: text, variables }) })).json();
    },
    ({ text }, variables) => Observable.create((sink) => sse.subscribe({ query: text, variables }, sink)),
  ),
});
const asked = await fetchQuery(environment, TITLE, { id }).toPromise();
const followed = [];
const error = await new Promise((resolve) => {
  requestSubscription(environment, {
    subscription: REPLIES,
    variables: { id, after },
    onNext: (read) => {
      followed.push(read.replyAdded);
      if (followed.length === Number(count)) resolve(null);
    },
    onError: resolve,
  });
});
console.log(JSON.stringify({ asked, followed, error: error && error.message }));
process.exit();
