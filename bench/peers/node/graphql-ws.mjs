// graphql-ws on ws, each follower an async iterator over a queue of its own, without keep-alive pings.

import http from 'node:http'

import { buildSchema } from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import { WebSocketServer } from 'ws'

import { control, typeDefs } from './follow.mjs'

const followers = new Set()

class Follower {
  waiting = []
  wake = null
  push(value) {
    if (this.wake === null) {
      this.waiting.push(value)
    } else {
      this.wake({ value, done: false })
      this.wake = null
    }
  }
  next() {
    if (this.waiting.length > 0) return Promise.resolve({ value: this.waiting.shift(), done: false })
    return new Promise((resolve) => {
      this.wake = resolve
    })
  }
  return() {
    followers.delete(this)
    this.wake?.({ value: undefined, done: true })
    return Promise.resolve({ value: undefined, done: true })
  }
  [Symbol.asyncIterator]() {
    return this
  }
}

const schema = buildSchema(typeDefs)
schema.getSubscriptionType().getFields().replyAdded.subscribe = () => {
  const follower = new Follower()
  followers.add(follower)
  return follower
}
const server = http.createServer()
useServer({ schema }, new WebSocketServer({ server, path: '/graphql' }), 0)
control({
  publish: (event) => {
    for (const follower of followers) follower.push({ replyAdded: event })
  },
  followers: () => followers.size,
})
server.listen(Number(process.env.PORT), process.env.HOST)
