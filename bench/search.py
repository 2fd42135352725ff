"""`scripts/bench search`: what the search index costs a write, and what it spares a search, on both databases."""

import argparse
import asyncio
import contextlib
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import accumulate
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Any
from unittest import mock

from sqlalchemy import BigInteger, Connection, column, insert, text

from bench import report
from db import search, search_hits, search_scopes, tables, users
from db.database import Database, Transaction
from db.migrate import migrate, transact
from db.rows import CountRow
from db.statements import Statement, WriteStatement, moment_text
from tests.db.writing import add_reply, draft, start_discussion
from tests.support.servers import PostgreSQL
from text.markdown import RENDERER
from text.search import terms

OF_DISCUSSION = 500
"""How many replies each discussion has."""
WORDS_OF_POST = 60
VOCABULARY = 20_000
WRITES = 500
"""How many replies are written in turn with the index and without it, each in a transaction of its own."""
TURNS = 15
"""How often a search is run; the median counts."""
BATCH = 5_000
"""How many posts are inserted at a time."""
FIRST = 20
BY_OTHER = "of these, by a person with 3 posts"
_SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]


@dataclass(frozen=True, slots=True)
class Row:
    """What one search costs. The times are a client's, of what `search(first: 20)` reads, with its count."""

    database: str
    looked_for: str
    hits: int
    ms: float
    like_ms: float
    """Counting what LIKE finds, which is what is left to do without an index."""


@dataclass(frozen=True, slots=True)
class Writing:
    """What a reply costs to write, at the full size."""

    database: str
    posts: int
    with_us: float
    without_us: float


_like = Statement(
    lambda _: text(
        "SELECT 0 AS parent, count(*) AS total FROM posts WHERE deleted_at IS NULL AND lower(body_text) LIKE :pattern"
    ).columns(column("parent", BigInteger), column("total", BigInteger)),
    CountRow,
)
_settle = WriteStatement(lambda _: text("ANALYZE"))


