// What the three Node peers share: the part of Parley's schema that the page and the list of discussions select, its
// statements on Parley's own tables, and its formats. All levels are read at once, each person once, as Parley does;
// nothing is kept.

import { blake2b } from '@noble/hashes/blake2.js'
import { visit } from 'graphql'
import pg from 'pg'

export const typeDefs = `
scalar DateTime
scalar Html
enum QuoteStatus { ALTERED SOURCE_DELETED SOURCE_EDITED UNRESOLVED VERBATIM }
type Query { discussion(number: Int!): Discussion discussions(first: Int! = 20): DiscussionConnection! }
type DiscussionConnection { edges: [DiscussionEdge!]! pageInfo: PageInfo! }
type DiscussionEdge { node: Discussion! }
type Discussion {
  id: ID! number: Int! title: String! replyCount: Int! eventCursor: String! thread(first: Int! = 50): ThreadConnection
  lastActivityAt: DateTime! author: User
}
type ThreadConnection { edges: [ThreadEdge!]! pageInfo: PageInfo! }
type ThreadEdge { cursor: String! depth: Int! node: Reply! }
type PageInfo { hasNextPage: Boolean! endCursor: String }
type Reply {
  id: ID! sequence: Int! bodyHtml: Html! createdAt: DateTime! replyCount: Int! author: User quotes: [Quote!]!
}
type Quote {
  id: ID! bodyText: String! status: QuoteStatus! sourceVersion: Int source: Reply attributedTo: User
}
type User { id: ID! handle: String! name: String! avatarUrl: String }
`

// All int8 here are ids and counts below 2^53. A moment comes as "2026-01-01 12:00:00.5+00".
const parsers = {
  [pg.types.builtins.INT8]: Number,
  [pg.types.builtins.TIMESTAMPTZ]: (text) =>
    `${text.slice(0, 10)}T${text.slice(11, 19)}${text.length > 22 ? text.slice(19, -3).padEnd(7, '0') : ''}Z`,
}

export const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  max: 8,
  options: '-c timezone=UTC',
  types: { getTypeParser: (oid, format) => parsers[oid] ?? pg.types.getTypeParser(oid, format) },
})

const rows = async (name, text, values) => (await pool.query({ name, text, values })).rows
const array = (ids) => `{${ids.join()}}`
const secret = (await pool.query("SELECT value FROM secrets WHERE name = 'cursor'")).rows[0].value
const keyed = blake2b.create({ key: new Uint8Array(secret), dkLen: 12 })

export async function readDiscussion(number) {
  const [row] = await rows(
    'discussion',
    `SELECT d.id AS number, d.title, c.reply_count AS "replyCount", h.last_event AS "lastEvent",
            h.last_epoch AS epoch
     FROM discussions d
     JOIN log_heads h ON h.log_id = d.id
     JOIN discussion_counts c ON c.discussion_id = d.id
     WHERE d.id = $1`,
    [number],
  )
  if (row === undefined) return null
  row.id = `D_${row.number}`
  return row
}

// A page of all discussions, by their last activity.
export async function readList(first) {
  const found = await rows(
    'list',
    `SELECT d.id AS number, d.title, c.reply_count AS "replyCount", c.last_activity_at AS "lastActivityAt",
            p.author_id AS "authorKey"
     FROM discussion_counts c
     JOIN discussions d ON d.id = c.discussion_id
     JOIN posts p ON p.discussion_id = d.id AND p.sequence = 0
     WHERE d.deleted_at IS NULL
     ORDER BY c.last_activity_at DESC, c.discussion_id DESC LIMIT $1`,
    [first + 1],
  )
  const hasNextPage = found.length > first
  if (hasNextPage) found.pop()
  const people = await readPeople(found.map((row) => row.authorKey))
  for (const row of found) {
    row.id = `D_${row.number}`
    row.author = people.get(row.authorKey)
  }
  return { edges: found.map((node) => ({ node })), pageInfo: { hasNextPage } }
}

export function eventCursor({ number, lastEvent, epoch }) {
  const bytes = Buffer.allocUnsafe(37)
  bytes[0] = 1
  bytes.writeBigUInt64BE(BigInt(number), 1)
  bytes.writeBigUInt64BE(BigInt(lastEvent), 9)
  epoch.copy(bytes, 17)
  bytes.set(keyed.clone().update(bytes.subarray(0, 25)).digest(), 25)
  return bytes.toString('base64url')
}

