"""The posts that a search finds, in its order.

Each database ranks by its own rules, which differ, by what a post itself says: the words of other posts don't matter.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Float, column, text

from db import search_scopes
from db.kinds import SearchOrder
from db.rows import Row
from db.search_scopes import Lead, Scope, list_sql
from db.search_terms import COMPARED, ID, JOIN, KNOWN, SAID, compared_with, looked_up, tsquery
from db.statements import Dialect, Statement
from text.search import Term

_RANK = {
    # As bm25 ranks, but for how rare a word is: 10 for each time in the title, and ever less for each in the text.
    # Two spaces between words let neighbours be counted.
    "sqlite": "(SELECT sum(2.2 * said / (said + 0.3 + 0.9 * length(body) / 600.0)) FROM ("
    "SELECT (10.0 * (length(titled) - length(replace(titled, value, ''))) + length(begun)"
    " - length(replace(begun, value, ''))) / length(value) AS said"
    " FROM (SELECT ' ' || replace(title, ' ', '  ') || ' ' AS titled,"
    " ' ' || replace(substr(body, 1, 5000), ' ', '  ') || ' ' AS begun), json_each(:needles)))",
    "postgresql": "ts_rank(words, CAST(CAST(:tsquery_all AS text) AS tsquery), 1)",
}
_BEST_OF_DISCUSSION = (
    "SELECT post_id, rank, row_number() OVER (PARTITION BY discussion_id ORDER BY rank DESC, post_id DESC) AS place,"
    " count(*) OVER (PARTITION BY discussion_id) AS match_count FROM ranked"
)
_BEHIND = {
    "sqlite": " AND (rank, post_id) < (:rank, :post)",
    "postgresql": " AND (rank, post_id) < (CAST(:rank AS real), CAST(:post AS bigint))",
}
_CONDITIONS = {
    "category_id": "discussions.category_id + 0 = :category_id",
    "no_category": "discussions.category_id + 0 IS NULL",
    "discussion_id": "posts.discussion_id + 0 = :discussion_id",
    "author_id": "posts.author_id + 0 = :author_id",
    "created_after": "posts.created_at >= :created_after",
    "created_before": "posts.created_at < :created_before",
}
"""What the filters demand. Each but `no_category` is named after the parameter that has its value. They are computed,
so that PostgreSQL looks at what is known to match, and not at all posts of a person."""


class HitRow(Row):
    """A post that has what was looked for."""

    __slots__ = ()

    post_id: int
    rank: float
    """How well it fits: more is better. 0 in a search by time."""
    match_count: int
    """How many posts of its discussion match, in a search by discussion; else 1."""
    total: int
    """How many posts the whole search finds, or discussions: before and behind the page, too."""


@cache
def hits(
    lead: Lead,
    *,
    order: SearchOrder = SearchOrder.RELEVANCE,
    is_compared: bool = False,
    by_discussion: bool = False,
    filters: frozenset[str] = frozenset(),
    bounded: bool = False,
) -> Statement[HitRow]:
    """A page of the posts that a search finds, in an order; `by_discussion` only the first of each discussion.

    Parameters are those of `parameters`, and `limit`. A `bounded` page begins behind the post `post`, whose rank was
    `rank`. `is_compared` says whether there are terms that are not looked up in the index.
    """
    return Statement(
        lambda dialect: text(_hits(dialect, lead, order, is_compared, by_discussion, filters, bounded)).columns(
            column("post_id", BigInteger),
            column("rank", Float),
            column("match_count", BigInteger),
            column("total", BigInteger),
        ),
        HitRow,
        is_planned_anew=True,
        is_search=True,
    )


def parameters(scope: Scope, terms: Sequence[Term], filters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of `hits`, but for its page."""
    needles = [f" {'  '.join(term.words)}{'' if term.begins else ' '}" for term in terms]
    return {
        **filters,
        **looked_up(scope.indexed),
        **compared_with(scope.compared),
        "needles": needles,
        "tsquery_all": tsquery(terms),
        "ids": scope.ids,
        "floor": scope.floor,
        "top": scope.top,
        "most": search_scopes.MAX_SEARCHED,
    }


def _hits(
    dialect: Dialect,
    lead: Lead,
    order: SearchOrder,
    is_compared: bool,
    by_discussion: bool,
    filters: frozenset[str],
    bounded: bool,
) -> str:
    rank = _RANK[dialect] if order is SearchOrder.RELEVANCE else "CAST(0 AS real)"
    firsts = _BEST_OF_DISCUSSION if by_discussion else "SELECT post_id, rank, 1 AS place, 1 AS match_count FROM ranked"
    # Other leads have no more than that. Seeing a limit, PostgreSQL would walk through all posts for a rare beginning.
    limit = " ORDER BY post_id DESC LIMIT :most" if lead is Lead.NEWEST else ""
    return (
        f"WITH newest AS MATERIALIZED ({_matching(dialect, lead, is_compared, by_discussion, filters)}{limit}),"  # noqa: S608
        f" ranked AS MATERIALIZED (SELECT post_id, discussion_id, {rank} AS rank FROM newest),"
        f" firsts AS MATERIALIZED ({firsts})"
        " SELECT post_id, rank, match_count, (SELECT count(*) FROM firsts WHERE place = 1) AS total"
        f" FROM firsts WHERE place = 1{_BEHIND[dialect] if bounded else ''}"
        " ORDER BY rank DESC, post_id DESC LIMIT :limit"
    )


def _matching(dialect: Dialect, lead: Lead, is_compared: bool, by_discussion: bool, filters: frozenset[str]) -> str:
    """The posts of a scope that match."""
    join, key = JOIN[dialect], f"post_search.{ID[dialect]}"
    within = f"{key} > :floor AND {key} <= :top"
    # A list is of its own filter, and of the times.
    is_list = lead in (Lead.AUTHOR, Lead.DISCUSSION, Lead.TIME)
    further = filters - {lead.value, "created_after", "created_before"} if is_list else filters
    conditions = [_CONDITIONS[name] for name in sorted(further)]
    if lead is Lead.WORDS:
        conditions.append(KNOWN[dialect])
        source = "post_search"
    elif lead is Lead.NEWEST:
        conditions.append(within)
        source = "post_search"
    else:
        source = f"({list_sql(dialect, lead, filters)}) AS listed {join} post_search ON {key} = listed.id"
    if is_compared:
        conditions.append(COMPARED[dialect])
    if further or by_discussion:
        source += f" {join} posts ON posts.id = {key}"
    if further & {"category_id", "no_category"}:
        source += f" {join} discussions ON discussions.id = posts.discussion_id"
    discussion = "posts.discussion_id" if by_discussion else "0 AS discussion_id"
    return (
        f"SELECT {key} AS post_id, {discussion}, {SAID[dialect]} FROM {source}"  # noqa: S608 - all parts are above.
        f" WHERE {' AND '.join(conditions)}"
    )
