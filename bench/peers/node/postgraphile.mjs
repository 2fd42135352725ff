// PostGraphile 5 on node:http. Its own tables-to-types would give other names and shapes, so Parley's are added by
// `extendSchema` with plans that load a level at once; with plans on its own table resources, which it inlines into one
// statement of nested arrays, the same page took about twice as long.

import http from 'node:http'

import { makePgService } from 'postgraphile/adaptors/pg'
import { access, lambda, list, loadMany, loadOne } from 'postgraphile/grafast'
import { grafserv } from 'postgraphile/grafserv/node'
import { postgraphile } from 'postgraphile'
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber'
import { extendSchema } from 'postgraphile/utils'

import { eventCursor, pool, readDiscussion, readList, readPeople, readQuotes, readThread, typeDefs } from './page.mjs'

const discussions = (numbers) => Promise.all(numbers.map(readDiscussion))
const lists = (firsts) => Promise.all(firsts.map(readList))
const threads = (pairs) => Promise.all(pairs.map(([number, first]) => readThread(number, first)))

async function quotes(replyKeys) {
  const groups = await readQuotes(replyKeys)
  return replyKeys.map((key) => groups.get(key))
}

async function people(keys) {
  const found = await readPeople(keys)
  return keys.map((key) => found.get(key))
}

const page = extendSchema({
  typeDefs: typeDefs.replace('type Query', 'extend type Query'),
  objects: {
    Query: {
      plans: {
        discussion: (_, { $number }) => loadOne($number, discussions),
        discussions: (_, { $first }) => loadOne($first, lists),
      },
    },
    DiscussionConnection: {
      plans: { edges: ($list) => access($list, 'edges'), pageInfo: ($list) => access($list, 'pageInfo') },
    },
    DiscussionEdge: { plans: { node: ($edge) => access($edge, 'node') } },
    Discussion: {
      plans: {
        eventCursor: ($discussion) => lambda($discussion, eventCursor),
        thread: ($discussion, { $first }) => loadOne(list([access($discussion, 'number'), $first]), threads),
      },
    },
    ThreadConnection: {
      plans: { edges: ($thread) => access($thread, 'edges'), pageInfo: ($thread) => access($thread, 'pageInfo') },
    },
    ThreadEdge: { plans: { node: ($edge) => access($edge, 'node') } },
    Reply: {
      plans: {
        author: ($reply) => loadOne(access($reply, 'authorKey'), people),
        quotes: ($reply) => loadMany(access($reply, 'key'), quotes),
      },
    },
    Quote: {
      plans: {
        source: ($quote) => access($quote, 'source'),
        attributedTo: ($quote) => loadOne(access($quote, 'attributedKey'), people),
      },
    },
  },
})

const server = http.createServer()
const serv = postgraphile({
  extends: [PostGraphileAmberPreset],
  plugins: [page],
  // They make a PageInfo and a User of their own.
  disablePlugins: ['ConnectionPlugin', 'PageInfoStartEndCursorPlugin', 'PgTablesPlugin'],
  pgServices: [makePgService({ pool, schemas: ['public'] })],
  // Off, so that ruru is never loaded: package.json has a small package in place of it, its editor and its 100 packages.
  grafserv: { graphiql: false, watch: false, websockets: false },
  grafast: { explain: false },
}).createServ(grafserv)
await serv.addTo(server)
server.listen(Number(process.env.PORT), process.env.HOST)
