"""The index that searches read: the words of each living post, kept in the transaction that writes the post.

SQLite keeps them in an FTS5 table, PostgreSQL in a tsvector. Both get words that `text.search` has made, so both find
the same; each ranks by its own rules, which differ. No lock but the posts' own is taken.
"""

from collections.abc import Mapping, Sequence
from typing import TypedDict

from sqlalchemy import text

from db.database import Transaction
from db.statements import WriteStatement
from text.search import words

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
_put = WriteStatement(lambda dialect: text(PUT[dialect]))
_remove = WriteStatement(lambda dialect: text(_REMOVE[dialect]))


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
