"""People named in a body: whom a mention means, and where it stands."""

import secrets
import unicodedata
from typing import Literal

import pytest

from tests.support.http import Data, People, Person, claims, signed
from tests.support.scripts import SCRIPTS
from tests.support.servers import Parley
from text.handles import handle_of


def mentions(asks: Person, post: str) -> list[Data]:
    found: list[Data] = asks.node(post, "... on Post { mentions { attributedName start length user { handle } } }")[
        "mentions"
    ]
    return found


def units(body: str, mention: Data) -> str:
    """What stands where the mention says, counted in UTF-16 units as JavaScript does."""
    encoded = body.encode("utf-16-le")
    return encoded[2 * mention["start"] : 2 * (mention["start"] + mention["length"])].decode("utf-16-le")


@pytest.fixture
def ada(people: People) -> Person:
    """Somebody who is known, because she has been here."""
    known = people()
    known.ask("{ viewer { user { id } } }")
    return known


def test_a_handle_or_a_name_after_an_at_sign_means_the_person(people: People, ada: Person) -> None:
    for written in (f"@{ada.handle}", f"@{ada.name}", f"@ {ada.name}", f"@{ada.handle.upper()}"):
        body = f"I thank {written}, and so should you."
        (mention,) = mentions(people.reader, people("Grace").start(body))
        assert mention["user"] == {"handle": ada.handle}, written
        assert units(body, mention) == written
        assert mention["attributedName"] == written.removeprefix("@").strip()


def test_a_handle_of_any_script_is_resolved_however_it_is_composed(parley: Parley, people: People) -> None:
    handles = [f"{handle_of(each)}{secrets.randbelow(10**9)}" for one in SCRIPTS for each in (one.name, one.other)]
    for handle in handles:
        token = signed(claims(handle, name=handle, iss=parley.url))
        Person(people.reader.http, token).ask("{ viewer { user { id } } }")
    forms: tuple[Literal["NFC", "NFD"], ...] = ("NFC", "NFD")
    for at in range(0, len(handles), 25):
        some = handles[at : at + 25]
        body = " ".join(f"@{unicodedata.normalize(form, handle)}, @none/{handle}" for handle in some for form in forms)
        found = mentions(people.reader, people("Grace").start(body))
        assert [each["user"]["handle"] for each in found] == [handle for handle in some for _ in forms]


def test_an_unknown_handle_is_no_mention(people: People) -> None:
    body = "I thank @nobody-of-that-name and @ Zaphod."
    found = mentions(people.reader, people().start(body))
    assert [mention["user"] for mention in found] == [None, None]
    assert [mention["attributedName"] for mention in found] == ["nobody-of-that-name", "Zaphod"]
    assert [units(body, mention) for mention in found] == ["@nobody-of-that-name", "@ Zaphod"]


def test_places_are_counted_in_utf16_units(people: People, ada: Person) -> None:
    body = f"\U0001f3c3\U0001f3fd\u200d\u2640\ufe0f e\u0301 \U0001d54f @{ada.handle} \U0001f600 @ {ada.name}!"
    first, second = mentions(people.reader, people("Grace").start(body))
    assert units(body, first) == f"@{ada.handle}"
    assert units(body, second) == f"@ {ada.name}"
    assert first["start"] == len(body[: body.index("@")].encode("utf-16-le")) // 2 > body.index("@")


def test_code_quotes_and_addresses_hold_no_mentions(people: People, ada: Person) -> None:
    body = f"`@{ada.handle}`\n\n    @{ada.handle}\n\n> @{ada.handle} said\n\nme@{ada.handle}.example"
    assert mentions(people.reader, people("Grace").start(body)) == []


def test_an_edit_replaces_the_mentions(people: People, ada: Person) -> None:
    grace = people("Grace")
    reply = grace.reply(grace.start(), "Nobody yet.")
    assert mentions(grace, reply) == []
    grace.edit(reply, f"Thanks, @{ada.handle}.")
    assert [mention["user"] for mention in mentions(grace, reply)] == [{"handle": ada.handle}]


def test_a_user_added_later_is_not_mentioned(people: People) -> None:
    ada = people()
    grace = people("Grace")
    post = grace.start(f"@{ada.handle} is not here yet.")
    ada.ask("{ viewer { user { id } } }")
    assert [mention["user"] for mention in mentions(grace, post)] == [None]
