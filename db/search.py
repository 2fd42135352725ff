"""The index that searches read: the words of each living post, kept in the transaction that writes the post.

SQLite keeps them in an FTS5 table, PostgreSQL in a tsvector. Both get words that `text.search` has made, so both find
the same; each ranks by its own rules, which differ. No lock but the posts' own is taken.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TypedDict

from sqlalchemy import BigInteger, Float, column, text

from db.database import Transaction
from db.kinds import SearchOrder
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
_UNFINDABLE = "-"
"""Takes the place of a word whose position is not kept: no word that is searched for has this sign."""

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
_ID = {"sqlite": "post_search.rowid", "postgresql": "post_search.post_id"}
_INDEX = {
    "sqlite": "post_search",
    "postgresql": "post_search CROSS JOIN (SELECT CAST(CAST(:tsquery AS text) AS tsquery) AS query) AS searched",
}
_JOIN = {
    # SQLite joins in this order then, and walks the index from its end.
    "sqlite": "CROSS JOIN",
    "postgresql": "JOIN",
}
_MATCHES = {"sqlite": "post_search MATCH :match", "postgresql": "words @@ query"}
_RANK = {"sqlite": "-bm25(post_search, 10.0, 1.0)", "postgresql": "ts_rank(words, query, 1)"}
_NEWEST = {
    "sqlite": "SELECT {id} AS post_id, {rank} AS rank, {discussion} AS discussion_id {matching}"
    " ORDER BY {id} DESC LIMIT :most",
    # Only those that are looked at are ranked.
    "postgresql": "SELECT post_id, {rank} AS rank, discussion_id FROM (SELECT {id} AS post_id, words, query,"
    " {discussion} AS discussion_id {matching} ORDER BY {id} DESC LIMIT :most) AS newest",
}
_BEST_OF_DISCUSSION = (
    "SELECT post_id, rank, row_number() OVER (PARTITION BY discussion_id ORDER BY rank DESC, post_id DESC) AS place,"
    " count(*) OVER (PARTITION BY discussion_id) AS match_count FROM newest"
)
_BEHIND = {
    "sqlite": " AND (rank, post_id) < (coalesce((SELECT rank FROM newest WHERE post_id = :post), :rank), :post)",
    "postgresql": " AND (rank, post_id) < (coalesce((SELECT rank FROM newest WHERE post_id = CAST(:post AS bigint)),"
    " CAST(:rank AS real)), CAST(:post AS bigint))",
}
_CONDITIONS = {
    "category_id": "discussions.category_id = :category_id",
    "no_category": "discussions.category_id IS NULL",
    "discussion_id": "posts.discussion_id = :discussion_id",
    "author_id": "posts.author_id = :author_id",
    "created_after": "posts.created_at >= :created_after",
    "created_before": "posts.created_at < :created_before",
}
"""What the filters demand. Each but `no_category` is named after the parameter that has its value."""


class HitRow(Row):
    """A post that has what was looked for."""

    __slots__ = ()

    post_id: int
    rank: float
    """How well it fits: more is better. 0 in a search by time."""
    match_count: int
    """How many posts of its discussion match, in a search by discussion; else 1."""


@cache
def hits(
    order: SearchOrder = SearchOrder.RELEVANCE,
    *,
    by_discussion: bool = False,
    filters: frozenset[str] = frozenset(),
    bounded: bool = False,
) -> Statement[HitRow]:
    """A page of the posts that a search finds, in an order; `by_discussion` only the first of each discussion.

    Parameters are those of the words (`search_parameters`) and of the filters, `limit`, and `most`: how many of the
    newest matches are looked at. A `bounded` page begins behind the post `post`, whose rank was `rank`.
    """
    # A word that is everywhere is best looked for from the newest post on, a rare one in the index.
    return Statement(
        lambda dialect: text(_hits(dialect, order, by_discussion, filters, bounded)).columns(
            column("post_id", BigInteger), column("rank", Float), column("match_count", BigInteger)
        ),
        HitRow,
        is_planned_anew=True,
        is_search=True,
    )


@cache
def counted(filters: frozenset[str] = frozenset(), *, by_discussion: bool = False) -> Statement[CountRow]:
    """How many posts match a search; `by_discussion`, in how many discussions they are."""
    count = "count(DISTINCT posts.discussion_id)" if by_discussion else "count(*)"
    return Statement(
        lambda dialect: text(
            f"SELECT 0 AS parent, {count} AS total {_matching(dialect, filters, by_discussion)}"
        ).columns(column("parent", BigInteger), column("total", BigInteger)),
        CountRow,
        is_planned_anew=True,
        is_search=True,
    )


def _hits(dialect: Dialect, order: SearchOrder, by_discussion: bool, filters: frozenset[str], bounded: bool) -> str:
    is_ranked = order is SearchOrder.RELEVANCE
    matching, behind = _matching(dialect, filters, by_discussion), ""
    if bounded and (is_ranked or by_discussion):
        # Each new post changes all ranks in SQLite, so the post's present one counts, and the given one if it is gone.
        behind = _BEHIND[dialect]
    elif bounded:
        matching += f" AND {_ID[dialect]} < :post"
    newest = _NEWEST[dialect].format(
        id=_ID[dialect],
        rank=_RANK[dialect] if is_ranked else "CAST(0 AS real)",
        discussion="posts.discussion_id" if by_discussion else "0",
        matching=matching,
    )
    firsts = _BEST_OF_DISCUSSION if by_discussion else "SELECT post_id, rank, 1 AS place, 1 AS match_count FROM newest"
    return (
        f"WITH newest AS MATERIALIZED ({newest}), firsts AS ({firsts})"  # noqa: S608 - all parts are above.
        f" SELECT post_id, rank, match_count FROM firsts WHERE place = 1{behind}"
        " ORDER BY rank DESC, post_id DESC LIMIT :limit"
    )


def _matching(dialect: Dialect, filters: frozenset[str], by_discussion: bool) -> str:
    """The clauses from FROM on that choose what matches."""
    joined = ""
    if filters or by_discussion:
        joined = f" {_JOIN[dialect]} posts ON posts.id = {_ID[dialect]}"
    if filters & {"category_id", "no_category"}:
        joined += f" {_JOIN[dialect]} discussions ON discussions.id = posts.discussion_id"
    conditions = [_MATCHES[dialect], *(_CONDITIONS[name] for name in sorted(filters))]
    return f"FROM {_INDEX[dialect]}{joined} WHERE {' AND '.join(conditions)}"


_put = WriteStatement(lambda dialect: text(PUT[dialect]))
_remove = WriteStatement(lambda dialect: text(_REMOVE[dialect]))


def search_parameters(terms: Sequence[Term]) -> dict[str, str]:
    """Returns the parameters of the statements: all terms, in each database's query language.

    The words hold letters, digits and marks, or are `.` or of `+` and `#` alone, which mean nothing within quotes.
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


async def put(tx: Transaction, entries: Mapping[int, SearchEntry]) -> None:
    """Indexes posts by these words, in place of those they had before."""
    await tx.run_many(_put, [{"post": post_id, **entry} for post_id, entry in entries.items()])


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
