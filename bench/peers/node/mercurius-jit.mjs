// mercurius on fastify, with its JIT from the second request on. Its `loaders` would take twice as long at 500 replies
// as resolvers that look ahead, so those are used.

import Fastify from 'fastify'
import mercurius from 'mercurius'

import { jitOptions, resolvers, typeDefs } from './page.mjs'
import * as replies from './replies.mjs'

const app = Fastify()
app.register(mercurius, {
  schema: typeDefs + replies.typeDefs,
  resolvers: { ...resolvers, ...replies.resolvers },
  // A token is the number of a user.
  context: ({ headers }) => ({ user: Number(headers.authorization?.slice('Bearer '.length)) }),
  jit: 1,
  compilerOptions: jitOptions,
})
await app.listen({ host: process.env.HOST, port: Number(process.env.PORT) })
