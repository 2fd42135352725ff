"""Pages and counts of discussions read as little of a large forum as of a small one."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain, count, product
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Connection

from db import discussion_lists, discussions, page_versions, quotes, replies, search_scopes, statements, threads
from db.counts import MAX_COUNTED
from db.database import Database
from db.kinds import DiscussionOrderField
from db.migrate import transact
from db.rows import CountRow
from db.search_scopes import Lead
from db.statements import Dialect, Statement, for_sqlite
from resolvers import pages
from tests.support.backends import Backend

pytestmark = pytest.mark.anyio

DISCUSSIONS = 16_000
"""Of them 4,000 each, in this order, are of one person, in one category, locked, or deleted; every 800th is pinned."""
PERSON, OTHER, CATEGORY = 1, 2, 1
FILTERS = [
    tuple(chain(*each))
    for each in product(
        ((), ("category_id",), ("no_category",)),
        ((), ("author_id",)),
        ((), ("locked",), ("unlocked",)),
        ((), ("pinned",), ("unpinned",)),
    )
]
ENDS = ((True, True), (False, False))
"""Whether a page is descending, and whether it begins in the middle."""
LIMIT = 21
MOST_ROWS = 1_500
"""How many rows PostgreSQL may read for a page, which are 21 of six tables; without an index it would be 12,000."""
MOST_STEPS = 15_000
"""How many instructions SQLite's machine may run for a page."""
ROWS_OF_COUNT = 3 * MAX_COUNTED
STEPS_OF_COUNT = 25 * MAX_COUNTED


def _fill(connection: Connection, dialect: Dialect) -> None:
    numbers = f"(SELECT generate_series(1, {DISCUSSIONS}) AS n) AS made"
    at = "timestamptz '2026-01-01' + n * interval '1 second'"
    place, path = "'\\x'::bytea", "int4send(n)"
    if dialect == "sqlite":
        numbers = (
            "(WITH RECURSIVE made(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM made"
            f" WHERE n < {DISCUSSIONS}) SELECT n FROM made) AS made"
        )
        at = "strftime('%Y-%m-%dT%H:%M:%S.000000+00:00', 1767225600 + n, 'unixepoch')"
        place, path = "x''", "CAST(printf('%08x', n) AS BLOB)"
    deleted, locked = "n > 12000", "n > 8000"
    author = f"CASE WHEN {deleted} THEN NULL WHEN n > 4000 THEN {OTHER} ELSE {PERSON} END"
    category = f"CASE WHEN n > 4000 AND n <= 8000 THEN {CATEGORY} END"
    replier = f"CASE WHEN {deleted} THEN NULL ELSE {PERSON} END"
    for into, chosen in (
        ("users (id, handle, name, name_key, created_at)", f"n, 'p-' || n, 'P', 'p', {at}"),
        ("categories (id, slug, name)", "n, 'c-' || n, 'C'"),
        (
            "discussions (id, category_id, author_id, title, legacy_slug, locked, created_at, deleted_at, pinned_at)",
            f"n, {category}, {author}, 'T', 'a-' || n || '-b', {locked}, {at}, CASE WHEN {deleted} THEN {at} END,"
            f" CASE WHEN n % 800 = 0 THEN {at} END",
        ),
        ("log_heads (log_id, epoch, last_epoch)", f"n, {place}, {place}"),
        (
            "posts (discussion_id, sequence, path, newest_path, depth, author_id, body, body_html, body_text, renderer,"
            " created_at)",
            f"n, 0, {place}, {place}, 0, {author}, '', '', '', 1, {at}",
        ),
        (
            "posts (discussion_id, sequence, path, newest_path, depth, author_id, body, body_html, body_text, renderer,"
            " created_at)",
            f"1, n, {path}, {path}, 1 + n % 3, {replier}, '', '', '', 1, {at}",
        ),
        (
            "discussion_counts (discussion_id, last_activity_at, reply_count, category_id, author_id, locked, listed)",
            f"n, {at}, n, {category}, {author}, {locked}, NOT ({deleted})",
        ),
        (
            "quotes (id, post_id, ordinal, depth, source_id, attributed_name, body_html, body_text)",
            "n, (SELECT min(id) FROM posts WHERE sequence > 0) + n - 1, 0, 0, (SELECT min(id) FROM posts), '', '', ''",
        ),
    ):
        connection.exec_driver_sql(f"INSERT INTO {into} SELECT {chosen} FROM {numbers}")
    connection.exec_driver_sql("ANALYZE")


