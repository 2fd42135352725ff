"""Which posts a search looks at: all of a rare word, the newest of a frequent one, as a model in Python says."""

import random
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert, text

from db import search, search_scopes, tables
from db.database import Database
from db.kinds import SearchOrder
from db.migrate import transact
from db.search_scopes import Lead
from db.statements import moment_text
from tests.db.searching import found
from tests.support.backends import Backend
from text.search import Term, terms

pytestmark = pytest.mark.anyio

SEARCHED, READ, FREQUENT, WINDOW = 6, 16, 4, 10
"""In place of the sizes of the module."""
POSTS = 120
WORDS = ["the", "of", "and", "bicycle", "bike", "bison", "rare"]
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Post:
    """A post as the model knows it."""

    id: int
    discussion: int
    author: int
    at: datetime
    said: tuple[str, ...]


def written() -> list[Post]:
    """Posts of chance: of 3 discussions in 2 categories and none, 3 people, and words from frequent to rare."""
    chance = random.Random(11)
    posts = []
    for number in range(1, POSTS + 1):
        # "and" was frequent once, and "of" is now.
        words = [word for word, odds in zip(WORDS, (9, 3, 4, 3, 2, 1, 0), strict=True) if chance.randrange(10) < odds]
        words = [word for word in words if (word != "and" or number < 60) and (word != "of" or number > 40)]
        words += ["rare"] if number in (3, 50, 90) else []
        chance.shuffle(words)
        author = 3 if number in (5, 60, 61) else chance.choice((1, 2))
        posts.append(Post(number, chance.choice((1, 2, 3)), author, BEGIN + timedelta(hours=number), tuple(words)))
    return posts


POSTED = written()
CATEGORY_OF = {1: 1, 2: 1, 3: None}


async def filled_with(
    backend: Backend, posts: Sequence[Post], category_of: Mapping[int, int | None] = CATEGORY_OF
) -> str:
    """A database with these posts, and nothing that searches don't read.

    A discussion starts with the first of its posts.
    """
    starts = dict.fromkeys(category_of, BEGIN) | {post.discussion: post.at for post in reversed(posts)}
    url = backend.migrated_database()

    def moment(connection: Connection, at: datetime) -> Any:
        return at if connection.dialect.name == "postgresql" else moment_text(at)

    def fill(connection: Connection) -> None:
        at = moment(connection, BEGIN)
        connection.execute(
            insert(tables.users),
            [{"id": of, "handle": f"u{of}", "name": "U", "name_key": f"u{of}", "created_at": at} for of in (1, 2, 3)],
        )
        connection.execute(insert(tables.categories), [{"id": 1, "slug": "one", "name": "One", "description": None}])
        connection.execute(
            insert(tables.discussions),
            [
                {"id": of, "title": "", "category_id": kept, "created_at": moment(connection, starts[of])}
                for of, kept in category_of.items()
            ],
        )
        for post in posts:
            body = " ".join(post.said)
            texts = {"body": body, "body_html": body, "body_text": body, "said": body, "renderer": 1}
            path = post.id.to_bytes(4, "big")
            place = {"sequence": post.id, "path": path, "newest_path": path, "depth": 1}
            connection.execute(
                insert(tables.posts),
                {"id": post.id, "discussion_id": post.discussion, "author_id": post.author, **texts, **place}
                | {"created_at": moment(connection, post.at)},
            )
            connection.execute(text(search.PUT[connection.dialect.name]), {"post": post.id, **search.entry("", body)})

    await transact(url, fill)
    return url


@pytest.fixture(scope="module")
async def filled(backend: Backend) -> str:
    return await filled_with(backend, POSTED)


