"""Versions of what was read: when they hold, and what a question is never answered by."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import update

import db.categories
import db.discussions
import db.users
from db.database import Database, Transaction
from db.kinds import AuthorRole
from db.statements import WriteStatement
from db.tables import discussions, users
from db.users import Person
from db.versions import Reading, Version, Versions, seen, touch, versions_of
from tests.support.backends import Backend

pytestmark = pytest.mark.anyio


@pytest.fixture
async def versions(database: Database) -> AsyncIterator[Versions]:
    opened = versions_of(database)
    await opened.start()
    yield opened
    await opened.stop()


async def person(database: Database, handle: str) -> int:
    return await database.write(lambda tx: db.users.add_user(tx, Person(handle, handle)))


async def discussion(database: Database, author: int) -> int:
    async def start(tx: Transaction) -> int:
        return await db.discussions.insert_discussion(tx, title="A title", category_id=None, author_id=author)

    return await database.write(start)


async def lock(database: Database, number: int) -> None:
    """What any change of a discussion does."""

    async def hold(tx: Transaction) -> None:
        assert await tx.lock_log(number) is not None

    await database.write(hold)


async def read(database: Database, versions: Versions, *reads: Callable[[Any], Any]) -> Version | None:
    """The version of what these read in one snapshot."""
    reading = versions.reading()
    assert reading is not None
    snapshot = database.snapshot(reading)
    try:
        for each in reads:
            await each(snapshot)
        row = await snapshot.row(seen, ids=reading.discussions)
        assert row is not None
        return reading.version(row)
    finally:
        snapshot.close()


def of_authors(number: int) -> Callable[[Any], Any]:
    return lambda snapshot: snapshot.rows(db.discussions.authors, discussions=[number])


async def test_a_version_of_discussions_outlives_writes_elsewhere(database: Database, versions: Versions) -> None:
    ada = await person(database, "ada")
    quiet, busy = await discussion(database, ada), await discussion(database, ada)
    version = await read(database, versions, of_authors(quiet))
    assert version is not None
    assert await versions.holds(version)
    await lock(database, busy)
    await person(database, "bob")
    assert await versions.holds(version)
    await lock(database, quiet)
    assert not await versions.holds(version)


async def test_what_is_not_declared_holds_until_any_write(database: Database, versions: Versions) -> None:
    await person(database, "ada")
    version = await read(database, versions, lambda snapshot: snapshot.rows(db.categories.counted))
    assert version is not None
    assert await versions.holds(version)
    await person(database, "bob")
    assert not await versions.holds(version)


async def test_a_person_who_changes_ends_the_versions_with_them(database: Database, versions: Versions) -> None:
    ada, bob = await person(database, "ada"), await person(database, "bob")
    number = await discussion(database, ada)

    def of_person(user: int) -> Callable[[Any], Any]:
        return lambda snapshot: snapshot.rows(db.users.by_ids, ids=[user])

    with_ada = await read(database, versions, of_authors(number), of_person(ada))
    with_bob = await read(database, versions, of_authors(number), of_person(bob))
    assert with_ada is not None
    assert with_bob is not None
    # The site's log is read from where it stands at the first look.
    assert await versions.holds(with_bob)
    for name in ("Ada L", "Ada Lovelace"):
        renamed = partial(db.users.describe_user, user_id=ada, name=name, avatar_url=None, role=AuthorRole.MEMBER)
        await database.write(renamed)
    assert not await versions.holds(with_ada)
    assert await versions.holds(with_bob)


async def test_somebody_who_is_not_there_yet_is_no_version_of_discussions(
    database: Database, versions: Versions
) -> None:
    ada = await person(database, "ada")
    number = await discussion(database, ada)
    version = await read(
        database, versions, of_authors(number), lambda snapshot: snapshot.rows(db.users.by_ids, ids=[ada, ada + 1])
    )
    assert version is not None
    assert await versions.holds(version)
    await person(database, "bob")
    assert not await versions.holds(version)


async def test_touch_ends_all_versions(database: Database, versions: Versions) -> None:
    number = await discussion(database, await person(database, "ada"))
    version = await read(database, versions, of_authors(number))
    assert version is not None
    by_hand = WriteStatement(update(discussions).where(discussions.c.id == number).values(title="By hand"))
    await database.write(lambda tx: tx.run(by_hand))
    assert await versions.holds(version)
    assert await touch(database) >= 1
    assert not await versions.holds(version)


async def test_a_read_of_two_moments_has_no_version(database: Database, versions: Versions) -> None:
    number = await discussion(database, await person(database, "ada"))
    reading = versions.reading()
    assert isinstance(reading, Reading)
    snapshot = database.snapshot(reading)
    await snapshot.rows(db.discussions.authors, discussions=[number])
    snapshot.close()
    await snapshot.rows(db.discussions.authors, discussions=[number])
    row = await snapshot.row(seen, ids=reading.discussions)
    snapshot.close()
    assert row is not None
    assert reading.version(row) is None


async def test_a_comparison_that_has_begun_answers_no_later_question(
    database: Database, versions: Versions, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    if backend.name == "sqlite":
        # There a comparison waits for nothing: nobody can ask meanwhile.
        return
    number = await discussion(database, await person(database, "ada"))
    early, late = await read(database, versions, of_authors(number)), await read(database, versions, of_authors(number))
    assert early is not None
    assert late is not None
    has_read, go_on = asyncio.Event(), asyncio.Event()
    rows = versions._rows  # type: ignore[attr-defined]

    async def slowly(*arguments: Any, **parameters: Any) -> Any:
        found = await rows(*arguments, **parameters)
        has_read.set()
        await go_on.wait()
        return found

    monkeypatch.setattr(versions, "_rows", slowly)
    first = asyncio.create_task(versions.holds(early))
    await has_read.wait()
    await lock(database, number)
    second = asyncio.create_task(versions.holds(late))
    await asyncio.sleep(0)
    go_on.set()
    # The first question was asked while this was still so.
    assert await first
    assert not await second


async def test_another_server_ends_all_versions(database: Database, versions: Versions, backend: Backend) -> None:
    if backend.name == "sqlite":
        return
    number = await discussion(database, await person(database, "ada"))
    version = await read(database, versions, of_authors(number))
    assert version is not None
    assert await versions.holds(version)
    # What a connection of the pool is to.
    versions._meet("another server")  # type: ignore[attr-defined]
    assert not await versions.holds(version)


async def test_nothing_is_kept_of_a_standby(
    database: Database, versions: Versions, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    if backend.name == "sqlite":
        return
    number = await discussion(database, await person(database, "ada"))
    version = await read(database, versions, of_authors(number))
    assert version is not None
    (row,) = await versions._rows(seen, ids=[])  # type: ignore[attr-defined]
    standby = SimpleNamespace(snapshot=row.snapshot, server=row.server, is_standby=True, site=row.site, heads=None)

    async def of_standby(*_: object, **__: object) -> list[Any]:
        return [standby]

    monkeypatch.setattr(versions, "_rows", of_standby)
    assert not await versions.holds(version)
    assert versions.reading() is None
    assert versions.off == "the database is a standby"


async def test_a_comparison_that_fails_in_any_way_answers_all_who_wait(
    database: Database, versions: Versions, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    if backend.name == "sqlite":
        return
    number = await discussion(database, await person(database, "ada"))
    version = await read(database, versions, of_authors(number))
    assert version is not None

    async def broken(*_: object, **__: object) -> list[Any]:
        await asyncio.sleep(0)
        raise RuntimeError("never seen before")

    with monkeypatch.context() as patched:
        patched.setattr(versions, "_rows", broken)
        first = asyncio.create_task(versions.holds(version))
        await asyncio.sleep(0)
        assert await asyncio.gather(first, *(versions.holds(version) for _ in range(3))) == [False] * 4
    assert versions.off == "the database could not be asked"
    monkeypatch.setattr(versions, "_off_until", 0.0)
    for holds in (False, True):
        # The first comparison opens a connection, whose answers say nothing about what was read before.
        again = await read(database, versions, of_authors(number))
        assert again is not None
        assert await versions.holds(again) is holds


async def test_touch_is_seen_also_where_a_discussion_is_not_there(database: Database, versions: Versions) -> None:
    ada = await person(database, "ada")
    version = await read(
        database, versions, of_authors(999), lambda snapshot: snapshot.rows(db.users.by_ids, ids=[ada])
    )
    assert version is not None
    by_hand = WriteStatement(update(users).where(users.c.id == ada).values(name="By hand"))
    await database.write(lambda tx: tx.run(by_hand))
    assert not await versions.holds(version)
