"""The data set: one long discussion among many, the same in every database it is put into.

It is what Parley's own writes would leave behind, put straight into the tables: one write after the other would take
minutes. Every row follows from the size alone.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any

import asyncpg
from sqlalchemy import bindparam, insert, update

from bench import prose
from db import paths
from db.database import EPOCH_BYTES, Database, Transaction
from db.migrate import SECRET_BYTES, migrate
from db.statements import WriteStatement
from db.tables import metadata, secrets
from text import attribution, markdown, normal

NUMBER = 1
"""The discussion whose page is measured: the long one."""
_BEGIN = datetime(2026, 1, 1, 12, tzinfo=UTC)
_DEEPEST = 8
_STEP = 1_000
_QUOTING, _ALTERED, _EDITED, _KEPT_WORDS, _DELETED = 0.3, 0.05, 0.06, 0.5, 0.02
"""Of all replies, those that quote; of quotes, the altered; of replies, the edited, of these, those that still say what
they said; and the deleted."""

Rows = dict[str, list[dict[str, Any]]]
"""The rows of each table, by its name."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large the data set is."""

    discussions: int = 1_000
    replies: int = 5_000
    """Of the long discussion."""
    most_replies: int = 15
    """Of each of the others."""
    users: int = 200


async def fill(url: str, rows: Rows) -> None:
    """Migrates an empty database and puts the rows into it."""
    await migrate(url)
    async with Database(url) as database:
        await database.write(lambda tx: _insert(tx, rows))
    if url.startswith("postgresql:"):
        connection = await asyncpg.connect(url)
        try:
            for table in ("users", "discussions", "posts"):
                most = max(row["id"] for row in rows[table])
                await connection.execute("SELECT setval(pg_get_serial_sequence($1, 'id'), $2)", table, most)
            # What autovacuum does a minute later.
            await connection.execute("VACUUM (ANALYZE)")
        finally:
            await connection.close()


async def _insert(tx: Transaction, rows: Rows) -> None:
    key = update(secrets).where(secrets.c.name == bindparam("of")).values(value=bindparam("to"))
    await tx.run(WriteStatement(key), of="cursor", to=Random("cursor").randbytes(SECRET_BYTES))
    for table in metadata.sorted_tables:
        given = rows.get(table.name, [])
        # In steps, since a call of the driver has a time limit.
        for step in (given[at : at + _STEP] for at in range(0, len(given), _STEP)):
            await tx.run_many(WriteStatement(insert(table).values({name: bindparam(name) for name in step[0]})), step)


def rows(size: Size) -> Rows:
    """All rows of a data set of this size."""
    return _Maker(size).rows


@dataclass(slots=True)
class _Written:
    """A reply while its discussion is being made."""

    row: dict[str, Any]
    sentences: list[list[str]]
    counts: dict[str, Any]
    quote: dict[str, Any] | None = None
    source: "_Written | None" = None


def _count(opening: dict[str, Any], written: list[_Written]) -> None:
    """Lists replies and counts what is listed: `opening` are the counts of the opening post."""
    for reply in reversed(written):
        row, counts = reply.row, reply.counts
        row["listed"] = row["deleted_at"] is None or counts["reply_count"] > 0
        path = paths.sequences(row["path"])
        above = written[path[-2] - 1].counts if len(path) > 1 else opening
        above["reply_count"] += row["listed"]
        above["descendant_count"] += counts["descendant_count"] + row["listed"]


