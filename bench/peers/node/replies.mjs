// addReply for the Node peer that writes: the post with its HTML, and all counts, in one transaction under the lock of
// the discussion's head. No log, no search entry, no check for double clicks.

import markdownIt from 'markdown-it'

import { pool } from './page.mjs'

export const typeDefs = `
input AddReplyInput { discussionId: ID! replyToId: ID body: String! }
type AddReplyPayload { edge: ThreadEdge }
type Mutation { addReply(input: AddReplyInput!): AddReplyPayload! }
`

const markdown = markdownIt({ html: false, linkify: true })
const key = (id) => Number(id.slice(2))

const statements = {
  head: 'UPDATE log_heads SET last_reply = last_reply + 1 WHERE log_id = $1 RETURNING last_reply AS sequence',
  parent: 'SELECT path FROM posts WHERE id = $1 AND discussion_id = $2 AND deleted_at IS NULL',
  post: `INSERT INTO posts (discussion_id, sequence, reply_to_id, path, newest_path, depth, author_id, body, body_html,
           body_text, renderer, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11) RETURNING id`,
  counts: 'INSERT INTO reply_counts (discussion_id, sequence) VALUES ($1, $2)',
  above: `UPDATE reply_counts
          SET descendant_count = descendant_count + 1, reply_count = reply_count + (sequence = $3)::int
          WHERE discussion_id = $1 AND sequence = ANY ($2)`,
  participant: `INSERT INTO participants (discussion_id, user_id) VALUES ($1, $2)
                ON CONFLICT (discussion_id, user_id) DO UPDATE SET post_count = participants.post_count + 1
                RETURNING post_count AS posts`,
  discussion: `UPDATE discussion_counts
               SET reply_count = reply_count + 1, participant_count = participant_count + $2, last_activity_at = $3
               WHERE discussion_id = $1`,
}

async function write(client, input, user) {
  const discussion = key(input.discussionId)
  const parentKey = input.replyToId ? key(input.replyToId) : null
  const bodyHtml = markdown.render(input.body)
  const query = async (name, ...values) => (await client.query({ name: `reply ${name}`, text: statements[name], values })).rows[0]
  const { sequence } = await query('head', discussion)
  const parent = parentKey === null ? Buffer.alloc(0) : (await query('parent', parentKey, discussion)).path
  const path = Buffer.alloc(parent.length + 4)
  parent.copy(path)
  path.writeUInt32BE(sequence, parent.length)
  const above = [0]
  for (let at = 0; at < parent.length; at += 4) above.push(parent.readUInt32BE(at))
  const createdAt = new Date()
  const text = bodyHtml.replace(/<[^>]*>/g, '')
  const newest = path.map((byte) => 255 - byte)
  const depth = parent.length / 4
  const place = [discussion, sequence, parentKey, path, newest, depth]
  const { id } = await query('post', ...place, user, input.body, bodyHtml, text, createdAt)
  await query('counts', discussion, sequence)
  await query('above', discussion, above, above.at(-1))
  const { posts } = await query('participant', discussion, user)
  await query('discussion', discussion, posts === 1 ? 1 : 0, createdAt)
  return { cursor: `r${sequence}`, depth, node: { id: `R_${id}`, sequence, bodyHtml, createdAt, replyCount: 0 } }
}

export const resolvers = {
  Mutation: {
    async addReply(_, { input }, { user }) {
      const client = await pool.connect()
      try {
        await client.query('BEGIN')
        const edge = await write(client, input, user)
        await client.query('COMMIT')
        return { edge }
      } catch (error) {
        await client.query('ROLLBACK')
        throw error
      } finally {
        client.release()
      }
    },
  },
}