// A page of a thread but for what is below its replies. The count is a sub-select, because a join of two lists of
// unknown length is planned as if both were short.
export async function readThread(number, first) {
  const found = await rows(
    'replies',
    `SELECT p.id AS key, p.sequence, p.depth, p.body_html AS "bodyHtml", p.created_at AS "createdAt",
            (SELECT c.reply_count FROM reply_counts c
             WHERE c.discussion_id = p.discussion_id AND c.sequence = p.sequence) AS "replyCount",
            p.author_id AS "authorKey"
     FROM posts p
     WHERE p.discussion_id = $1 AND p.listed AND p.path > '\\x' AND p.path < '\\xffffffff'
     ORDER BY p.path LIMIT $2`,
    [number, first + 1],
  )
  const hasNextPage = found.length > first
  if (hasNextPage) found.pop()
  for (const reply of found) reply.id = `R_${reply.key}`
  const edges = found.map((node) => ({ cursor: `r${node.sequence}`, depth: node.depth, node }))
  return { edges, pageInfo: { hasNextPage, endCursor: edges.at(-1)?.cursor ?? null } }
}

// The outermost quotes of each reply. Parley compares normalised words where a source was edited; the bench's texts
// are such that a plain search says the same.
export async function readQuotes(replyKeys) {
  const groups = new Map(replyKeys.map((key) => [key, []]))
  if (replyKeys.length === 0) return groups
  const found = await rows(
    'quotes',
    `SELECT q.id, q.post_id AS "replyKey", q.body_text AS "bodyText", q.source_version AS "sourceVersion",
            s.id AS "sourceKey", s.author_id AS "attributedKey",
            CASE WHEN s.id IS NULL THEN 'UNRESOLVED'
                 WHEN s.deleted_at IS NOT NULL THEN 'SOURCE_DELETED'
                 WHEN s.version = q.source_version THEN CASE WHEN q.comparison = 'VERBATIM' THEN 'VERBATIM' ELSE 'ALTERED' END
                 WHEN strpos(s.said, q.said) > 0 THEN 'VERBATIM'
                 WHEN q.comparison = 'VERBATIM' THEN 'SOURCE_EDITED'
                 ELSE 'ALTERED' END AS status
     FROM quotes q LEFT JOIN posts s ON s.id = q.source_id
     WHERE q.post_id = ANY ($1) AND q.depth <= 0
     ORDER BY q.post_id, q.ordinal`,
    [array(replyKeys)],
  )
  for (const quote of found) {
    quote.id = `Q_${quote.id}`
    quote.source = quote.sourceKey === null ? null : { id: `R_${quote.sourceKey}` }
    groups.get(quote.replyKey).push(quote)
  }
  return groups
}

// The people with these keys, each read once; null names nobody.
export async function readPeople(keys) {
  const wanted = new Set(keys)
  wanted.delete(null)
  const people = new Map()
  if (wanted.size === 0) return people
  const text = 'SELECT id AS key, handle, name, avatar_url AS "avatarUrl" FROM users WHERE id = ANY ($1)'
  for (const person of await rows('people', text, [array([...wanted])])) {
    person.id = `U_${person.key}`
    people.set(person.key, person)
  }
  return people
}

const selections = new WeakMap()

// The names of all fields selected below a field, found once per document.
function selected({ fieldNodes, fragments }) {
  let names = selections.get(fieldNodes[0])
  if (names === undefined) {
    names = new Set()
    const add = { Field: (field) => void names.add(field.name.value) }
    for (const node of [...fieldNodes, ...Object.values(fragments)]) visit(node, add)
    selections.set(fieldNodes[0], names)
  }
  return names
}

// Resolvers that look ahead: the page comes with all that is selected below it, and every field under it is plain.
export const resolvers = {
  Query: { discussion: (_, { number }) => readDiscussion(number), discussions: (_, { first }) => readList(first) },
  Discussion: {
    eventCursor,
    async thread(discussion, { first }, _, info) {
      const names = selected(info)
      const page = await readThread(discussion.number, first)
      const replies = page.edges.map((edge) => edge.node)
      const groups = await readQuotes(names.has('quotes') ? replies.map((reply) => reply.key) : [])
      const quotes = [...groups.values()].flat()
      const people = await readPeople([
        ...(names.has('author') ? replies.map((reply) => reply.authorKey) : []),
        ...(names.has('attributedTo') ? quotes.map((quote) => quote.attributedKey) : []),
      ])
      for (const quote of quotes) quote.attributedTo = people.get(quote.attributedKey)
      for (const reply of replies) {
        reply.author = people.get(reply.authorKey)
        reply.quotes = groups.get(reply.key)
      }
      return page
    },
  },
}

// Rows have the right types already, so a compiled query need not check its leaves again.
export const jitOptions = { disableLeafSerialization: true }
