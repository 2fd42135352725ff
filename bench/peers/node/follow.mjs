// What the two Node peers that deliver events to followers share: the part of Parley's schema that the followers select, the
// events in the shape and size of Parley's, and the commands of ../python/control.py.

import { readFileSync } from 'node:fs'
import net from 'node:net'
import { createInterface } from 'node:readline'

export const typeDefs = `
type Query { ready: Boolean! }
type Subscription { replyAdded(discussionId: ID!, after: String): ReplyAdded! }
type ReplyAdded { cursor: String! eventNumber: Int! reply: Reply! }
type Reply { id: ID! sequence: Int! bodyHtml: String! createdAt: String! author: User }
type User { id: ID! handle: String! name: String! avatarUrl: String }
`

const sample = JSON.parse(readFileSync(new URL('../event.json', import.meta.url)))
let number = sample.eventNumber

function nextEvent() {
  const event = { ...sample, eventNumber: number, reply: { ...sample.reply, sequence: number } }
  number += 1
  return event
}

// `publish(event)` sends to all followers, `followers()` counts them.
export function control({ publish, followers }) {
  let made = []
  function obey(command, count) {
    if (command === 'prepare') {
      made = Array.from({ length: Number(count) }, nextEvent)
      return made.length
    }
    if (command === 'publish') {
      const began = process.hrtime.bigint()
      made.forEach(publish)
      return began
    }
    return followers()
  }
  const server = net.createServer({ noDelay: true }, (socket) => {
    createInterface({ input: socket }).on('line', (line) => socket.write(`${obey(...line.split(' '))}\n`))
  })
  server.listen(Number(process.env.CONTROL_PORT), process.env.HOST)
}
