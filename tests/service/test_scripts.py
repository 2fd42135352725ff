"""People of all scripts, all the way round: name, handle, mention, search, address, erasure."""

import html
import unicodedata
from typing import Literal
from urllib.parse import unquote, urlsplit

import pytest
import regex

from db import users
from db.database import Database
from forum.erasure import erase_user
from tests.support.http import Data, People, Person, claims, signed
from tests.support.scripts import SCRIPTS, Script
from tests.support.servers import Parley

pytestmark = pytest.mark.anyio

FORMS: tuple[Literal["NFC", "NFD"], ...] = ("NFC", "NFD")
NAMES = [name for script in SCRIPTS for name in (script.name, script.other)]
POST = "... on Post { bodyText mentions { user { handle } } } ... on Discussion { url }"


def user(asks: Person, handle: str) -> Data | None:
    found: Data | None = asks.ask("query ($handle: String!) { user(handle: $handle) { id name } }", handle=handle)[
        "user"
    ]
    return found


def named(crowd: People, name: str, number: int) -> Person:
    """A member by a token, or every other time a guest."""
    if number % 2:
        payload = crowd.reader.write("signInAsGuest", name=name)
        shown, token = payload["viewer"]["user"], payload["token"]
    else:
        token = signed(claims(name, sub=f"person {number}", name=name))
        shown = Person(crowd.http, token).ask("{ viewer { user { handle name } } }")["viewer"]["user"]
    assert shown["name"] == unicodedata.normalize("NFC", name)
    return Person(crowd.http, token, shown["handle"], shown["name"])


async def test_person_of_any_script_is_named_mentioned_found_and_erased(site: Parley, crowd: People) -> None:
    people = [named(crowd, name, number) for number, name in enumerate(NAMES)]
    handles = [person.handle for person in people]
    assert len(set(handles)) == len(NAMES) and not any(handle.endswith("-2") for handle in handles)
    observer = crowd("Grace")
    posts = [_mentioned(observer, person) for person in people]
    for script, person in zip(SCRIPTS, people[::2], strict=True):
        _found_by_address_and_words(crowd, script, person)
    async with Database(str(site.settings["database_url"])) as database:
        for person in people[::2]:
            row = await users.by_handle(database, f"@{unicodedata.normalize('NFD', person.handle).upper()}")
            assert row is not None
            await erase_user(database, row, lambda _step: None)
    for index, (person, post) in enumerate(zip(people, posts, strict=True)):
        shown = observer.node(post, POST)
        if index % 2:
            # Who is called almost the same is still there.
            assert [each["user"]["handle"] for each in shown["mentions"]] == [person.handle] * 4
            assert _word(person.name) in shown["bodyText"]
        else:
            assert shown["bodyText"] == "I met [erased], [erased], [erased] and [erased]."
            assert shown["mentions"] == [] and user(crowd.reader, person.handle) is None


def _mentioned(observer: Person, person: Person) -> str:
    """The id of a post that mentions somebody by handle and by name, composed and decomposed."""
    written = [unicodedata.normalize(form, each) for each in (person.handle, _word(person.name)) for form in FORMS]
    for each in written:
        found = user(observer, each)
        assert found is not None and found["name"] == person.name
    post = observer.start("I met {}, {}, {} and {}.".format(*(f"@{each}" for each in written)))
    mentions = observer.node(post, POST)["mentions"]
    assert [mention["user"] and mention["user"]["handle"] for mention in mentions] == [person.handle] * 4
    return post


def _word(name: str) -> str:
    """A name without its emoji."""
    return str(regex.sub(r"\s*\p{Extended_Pictographic}", "", name))


def _letters(text: str) -> list[str]:
    found: list[str] = regex.findall(r"[\p{L}\p{M}]", unicodedata.normalize("NFD", text))
    return found


def _found_by_address_and_words(crowd: People, script: Script, person: Person) -> None:
    post = person.start(script.sentence, title=script.sentence)
    path = urlsplit(person.node(post, POST)["url"]).path
    address = crowd.http.get(path).headers["Location"]
    slug = unquote(address.rpartition("/")[2])
    # Of the Turkish capital, no dot is left on the small letter, which has one.
    assert _letters(slug) == _letters(script.sentence.lower().replace("i\u0307", "i"))
    answer = crowd.http.get(address)
    assert answer.status_code == 200 and script.sentence in html.unescape(answer.text)
    query = "query ($words: String!) { search(query: $words) { nodes { id } } }"
    for form in FORMS:
        for words in (script.word, script.word.upper()):
            found = crowd.reader.ask(query, words=unicodedata.normalize(form, words))["search"]["nodes"]
            assert {"id": post} in found, words
