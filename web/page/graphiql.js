// GraphiQL for this server: queries by fetch, subscriptions by websocket, with a token field and examples.
import { createClient } from '../vendor/graphql-ws/client.js';

const url = new URL('/graphql', location.href);
const socket = new URL(url);
socket.protocol = url.protocol.replace('http', 'ws');
const EXAMPLES = [
  `# A thread in reading order, with the quotes each reply makes.
query Thread { discussion(number: 1) { title eventCursor thread(first: 10) { totalCount nodes {
  sequence path bodyText author { name } quotes { attributedName status bodyText source { url } } } } } }`,
  `# Put the token of the result into the field above.
mutation SignIn { signInAsGuest(input: {name: "GraphiQL guest"}) { token errors { code message } } }`,
  `# Needs a token. The same clientMutationId again returns the same reply and adds none.
mutation Reply { addReply(input: {discussionId: "D_1", body: "Hello from GraphiQL.", clientMutationId: "graphiql-1"}) {
  reply { sequence path bodyHtml } errors { code message } } }`,
  `# What happens in a discussion; pass the last cursor as after to resume.
subscription Follow { discussionEvents(discussionId: "D_1") { __typename cursor
  ... on ReplyAdded { eventNumber reply { sequence bodyText author { name } } } } }`,
  `query Search { search(query: "cider pre", first: 5) { totalCount edges { title snippet node { __typename url } } } }`,
];

// The viewer is set by the token field, or by the headers of a tab; the page sends no cookie.
const TOKEN = 'parley:graphiql-token';
const field = document.getElementById('token');
field.value = sessionStorage.getItem(TOKEN) ?? '';
field.addEventListener('input', () => sessionStorage.setItem(TOKEN, field.value));

function authorizationOf(headers) {
  const given = headers?.Authorization ?? headers?.authorization;
  const token = field.value.trim().replace(/^Bearer\s+/i, '');
  return given ?? (token ? `Bearer ${token}` : undefined);
}

let authorization;
const client = createClient({ url: socket.href, lazy: true, connectionParams: () => ({ authorization }) });
const fetchResult = GraphiQL.createFetcher({ url: url.href, wsClient: client });
function fetcher(operation, options) {
  const given = authorizationOf(options?.headers);
  if (given !== authorization) {
    authorization = given;
    client.terminate();
  }
  // Right after a change of tabs GraphiQL passes the new tab's document with the operationName of the old one.
  const named = new RegExp(`\\b(query|mutation|subscription)\\s+${operation.operationName}\\b`).exec(operation.query);
  const request = named ? operation : { ...operation, operationName: undefined };
  const kind = named?.[1] ?? /^\s*(subscription)\b/m.exec(operation.query)?.[1];
  return kind === 'subscription' ? client.iterate(request) : fetchResult(request, given ? { ...options, headers: { ...options?.headers, Authorization: given } } : options);
}

ReactDOM.createRoot(document.getElementById('graphiql')).render(
  React.createElement(GraphiQL, {
    fetcher,
    defaultTabs: EXAMPLES.map((query) => ({ query })),
    isHeadersEditorEnabled: true,
  }),
);
