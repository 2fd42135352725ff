"""addReply by hand: the statements that Parley's addReply runs, on asyncpg, and its rendering. No GraphQL, no rules.

It leaves the rows that Parley leaves: the post with its HTML and its search entry, the counts, the event and what goes
into the feed, and the digest of its words; and it sends its statements as Parley does, in two round trips. A token is
the number of a user.
"""

import hashlib
import secrets
import struct
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from db import search
from db.pipelines import Queued, send_ahead
from text import markdown

BEGIN, COMMIT = "BEGIN", "COMMIT"
HEAD = """
UPDATE log_heads
SET last_event = last_event + 1, last_epoch = $2, last_reply = last_reply + 1, revision = revision + 1
WHERE log_id = $1
"""
READ = """
SELECT h.last_event, h.last_reply, d.category_id, p.path, coalesce(p.author_id,
        (SELECT o.author_id FROM posts o WHERE o.discussion_id = d.id AND o.sequence = 0 AND p.id IS NULL)),
    nextval(pg_get_serial_sequence('posts', 'id')),
    EXISTS (SELECT FROM participants t WHERE t.discussion_id = d.id AND t.user_id = $3),
    EXISTS (
        SELECT FROM idempotency_keys k
        WHERE k.user_id = $3 AND k.mutation = 'addReply by its words' AND k.key = $4 AND k.created_at > $5
    )
FROM discussions d
JOIN log_heads h ON h.log_id = d.id
LEFT JOIN posts p ON p.discussion_id = d.id AND p.id = $2 AND p.sequence > 0
WHERE d.id = $1
"""
POST = """
INSERT INTO posts (id, discussion_id, sequence, reply_to_id, path, newest_path, depth, author_id, body, body_html,
    body_text, said, renderer, version, last_event, created_at, listed)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1, $14, $15, true)
"""
SEARCH = "INSERT INTO post_search (post_id, words) VALUES ($1, $2::text::tsvector)"
COUNTS = """
INSERT INTO reply_counts (discussion_id, sequence) SELECT $1, unnest($2::bigint[])
ON CONFLICT (discussion_id, sequence) DO UPDATE
SET descendant_count = reply_counts.descendant_count + 1,
    reply_count = reply_counts.reply_count + (reply_counts.sequence = $3)::int
"""
PARTICIPANT = """
INSERT INTO participants (discussion_id, user_id, post_count) VALUES ($1, $2, 1)
ON CONFLICT (discussion_id, user_id) DO UPDATE SET post_count = participants.post_count + 1
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
    async with pool.acquire() as connection:
        try:
            wanted = discussion, parent_id, user, digest.hex(), at - REPEATED
            (found,) = await together(connection, [Queued(BEGIN), Queued(HEAD, (discussion, epoch))], READ, *wanted)
            event, sequence, category, above, answered, post, takes_part, is_repeated = found
            if is_repeated:
                raise LookupError("It was written a moment ago.")
            path = (above or b"") + sequence.to_bytes(4, "big")
            newest = bytes(255 - byte for byte in path)
            place = discussion, sequence, parent_id, path, newest, len(path) // 4 - 1
            said = body, html, document.text, document.said, markdown.RENDERER
            way = [0, *struct.unpack(f">{len(path) // 4}I", path)]
            outcome = orjson.dumps({"discussion": discussion, "post": post, "event": event, "epoch": epoch.hex()})
            rows = [
                Queued(POST, (post, *place, user, *said, event, at)),
                Queued(SEARCH, (post, vector)),
                Queued(COUNTS, (discussion, way, way[-2])),
                Queued(PARTICIPANT, (discussion, user)),
                Queued(DISCUSSION, (discussion, int(not takes_part), at)),
                Queued(WORDS, (user, digest.hex(), digest, outcome.decode(), at)),
                Queued(EVENT, (discussion, event, epoch, post, user, answered, category, at)),
                Queued(OUTBOX, (discussion, event)),
            ]
            await together(connection, rows, COMMIT)
        except BaseException:
            await connection.execute("ROLLBACK")
            raise
    node = {"id": f"R_{post}", "sequence": sequence, "bodyHtml": html, "createdAt": at}
    return orjson.dumps({"data": {"addReply": {"edge": {"node": node}}}}, option=orjson.OPT_UTC_Z)


async def together(connection: Any, ahead: Sequence[Queued], text: str, *values: Any) -> list[Any]:
    """The rows of the last statement, to which the others are sent ahead once all are prepared on this connection."""
    if not send_ahead(connection, ahead, text):
        for each in ahead:
            await connection.execute(each.text, *each.values)
    rows: list[Any] = await connection.fetch(text, *values)
    return rows
