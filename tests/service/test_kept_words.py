"""Words and HTML are kept when a version is written, so that nothing is parsed to answer a read."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import orjson
import pytest
from starlette.applications import Starlette

import db.posts
import db.quotes
import db.revisions
from access.viewer import SingleViewer
from app.process import Process
from app.settings import Settings
from db import users
from db.database import Database, Transaction
from db.kinds import QuoteStatus
from db.rows import QuoteRow
from db.statements import WriteStatement
from db.tables import posts as posts_table
from db.tables import quotes as quotes_table
from db.tables import revisions as revisions_table
from execution.operation import Operation
from forum import sources
from forum.discussions import EditDiscussion, StartDiscussion, edit_discussion, start_discussion
from forum.drafts import QuoteRequest
from forum.quotes import SMALL_CHARACTERS, statuses, statuses_now
from forum.replies import AddReply, EditReply, add_reply, edit_reply
from forum.rerendering import rerender_stale_posts
from forum.sources import MAX_CANDIDATES, MAX_SUPERSEDED_VERSIONS, PROOF_HOURS, version_proof
from forum.use_cases import Actor, Forum
from resolvers.context import Context
from tests.support.backends import Backend
from text import markdown, workers

pytestmark = pytest.mark.anyio

LONG = "| a | b |\n|---|---|\n" + "| c | d |\n" * 2_000
READS = """
query ($number: Int!) { discussion(number: $number) {
  quotes(maxDepth: 9) { status omissions { start } }
  revisions(first: 100) { nodes { a: bodyHtml b: bodyHtml c: bodyHtml body } }
  replies(first: 100) { nodes {
    quotes(maxDepth: 9) { status omissions { start } source { ... on Post { quotes { status } } } }
    quotedBy { nodes { status } }
    revisions(first: 100) { nodes { bodyHtml again: bodyHtml } }
  } }
} }
"""
PREVIEW = """
query ($body: String!, $id: ID!) { previewBody(body: $body, discussionId: $id) { bodyHtml errors { code } } }
"""


class Writers:
    """People who write in one discussion."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.forum = Forum(database)
        self.discussion = 0

    async def begin(self, body: str = "To begin with.") -> tuple[Actor, Actor]:
        ada, bo = [
            Actor(await self.database.write(partial(users.add_user, person=users.Person(name.lower(), name))))
            for name in ("Ada", "Bo")
        ]
        started = await start_discussion(self.forum, ada, StartDiscussion(title="A title", body=body))
        self.discussion = started.discussion_id or 0
        return ada, bo

    async def add(self, actor: Actor, body: str, **more: Any) -> int:
        added = await add_reply(self.forum, actor, AddReply(discussion_id=self.discussion, body=body, **more))
        return added.post_id or 0

    async def edit(self, actor: Actor, reply: int, body: str, version: int = 1, **more: Any) -> None:
        command = EditReply(reply_id=reply, expected_version=version, body=body, **more)
        await edit_reply(self.forum, actor, command)

    async def quotes(self, post: int) -> list[QuoteRow]:
        return await self.database.rows(db.quotes.of_posts, ids=[post], deepest=9)

    async def statuses(self, post: int) -> list[str]:
        return list(await statuses_now(self.database, await self.quotes(post)))


def refuse(body: str) -> markdown.MarkdownDocument:
    raise AssertionError(f"{body[:40]!r} is parsed.")


@pytest.fixture
async def process(backend: Backend) -> AsyncIterator[Process]:
    opened = Process(Settings(database_url=backend.migrated_database()))
    async with opened.lifespan(Starlette()):
        yield opened


