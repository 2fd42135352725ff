"""Use cases: which errors they may raise, and whose double clicks are one write."""

import pytest

import db.users
from db.database import Database
from forum import use_cases
from forum.discussions import LockDiscussion, StartDiscussion, start_discussion
from forum.errors import DiscussionNotFound
from forum.use_cases import Actor, Forum
from tests.support.backends import Backend

pytestmark = pytest.mark.anyio

COMMAND = LockDiscussion(discussion_id=1)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_an_error_that_a_use_case_does_not_declare_is_a_bug(backend: Backend) -> None:
    async def refuses(_forum: Forum, _actor: Actor, _command: LockDiscussion) -> use_cases.Outcome:
        raise DiscussionNotFound("There is no such discussion.")

    async with Database(backend.migrated_database()) as database:
        forum, actor = Forum(database), Actor(1)
        with pytest.raises(TypeError, match="refuses raises DiscussionNotFound: name it in @use_case"):
            await use_cases.use_case()(refuses)(forum, actor, COMMAND)
        with pytest.raises(DiscussionNotFound):
            await use_cases.use_case(DiscussionNotFound)(refuses)(forum, actor, COMMAND)


async def test_only_what_clients_write_may_be_a_double_click(backend: Backend) -> None:
    async with Database(backend.migrated_database()) as database:
        forum = Forum(database)
        ada = await database.write(lambda tx: db.users.add_user(tx, db.users.Person("ada", "Ada")))
        start = StartDiscussion(title="Title", body="Words.")
        meant = [await start_discussion(forum, Actor(ada), start) for _ in range(2)]
        clicked = [await start_discussion(forum, Actor(ada, is_client=True), start) for _ in range(2)]
    assert [outcome.repeated for outcome in (*meant, *clicked)] == [False, False, False, True]
    assert len({outcome.discussion_id for outcome in (*meant, *clicked)}) == 3
