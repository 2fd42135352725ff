"""Which posts a search looks at: all that can match where that is few, else the newest ones.

A search chooses posts by lists: those with a word, those of a person, a discussion or a category, those of a time. If
one of its lists has at most MAX_SEARCHED posts, these are all that can match. If every one is longer, the newest
MAX_SEARCHED of the list that reaches furthest back are looked at. So a search takes no longer in a large forum than in
a small one. An unfinished word is a list as well. Where it alone is searched for and its beginning is frequent, the
posts of the list are not known without reading them, and the newest MAX_READ of all posts are looked at.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from math import sqrt
from typing import Any

from sqlalchemy import BigInteger, Text, column, text

from db.rows import Row
from db.search_terms import COMPARED, ID, JOIN, KNOWN, MATCHES, SAID, compared_with, looked_up
from db.snapshots import Reader
from db.statements import Dialect, Statement
from text.search import Term

_GREATEST = 2**63 - 1
MAX_SEARCHED = 1_000
"""How many posts of a list are looked at."""
MAX_READ = 4_096
"""How many of the newest posts are read for an unfinished word whose beginning is frequent."""
FREQUENT = 64
"""A beginning is frequent if more than one of so many posts has it."""
_MAX_PROBED_WORDS = 8
"""How many words of a query are lists, the longest ones: long words are mostly rare."""
_WINDOW = 16_384
"""In how many of the newest ids a word is looked for at first: PostgreSQL would sort all posts with it."""
_FEW = 32
"""Fewer posts than that in a window don't tell how frequent a word is."""


class Lead(StrEnum):
    """The list that a search begins with."""

    WORDS = "words"
    NEWEST = "newest"
    AUTHOR = "author_id"
    DISCUSSION = "discussion_id"
    CATEGORY = "category_id"
    NO_CATEGORY = "no_category"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Scope:
    """Which posts a search looks at, and how it gets to them."""

    lead: Lead
    floor: int
    """If it leads with words, only posts with greater ids are looked at; 0 if all that can match is looked at."""
    top: int
    """The greatest id that is looked at."""
    indexed: tuple[Term, ...]
    """The terms that are looked up in the index. The others are compared with what it has of each post."""
    compared: tuple[Term, ...]
    ids: str = ""
    """If it leads with words, the posts of their list, as the database takes them: PostgreSQL looks them up no more."""

    @property
    def is_whole(self) -> bool:
        """Whether nothing that matches is left out."""
        return self.floor == 0


class ReachRow(Row):
    """How far the posts of a list reach, one more of them than are looked at."""

    __slots__ = ()

    total: int
    lowest: int
    highest: int


class WordReachRow(ReachRow):
    """The same of a list of words."""

    __slots__ = ()

    ids: str
    """All of them, as JSON for SQLite and as an array for PostgreSQL."""


_TIMES = {"created_after": "created_at >= :created_after", "created_before": "created_at < :created_before"}
_IDS = {"sqlite": "json_group_array(id)", "postgresql": "coalesce(CAST(array_agg(id) AS text), '{}')"}
_ORDER_OF_CATEGORY = {"sqlite": "", "postgresql": "started.created_at DESC, started.id DESC, posts.sequence DESC"}
"""SQLite joins in the order of the discussions as it is. If it is asked for, SQLite sorts all their posts."""
_LISTED = {"sqlite": "listed = 1", "postgresql": "listed"}


def list_sql(dialect: Dialect, lead: Lead, filters: frozenset[str]) -> str:
    """The ids of the newest `most` posts of a filter's list, up to `top`; of a category, in its newest discussions."""
    times = "".join(f" AND posts.{condition}" for name, condition in _TIMES.items() if name in filters)
    chosen, order = {
        Lead.AUTHOR: (f"posts WHERE author_id = :author_id{times}", "created_at DESC, id DESC"),
        Lead.DISCUSSION: (
            f"posts WHERE discussion_id = :discussion_id AND {_LISTED[dialect]}{times}",
            "created_at DESC, sequence DESC",
        ),
        Lead.TIME: (f"posts WHERE TRUE{times}", "created_at DESC, id DESC"),
        Lead.CATEGORY: (_of_category(dialect, "= :category_id", times), _ORDER_OF_CATEGORY[dialect]),
        Lead.NO_CATEGORY: (_of_category(dialect, "IS NULL", times), _ORDER_OF_CATEGORY[dialect]),
    }[lead]
    ordered = f" ORDER BY {order}" if order else ""
    return f"SELECT posts.id AS id FROM {chosen} AND posts.id <= :top{ordered} LIMIT :most"  # noqa: S608 - parts of ours.


def _of_category(dialect: Dialect, is_it: str, times: str) -> str:
    # Locked and unlocked ones are a range of an index each.
    started = " UNION ALL ".join(
        f"SELECT * FROM (SELECT id, created_at FROM discussions WHERE category_id {is_it} AND locked = {is_locked}"  # noqa: S608 - of ours.
        " AND deleted_at IS NULL ORDER BY created_at DESC, id DESC LIMIT :most) AS each_range"
        for is_locked in ("TRUE", "FALSE")
    )
    return (
        f"({started} ORDER BY created_at DESC, id DESC LIMIT :most) AS started {JOIN[dialect]} posts"
        f" ON posts.discussion_id = started.id WHERE TRUE{times}"
    )


