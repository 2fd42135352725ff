// mercurius' own subscriptions and publishing, with its JIT on as for queries, without keep-alive pings.

import Fastify from 'fastify'
import mercurius from 'mercurius'

import { control, typeDefs } from './follow.mjs'

const TOPIC = 'replies'
const followers = new Set()

const resolvers = {
  Subscription: {
    replyAdded: {
      subscribe: async (_root, _args, { pubsub }) => {
        const queue = await pubsub.subscribe(TOPIC)
        followers.add(queue)
        queue.once('close', () => followers.delete(queue))
        return queue
      },
    },
  },
}
const app = Fastify()
app.register(mercurius, { schema: typeDefs, resolvers, jit: 1, subscription: true })
await app.ready()
control({
  publish: (event) => app.graphql.pubsub.publish({ topic: TOPIC, payload: { replyAdded: event } }),
  followers: () => followers.size,
})
await app.listen({ host: process.env.HOST, port: Number(process.env.PORT) })
