"""The page by hand: three statements, asyncpg's rows made into dicts, orjson. The limit that Parley is held against.

It reads the variables of the request and not its query: it answers the page, the list of discussions and addReply.
"""

from typing import Any

import orjson

from bench.peers.python.database import open_pool, read_cursors
from bench.peers.python.hand_written_reply import add_reply
from bench.peers.python.serving import App, answer, body_of, serve, user_of

DISCUSSION = """
SELECT d.id, d.title, c.reply_count, h.last_event, h.last_epoch
FROM discussions d
JOIN log_heads h ON h.log_id = d.id
JOIN discussion_counts c ON c.discussion_id = d.id
WHERE d.id = $1
"""
# The count as a subquery, because a plan for any discussion would join a short one's counts, each with each.
REPLIES = """
SELECT p.id, p.sequence, p.depth, p.body_html, p.created_at,
    (SELECT r.reply_count FROM reply_counts r WHERE r.discussion_id = p.discussion_id AND r.sequence = p.sequence),
    u.id, u.handle, u.name, u.avatar_url
FROM posts p
LEFT JOIN users u ON u.id = p.author_id
WHERE p.discussion_id = $1 AND p.listed AND p.path > '' AND p.path < '\\xffffffff'
ORDER BY p.path
LIMIT $2
"""
QUOTES = """
SELECT q.post_id, q.id, q.body_text, q.source_version, s.id, u.id, u.handle, u.name,
    CASE
        WHEN q.source_id IS NULL THEN 'UNRESOLVED'
        WHEN s.deleted_at IS NOT NULL THEN 'SOURCE_DELETED'
        WHEN s.version <> q.source_version AND strpos(s.said, q.said) > 0 THEN 'VERBATIM'
        WHEN q.comparison = 'NOT_SAID' THEN 'ALTERED'
        WHEN s.version <> q.source_version THEN 'SOURCE_EDITED'
        ELSE 'VERBATIM'
    END
FROM quotes q
LEFT JOIN posts s ON s.id = q.source_id
LEFT JOIN users u ON u.id = s.author_id
WHERE q.post_id = ANY ($1) AND q.depth = 0
ORDER BY q.post_id, q.ordinal
"""


LIST = """
SELECT d.id, d.title, c.reply_count, c.last_activity_at, u.id, u.handle, u.name, u.avatar_url
FROM discussion_counts c
JOIN discussions d ON d.id = c.discussion_id
JOIN posts p ON p.discussion_id = d.id AND p.sequence = 0
LEFT JOIN users u ON u.id = p.author_id
WHERE d.deleted_at IS NULL
ORDER BY c.last_activity_at DESC, c.discussion_id DESC
LIMIT $1
"""


async def make() -> App:
    """The application."""
    pool = await open_pool()
    cursors = await read_cursors(pool)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        variables = orjson.loads(await body_of(receive))["variables"]
        if "input" in variables:
            await answer(send, await add_reply(pool, variables["input"], user_of(scope)))
            return
        if "number" not in variables:
            await answer(send, discussions(await pool.fetch(LIST, variables["first"] + 1), variables["first"]))
            return
        number, first = variables["number"], variables["first"]
        async with pool.acquire() as connection:
            discussion = await connection.fetchrow(DISCUSSION, number)
            replies = await connection.fetch(REPLIES, number, first + 1)
            more = len(replies) > first
            if more:
                replies.pop()
            quotes = await connection.fetch(QUOTES, [reply[0] for reply in replies])
        title, count, last_event, epoch = discussion[1:]
        made = {
            "id": f"D_{number}",
            "number": number,
            "title": title,
            "replyCount": count,
            "eventCursor": cursors.write(number, last_event, epoch),
            "thread": thread(replies, quotes, more=more),
        }
        await answer(send, orjson.dumps({"data": {"discussion": made}}, option=orjson.OPT_UTC_Z))

    return app


def thread(replies: list[Any], quotes: list[Any], *, more: bool) -> dict[str, Any]:
    """The page of these rows."""
    quoted: dict[int, list[dict[str, Any]]] = {}
    for post, quote, text, version, source, user, handle, name, status in quotes:
        quoted.setdefault(post, []).append(
            {
                "id": f"Q_{quote}",
                "bodyText": text,
                "status": status,
                "sourceVersion": version,
                "source": None if source is None else {"id": f"R_{source}"},
                "attributedTo": None if user is None else {"id": f"U_{user}", "handle": handle, "name": name},
            }
        )
    edges = [
        {
            "cursor": f"r{sequence}",
            "depth": depth,
            "node": {
                "id": f"R_{post}",
                "sequence": sequence,
                "bodyHtml": html,
                "createdAt": at,
                "replyCount": count,
                "author": None
                if user is None
                else {"id": f"U_{user}", "handle": handle, "name": name, "avatarUrl": avatar},
                "quotes": quoted.get(post, []),
            },
        }
        for post, sequence, depth, html, at, count, user, handle, name, avatar in replies
    ]
    return {
        "edges": edges,
        "pageInfo": {"hasNextPage": more, "endCursor": edges[-1]["cursor"] if edges else None},
    }


def discussions(rows: list[Any], first: int) -> bytes:
    """The answer with the list of these rows."""
    edges = [
        {
            "node": {
                "id": f"D_{number}",
                "number": number,
                "title": title,
                "replyCount": count,
                "lastActivityAt": at,
                "author": None
                if user is None
                else {"id": f"U_{user}", "handle": handle, "name": name, "avatarUrl": avatar},
            }
        }
        for number, title, count, at, user, handle, name, avatar in rows[:first]
    ]
    found = {"edges": edges, "pageInfo": {"hasNextPage": len(rows) > first}}
    return orjson.dumps({"data": {"discussions": found}}, option=orjson.OPT_UTC_Z)


if __name__ == "__main__":
    serve(make)