def _reach(listed: Callable[[Dialect], str], *, is_planned_anew: bool = False) -> Statement[ReachRow]:
    return Statement(
        lambda dialect: text(
            "SELECT count(*) AS total, coalesce(min(id), 0) AS lowest, coalesce(max(id), 0) AS highest"  # noqa: S608
            f" FROM ({listed(dialect)}) AS listed"
        ).columns(column("total", BigInteger), column("lowest", BigInteger), column("highest", BigInteger)),
        ReachRow,
        is_planned_anew=is_planned_anew,
        is_search=True,
    )


def _reach_of_words(listed: Callable[[Dialect], str]) -> Statement[WordReachRow]:
    return Statement(
        lambda dialect: text(
            "SELECT count(*) AS total, coalesce(min(id), 0) AS lowest, coalesce(max(id), 0) AS highest,"  # noqa: S608
            f" {_IDS[dialect]} AS ids FROM ({listed(dialect)}) AS listed"
        ).columns(
            column("total", BigInteger),
            column("lowest", BigInteger),
            column("highest", BigInteger),
            column("ids", Text),
        ),
        WordReachRow,
        is_planned_anew=True,
        is_search=True,
    )


@cache
def _of_filter(lead: Lead, filters: frozenset[str]) -> Statement[ReachRow]:
    return _reach(lambda dialect: list_sql(dialect, lead, filters))


def _of_word(dialect: Dialect, condition: str = "", order: str = "") -> str:
    where = f"{MATCHES[dialect]} AND {ID[dialect]} <= :top{condition}"
    return f"SELECT {ID[dialect]} AS id FROM post_search WHERE {where}{order} LIMIT :most"  # noqa: S608 - of ours.


# Any that have the word tell PostgreSQL whether it is rare: it need not find the newest.
_any_with_word = _reach_of_words(_of_word)
_ABOVE = {dialect: f" AND {ID[dialect]} > :above" for dialect in ID}
_newest_with_word = _reach_of_words(lambda dialect: _of_word(dialect, _ABOVE[dialect], " ORDER BY id DESC"))
# For a word that few of a window have: PostgreSQL would walk through all of them, seeing the limit. It takes one in 200
# posts to have a beginning, however rare that is.
_newest_of_window_with_word = _reach_of_words(
    lambda dialect: (
        f"WITH listed AS MATERIALIZED (SELECT {ID[dialect]} AS id FROM post_search WHERE {MATCHES[dialect]}"  # noqa: S608
        f" AND {ID[dialect]} <= :top{_ABOVE[dialect]}) SELECT id FROM listed ORDER BY id DESC LIMIT :most"
    )
)
_newest = _reach(lambda _: "SELECT id FROM posts WHERE id <= :top ORDER BY id DESC LIMIT :most")
_newest_with_beginning = _reach_of_words(
    lambda dialect: (
        f"SELECT id FROM (SELECT {ID[dialect]} AS id, {SAID[dialect]} FROM post_search"  # noqa: S608 - parts of ours.
        f" WHERE {ID[dialect]} <= :top ORDER BY id DESC LIMIT :most) AS post_search WHERE {COMPARED[dialect]}"
    )
)


@cache
def _any_of_category(category: Lead, lead: Lead) -> Statement[ReachRow]:
    """One of the posts of a scope, if any, that is in the category."""

    def listed(dialect: Dialect) -> str:
        key, join = f"post_search.{ID[dialect]}", JOIN[dialect]
        within = KNOWN[dialect] if lead is Lead.WORDS else f"{key} > :floor AND {key} <= :top"
        is_it = "+ 0 = :category_id" if category is Lead.CATEGORY else "+ 0 IS NULL"
        return (
            f"SELECT {key} AS id FROM post_search {join} posts ON posts.id = {key}"  # noqa: S608 - parts of ours.
            f" {join} discussions ON discussions.id = posts.discussion_id"
            f" WHERE {within} AND discussions.category_id {is_it} LIMIT 1"
        )

    return _reach(listed, is_planned_anew=True)


async def scope(database: Reader, terms: Sequence[Term], filters: Mapping[str, Any], top: int | None) -> Scope:
    """The posts that a search for these terms looks at, those with ids up to `top`: of all, if None.

    The filters are values by their names in `db.search_hits`. If none of the posts is in the category, which has had
    none for long, some of the category's newest discussions are looked at instead.
    """
    chosen = await _chosen(database, terms, filters, top)
    category = next((lead for lead in (Lead.CATEGORY, Lead.NO_CATEGORY) if lead in filters), None)
    if category is None or chosen.is_whole or chosen.lead not in (Lead.WORDS, Lead.NEWEST):
        return chosen
    (reach,) = await database.rows(
        _any_of_category(category, chosen.lead),
        ids=chosen.ids,
        floor=chosen.floor,
        top=chosen.top,
        **looked_up(chosen.indexed),
        **dict(filters),
    )
    return chosen if reach.total else Scope(category, chosen.floor, chosen.top, (), tuple(terms))