@pytest.fixture(scope="module")
async def forum(backend: Backend) -> str:
    """The URL of a forum of many discussions."""
    url = backend.migrated_database()
    await transact(url, lambda connection: _fill(connection, _dialect(backend)))
    return url


def _dialect(backend: Backend) -> Dialect:
    return "sqlite" if backend.name == "sqlite" else "postgresql"


_VALUES = {"category_id": CATEGORY, "author_id": PERSON}


def _pages() -> Iterator[tuple[str, Statement[Any], dict[str, Any]]]:
    """Pages with their names and parameters: first ones, and ones that begin in the middle."""
    for order, (descending, bounded), filters in product(DiscussionOrderField, ENDS, FILTERS):
        middle = DISCUSSIONS // 2
        moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=middle)
        value = middle if order is DiscussionOrderField.REPLY_COUNT else moment
        values: dict[str, Any] = {name: _VALUES[name] for name in filters if name in _VALUES} | {"limit": LIMIT}
        if bounded:
            values |= {"value": value, "id": middle}
        listed = discussion_lists.listed(order, descending=descending, bounded=bounded, filters=frozenset(filters))
        name = f"{order} {descending=} {bounded=} {sorted(filters)}"
        yield name, listed, values
        if len(filters) == 1 and filters[0] in _VALUES:
            of_one = discussion_lists.of_parents(filters[0], order, descending=descending, bounded=bounded)
            yield f"of parents: {name}", of_one, values | {"parents": [_VALUES[filters[0]]]}
    yield "versions of the front page", page_versions.of_latest(LIMIT, 0), {}
    yield "feed", page_versions.of_feed(LIMIT, of_discussion=False), {"until": 2**62}
    anywhere = {
        "low": -1,
        "low_at": datetime(1, 1, 2, tzinfo=UTC),
        "high": 2**62,
        "high_at": datetime(9999, 1, 1, tzinfo=UTC),
    }
    of_person = replies.of_parents("author_id", "created_at", descending=True)
    yield "replies of a person", of_person, anywhere | {"parents": [PERSON], "limit": LIMIT}
    yield "the discussion of a cut slug", discussions.by_cut_legacy_slug, {"slug": "a-1"}
    for descending in (True, False):
        of_discussion = replies.of_parents("discussion_id", "sequence", descending=descending)
        yield f"replies {descending=}", of_discussion, {"parents": [1], "low": 0, "high": 2**62, "limit": LIMIT}
    older = search_scopes._of_filter(Lead.DISCUSSION, frozenset({"discussion_id"}))
    yield (
        "older posts of a discussion, to search",
        older,
        {"discussion_id": 1, "top": 2 * DISCUSSIONS - 2_500, "most": 101},
    )
    of_category = search_scopes._of_filter(Lead.CATEGORY, frozenset({"category_id"}))
    yield "posts of a category, to search", of_category, {"category_id": CATEGORY, "top": 2**62, "most": 101}
    from_the_first = {"post": 0, "ordinal": -1, "limit": LIMIT}
    yield "quotes of a post", quotes.of_sources(), from_the_first | {"parents": [1]}


def _counts() -> Iterator[tuple[str, Statement[CountRow], dict[str, Any]]]:
    for filters in FILTERS:
        values = {name: _VALUES[name] for name in filters if name in _VALUES}
        yield f"counted {filters}", discussion_lists.counted(frozenset(filters)), values
    for column, value in _VALUES.items():
        yield f"counted of {column}", discussion_lists.counted_of_parents(column), {"parents": [value]}
    yield "replies of a person", replies.of_users_counted, {"parents": [PERSON]}
    yield "quotes of a post", quotes.of_sources_counted, {"parents": [1]}
    anywhere = {"parents": [1], "low": b"", "high": b"\xff" * 4}
    yield "a thread", threads.counted(by_depth=False), anywhere
    yield "the top of a thread", threads.counted(by_depth=True), anywhere | {"depths": [1, 2, 3]}
    yield "below the top of a thread", threads.counted(by_depth=True), anywhere | {"depths": [2, 3]}


