"""The index that searches read: the words of each living post, kept in the transaction that writes the post.

SQLite keeps them in an FTS5 table, PostgreSQL in a tsvector. Both get words that `text.search` has made, so both find
the same; each ranks by its own rules, which differ. No lock but the posts' own is taken.
"""

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
_LAST_POSITION = 16_382
"""The last position that a tsvector can tell from those behind it. Words behind it are found, but not in phrases."""
_POSITIONS_OF_WORD = 256
"""How many positions of a word a tsvector keeps."""
_UNFINDABLE = "."
"""Takes the place of a word whose position is not kept: no word that is searched for has punctuation."""

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
best = Statement(lambda dialect: _found(dialect, bounded=False), HitRow, is_planned_anew=True, is_search=True)
"""The `limit` hits of a search that fit best, equal ones newest first; only the newest `most` are looked at."""
next_best = Statement(lambda dialect: _found(dialect, bounded=True), HitRow, is_planned_anew=True, is_search=True)
"""As `best`, those behind the hit `post` of this `rank`."""
counted = Statement(
    lambda dialect: text(_COUNTED[dialect]).columns(column("parent", BigInteger), column("total", BigInteger)),
    CountRow,
    is_search=True,
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
    """The entry of a post with this title and plain text. A long text takes a while: call it outside of any lock.

    Both databases get the same positions, no more than PostgreSQL keeps, so that both find the same phrases. A word
    that is repeated without end would make phrases of it slow in SQLite.
    """
    titled, said = words(title), words(body[:_MAX_INDEXED])
    positions: dict[str, list[str]] = {}
    return {
        "title": " ".join(_placed(titled, 1, "A", positions)),
        # No phrase reaches from the title into the body.
        "body": " ".join(_placed(said, len(titled) + 2, "", positions)),
        "vector": " ".join(f"'{word}'{':' if at else ''}{','.join(at)}" for word, at in positions.items()),
    }


def _placed(given: Sequence[str], start: int, weight: str, positions: dict[str, list[str]]) -> list[str]:
    """Adds the positions of the words, from `start` on. Returns the words that are kept, each in its position."""
    kept = []
    for at, word in enumerate(given[: _LAST_POSITION - start + 1], start):
        of_word = positions.setdefault(word, [])
        if len(of_word) < _POSITIONS_OF_WORD:
            of_word.append(f"{at}{weight}")
            kept.append(word)
        else:
            kept.append(_UNFINDABLE)
    for word in dict.fromkeys(given[_LAST_POSITION - start + 1 :]):
        if word not in positions:
            positions[word] = []
            kept += [_UNFINDABLE, word]
    return kept
