"""addReply by hand: the statements that Parley's addReply runs, on asyncpg, and its rendering. No GraphQL, no rules.

It leaves the rows that Parley leaves: the post with its HTML and its search entry, the counts, the event and what goes
into the feed, and the digest of its words. A token is the number of a user.
"""

import hashlib
import secrets
import struct
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from db import search
from text import markdown

HEAD = """
UPDATE log_heads
SET last_event = last_event + 1, last_epoch = $2, last_reply = last_reply + 1, revision = revision + 1
WHERE log_id = $1
RETURNING last_event, last_reply
"""
PARENT = """
SELECT d.category_id, p.path, coalesce(p.author_id,
    (SELECT o.author_id FROM posts o WHERE o.discussion_id = d.id AND o.sequence = 0 AND p.id IS NULL))
FROM discussions d
LEFT JOIN posts p ON p.discussion_id = d.id AND p.id = $2 AND p.sequence > 0
WHERE d.id = $1
"""
POST = """
INSERT INTO posts (discussion_id, sequence, reply_to_id, path, newest_path, depth, author_id, body, body_html,
    body_text, said, renderer, version, last_event, created_at, listed)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1, $13, $14, true)
RETURNING id
"""
SEARCH = "INSERT INTO post_search (post_id, words) VALUES ($1, $2::text::tsvector)"
COUNTS = "INSERT INTO reply_counts (discussion_id, sequence) VALUES ($1, $2)"
ABOVE = """
UPDATE reply_counts
SET descendant_count = descendant_count + 1, reply_count = reply_count + (sequence = $3)::int
WHERE discussion_id = $1 AND sequence = ANY ($2::bigint[])
"""
PARTICIPANT = """
INSERT INTO participants (discussion_id, user_id, post_count) VALUES ($1, $2, 1)
ON CONFLICT (discussion_id, user_id) DO UPDATE SET post_count = participants.post_count + 1
RETURNING post_count
"""
DISCUSSION = """
UPDATE discussion_counts
SET reply_count = reply_count + 1, participant_count = participant_count + $2, last_activity_at = $3
WHERE discussion_id = $1
"""
WORDS = """
INSERT INTO idempotency_keys (user_id, mutation, key, fingerprint, outcome, created_at)
VALUES ($1, 'addReply by its words', $2, $3, $4, $5)
ON CONFLICT (user_id, mutation, key) DO UPDATE SET outcome = excluded.outcome, created_at = excluded.created_at
WHERE idempotency_keys.created_at <= $6
RETURNING user_id
"""
EVENT = """
INSERT INTO events (log_id, number, epoch, kind, post_id, version, actor_id, author_id, answered_id, category_id, at)
VALUES ($1, $2, $3, 'ReplyAdded', $4, 1, $5, $5, $6, $7, $8)
"""
OUTBOX = "INSERT INTO outbox (log_id, source_log_id, source_number) VALUES (0, $1, $2)"
REPEATED = timedelta(minutes=1)


async def add_reply(pool: Any, given: dict[str, Any], user: int) -> bytes:
    """Adds the reply of AddReplyInput and returns the answer. Raises LookupError for a double click."""
    discussion, body = int(given["discussionId"][2:]), given["body"]
    parent_id = int(given["replyToId"][2:]) if "replyToId" in given else None
    document = markdown.read(body)
    html, epoch, at = document.html([]), secrets.token_bytes(8), datetime.now(UTC)
    vector = search.entry("", document.text)["vector"]
    digest = hashlib.sha256(orjson.dumps([discussion, parent_id, " ".join(body.split()), []])).digest()
    async with pool.acquire() as connection, connection.transaction():
        event, sequence = await connection.fetchrow(HEAD, discussion, epoch)
        category, above, answered = await connection.fetchrow(PARENT, discussion, parent_id)
        path = (above or b"") + sequence.to_bytes(4, "big")
        newest = bytes(255 - byte for byte in path)
        place = discussion, sequence, parent_id, path, newest, len(path) // 4 - 1
        said = body, html, document.text, document.said, markdown.RENDERER
        post = await connection.fetchval(POST, *place, user, *said, event, at)
        await connection.execute(SEARCH, post, vector)
        await connection.execute(COUNTS, discussion, sequence)
        ancestors = [0, *struct.unpack(f">{len(path) // 4}I", path)[:-1]]
        await connection.execute(ABOVE, discussion, ancestors, ancestors[-1])
        posts = await connection.fetchval(PARTICIPANT, discussion, user)
        await connection.execute(DISCUSSION, discussion, int(posts == 1), at)
        outcome = {"discussion": discussion, "post": post, "event": event, "epoch": epoch.hex()}
        kept = digest.hex(), digest, orjson.dumps(outcome).decode(), at, at - REPEATED
        if await connection.fetchval(WORDS, user, *kept) is None:
            raise LookupError("It was written a moment ago.")
        await connection.execute(EVENT, discussion, event, epoch, post, user, answered, category, at)
        await connection.execute(OUTBOX, discussion, event)
    node = {"id": f"R_{post}", "sequence": sequence, "bodyHtml": html, "createdAt": at}
    return orjson.dumps({"data": {"addReply": {"edge": {"node": node}}}}, option=orjson.OPT_UTC_Z)
