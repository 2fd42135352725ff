"""Searches with filters, in an order, and by discussion: the right posts, page by page."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Any

import pytest

import db.categories
from db.database import Transaction
from tests.support.backends import Backend
from tests.support.http import Client, Data, People, people_of, put
from tests.support.paging import PAGE, forward
from tests.support.servers import Parley

SHOWN = """id createdAt author { id } ... on Discussion { category { id } }
    ... on Reply { discussion { id category { id } } }"""
ARGUMENTS = "$words: String!, $filter: SearchFilter, $orderBy: SearchOrder! = RELEVANCE, $first: Int, $after: String"
PASSED = "query: $words, filter: $filter, orderBy: $orderBy, first: $first, after: $after"
POSTS = f"query ({ARGUMENTS}) {{ list: search({PASSED}) {{ {PAGE} edges {{ cursor title node {{ {SHOWN} }} }} }} }}"
DISCUSSIONS = f"""query ({ARGUMENTS}) {{ list: searchDiscussions({PASSED}) {{ {PAGE}
  edges {{ cursor title snippet matchCount node {{ id title }} post {{ id }} }} nodes {{ id }} }} }}"""
WORD = "quokkadrome"


@dataclass(frozen=True, slots=True)
class Written:
    """What was written for these tests."""

    categories: list[str]
    discussions: list[str]
    authors: list[str]
    posts: list[Data]
    """All posts with the word, newest first, as the search shows them."""

    def chosen(self, chosen: Data) -> list[Data]:
        """The posts that match a filter, newest first: the model of the filter."""
        return [post for post in self.posts if all(_accepts(post, name, value) for name, value in chosen.items())]


def discussion_of(post: Data) -> Data:
    discussion: Data = post.get("discussion", post)
    return discussion


def _accepts(post: Data, name: str, value: Any) -> bool:
    if name in ("createdAfter", "createdBefore"):
        moment, bound = datetime.fromisoformat(post["createdAt"]), datetime.fromisoformat(value)
        return moment >= bound if name == "createdAfter" else moment < bound
    discussion = discussion_of(post)
    category = None if discussion["category"] is None else discussion["category"]["id"]
    has = {"categoryId": category, "discussionId": discussion["id"], "authorId": post["author"]["id"]}
    return bool(has[name] == value)


@pytest.fixture(scope="module")
def writers(parley: Parley) -> Iterator[People]:
    with people_of(parley) as made:
        yield made


@pytest.fixture(scope="module")
def written(backend: Backend, client: Client, writers: People) -> Written:
    """Discussions of several people in two categories and none, and replies that say the word more or less often."""

    async def add(tx: Transaction) -> list[int]:
        return [
            await db.categories.category(tx, slug=slug, name=slug.title(), description=None)
            for slug in ("search-one", "search-two")
        ]

    categories = [f"C_{number}" for number in put(backend.database_url, add)]
    ada, grace = writers.several("Ada", "Grace")
    chance = random.Random(5)
    discussions = [
        by.start(f"{WORD} to begin with", title, categoryId=category)
        for by, title, category in (
            (ada, "First", categories[0]),
            (grace, f"Second {WORD}", categories[0]),
            (ada, "Third", categories[1]),
            (grace, "Fourth", None),
        )
    ]
    for at in range(24):
        by = chance.choice((ada, grace))
        filling = "and so on " * chance.randint(0, 9)
        by.reply(chance.choice(discussions), f"{at} {filling} {f'{WORD} ' * chance.randint(1, 4)}")
    ada.reply(discussions[0], "Nothing of the kind.")
    found = client.query(POSTS, {"words": WORD, "orderBy": "NEWEST", "first": 100})["list"]["edges"]
    posts = [edge["node"] for edge in found]
    authors = [posts_of["author"]["id"] for posts_of in posts]
    return Written(categories, discussions, list(dict.fromkeys(authors)), posts)


def filters(written: Written) -> Iterator[Data]:
    """Filters of all kinds, alone and together, with and without matches."""
    moments = [written.posts[at]["createdAt"] for at in (20, 6)]
    options: dict[str, list[Any]] = {
        "categoryId": [*written.categories, None],
        "discussionId": [written.discussions[1], written.discussions[3]],
        "authorId": written.authors,
        "createdAfter": [moments[0]],
        "createdBefore": [moments[1]],
    }
    for kept in product((False, True), repeat=len(options)):
        names = [name for name, keep in zip(options, kept, strict=True) if keep]
        for values in product(*(options[name] for name in names)):
            yield dict(zip(names, values, strict=True))


def ids(pages: Iterator[Data]) -> list[str]:
    return [edge["node"]["id"] for page in pages for edge in page["edges"]]


def test_a_filter_keeps_what_matches_all_its_conditions(client: Client, written: Written) -> None:
    assert len(written.posts) == 28 and len(written.authors) == 2
    assert [post["createdAt"] for post in written.posts] == sorted(
        (post["createdAt"] for post in written.posts), reverse=True
    )
    for chosen in filters(written):
        expected = [post["id"] for post in written.chosen(chosen)]
        newest = client.query(POSTS, {"words": WORD, "filter": chosen, "orderBy": "NEWEST", "first": 100})["list"]
        assert [edge["node"]["id"] for edge in newest["edges"]] == expected, chosen
        assert newest["totalCount"] == len(expected)
        best = client.query(POSTS, {"words": WORD, "filter": chosen, "first": 100})["list"]
        assert {edge["node"]["id"] for edge in best["edges"]} == set(expected)
        assert best["totalCount"] == len(expected)


@pytest.mark.parametrize(
    "chosen",
    [
        {"discussionId": "D_999999"},
        {"discussionId": "R_1"},
        {"authorId": "U_999999"},
        {"authorId": "nobody"},
        {"categoryId": "C_999999"},
        {"createdAfter": "2999-01-01T00:00:00Z"},
        {"createdBefore": "1999-01-01T00:00:00+02:00"},
    ],
)
def test_a_filter_that_nothing_matches_finds_nothing(client: Client, written: Written, chosen: Data) -> None:
    for document in (POSTS, DISCUSSIONS):
        found = client.query(document, {"words": WORD, "filter": chosen})["list"]
        assert (found["totalCount"], found["edges"]) == (0, [])


@pytest.mark.parametrize("moment", ["yesterday", "2026-01-01T00:00:00", 7])
def test_a_moment_without_a_time_zone_is_a_bad_argument(client: Client, moment: object) -> None:
    variables = {"words": WORD, "filter": {"createdAfter": moment}}
    assert client.answer(POSTS, variables).codes == ["BAD_ARGUMENT"]


@pytest.mark.parametrize("order", ["RELEVANCE", "NEWEST"])
@pytest.mark.parametrize("document", [POSTS, DISCUSSIONS], ids=["posts", "discussions"])
def test_pages_of_a_search_lose_and_repeat_nothing(client: Client, written: Written, order: str, document: str) -> None:
    for chosen in (None, {"categoryId": written.categories[0]}, {"authorId": written.authors[1]}):
        wanted = {"words": WORD, "filter": chosen, "orderBy": order}
        whole = ids(forward(client, document, size=100, **wanted))
        for size in (1, 3, 7):
            assert ids(forward(client, document, size=size, **wanted)) == whole


@pytest.mark.parametrize("order", ["RELEVANCE", "NEWEST"])
def test_a_search_by_discussion_shows_the_first_post_of_each(client: Client, written: Written, order: str) -> None:
    filters: list[Data] = [{}, {"authorId": written.authors[0]}, {"categoryId": written.categories[0]}]
    for chosen in filters:
        wanted = {"words": WORD, "filter": chosen, "orderBy": order, "first": 100}
        posts = [edge["node"] for edge in client.query(POSTS, wanted)["list"]["edges"]]
        found = client.query(DISCUSSIONS, wanted)["list"]
        firsts: dict[str, str] = {}
        counts: dict[str, int] = {}
        for post in posts:
            discussion = discussion_of(post)["id"]
            firsts.setdefault(discussion, post["id"])
            counts[discussion] = counts.get(discussion, 0) + 1
        assert [(edge["node"]["id"], edge["post"]["id"]) for edge in found["edges"]] == list(firsts.items())
        assert {edge["node"]["id"]: edge["matchCount"] for edge in found["edges"]} == counts
        assert [node["id"] for node in found["nodes"]] == list(firsts)
        assert found["totalCount"] == len(firsts)
        assert all("<mark>" in edge["snippet"] for edge in found["edges"])
        titles = {edge["node"]["title"]: edge["title"] for edge in found["edges"]}
        assert titles[f"Second {WORD}"] == f"Second <mark>{WORD}</mark>"


def test_a_cursor_belongs_to_its_words_filter_order_and_kind(client: Client, written: Written) -> None:
    one: Data = {"words": WORD, "filter": {"authorId": written.authors[0]}, "orderBy": "RELEVANCE", "first": 1}
    cursor = client.query(POSTS, one)["list"]["pageInfo"]["endCursor"]
    assert client.query(POSTS, one | {"after": cursor, "words": f" {WORD.upper()} "})["list"]["edges"]
    for other in (
        {"words": f"{WORD} and"},
        {"words": f'"{WORD}"'},
        {"words": "?"},
        {"filter": None},
        {"filter": {"authorId": written.authors[1]}},
        {"filter": {"discussionId": written.discussions[0]}},
        {"orderBy": "NEWEST"},
    ):
        assert client.answer(POSTS, one | {"after": cursor} | other).codes == ["BAD_CURSOR"], other
    assert client.answer(DISCUSSIONS, one | {"after": cursor}).codes == ["BAD_CURSOR"]


def test_what_is_written_between_two_pages_moves_nothing(client: Client, writers: People) -> None:
    word = "wombatarium"
    ada = writers("Ada")
    discussion = ada.start("Nothing yet.")
    for at in range(12):
        ada.reply(discussion, f"{word} {'and so on ' * (at % 5)}")
    wanted: Data = {"words": word, "first": 4}
    first = client.query(POSTS, wanted)["list"]
    whole = ids(forward(client, POSTS, size=100, words=word))
    # Words of other posts change how rare the word is, and so how well each post fits.
    for _ in range(8):
        ada.reply(discussion, "of something else entirely " * 40)
    rest = client.query(POSTS, wanted | {"first": 100, "after": first["pageInfo"]["endCursor"]})["list"]
    assert ids(iter([first, rest])) == whole


def test_a_search_by_time_goes_on_beyond_what_was_deleted(client: Client, writers: People) -> None:
    word = "numbatorium"
    ada = writers("Ada")
    discussion = ada.start("Nothing yet.")
    replies = [ada.reply(discussion, word) for _ in range(5)]
    wanted: Data = {"words": word, "orderBy": "NEWEST", "first": 2}
    first = client.query(POSTS, wanted)["list"]
    ada.delete(replies[3])
    rest = client.query(POSTS, wanted | {"after": first["pageInfo"]["endCursor"], "first": 10})["list"]
    assert ids(iter([rest])) == replies[2::-1]