class _Maker:
    def __init__(self, size: Size) -> None:
        self.random = Random(2009)
        self.size = size
        self.rows: Rows = {table.name: [] for table in metadata.sorted_tables if table.name != "secrets"}
        self.posts = count(size.discussions + 1)
        self.quotes = (self.random.getrandbits(52) + 1 for _ in count())
        for number in range(size.users):
            self._person(number)
        for discussion in range(1, size.discussions + 1):
            replies = size.replies if discussion == NUMBER else self.random.randint(0, size.most_replies)
            self._discussion(discussion, replies)

    def _person(self, number: int) -> None:
        name = prose.name(number)
        handle = name.lower().replace(" ", "-")
        self.rows["users"].append(
            {
                "id": number + 1,
                "handle": handle,
                "name": name,
                "name_key": normal.normalised(name),
                "avatar_url": f"https://example.org/people/{handle}.png" if number % 4 else None,
                "is_guest": False,
                "created_at": _BEGIN - timedelta(days=number),
            }
        )

    def _discussion(self, discussion: int, replies: int) -> None:
        begin = _BEGIN + timedelta(hours=discussion)
        random = self.random
        body = prose.body(random, prose.paragraphs(random))
        opening = self._post(discussion, (discussion, 0, b""), begin, body, markdown.read(body))
        self.rows["posts"].append(opening)
        counted = {"discussion_id": discussion, "sequence": 0, "reply_count": 0, "descendant_count": 0}
        self.rows["reply_counts"].append(counted)
        written: list[_Written] = []
        for sequence in range(1, replies + 1):
            written.append(self._reply(discussion, sequence, begin + timedelta(seconds=97 * sequence), written))
        events = list(self._events(opening, written))
        posts = {row["id"]: row for row in [opening, *(reply.row for reply in written)]}
        for number, event in enumerate(events, start=1):
            posts[event["post_id"]]["last_event"] = number
            if event["kind"] == "ReplyDeleted":
                (deletion,) = [row for row in self.rows["deleted_posts"] if row["post_id"] == event["post_id"]]
                deletion["act"] = number
            event |= {"log_id": discussion, "number": number, "epoch": random.randbytes(EPOCH_BYTES)}
        self.rows["events"] += events
        _count(counted, written)
        people = Counter(
            row["author_id"] for row in (opening, *(reply.row for reply in written)) if row["deleted_at"] is None
        )
        self.rows["participants"] += [
            {"discussion_id": discussion, "user_id": person, "post_count": people[person]} for person in sorted(people)
        ]
        self.rows["posts"] += [reply.row for reply in written]
        self.rows["reply_counts"] += [reply.counts for reply in written]
        self.rows["quotes"] += [reply.quote for reply in written if reply.quote and reply.row["deleted_at"] is None]
        self.rows["discussions"].append(
            {
                "id": discussion,
                "title": prose.sentence(random).rstrip("."),
                "created_at": begin,
                "author_id": opening["author_id"],
            }
        )
        epoch = random.randbytes(EPOCH_BYTES)
        self.rows["log_heads"].append(
            {
                "log_id": discussion,
                "epoch": epoch,
                "last_event": len(events),
                "last_epoch": events[-1]["epoch"] if events else epoch,
                "last_reply": replies,
            }
        )
        latest = written[-1].row["created_at"] if written else begin
        self.rows["discussion_counts"].append(
            {
                "discussion_id": discussion,
                "reply_count": counted["descendant_count"],
                "participant_count": len(people),
                "last_activity_at": latest,
                "author_id": opening["author_id"],
            }
        )

    def _post(
        self,
        post: int,
        place: tuple[int, int, bytes],
        at: datetime,
        body: str,
        document: markdown.MarkdownDocument,
        *quotes: str,
    ) -> dict[str, Any]:
        discussion, sequence, path = place
        return {
            "id": post,
            "discussion_id": discussion,
            "sequence": sequence,
            "reply_to_id": None,
            "path": path,
            "newest_path": paths.newest(path),
            "depth": paths.depth(path),
            "author_id": self.random.randint(1, self.size.users),
            "body": body,
            "body_html": document.html(quotes),
            "body_text": document.text,
            "said": document.said,
            "renderer": markdown.RENDERER,
            "version": 1,
            "created_at": at,
            "last_edited_at": None,
            "deleted_at": None,
            "listed": True,
        }

    def _reply(self, discussion: int, sequence: int, at: datetime, written: list[_Written]) -> _Written:
        """An answer to the opening post or to one of the thirty replies before it, placed."""
        random = self.random
        answered = random.choice(written[-30:]) if written and random.random() < 0.65 else None
        if answered is not None and answered.row["depth"] >= _DEEPEST:
            answered = None
        path = paths.child(answered.row["path"] if answered else b"", sequence)
        counts = {"discussion_id": discussion, "sequence": sequence, "reply_count": 0, "descendant_count": 0}
        sentences = prose.paragraphs(random)
        body = prose.body(random, sentences)
        source = (answered or random.choice(written)) if written and random.random() < _QUOTING else None
        verbatim = random.random() >= _ALTERED
        if source is not None:
            words = source.sentences[0][0] if verbatim else prose.sentence(random)
            body = f"{attribution.attribute(_name(source), words)}\n{body}"
        document = markdown.read(body)
        quotes = [f"Q_{next(self.quotes)}" for _ in document.blockquotes]
        row = self._post(next(self.posts), (discussion, sequence, path), at, body, document, *quotes)
        row["reply_to_id"] = answered.row["id"] if answered else None
        reply = _Written(row, sentences, counts)
        if source is not None:
            reply.source = source
            reply.quote = _quote(row, source, document.blockquotes[0], int(quotes[0][2:]), verbatim=verbatim)
        return reply

    def _events(self, opening: dict[str, Any], written: list[_Written]) -> Iterator[dict[str, Any]]:
        """What the log holds: the discussion, every reply, then edits and deletions with what they do to quotes."""
        yield _event("DiscussionStarted", opening, opening["author_id"], opening["created_at"])
        for reply in written:
            yield _event("ReplyAdded", reply.row, reply.row["author_id"], reply.row["created_at"])
        for reply in written:
            lot = self.random.random()
            if lot >= _EDITED + _DELETED:
                continue
            row, author = reply.row, reply.row["author_id"]
            at = written[-1].row["created_at"] + timedelta(minutes=row["sequence"])
            self.rows["revisions"].append(
                {
                    "post_id": row["id"],
                    "version": 1,
                    "editor_id": author,
                    "body": row["body"],
                    "body_html": row["body_html"],
                    "said": row["said"],
                    "renderer": row["renderer"],
                    "created_at": row["created_at"],
                }
            )
            row["version"] = 2
            if lot < _EDITED:
                self._edit(reply, at)
                yield _event("ReplyEdited", row, author, at)
            else:
                self.rows["deleted_posts"].append(_deletion(row, author, at))
                row |= {"body": "", "body_html": "", "body_text": "", "said": None, "author_id": None, "deleted_at": at}
                yield _event("ReplyDeleted", row, author, at)
            for quoting in written:
                if quoting.source is reply and quoting.quote is not None and quoting.row["deleted_at"] is None:
                    quoting.quote["notified_version"] = 2
                    yield _event("QuoteStatusChanged", quoting.row, None, at)

    def _edit(self, reply: _Written, at: datetime) -> None:
        """Takes back the first sentence, which is the one that others quote, or adds one at the end."""
        said = reply.sentences[0][0]
        body = f"{reply.row['body']}\n\nPS: {prose.sentence(self.random)}"
        if self.random.random() >= _KEPT_WORDS:
            before, _, after = body.rpartition(said)
            body = f"{before}{prose.sentence(self.random)}{after}"
        document = markdown.read(body)
        html = document.html([f"Q_{reply.quote['id']}"] if reply.quote else [])
        reply.row |= {"body": body, "body_html": html, "body_text": document.text, "said": document.said}
        reply.row["last_edited_at"] = at


def _name(reply: _Written) -> str:
    return prose.name(reply.row["author_id"] - 1)


def _quote(
    post: dict[str, Any], source: _Written, block: markdown.Blockquote, number: int, *, verbatim: bool
) -> dict[str, Any]:
    return {
        "id": number,
        "post_id": post["id"],
        "parent_id": None,
        "ordinal": block.index,
        "depth": block.depth,
        "source_id": source.row["id"],
        "source_version": 1,
        "attributed_name": _name(source),
        "body_html": block.html,
        "body_text": block.text,
        "said": block.said,
        "comparison": "VERBATIM" if verbatim else "NOT_SAID",
        "notified_version": 1,
    }


def _event(kind: str, post: dict[str, Any], actor: int | None, at: datetime) -> dict[str, Any]:
    return {"kind": kind, "post_id": post["id"], "version": post["version"], "actor_id": actor, "at": at}


def _deletion(post: dict[str, Any], author: int, at: datetime) -> dict[str, Any]:
    return {
        "post_id": post["id"],
        "act": 0,
        "by": "AUTHOR",
        "by_user_id": author,
        "at": at,
        "author_id": author,
        "is_raised": False,
        "is_kept": True,
        "quotes": "[]",
        "mentions": "[]",
    }
