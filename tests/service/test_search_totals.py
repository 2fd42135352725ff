"""Searches for frequent words, as clients see them: what is counted, and where pages end."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import orjson
import pytest
from starlette.applications import Starlette

from access.viewer import SingleViewer
from app.process import Process
from app.settings import Settings
from db import search_scopes, users
from execution.operation import Operation
from forum.discussions import StartDiscussion, start_discussion
from forum.replies import AddReply, add_reply
from forum.use_cases import Actor, Forum
from resolvers.context import Context
from tests.support.backends import Backend

pytestmark = pytest.mark.anyio

POSTS = 23
SEARCHED = 6
SEARCH = """
query ($words: String!, $order: SearchOrder!, $first: Int, $after: String) {
  search(query: $words, orderBy: $order, first: $first, after: $after) {
    totalCount totalCountIsExact pageInfo { hasNextPage endCursor } nodes { id } } }
"""
DISCUSSIONS = SEARCH.replace("search(", "search: searchDiscussions(").replace("nodes { id }", "edges { matchCount }")


@pytest.fixture
async def process(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Process]:
    """A forum of one discussion, whose posts all say "apple" but for the first, and one "pear"."""
    monkeypatch.setattr(search_scopes, "MAX_SEARCHED", SEARCHED)
    opened = Process(Settings(database_url=backend.migrated_database()))
    async with opened.lifespan(Starlette()):
        forum = Forum(opened.database)
        ada = Actor(await opened.database.write(partial(users.add_user, person=users.Person("ada", "Ada"))))
        started = await start_discussion(forum, ada, StartDiscussion(title="A title", body="To begin with."))
        for number in range(POSTS):
            body = f"{number} apples, an apple{' and a pear' if number == 2 else ''}."
            await add_reply(forum, ada, AddReply(discussion_id=started.discussion_id or 0, body=body))
        yield opened


async def asked(process: Process, document: str = SEARCH, **variables: Any) -> Any:
    prepared = process.engine.prepare(Operation(document, {"order": "RELEVANCE", **variables}))
    answer = orjson.loads(await process.engine.execute(prepared, Context(process.services, SingleViewer(), "")))
    assert "errors" not in answer, answer
    return answer["data"]["search"]


async def paged(process: Process, **variables: Any) -> tuple[list[str], set[tuple[int, bool]]]:
    """The ids of all pages, and what the pages say of the total."""
    ids, totals, after = list[str](), set[tuple[int, bool]](), None
    while True:
        page = await asked(process, after=after, first=4, **variables)
        ids += [node["id"] for node in page["nodes"]]
        totals.add((page["totalCount"], page["totalCountIsExact"]))
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return ids, totals


async def test_pages_by_relevance_are_what_is_counted(process: Process) -> None:
    ids, totals = await paged(process, words='"apple"')
    assert totals == {(SEARCHED, False)}
    assert len(set(ids)) == len(ids) == SEARCHED
    assert await paged(process, words='"pear"') == ([reply_id(3)], {(1, True)})


async def test_pages_by_time_look_further_back_than_what_is_counted(process: Process) -> None:
    ids, totals = await paged(process, words='"apple"', order="NEWEST")
    assert ids == [reply_id(number) for number in range(POSTS, 0, -1)]
    assert totals == {(SEARCHED, False)}


async def test_a_discussion_counts_the_matches_that_are_looked_at(process: Process) -> None:
    found = await asked(process, DISCUSSIONS, words='"apple"')
    assert (found["totalCount"], found["totalCountIsExact"]) == (1, False)
    assert [edge["matchCount"] for edge in found["edges"]] == [SEARCHED]
    nothing = await asked(process, DISCUSSIONS, words="plum")
    assert (nothing["totalCount"], nothing["totalCountIsExact"]) == (0, True)


def reply_id(reply: int) -> str:
    """The id of a reply by its place; the discussion is the first post."""
    return f"R_{reply + 1}"
