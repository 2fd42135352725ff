"""Finding people by the beginning of a name, for completion."""

import secrets
from functools import partial

import pytest

import db.user_search
from db import users
from db.database import Database, Transaction
from db.kinds import AuthorRole
from db.users import Person as NewPerson
from forum.users import index_users
from tests.support.http import People, Person, claims, signed
from tests.support.scripts import SCRIPTS, Script
from text.search import MAX_NAME_KEYS, name_keys, name_prefix

pytestmark = pytest.mark.usefixtures("networks_are_forgotten")

PEOPLE = """
query ($words: String!, $discussion: ID, $first: Int) {
  people(query: $words, discussionId: $discussion, first: $first) { id handle name }
}
"""


def unique() -> str:
    """A word that nobody has been called yet, of letters alone."""
    return "".join(chr(ord("a") + byte % 26) for byte in secrets.token_bytes(12))


def found(asks: Person, query: str, discussion: str | None = None, first: int | None = None) -> list[str]:
    """The handles of the people who are found."""
    answer = asks.ask(PEOPLE, words=query, discussion=discussion, first=first)
    return [person["handle"] for person in answer["people"]]


def made(people: People, handle: str, name: str, **more: str) -> Person:
    """A person of this name."""
    made = Person(people.http, signed(claims(handle, name=name, **more)), handle, name)
    made.ask("{ viewer { id } }")
    return made


def test_people_are_found_by_the_beginning_of_each_word(people: People) -> None:
    handle, first, last = unique(), unique(), unique()
    made(people, handle, f"{first.title()} {last.title()}")
    for query in (
        handle, handle[:6], f"@{handle}", handle.upper(), first[:5], f"{first} ", last[:5], f"{first} {last[:1]}",
    ):  # fmt: skip
        assert found(people.reader, query) == [handle], query
    for query in (handle[1:], f"{last} {first}", f"{first} {last}s", "", "@", " \t", "\U0001f600"):
        assert found(people.reader, query) == [], query


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.called)
def test_a_person_of_every_script_is_found_by_each_beginning(script: Script) -> None:
    for handle, name in ((script.name.lower(), script.name), ("ada", f"Ada {script.name}"), (script.name, "Ada")):
        keys = name_keys(handle, name)
        assert 1 <= len(keys) <= MAX_NAME_KEYS
        for length in range(1, len(script.name) + 1):
            prefix = name_prefix(script.name[:length])
            assert not prefix or any(key.startswith(prefix) for key in keys), script.name[:length]
        assert any(key.startswith(name_prefix(script.name)) for key in keys)


@pytest.mark.parametrize("script", SCRIPTS[::3], ids=lambda script: script.called)
def test_a_name_of_every_script_is_found_over_graphql(people: People, script: Script) -> None:
    handle = unique()
    made(people, handle, f"{script.name} {handle}")
    assert found(people.reader, f"{script.name} {handle[:8]}") == [handle]


@pytest.mark.parametrize(
    ("name", "queries"),
    [
        ("Bjørn Łukasz", ["bjorn", "lukasz"]),
        ("O'Brien", ["o'b", "obr", "O\u2019Brien"]),
        ("Jean-Luc d'Artagnan", ["luc", "artagnan", "d'art"]),
        ("김서준", ["ㄱ", "기", "김", "김서"]),
        ("山田太郎", ["山", "太郎", "郎"]),
        ("Анна Пётр", ["петр", "Ан"]),
        ("İpek", ["ipek", "İp", "IP"]),
        ("\uff21\uff44\uff41", ["ada"]),
        ("Ada\u200bLovelace", ["adal"]),
    ],
)
def test_names_are_compared_as_in_searches(name: str, queries: list[str]) -> None:
    for query in queries:
        assert any(key.startswith(name_prefix(query)) for key in name_keys("x", name)), query