class Words:
    """A vocabulary whose word at rank r is said as often as 1/r, as in what people write (Zipf's law)."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self.by_rank = [self._word(rank) for rank in range(VOCABULARY)]
        self._weights = list(accumulate(1 / rank for rank in range(1, VOCABULARY + 1)))

    def body(self) -> str:
        return " ".join(self._random.choices(self.by_rank, cum_weights=self._weights, k=WORDS_OF_POST))

    @staticmethod
    def _word(rank: int) -> str:
        high, low = divmod(rank + len(_SYLLABLES), len(_SYLLABLES))
        middle = _SYLLABLES[high % len(_SYLLABLES)]
        return f"{middle}{_SYLLABLES[low]}" + (_SYLLABLES[high // len(_SYLLABLES)] if high >= len(_SYLLABLES) else "")


def looked_for(words: Words, said: str) -> dict[str, str]:
    """What is searched, by what it is: words by their rank, and two words of a post that are side by side."""
    common, rare = words.by_rank[0], words.by_rank[15_000]
    some = words.by_rank[300]
    return {
        "a word of most posts": f'"{common}"',
        "a word of some posts": f'"{some}"',
        "a rare word": f'"{rare}"',
        "two words": f'"{some}" "{words.by_rank[40]}"',
        "a phrase": f'"{" ".join(said.split()[10:13])}"',
        "a beginning": words.by_rank[2_000][:4],
    }


async def measure(name: str, url: str, count: int, log: Callable[[str], None]) -> tuple[Writing, list[Row]]:
    """Fills an empty database with this many posts, and measures."""
    words = Words(Random("search"))
    await migrate(url)
    async with Database(url) as database:
        author, other = [
            await database.write(partial(users.add_user, person=users.Person(name, name))) for name in ("Ada", "Bo")
        ]
        body = words.body()

        async def discussion(tx: Transaction) -> int:
            return await start_discussion(tx, author, body[:60], post=draft(body, body[:60]))

        async def reply(tx: Transaction) -> None:
            await add_reply(tx, of, author, post=draft(words.body()))

        of = await database.write(discussion)
        said = await transact(url, lambda connection: _fill(connection, words, count, author, other, log))
        await database.write(lambda tx: tx.run(_settle))
        writing = await _written(database, reply)
        rows = [await _searched(database, name, kind, query) for kind, query in looked_for(words, said).items()]
        common = looked_for(words, said)["a word of most posts"]
        rows.insert(1, await _searched(database, name, BY_OTHER, common, {"author_id": other}))
    return Writing(name, count, *writing), rows


def _fill(connection: Connection, words: Words, count: int, author: int, other: int, log: Callable[[str], None]) -> str:
    """Adds posts up to this many, after the first one: in bulk, and without all that searches don't read.

    The author writes all but three of them. Returns the body of one.
    """
    at: Any = datetime.now(UTC)
    at = at if connection.dialect.name == "postgresql" else moment_text(at)
    put = text(search.PUT[connection.dialect.name])
    discussions = range(2, 3 + count // OF_DISCUSSION)
    connection.execute(
        insert(tables.discussions),
        [{"id": of, "title": "A title", "created_at": at} for of in discussions],
    )
    by_other = {2 + count * part // 4 for part in (1, 2, 3)}
    body = ""
    for first in range(2, count + 1, BATCH):
        posts, entries = [], []
        for post in range(first, min(first + BATCH, count + 1)):
            body = words.body()
            of, sequence = divmod(post, OF_DISCUSSION)
            written_by = other if post in by_other else author
            posts.append(_post(post, discussions[of], sequence, written_by, body) | {"created_at": at})
            entries.append({"post": post, **search.entry("", body)})
        connection.execute(insert(tables.posts), posts)
        connection.execute(put, entries)
        log(f"{connection.dialect.name}: {post:,} of {count:,} posts")
    if connection.dialect.name == "postgresql":
        for table, last in (("discussions", discussions[-1]), ("posts", count)):
            connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {last})"))
    return body


def _post(post: int, of: int, sequence: int, author: int, body: str) -> dict[str, Any]:
    path = sequence.to_bytes(4, "big")
    texts = {"body": body, "body_html": f"<p>{body}</p>", "body_text": body, "said": body}
    place = {"sequence": sequence, "path": path, "newest_path": bytes(255 - byte for byte in path), "depth": 1}
    return {"id": post, "discussion_id": of, "author_id": author, "renderer": RENDERER, **place, **texts}


async def _written(database: Database, write: Callable[[Transaction], Awaitable[object]]) -> tuple[float, float]:
    """The median µs of a write with the index, and of one without, in turn."""

    async def put_nothing(*_: object, **__: object) -> None:
        """Replaces what puts a post into the index."""

    def empty_entry(*_: object) -> search.SearchEntry:
        """Replaces what makes the words for the index of a post."""
        return {"title": "", "body": "", "vector": ""}

    took: dict[bool, list[float]] = {True: [], False: []}
    for turn in range(2 * WRITES):
        indexed = turn % 2 == 0
        with contextlib.nullcontext() if indexed else mock.patch.multiple(search, put=put_nothing, entry=empty_entry):
            begin = time.perf_counter()
            await database.write(write)
            took[indexed].append(time.perf_counter() - begin)
    return 1e6 * statistics.median(took[True]), 1e6 * statistics.median(took[False])


async def _searched(
    database: Database, name: str, kind: str, query: str, filters: Mapping[str, int] = MappingProxyType({})
) -> Row:
    wanted, names = terms(query), frozenset(filters)
    plain = query.replace('" "', "%").replace('"', "")

    async def timed(read: Callable[[], Awaitable[object]]) -> float:
        took = []
        for _ in range(TURNS):
            begin = time.perf_counter()
            await read()
            took.append(time.perf_counter() - begin)
        return 1e3 * statistics.median(took)

    async def find() -> Sequence[search_hits.HitRow]:
        scope = await search_scopes.scope(database, wanted, filters, None)
        statement = search_hits.hits(scope.lead, is_compared=bool(scope.compared), filters=names)
        return await database.rows(statement, **search_hits.parameters(scope, wanted, filters), limit=FIRST + 1)

    found = await find()
    return Row(
        name,
        kind,
        found[0].total if found else 0,
        await timed(find),
        await timed(lambda: database.rows(_like, pattern=f"%{plain}%")),
    )


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    head = ["looked for", "database", "posts found", "first 20 ms", "LIKE ms"]
    lines = [[row.looked_for, row.database, f"{row.hits:,}", f"{row.ms:.1f}", f"{row.like_ms:.0f}"] for row in rows]
    return report.markdown([head, *lines])


def comparisons(written: Sequence[Writing]) -> Iterator[str]:
    """What the index costs a write, a sentence for each database."""
    for one in written:
        yield (
            f"{one.database}, {one.posts:,} posts: a reply of {WORDS_OF_POST} words is written in {one.with_us:,.0f}"
            f" µs, and in {one.without_us:,.0f} without the index: {one.with_us / one.without_us:.2f} times that."
        )


@contextmanager
def places() -> Iterator[dict[str, str]]:
    """An empty database of each kind, gone afterwards. PostgreSQL waits for its disk, as SQLite does."""
    folder = Path(tempfile.mkdtemp(prefix="parley-bench-"))
    server = PostgreSQL.start(durable=True)
    try:
        yield {"PostgreSQL": server.new_database(), "SQLite": f"sqlite:///{folder}/parley.db"}
    finally:
        server.stop()
        shutil.rmtree(folder)


def main() -> int:
    """Runs as the command line says; returns the exit code."""
    parser = argparse.ArgumentParser(prog="scripts/bench search", description=__doc__, allow_abbrev=False)
    parser.add_argument("--posts", type=int, default=100_000, help="among how many; %(default)s")
    parser.add_argument("--json", action="store_true", help="print one object instead of a table")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/performance.md")
    chosen = parser.parse_args()
    written, rows = list[Writing](), list[Row]()
    with places() as urls:
        for name, url in urls.items():
            writing, found = asyncio.run(measure(name, url, chosen.posts, _log))
            written.append(writing)
            rows += found
    if chosen.json:
        result = {"rows": [asdict(row) for row in rows], "writing": [asdict(one) for one in written]}
        sys.stdout.write(json.dumps(result) + "\n")
    else:
        sys.stdout.write("\n".join([table(rows), "", *comparisons(written), ""]))
    if chosen.write:
        report.put_table("search", table(rows), comparisons(written), how=f"medians of {TURNS} searches")
    return 0


def _log(line: str) -> None:
    sys.stderr.write(f"bench: {line}\n")


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
    sys.exit(130)