async def test_reads_parse_nothing(process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    writers = Writers(process.database)
    ada, bo = await writers.begin("Words to begin with.")
    sources = [await writers.add(ada, f"{LONG}\n\nThe words of {number}.") for number in range(6)]
    for number, source in enumerate(sources):
        await writers.add(
            bo, f"> The words \u2026 {number}.\n\nSo.", quotes=[QuoteRequest(source, f"The words \u2026 {number}.")]
        )
        await writers.edit(ada, source, f"{LONG}\n\n{'The words of' if number % 2 else 'Words'} {number}. Again.")
    await writers.edit(ada, sources[0], f"{LONG}\n\nWords.", 2)
    command = EditDiscussion(discussion_id=writers.discussion, expected_version=1, body="Other words.")
    await edit_discussion(writers.forum, ada, command)

    monkeypatch.setattr(markdown, "read", refuse)
    prepared = process.engine.prepare(Operation(READS, {"number": writers.discussion}))
    for viewer in (SingleViewer(), SingleViewer(ada.user_id), SingleViewer(bo.user_id, "moderator")):
        answer = orjson.loads(await process.engine.execute(prepared, Context(process.services, viewer, "")))
        assert "errors" not in answer, answer
        found = answer["data"]["discussion"]
        statuses_found = [reply["quotes"][0]["status"] for reply in found["replies"]["nodes"] if reply["quotes"]]
        assert statuses_found == ["SOURCE_EDITED", "ABRIDGED"] * 3
        html = {node["a"] for node in found["revisions"]["nodes"]}
        may_read = viewer.user_id is not None
        assert html == (
            {'<p dir="auto">Words to begin with.</p>\n', '<p dir="auto">Other words.</p>\n'} if may_read else set()
        )


async def test_a_preview_parses_nothing_but_itself(process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    writers = Writers(process.database)
    ada, bo = await writers.begin()
    for number in range(8):
        reply = await writers.add(ada, f"{LONG}\n\nNumber {number}.")
        await writers.edit(ada, reply, f"{LONG}\n\nAnd {number}.")
    parsed: list[str] = []
    read = markdown.read

    def counted(body: str) -> markdown.MarkdownDocument:
        parsed.append(body)
        return read(body)

    monkeypatch.setattr(markdown, "read", counted)
    body = "> **Ada said:**\n>\n> Number 7.\n\nIndeed."
    prepared = process.engine.prepare(Operation(PREVIEW, {"body": body, "id": f"D_{writers.discussion}"}))
    for role in ("member", "moderator"):
        context = Context(process.services, SingleViewer(bo.user_id, role), "")
        answer = orjson.loads(await process.engine.execute(prepared, context))
        assert answer["data"]["previewBody"]["errors"] == []
    assert parsed == [body, body]


AGE = [
    WriteStatement(posts_table.update().values(renderer=1, said=None, body_html="<p>as it once was</p>")),
    WriteStatement(revisions_table.update().values(renderer=0, said=None, body_html=None)),
    # As the migration leaves them.
    WriteStatement(quotes_table.update().values(said=None, comparison="VERBATIM")),
]


async def make_old(tx: Transaction) -> None:
    for statement in AGE:
        await tx.run(statement)


async def test_versions_of_before_get_their_words_and_html(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    writers = Writers(database)
    ada, bo = await writers.begin()
    source = await writers.add(ada, "The sky is blue. The sea is wide.")
    await writers.edit(ada, source, "> The sea is wide.\n\nThe sky is blue.")
    await writers.edit(ada, source, "The sky is **red**.", 2)
    unchanged = await writers.add(ada, "The sky is blue, it was said.")
    texts = {"The sky is red.": source, "The sky is blue.": source, "It was said.": unchanged, "Never.": unchanged}
    quoting = [
        await writers.add(bo, f"> {text}\n\nSo.", quotes=[QuoteRequest(post, text)]) for text, post in texts.items()
    ]

    async def everything() -> list[Any]:
        versions = await database.rows(db.revisions.words, post=source, versions=[1, 2, 3])
        shown = await database.rows(db.revisions.exact_versions, ids=[source], versions=[1, 2, 3])
        read = await database.rows(db.posts.by_ids, ids=[source, unchanged, *quoting])
        quoted = [[(quote.said, quote.comparison) for quote in await writers.quotes(post)] for post in quoting]
        said = await database.rows(db.posts.said, ids=[source, unchanged, *quoting])
        return [
            sorted((row.version, row.said) for row in versions),
            [(row.version, row.kept_html) for row in shown],
            [row.body_html for row in read],
            quoted,
            sorted((row.post_id, row.said) for row in said),
        ]

    before = await everything()
    # A quote of that reply as of its second version is told by its author.
    own = await writers.add(ada, "> The sky is blue.\n\nSo.", quotes=[QuoteRequest(source, "The sky is blue.", 2)])
    assert await writers.statuses(own) == ["SOURCE_EDITED"]
    await database.write(make_old)
    # Until the job has been there, what was known when they were written; nothing is parsed.
    with monkeypatch.context() as patched:
        patched.setattr(markdown, "read", refuse)
        assert await writers.statuses(own) == ["SOURCE_EDITED"]
        assert await writers.statuses(quoting[2]) == ["VERBATIM"]
    assert await rerender_stale_posts(database) == 8
    after = await everything()
    # HTML of superseded versions has no ids of quotes that are gone.
    assert after == before
    assert await writers.statuses(own) == ["SOURCE_EDITED"]
    assert [await writers.statuses(post) for post in quoting] == [["VERBATIM"], ["ALTERED"], ["VERBATIM"], ["ALTERED"]]
    assert await rerender_stale_posts(database) == 0


async def test_new_quotes_find_sources_that_are_not_read_yet(database: Database) -> None:
    writers = Writers(database)
    ada, bo = await writers.begin()
    source = await writers.add(ada, "The sky is blue.")
    await database.write(make_old)
    by_name = await writers.add(bo, "> **Ada said:**\n>\n> The sky is blue.")
    given = await writers.add(bo, "So.", quotes=[QuoteRequest(source, "The sky is green.")])
    assert [await writers.statuses(post) for post in (by_name, given)] == [["VERBATIM"], ["ALTERED"]]


async def test_proof_of_reading_lasts_for_a_day_after_the_edit(database: Database) -> None:
    writers = Writers(database)
    ada, bo = await writers.begin()
    now = datetime.now(UTC)
    for hours, status in ((PROOF_HOURS - 1, "SOURCE_EDITED"), (PROOF_HOURS + 1, "ALTERED")):
        written = now - timedelta(days=30)
        command = AddReply(discussion_id=writers.discussion, body="The sky is blue.", at=written)
        added = await add_reply(writers.forum, ada, command)
        assert added.post_id is not None
        await writers.edit(ada, added.post_id, "The sky is red.", at=now - timedelta(hours=hours))
        # A restored backup may have another version of the same number, written at another time.
        for moment, expected in ((written, status), (written + timedelta(seconds=1), "ALTERED")):
            proof = version_proof(writers.forum.proof_key, added.post_id, 1, moment)
            request = [QuoteRequest(added.post_id, "The sky is blue.", 1, proof)]
            assert await writers.statuses(await writers.add(bo, "So.", quotes=request)) == [expected]


async def test_a_name_is_looked_for_in_a_bounded_number_of_posts(database: Database) -> None:
    writers = Writers(database)
    ada, bo = await writers.begin()
    first, second = await writers.add(ada, "The first words."), await writers.add(ada, "The second words.")
    for number in range(MAX_CANDIDATES - 1):
        await writers.add(ada, f"Number {number}.")
    by_name = [f"> **Ada said:**\n>\n> The {number} words." for number in ("first", "second")]
    found = [(await writers.quotes(await writers.add(bo, body)))[0].source_id for body in by_name]
    assert found == [None, second]
    # The post that is answered is the first to be looked at.
    (quote,) = await writers.quotes(await writers.add(bo, by_name[0], reply_to_id=first))
    assert quote.source_id == first


async def test_an_author_is_quoted_from_a_bounded_number_of_versions(database: Database) -> None:
    writers = Writers(database)
    ada, _ = await writers.begin()
    source = await writers.add(ada, "The words of 1.")
    for version in range(1, MAX_SUPERSEDED_VERSIONS + 2):
        await writers.edit(ada, source, f"The words of {version + 1}.", version)

    async def quoted(version: int, wanted: int | None = None) -> list[tuple[str, int | None]]:
        text = f"The words of {version}."
        post = await writers.add(ada, f"> {text}\n\nSo.", quotes=[QuoteRequest(source, text, wanted)])
        return [
            (status, quote.source_version)
            for status, quote in zip(await writers.statuses(post), await writers.quotes(post), strict=True)
        ]

    assert await quoted(2) == [("SOURCE_EDITED", 2)]
    assert await quoted(1) == [("ALTERED", MAX_SUPERSEDED_VERSIONS + 2)]
    assert await quoted(1, wanted=1) == [("SOURCE_EDITED", 1)]


async def test_long_texts_are_compared_in_a_thread(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    writers = Writers(database)
    ada, bo = await writers.begin()
    sources = [await writers.add(ada, f"The words of {number}.") for number in range(3)]
    requests = [QuoteRequest(source, f"The words of {number}.") for number, source in enumerate(sources)]
    quoting = await writers.add(bo, "So.", quotes=requests)
    ran: list[object] = []
    run = workers.run

    async def noted(function: Any, *arguments: object) -> Any:
        ran.append(function)
        return await run(function, *arguments)

    await writers.edit(ada, sources[0], "Other words.")
    rows = await writers.quotes(quoting)
    monkeypatch.setattr(workers, "run", noted)
    assert list(await statuses_now(database, rows)) == ["SOURCE_EDITED", "VERBATIM", "VERBATIM"]
    assert ran == []
    monkeypatch.setattr(workers, "run", run)
    await writers.edit(ada, sources[1], f"{'Many words. ' * (SMALL_CHARACTERS // 10)} The words of 1.")
    rows = await writers.quotes(quoting)
    monkeypatch.setattr(workers, "run", noted)
    assert list(await statuses_now(database, rows)) == ["SOURCE_EDITED", "VERBATIM", "VERBATIM"]
    assert len(ran) == 1
    # Without a changed source nothing has to be awaited at all.
    assert statuses(database, rows[2:]) == [QuoteStatus.VERBATIM]


async def test_quotes_of_one_post_search_a_bounded_number_of_characters(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    writers = Writers(database)
    ada, bo = await writers.begin()
    for number in range(3):
        await writers.add(ada, f"The words of {number}.")
    monkeypatch.setattr(sources, "MAX_SEARCHED_CHARACTERS", 2 * len("the words of 0."))
    # The latest two posts are searched for the first quote, and none is left for the second.
    for numbers, found in (((1, 2), [True, False]), ((0, 2), [False, False])):
        body = "\n\n".join(f"> **Ada said:**\n>\n> The words of {number}." for number in numbers)
        quotes = await writers.quotes(await writers.add(bo, body))
        assert [quote.source_id is not None for quote in quotes] == found