async def _chosen(database: Reader, terms: Sequence[Term], filters: Mapping[str, Any], top: int | None) -> Scope:
    if top is None:
        (last,) = await database.rows(_newest, top=_GREATEST, most=1)
        top = last.highest
    indexed, compared = _split(terms)
    found: list[tuple[int, Lead, str]] = []
    for lead in _leads(filters):
        # Of a category's newest discussions none may be of the time, so all its posts are counted.
        is_category = lead in (Lead.CATEGORY, Lead.NO_CATEGORY)
        listed = filters.keys() - _TIMES.keys() if is_category else filters.keys()
        (reach,) = await database.rows(
            _of_filter(lead, frozenset(listed)),
            **dict(filters),
            top=_GREATEST if is_category else top,
            most=MAX_SEARCHED + 1,
        )
        if reach.total <= MAX_SEARCHED:
            return Scope(lead, 0, top, (), tuple(terms))
        if not is_category:
            found.append((reach.lowest, lead, ""))
    begun: WordReachRow | None = None
    if not indexed:
        driver = max(compared, key=lambda term: len(term.words[-1]))
        (begun,) = await database.rows(_newest_with_beginning, top=top, most=MAX_READ, **compared_with([driver]))
        if begun.total > MAX_READ // FREQUENT:
            (read,) = await database.rows(_newest, top=top, most=MAX_READ + 1)
            found.append((read.lowest if read.total > MAX_READ else 0, Lead.NEWEST, ""))
            floor, lead, _ = min(found)
            return Scope(lead, floor, top, (), compared)
        indexed, compared = (driver,), tuple(term for term in compared if term != driver)
    for probe in _probes(indexed):
        newest = await _newest_with(database, probe, top, begun)
        floor = newest.lowest if newest.total > MAX_SEARCHED else 0
        found.append((floor, Lead.WORDS, newest.ids))
        if floor == 0:
            break
    floor, lead, known = min(found)
    if lead is not Lead.WORDS:
        indexed, compared = (), tuple(terms)
    return Scope(lead, floor, top, indexed, compared, known)


async def _newest_with(database: Reader, probe: Term, top: int, begun: WordReachRow | None) -> WordReachRow:
    """The newest posts with a word: one more than MAX_SEARCHED, or all if no more have it.

    `begun` is how many of the newest MAX_READ posts have it, if that was counted.
    """
    wanted = {"top": top, "most": MAX_SEARCHED + 1, **looked_up([probe])}
    window, reach = MAX_READ, begun
    if reach is None:
        window = _WINDOW
        (reach,) = await database.rows(_newest_with_word, above=max(0, top - window), **wanted)
    if reach.total <= MAX_SEARCHED and window < top:
        is_rare = probe.begins or reach.total < window // 32
        # As many ids as most likely have enough posts if the word is as frequent further back.
        wider = int(window * MAX_SEARCHED / max(1, reach.total - 2 * sqrt(reach.total)))
        if reach.total < _FEW or wider >= top:
            wider = 8 * window
            if not probe.begins:
                (reach,) = await database.rows(_any_with_word, **wanted)
                if reach.total <= MAX_SEARCHED:
                    return reach
        statement = _newest_of_window_with_word if is_rare else _newest_with_word
        while wider < top:
            (reach,) = await database.rows(statement, above=top - wider, **wanted)
            if reach.total > MAX_SEARCHED:
                return reach
            wider *= 8
        (reach,) = await database.rows(statement, above=0, **wanted)
    return reach


def _leads(filters: Mapping[str, Any]) -> list[Lead]:
    """The lists of the filters. A time is one of its own only if no other has it as its order."""
    leads = [lead for lead in (Lead.AUTHOR, Lead.DISCUSSION, Lead.CATEGORY, Lead.NO_CATEGORY) if lead in filters]
    has_order = Lead.AUTHOR in leads or Lead.DISCUSSION in leads
    return leads if has_order or not filters.keys() & _TIMES.keys() else [Lead.TIME, *leads]


def _split(terms: Sequence[Term]) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
    """The terms of whole words, which the index answers in order, and those that end with a beginning.

    All words with a beginning would be read before the first post is found.
    """
    whole = [term for term in terms if not term.begins]
    begun = tuple(term for term in terms if term.begins)
    whole += [Term(term.words[:-1], begins=False) for term in begun if len(term.words) > 1]
    return tuple(dict.fromkeys(whole)), begun


def _probes(indexed: Sequence[Term]) -> Iterator[Term]:
    """The lists of words that are looked up, the longest words first."""
    if indexed[0].begins:
        yield indexed[0]
        return
    words = dict.fromkeys(word for term in indexed for word in term.words)
    for word in sorted(words, key=len, reverse=True)[:_MAX_PROBED_WORDS]:
        yield Term((word,), begins=False)
