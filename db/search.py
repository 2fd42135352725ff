"""The index that searches read: the words of each living post, kept in the transaction that writes the post.

SQLite keeps them in an FTS5 table, PostgreSQL in a tsvector. Both get words that `text.search` has made, so both find
the same; each ranks by its own rules, which differ. No lock but the posts' own is taken.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, TypedDict

from sqlalchemy import BigInteger, Float, column, text

from db.database import Transaction
from db.rows import CountRow, Row
from db.statements import Dialect, Statement, WriteStatement
from text.search import Term, words

MAX_RANKED = 10_000
"""How many hits are ranked, the newest: a word that is everywhere must not cost more with every post."""
_MAX_INDEXED = 200_000
"""How many characters of a post are found: a tsvector holds a megabyte."""
_LAST_POSITION = 16_383
"""What a position of a tsvector can say; and it keeps 256 of a word."""

PUT = {
    "sqlite": "INSERT OR REPLACE INTO post_search (rowid, title, body) VALUES (:post, :title, :body)",
    "postgresql": "INSERT INTO post_search (post_id, words) VALUES (:post, CAST(CAST(:vector AS text) AS tsvector))"
    " ON CONFLICT (post_id) DO UPDATE SET words = excluded.words",
}
"""How a post is put into the index, by dialect."""
_REMOVE = {
    "sqlite": "DELETE FROM post_search WHERE rowid IN (SELECT value FROM json_each(:ids))",
    "postgresql": "DELETE FROM post_search WHERE post_id = ANY (CAST(:ids AS bigint[]))",
}
_MATCHING = {
    "sqlite": "SELECT rowid AS post_id, -bm25(post_search, 10.0, 1.0) AS rank FROM post_search"
    " WHERE post_search MATCH :match ORDER BY rowid DESC LIMIT :most",
    "postgresql": "SELECT post_id, ts_rank(words, query, 1) AS rank"
    " FROM (SELECT post_id, words, query FROM post_search,"
    " (SELECT CAST(CAST(:tsquery AS text) AS tsquery) AS query) AS searched"
    " WHERE words @@ query ORDER BY post_id DESC LIMIT :most) AS newest",
}
_BEFORE = {
    "sqlite": "WHERE (rank, post_id) < (:rank, :post)",
    "postgresql": "WHERE (rank, post_id) < (CAST(:rank AS real), CAST(:post AS bigint))",
}
_COUNTED = {
    "sqlite": "SELECT 0 AS parent, count(*) AS total FROM post_search WHERE post_search MATCH :match",
    "postgresql": "SELECT 0 AS parent, count(*) AS total FROM post_search"
    " WHERE words @@ CAST(CAST(:tsquery AS text) AS tsquery)",
}


class HitRow(Row):
    """A post that has what was looked for, and how well it fits: more is better."""

    __slots__ = ()

    post_id: int
    rank: float


def _found(dialect: Dialect, *, bounded: bool) -> Any:
    before = _BEFORE[dialect] if bounded else ""
    return text(
        f"SELECT post_id, rank FROM ({_MATCHING[dialect]}) AS hits {before}"  # noqa: S608 - all parts are above.
        " ORDER BY rank DESC, post_id DESC LIMIT :limit"
    ).columns(column("post_id", BigInteger), column("rank", Float))


# A word that is everywhere is best looked for from the newest post on, a rare one in the index.
best = Statement(lambda dialect: _found(dialect, bounded=False), HitRow, is_planned_anew=True)
"""The `limit` hits of a search that fit best, equal ones newest first; only the newest `most` are looked at."""
next_best = Statement(lambda dialect: _found(dialect, bounded=True), HitRow, is_planned_anew=True)
"""As `best`, those behind the hit `post` of this `rank`."""
counted = Statement(
    lambda dialect: text(_COUNTED[dialect]).columns(column("parent", BigInteger), column("total", BigInteger)), CountRow
)
"""How many posts match a search."""

_put = WriteStatement(lambda dialect: text(PUT[dialect]))
_remove = WriteStatement(lambda dialect: text(_REMOVE[dialect]))


def search_parameters(terms: Sequence[Term]) -> dict[str, str]:
    """Returns the parameters of the statements: all terms, in each database's query language.

    The words hold letters, digits and marks alone, so none of them is syntax.
    """
    return {
        "match": " AND ".join(f'"{" ".join(term.words)}"{"*" if term.begins else ""}' for term in terms),
        "tsquery": " & ".join(_tsquery(term) for term in terms),
    }


def _tsquery(term: Term) -> str:
    *whole, last = (f"'{word}'" for word in term.words)
    return f"({' <-> '.join([*whole, last + (':*' if term.begins else '')])})"


class SearchEntry(TypedDict):
    """What the index keeps of a post: the parameters of both databases' statements."""

    title: str
    body: str
    vector: str


async def put(tx: Transaction, post_id: int, kept: SearchEntry) -> None:
    """Indexes a post by these words, in place of those it had before."""
    await tx.run(_put, post=post_id, **kept)


async def remove(tx: Transaction, post_ids: Sequence[int]) -> None:
    """Removes posts from the index."""
    await tx.run(_remove, ids=list(post_ids))


def entry(title: str, body: str) -> SearchEntry:
    """The entry of a post with this title and plain text. A long text takes a while: call it outside of any lock."""
    titled, said = words(title), words(body[:_MAX_INDEXED])
    return {"title": " ".join(titled), "body": " ".join(said), "vector": _vector(titled, said)}


def _vector(titled: Sequence[str], said: Sequence[str]) -> str:
    """A tsvector as PostgreSQL reads it: the title's words weigh more, and no phrase reaches from it into the body."""
    places: dict[str, list[str]] = defaultdict(list)
    for at, word in enumerate(titled, 1):
        places[word].append(f"{min(at, _LAST_POSITION)}A")
    for at, word in enumerate(said, len(titled) + 2):
        places[word].append(f"{min(at, _LAST_POSITION)}")
    return " ".join(f"'{word}':{','.join(at)}" for word, at in places.items())
