"""The page as one JSON text that PostgreSQL builds; only the event cursor, which it can't sign, is put in here."""

from typing import Any

import orjson

from bench.peers.python.database import open_pool, read_cursors
from bench.peers.python.serving import App, answer, body_of, serve

_MOMENT = """to_char(
    {0} AT TIME ZONE 'UTC',
    'YYYY-MM-DD"T"HH24:MI:SS' || CASE WHEN {0} = date_trunc('second', {0}) THEN '"Z"' ELSE '.US"Z"' END
)"""
# Subqueries rather than joins, because a plan for any discussion would join those of a short one, each with each.
PAGE = f"""
WITH page AS MATERIALIZED (
    SELECT p.id, p.sequence, p.depth, p.body_html, p.created_at, p.author_id,
        row_number() OVER (ORDER BY p.path) AS place
    FROM posts p
    WHERE p.discussion_id = $1 AND p.listed AND p.path > '' AND p.path < '\\xffffffff'
    ORDER BY p.path
    LIMIT $2 + 1
), edges AS (
    SELECT
        coalesce(json_agg(json_build_object(
            'cursor', 'r' || p.sequence,
            'depth', p.depth,
            'node', json_build_object(
                'id', 'R_' || p.id,
                'sequence', p.sequence,
                'bodyHtml', p.body_html,
                'createdAt', {_MOMENT.format("p.created_at")},
                'replyCount', (
                    SELECT r.reply_count FROM reply_counts r WHERE r.discussion_id = $1 AND r.sequence = p.sequence
                ),
                'author', (
                    SELECT json_build_object('id', 'U_' || u.id, 'handle', u.handle, 'name', u.name,
                        'avatarUrl', u.avatar_url)
                    FROM users u WHERE u.id = p.author_id
                ),
                'quotes', (
                    SELECT coalesce(json_agg(json_build_object(
                        'id', 'Q_' || q.id,
                        'bodyText', q.body_text,
                        'sourceVersion', q.source_version,
                        'source', CASE WHEN s.id IS NOT NULL THEN json_build_object('id', 'R_' || s.id) END,
                        'attributedTo', CASE WHEN u.id IS NOT NULL
                            THEN json_build_object('id', 'U_' || u.id, 'handle', u.handle, 'name', u.name) END,
                        'status', CASE
                            WHEN q.source_id IS NULL THEN 'UNRESOLVED'
                            WHEN s.deleted_at IS NOT NULL THEN 'SOURCE_DELETED'
                            WHEN s.version <> q.source_version AND strpos(s.said, q.said) > 0 THEN 'VERBATIM'
                            WHEN q.comparison = 'NOT_SAID' THEN 'ALTERED'
                            WHEN s.version <> q.source_version THEN 'SOURCE_EDITED'
                            ELSE 'VERBATIM'
                        END
                    ) ORDER BY q.ordinal), '[]')
                    FROM quotes q
                    LEFT JOIN posts s ON s.id = q.source_id
                    LEFT JOIN users u ON u.id = s.author_id
                    WHERE q.post_id = p.id AND q.depth = 0
                )
            )
        ) ORDER BY p.place), '[]') AS edges,
        (array_agg('r' || p.sequence ORDER BY p.place DESC))[1] AS last
    FROM page p
    WHERE p.place <= $2
)
SELECT h.last_event, h.last_epoch, convert_to(json_build_object(
    'id', 'D_' || d.id,
    'number', d.id,
    'title', d.title,
    'replyCount', c.reply_count,
    'thread', json_build_object(
        'edges', edges.edges,
        'pageInfo', json_build_object(
            'hasNextPage', EXISTS (SELECT FROM page WHERE place > $2),
            'endCursor', edges.last
        )
    )
)::text, 'UTF8')
FROM discussions d
JOIN log_heads h ON h.log_id = d.id
JOIN discussion_counts c ON c.discussion_id = d.id
CROSS JOIN edges
WHERE d.id = $1
"""  # noqa: S608 - all parts are above.
LIST = f"""
SELECT json_build_object(
    'edges', (
        SELECT coalesce(json_agg(json_build_object('node', json_build_object(
            'id', 'D_' || d.id,
            'number', d.id,
            'title', d.title,
            'replyCount', c.reply_count,
            'lastActivityAt', {_MOMENT.format("c.last_activity_at")},
            'author', (
                SELECT json_build_object('id', 'U_' || u.id, 'handle', u.handle, 'name', u.name,
                    'avatarUrl', u.avatar_url)
                FROM posts p JOIN users u ON u.id = p.author_id WHERE p.discussion_id = d.id AND p.sequence = 0
            )
        )) ORDER BY c.last_activity_at DESC, c.discussion_id DESC), '[]')
        FROM (
            SELECT l.* FROM discussion_counts l JOIN discussions o ON o.id = l.discussion_id
            WHERE o.deleted_at IS NULL
            ORDER BY l.last_activity_at DESC, l.discussion_id DESC LIMIT $1
        ) c
        JOIN discussions d ON d.id = c.discussion_id
    ),
    'pageInfo', json_build_object('hasNextPage', EXISTS (SELECT FROM discussions WHERE deleted_at IS NULL OFFSET $1))
)::text
"""  # noqa: S608 - all parts are above.


async def make() -> App:
    """The application."""
    pool = await open_pool()
    cursors = await read_cursors(pool)

    async def app(_scope: Any, receive: Any, send: Any) -> None:
        variables = orjson.loads(await body_of(receive))["variables"]
        if "number" not in variables:
            found = await pool.fetchval(LIST, variables["first"])
            await answer(send, b'{"data":{"discussions":%b}}' % found.encode())
            return
        number = variables["number"]
        async with pool.acquire() as connection:
            last_event, epoch, text = await connection.fetchrow(PAGE, number, variables["first"])
        cursor = cursors.write(number, last_event, epoch).encode()
        await answer(send, b'{"data":{"discussion":{"eventCursor":"%b",%b}}' % (cursor, text[1:]))

    return app


if __name__ == "__main__":
    serve(make)