async def test_a_page_reads_a_range_of_an_index(backend: Backend, forum: str) -> None:
    most = MOST_STEPS if backend.name == "sqlite" else MOST_ROWS
    assert await transact(forum, lambda connection: _beyond(connection, _dialect(backend), _pages(), most)) == []


async def test_a_count_ends_at_its_bound(backend: Backend, forum: str) -> None:
    most = STEPS_OF_COUNT if backend.name == "sqlite" else ROWS_OF_COUNT
    assert await transact(forum, lambda connection: _beyond(connection, _dialect(backend), _counts(), most)) == []
    async with Database(forum) as database:
        for filters, expected in ((frozenset[str](), MAX_COUNTED + 1), (frozenset({"locked"}), 4_000)):
            (row,) = await database.rows(discussion_lists.counted(filters))
            assert row.total == expected
        depths = {"parents": [1], "low": b"", "high": b"\xff" * 4, "depths": [1, 2, 3]}
        (row,) = await database.rows(threads.counted(by_depth=True), **depths)
        assert row.total == MAX_COUNTED + 1


async def test_a_total_says_whether_it_is_exact(backend: Backend, forum: str) -> None:
    totals: list[int | pages.Count] = [
        pages.Count(discussion_lists.counted(frozenset()), 0, takes_parents=False),
        MAX_COUNTED + 5,
        pages.Count(discussion_lists.counted(frozenset({"locked"})), 0, takes_parents=False),
        pages.Count(replies.of_users_counted, PERSON),
        pages.Count(replies.of_users_counted, 3),
    ]
    given: list[pages.Page[object]] = [pages.page([], pages.window(), str, total) for total in totals]
    async with Database(forum) as database:
        context: Any = SimpleNamespace(database=database)
        assert await pages.total_counts(given, context) == [MAX_COUNTED, MAX_COUNTED + 5, 4_000, MAX_COUNTED, 0]
        context.database = None  # What was counted is not counted again.
        assert await pages.are_exact(given, context) == [False, True, True, False, True]


def _beyond(
    connection: Connection,
    dialect: Dialect,
    statements: Iterable[tuple[str, Statement[Any], dict[str, Any]]],
    most: int,
) -> list[str]:
    """The statements that read more than `most`: rows in PostgreSQL, instructions in SQLite."""
    work = _steps if dialect == "sqlite" else _rows_read
    return [
        f"{name}: {done}"
        for name, statement, parameters in statements
        if (done := work(connection, statement, parameters)) > most
    ]


def _steps(connection: Connection, statement: Statement[Any], parameters: dict[str, Any]) -> int:
    compiled = statement.compiled("sqlite")
    driver: Any = connection.connection.driver_connection
    hundreds = count()
    driver.set_progress_handler(lambda: next(hundreds) * 0, 100)
    driver.execute(compiled.text, for_sqlite(compiled.arguments(parameters))).fetchall()
    driver.set_progress_handler(None, 0)
    return 100 * next(hundreds)


def _rows_read(connection: Connection, statement: Statement[Any], parameters: dict[str, Any]) -> int:
    """The more of what two plans read, as PostgreSQL may take either: the one for any values, or for these."""
    compiled = statement.compiled("postgresql")
    values = ", ".join(
        f"'\\x{value.hex()}'" if isinstance(value, bytes) else f"'{value}'" for value in compiled.arguments(parameters)
    )
    connection.exec_driver_sql(f"PREPARE listed AS {compiled.text}")
    done = []
    for mode in ("force_generic_plan", "force_custom_plan"):
        connection.exec_driver_sql(f"SET LOCAL plan_cache_mode = {mode}")
        explain = "EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE listed" + (f" ({values})" if values else "")
        (found,) = connection.exec_driver_sql(explain).one()
        (plan,) = json.loads(found) if isinstance(found, str) else found
        done.append(_rows_of(plan["Plan"]))
    connection.exec_driver_sql("DEALLOCATE listed")
    return max(done)


def _rows_of(node: dict[str, Any]) -> int:
    read = sum(node.get(f"Rows Removed by {why}", 0) for why in ("Filter", "Index Recheck")) + node["Actual Rows"]
    here = read * node["Actual Loops"] if "Relation Name" in node else 0
    return int(here) + sum(map(_rows_of, node.get("Plans", ())))


def test_postgresql_reads_as_much_as_the_longest_page() -> None:
    assert str(statements._LONGEST_PAGE) == str(pages.MAX_PAGE_SIZE + 1)