@pytest.fixture
async def small(filled: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    """The database, where more than a few posts are many."""
    for name, size in {"MAX_SEARCHED": SEARCHED, "MAX_READ": READ, "FREQUENT": FREQUENT, "_WINDOW": WINDOW}.items():
        monkeypatch.setattr(search_scopes, name, size)
    monkeypatch.setattr(search_scopes, "_FEW", 2)
    async with Database(filled) as database:
        yield database


def says(post: Post, query: str) -> bool:
    """Whether a post has all terms of a query."""

    def is_at(place: int, term: Term) -> bool:
        there = post.said[place : place + len(term.words)]
        *whole, last = term.words
        return [*there[:-1]] == whole and (there[-1].startswith(last) if term.begins else there[-1] == last)

    return all(
        any(is_at(place, term) for place in range(len(post.said) - len(term.words) + 1)) for term in terms(query)
    )


def accepts(post: Post, filters: dict[str, Any]) -> bool:
    has = {
        "author_id": post.author,
        "discussion_id": post.discussion,
        "category_id": CATEGORY_OF[post.discussion],
        "no_category": CATEGORY_OF[post.discussion] is None,
    }
    times = filters.get("created_after", BEGIN) <= post.at < filters.get("created_before", post.at + timedelta(1))
    return times and all(has[name] == value for name, value in filters.items() if name in has)


def looked_at(query: str, filters: dict[str, Any]) -> tuple[list[Post], bool]:
    """The posts that a search looks at, newest first, and whether they are all that can match."""
    newest = POSTED[::-1]
    times = {name: value for name, value in filters.items() if name.startswith("created")}
    lists = []
    if times and not filters.keys() & {"author_id", "discussion_id"}:
        lists.append([post for post in newest if accepts(post, times)])
    orders = [name for name in ("author_id", "discussion_id") if name in filters]
    lists += [[post for post in newest if accepts(post, times | {name: filters[name]})] for name in orders]
    for name in ("category_id", "no_category"):
        if name in filters:
            of_category = [post for post in newest if accepts(post, {name: filters[name]})]
            lists += [of_category] if len(of_category) <= SEARCHED else []
    if any(len(one) <= SEARCHED for one in lists):
        return newest, True
    whole = [word for term in terms(query) for word in term.words[: len(term.words) - term.begins]]
    lists += [[post for post in newest if word in post.said] for word in whole]
    if not whole:
        (begun,) = terms(query)
        starting = [post for post in newest if any(word.startswith(begun.words[-1]) for word in post.said)]
        if len([post for post in starting if post in newest[:READ]]) > READ // FREQUENT:
            floor = min([newest[READ].id, *(one[SEARCHED].id for one in lists)])
            return [post for post in newest if post.id > floor], False
        lists.append(starting)
    if any(len(one) <= SEARCHED for one in lists):
        return newest, True
    floor = min(one[SEARCHED].id for one in lists)
    return [post for post in newest if post.id > floor], False


QUERIES = [
    '"the"', '"of"', '"and"', '"bicycle"', '"rare"', '"the" "of"', '"bicycle" "bike" "of"', '"rare" "the"',
    '"the of"', '"bike the"', '"rare the"', "bi", "bis", "ra", "the bi", "rare bi", "bike an", "an", "nothing",
]  # fmt: skip
FILTERS: Sequence[dict[str, Any]] = [
    {},
    {"author_id": 1},
    {"author_id": 3},
    {"discussion_id": 2},
    {"discussion_id": 9},
    {"category_id": 1},
    {"no_category": True},
    {"author_id": 1, "discussion_id": 2},
    {"created_after": BEGIN + timedelta(hours=100)},
    {"created_before": BEGIN + timedelta(hours=50)},
    {"created_after": BEGIN + timedelta(hours=50), "created_before": BEGIN + timedelta(hours=53)},
    {"author_id": 1, "created_before": BEGIN + timedelta(hours=50)},
    {"category_id": 1, "created_before": BEGIN + timedelta(hours=70)},
]


@pytest.mark.parametrize("query", QUERIES)
async def test_a_search_finds_what_matches_of_the_posts_it_looks_at(small: Database, query: str) -> None:
    for filters in FILTERS:
        among, is_whole = looked_at(query, filters)
        expected = [post.id for post in among if says(post, query) and accepts(post, filters)][:SEARCHED]
        scope = await search_scopes.scope(small, terms(query), filters, None)
        assert scope.is_whole == is_whole, (query, filters, scope)
        if scope.lead in (Lead.CATEGORY, Lead.NO_CATEGORY) and not is_whole:
            # None of the posts that are looked at is in the category, so others in it are.
            assert not [post for post in among if accepts(post, filters) and says(post, query)]
            matching = {post.id for post in POSTED if says(post, query) and accepts(post, filters)}
            assert set(await found(small, query, filters)) <= matching
            continue
        assert await found(small, query, filters) == expected, (query, filters, scope)
        assert sorted(await found(small, query, filters, order=SearchOrder.RELEVANCE)) == sorted(expected)
        # Nothing of what is looked at depends on posts that are newer than those a search began with.
        earlier = [post for post in POSTED if post.id <= 80 and says(post, query) and accepts(post, filters)]
        assert set(await found(small, query, filters, top=80)) <= {post.id for post in earlier}


async def test_all_is_found_where_posts_are_few(filled: str) -> None:
    async with Database(filled) as database:
        for query in QUERIES:
            for filters in FILTERS:
                expected = [post.id for post in POSTED[::-1] if says(post, query) and accepts(post, filters)]
                assert await found(database, query, filters) == expected, (query, filters)


async def test_a_search_begins_with_its_rarest_list(small: Database) -> None:
    async def lead(query: str, **filters: Any) -> Lead:
        return (await search_scopes.scope(small, terms(query), filters, None)).lead

    assert await lead('"the"') is Lead.WORDS
    assert await lead('"the"', author_id=3) is Lead.AUTHOR
    assert await lead('"the"', discussion_id=9) is Lead.DISCUSSION
    assert await lead('"rare"', author_id=1) is Lead.WORDS
    assert await lead("bi") is Lead.NEWEST


async def test_a_category_of_long_ago_is_searched_in_its_newest_discussions(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = [replace(post, discussion=3) if post.id > POSTS // 2 else post for post in POSTED]
    for name, size in {"MAX_SEARCHED": SEARCHED, "MAX_READ": READ, "FREQUENT": FREQUENT, "_WINDOW": WINDOW}.items():
        monkeypatch.setattr(search_scopes, name, size)
    async with Database(await filled_with(backend, moved)) as database:
        for query in ('"the"', "th"):
            scope = await search_scopes.scope(database, terms(query), {"category_id": 1}, None)
            assert (scope.lead, scope.is_whole) == (Lead.CATEGORY, False)
            ids = await found(database, query, {"category_id": 1})
            assert ids and all(says(moved[number - 1], query) and number <= POSTS // 2 for number in ids)
            recent = await search_scopes.scope(database, terms(query), {"no_category": True}, None)
            assert recent.lead in (Lead.WORDS, Lead.NEWEST)


@pytest.mark.parametrize("words", ['"zebrafish"', "zebra"])
async def test_an_imported_post_of_long_ago_is_found_by_its_time(
    backend: Backend, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    """Its id is the greatest, and more posts than are looked at are later than it."""
    monkeypatch.setattr(search_scopes, "MAX_SEARCHED", SEARCHED)
    begun = [post for post in POSTED if post.id <= 3 * SEARCHED]
    imported = Post(POSTS, 1, 1, BEGIN - timedelta(days=3650), ("zebrafish",))
    bounds: Sequence[dict[str, Any]] = (
        {},
        {"created_before": BEGIN + timedelta(days=365)},
        {"created_after": BEGIN - timedelta(days=7300)},
        {"created_before": BEGIN, "category_id": 1},
        {"created_after": BEGIN - timedelta(days=7300), "category_id": 1},
    )
    async with Database(await filled_with(backend, [*begun, imported])) as database:
        for filters in bounds:
            assert await found(database, words, filters) == [imported.id], filters
            assert (await search_scopes.scope(database, terms(words), filters, None)).is_whole


@pytest.mark.parametrize("category", [1, None])
async def test_a_discussion_older_than_those_a_category_is_searched_in_is_not_missed(
    backend: Backend, monkeypatch: pytest.MonkeyPatch, category: int | None
) -> None:
    """More discussions than are looked at are later than the time that is asked for."""
    monkeypatch.setattr(search_scopes, "MAX_SEARCHED", SEARCHED)
    started = [
        Post(of, of, 1, BEGIN + timedelta(hours=of), ("zebrafish" if of == 1 else "the",))
        for of in range(1, 6 * SEARCHED)
    ]
    filters: dict[str, Any] = {"created_before": BEGIN + timedelta(hours=2 * SEARCHED)}
    filters |= {"no_category": True} if category is None else {"category_id": category}
    kept = {post.discussion: category for post in started}
    async with Database(await filled_with(backend, started, kept)) as database:
        scope = await search_scopes.scope(database, terms('"zebrafish"'), filters, None)
        assert (await found(database, '"zebrafish"', filters), scope.is_whole) == ([1], True)
        # Of a frequent word not all is looked at, and the search says so.
        assert not (await search_scopes.scope(database, terms('"the"'), filters, None)).is_whole