def test_long_names_have_few_keys_and_are_found_by_them() -> None:
    for name in ("a " * 500, "ab" * 500, "東" * 500, "\u0301" * 500, "각" * 500):
        keys = name_keys(name, name)
        assert len(keys) <= MAX_NAME_KEYS and all(len(key) <= 64 for key in keys)
        assert not name_prefix(name) or any(key.startswith(name_prefix(name)) for key in keys)


def test_people_of_the_discussion_come_first(people: People) -> None:
    begin = unique()
    handles = [f"{begin}{letter}" for letter in "abcdef"]
    everybody = [made(people, handle, "Somebody") for handle in handles]
    discussion = everybody[3].start()
    kept, deleted = everybody[5].reply(discussion), everybody[1].reply(discussion)
    everybody[1].delete(deleted)
    assert kept
    assert found(people.reader, begin) == handles
    here = [handles[3], handles[5]]
    others = [handle for handle in handles if handle not in here]
    assert found(people.reader, begin, discussion) == here + others
    assert found(people.reader, begin, discussion, first=3) == [*here, others[0]]
    assert found(people.reader, begin, discussion, first=1) == here[:1]
    assert found(people.reader, begin, first=0) == []
    for unknown in ("D_999999999", "R_1", "nonsense"):
        assert found(people.reader, begin, unknown) == handles


def test_a_new_name_replaces_the_one_of_before(people: People) -> None:
    handle, before, after = unique(), unique(), unique()
    made(people, handle, before)
    assert found(people.reader, before) == [handle]
    made(people, handle, after)
    assert (found(people.reader, before), found(people.reader, after)) == ([], [handle])


@pytest.mark.parametrize(
    ("query", "first"),
    [("x" * 501, 1), ("a\0", 1), ("ada", 101), ("ada", -1)],
    ids=["long", "null", "many", "negative"],
)
def test_what_cannot_be_looked_for_is_a_bad_argument(people: People, query: str, first: int) -> None:
    assert people.reader.codes(PEOPLE, words=query, first=first)[0] == "BAD_ARGUMENT"


def test_signs_alone_find_nobody(people: People) -> None:
    for query in ("%", "_", "*", "' --", "\\", "\U0010ffff", "-", '"', "(", ":*"):
        assert found(people.reader, query) == [], query


@pytest.mark.anyio
async def test_suspended_people_are_not_found_until_they_are_back(database: Database) -> None:
    async def handles() -> list[str]:
        found = await db.user_search.starting_with(database, name_prefix("Lov"), discussion_id=None, limit=10)
        return [row.handle for row in found]

    ada = await database.write(lambda tx: users.add_user(tx, NewPerson("ada", "Ada Lovelace")))
    banned = NewPerson("bo", "Bo Lovelace", is_suspended=True)
    bo = await database.write(lambda tx: users.add_user(tx, banned))
    assert await handles() == ["ada"]
    await database.write(lambda tx: users.suspend_user(tx, ada))
    await database.write(lambda tx: users.unsuspend_user(tx, bo))
    assert await handles() == ["bo"]
    # A name that comes while they are suspended does not bring them back.
    await database.write(
        lambda tx: users.describe_user(tx, ada, name="Ada Love", avatar_url=None, role=AuthorRole.MEMBER)
    )
    assert await handles() == ["bo"]
    await database.write(lambda tx: users.unsuspend_user(tx, ada))
    assert await handles() == ["ada", "bo"]


@pytest.mark.anyio
async def test_people_of_an_earlier_version_are_indexed_once(database: Database) -> None:
    names = [f"Person {number}" for number in range(250)]
    added = [await database.write(partial(users.add_user, person=NewPerson(name, name))) for name in names]
    await database.write(lambda tx: users.suspend_user(tx, added[3]))
    for user in added:
        await database.write(partial(Transaction.run, command=db.user_search.remove, user=user))
    assert await index_users(database) == 249
    assert await index_users(database) == 0
    found = await db.user_search.starting_with(database, name_prefix("person"), discussion_id=None, limit=100)
    assert len(found) == 100
