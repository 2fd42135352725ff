"""Sanctions through the API: who may suspend, give roles and have posts held, and what a suspended person may do."""

import secrets
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    get_named_type,
    get_nullable_type,
    is_list_type,
    is_required_input_field,
)

from schema.root import schema
from tests.support.backends import Backend
from tests.support.http import Data, People, Person, claims, key, signed
from tests.support.servers import JWT_SECRET, UNLIMITED, Parley, told
from tests.support.waiting import eventually

pytestmark = pytest.mark.usefixtures("networks_are_forgotten")

FIELDS = cast(GraphQLObjectType, schema._schema.mutation_type).fields
MUTATIONS = sorted(set(FIELDS) - {"recordView"})
"""All that write: that a discussion was opened is counted of readers, too."""
SANCTIONS: dict[str, Data] = {
    "suspendUser": {},
    "unsuspendUser": {},
    "setRole": {"role": "APPLICATION"},
    "premoderateUser": {"premoderated": True},
}
SUSPENSION = "suspension { reason until by { handle } }"
LOG = """query ($user: ID!) { auditLog(filter: {userId: $user}, first: 50) {
    nodes { action reason actor { handle } user { id } } } }"""


@pytest.fixture(scope="module")
def site(backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parley]:
    """A server of its own behind a proxy: tests choose their address."""
    server = Parley.start(
        database_url=backend.migrated_database(),
        bus_url=backend.bus_url,
        folder=tmp_path_factory.mktemp("sanctions"),
        guests=True,
        jwt_secret=JWT_SECRET,
        trusted_proxies="127.0.0.0/8",
        **UNLIMITED,
    )
    yield server
    server.stop()


@pytest.fixture
def mod(crowd: People) -> Person:
    return crowd("Mod", moderator=True)


def id_of(person: Person) -> str:
    found: str = person.ask("{ viewer { user { id } } }")["viewer"]["user"]["id"]
    return found


def later(**by: float) -> str:
    return (datetime.now(UTC) + timedelta(**by)).isoformat(timespec="microseconds").replace("+00:00", "Z")


def entries(mod: Person, user: str) -> list[tuple[str, str | None, str | None]]:
    """The entries of the audit log about a person, the oldest first: action, reason and the handle of who acted."""
    found = mod.ask(LOG, user=user)["auditLog"]["nodes"]
    assert all(entry["user"]["id"] == user for entry in found)
    return [(entry["action"], entry["reason"], (entry["actor"] or {}).get("handle")) for entry in reversed(found)]


def suspended(mod: Person, person: Person, **given: Any) -> str:
    """Suspends a person, waits until the server knows, and returns their id."""
    user = id_of(person)
    mod.write("suspendUser", userId=user, **given)
    eventually(lambda: person.ask("{ viewer { suspension { at } } }")["viewer"]["suspension"], "the suspension")
    return user


def minimal(wanted: GraphQLInputObjectType) -> Data:
    """An input of a type with what is required."""
    return {name: _value(field.type) for name, field in wanted.fields.items() if is_required_input_field(field)}


def _value(of: Any) -> Any:
    if is_list_type(get_nullable_type(of)):
        return []
    named = get_named_type(of)
    if isinstance(named, GraphQLInputObjectType):
        return minimal(named)
    if isinstance(named, GraphQLEnumType):
        return next(iter(named.values))
    return {"Boolean": True, "Int": 1, "ID": "D_1", "String": "words", "DateTime": later(days=1)}[named.name]


def test_every_mutation_of_a_suspended_person_says_until_when_and_why(crowd: People, mod: Person) -> None:
    ada = crowd()
    ada.start()
    until = later(days=3)
    suspended(mod, ada, until=until, reason="Spam, again.")
    for name in MUTATIONS:
        (argument,) = FIELDS[name].args.values()
        wanted = get_named_type(argument.type)
        asked = "errors { __typename ... on MutationError { path } ... on Suspended { message reason until } }"
        document = f"mutation ($input: {wanted.name}!) {{ it: {name}(input: $input) {{ clientMutationId {asked} }} }}"
        for given in ({}, {"clientMutationId": secrets.token_hex(8)}):
            payload = ada.ask(document, input=minimal(wanted) | given)["it"]
            assert payload["clientMutationId"] == given.get("clientMutationId"), name
            (error,) = payload["errors"]
            message = error.pop("message", "")
            assert error == {"__typename": "Suspended", "path": None, "reason": "Spam, again.", "until": until}, name
            assert message.startswith("You are suspended until ") and "Spam, again." in message


def test_who_is_suspended_reads_as_a_member_and_is_offered_nothing(crowd: People, mod: Person) -> None:
    ada = crowd()
    discussion = ada.start()
    reply, removed = ada.reply(discussion), ada.reply(discussion, "Gone.")
    ada.delete(removed)
    can = "viewerCanEdit viewerCanDelete viewerCanReply viewerCanRestore viewerCanReport"
    asked = f"... on Post {{ {can} deletion {{ body }} }}"
    posts = (discussion, reply, removed)
    before = [ada.node(post, asked) for post in posts]
    assert [any(found[name] for name in can.split()) for found in before] == [True] * 3
    user = suspended(mod, ada)
    for post, earlier in zip(posts, before, strict=True):
        found = ada.node(post, asked)
        assert not any(found[name] for name in can.split()), post
        assert found["deletion"] == earlier["deletion"]
    assert ada.write("recordView", discussionId=discussion)["discussion"]["id"] == discussion
    assert ada.ask('{ previewBody(body: "*Words*") { bodyHtml } }')["previewBody"]["bodyHtml"]
    mod.write("unsuspendUser", userId=user)
    eventually(lambda: [ada.node(post, asked) for post in posts] == before, "the rights of before")


def test_the_role_of_who_is_suspended_stays_and_grants_nothing(crowd: People, mod: Person) -> None:
    guest = Person(crowd.http, crowd.reader.write("signInAsGuest", name=f"Gus {secrets.token_hex(4)}")["token"])
    asked = "{ viewer { role isGuest isModerator suspension { reason } } }"
    for person, role in ((crowd("Mo", moderator=True), "MODERATOR"), (crowd(), "MEMBER"), (guest, "GUEST")):
        user = suspended(mod, person, reason="Why.")
        expected = {"role": role, "isGuest": role == "GUEST", "isModerator": False, "suspension": {"reason": "Why."}}
        assert person.ask(asked)["viewer"] == expected
        assert person.codes(LOG, user=user) == ["NOT_ALLOWED"]
        mod.write("unsuspendUser", userId=user)
        back = expected | {"suspension": None, "isModerator": role == "MODERATOR"}
        eventually(lambda: person.ask(asked)["viewer"] == back, "the rights of before")  # noqa: B023


@pytest.mark.parametrize("name", SANCTIONS)
def test_only_moderators_change_what_others_may_do(crowd: People, mod: Person, name: str) -> None:
    ada, bo, gus = crowd(), crowd("Bo"), crowd("Gus", moderator=True)
    user = id_of(bo)
    suspended(mod, gus)
    given = {"userId": user} | SANCTIONS[name]
    guest = Person(crowd.http, crowd.reader.write("signInAsGuest", name=f"Zoe {secrets.token_hex(4)}")["token"])
    expected = [(crowd.reader, "NOT_SIGNED_IN"), (guest, "NOT_ALLOWED"), (ada, "NOT_ALLOWED"), (gus, "SUSPENDED")]
    for person, code in expected:
        assert person.refused(name, **given)["code"] == code
    assert entries(mod, user) == []


@pytest.mark.parametrize("name", SANCTIONS)
def test_a_sanction_is_refused_for_who_is_not_there(crowd: People, site: Parley, mod: Person, name: str) -> None:
    erased = crowd()
    user = id_of(erased)
    told("erase", "--handle", erased.handle, "--yes", **site.settings)
    for unknown in (user, "U_999999", "D_1", "nobody", ""):
        refused = mod.refused(name, userId=unknown, **SANCTIONS[name])
        assert (refused["code"], refused["path"]) == ("USER_NOT_FOUND", ["input", "userId"]), unknown
    reason = mod.refused(name, userId=id_of(crowd("Bo")), reason="x" * 501, **SANCTIONS[name])
    assert (reason["code"], reason["path"]) == ("REASON_TOO_LONG", ["input", "reason"])


def test_a_moderator_neither_suspends_nor_demotes_themselves(crowd: People, mod: Person) -> None:
    user = id_of(mod)
    for name, given in (("suspendUser", {}), ("setRole", {"role": "MEMBER"}), ("setRole", {"role": "APPLICATION"})):
        refused = mod.refused(name, userId=user, **given)
        assert (refused["code"], refused["path"]) == ("NOT_ALLOWED", ["input", "userId"])
    assert mod.ask("{ viewer { isModerator } }")["viewer"]["isModerator"] is True
    assert entries(mod, user) == []


def test_nobody_becomes_a_guest_and_guests_get_no_role(crowd: People, mod: Person) -> None:
    payload = crowd.reader.write("signInAsGuest", name=f"Gus {secrets.token_hex(4)}")
    guest = payload["viewer"]["user"]["id"]
    for user, role, part in ((guest, "MODERATOR", "userId"), (id_of(crowd()), "GUEST", "role")):
        refused = mod.refused("setRole", userId=user, role=role)
        assert (refused["code"], refused["path"]) == ("NOT_ALLOWED", ["input", part])
    # They can be suspended, and held.
    mod.write("suspendUser", userId=guest)
    assert mod.write("premoderateUser", userId=guest, premoderated=True)["user"]["premoderated"] is True


def test_a_suspension_does_not_end_in_the_past(crowd: People, mod: Person) -> None:
    user = id_of(crowd())
    for until in ("2001-02-03T04:05:06Z", later(seconds=-1)):
        refused = mod.refused("suspendUser", userId=user, until=until)
        assert (refused["code"], refused["path"]) == ("UNTIL_PASSED", ["input", "until"])
    assert entries(mod, user) == []


def test_each_act_is_one_entry_and_what_changes_nothing_is_none(crowd: People, mod: Person) -> None:
    user, by = id_of(crowd()), mod.handle
    expected: list[tuple[str, str | None, str | None]] = []
    acts: Sequence[tuple[str, Data, str | None]] = (
        ("unsuspendUser", {}, None),
        ("suspendUser", {"reason": "First."}, "SUSPEND_USER"),
        ("suspendUser", {"reason": "Second.", "until": later(days=2)}, "SUSPEND_USER"),
        ("unsuspendUser", {"reason": "Enough."}, "UNSUSPEND_USER"),
        ("unsuspendUser", {}, None),
        ("setRole", {"role": "MEMBER"}, None),
        ("setRole", {"role": "MODERATOR", "reason": "Trusted."}, "SET_ROLE"),
        ("setRole", {"role": "MODERATOR"}, None),
        ("setRole", {"role": "MEMBER"}, "SET_ROLE"),
        ("premoderateUser", {"premoderated": False}, None),
        ("premoderateUser", {"premoderated": True, "reason": "New."}, "PREMODERATE_USER"),
        ("premoderateUser", {"premoderated": True}, None),
        ("premoderateUser", {"premoderated": False}, "PREMODERATE_USER"),
    )
    for name, given, action in acts:
        # The same request again is the same act.
        again = key()
        for _ in range(2):
            assert mod.write(name, userId=user, **given, **again)["user"]["id"] == user
        expected += [] if action is None else [(action, given.get("reason"), by)]
        assert entries(mod, user) == expected, name


def test_a_suspension_that_is_changed_has_its_new_end_and_reason(crowd: People, mod: Person) -> None:
    ada, other = crowd(), crowd("Other", moderator=True)
    user = suspended(mod, ada, reason="First.")
    shown = f"... on User {{ {SUSPENSION} }}"
    first = {"reason": "First.", "until": None, "by": {"handle": mod.handle}}
    assert mod.node(user, shown)["suspension"] == first
    until = later(days=2)
    other.write("suspendUser", userId=user, reason="Second.", until=until)
    second = {"reason": "Second.", "until": until, "by": {"handle": other.handle}}
    assert mod.node(user, shown)["suspension"] == second
    # They do not learn which moderator it was.
    assert ada.node(user, shown)["suspension"] == second | {"by": None}
    assert ada.ask(f"{{ viewer {{ {SUSPENSION} }} }}")["viewer"]["suspension"] == second | {"by": None}


def test_others_see_neither_a_suspension_nor_that_somebody_is_premoderated(crowd: People, mod: Person) -> None:
    ada, bo = crowd(), crowd("Bo")
    discussion = ada.start()
    user = suspended(mod, ada, reason="Between us.")
    mod.write("premoderateUser", userId=user, premoderated=True)
    seen = f"... on Discussion {{ author {{ premoderated {SUSPENSION} }} }}"
    hidden = {"premoderated": None, "suspension": None}
    other = suspended(mod, bo)
    for person in (crowd.reader, crowd("Eve"), bo):
        # Twice, since the second may be answered by a page that was kept of the first.
        for _ in range(2):
            assert person.node(discussion, seen)["author"] == hidden
            found = person.node(user, f"... on User {{ premoderated {SUSPENSION} }}")
            assert {name: found[name] for name in hidden} == hidden
    assert ada.node(other, f"... on User {{ {SUSPENSION} }}")["suspension"] is None
    for _ in range(2):
        own, by_mod = ada.node(discussion, seen)["author"], mod.node(discussion, seen)["author"]
        assert (own["premoderated"], own["suspension"]["reason"]) == (None, "Between us.")
        assert (by_mod["premoderated"], by_mod["suspension"]["reason"]) == (True, "Between us.")


def test_another_role_is_an_event_and_a_suspension_is_none(crowd: People, mod: Person) -> None:
    ada = crowd()
    user = id_of(ada)
    after = crowd.reader.ask("{ feedCursor }")["feedCursor"]
    for name, given in (
        ("suspendUser", {}),
        ("unsuspendUser", {}),
        ("premoderateUser", {"premoderated": True}),
        ("setRole", {"role": "APPLICATION"}),
    ):
        mod.write(name, userId=user, **given)
    page = """query ($after: String!, $user: ID!) { feedEvents(after: $after, filter: {authorId: $user}) {
        nodes { event { __typename ... on UserChanged { user { role } } } } } }"""

    def happened() -> list[Data]:
        found = crowd.reader.ask(page, after=after, user=user)["feedEvents"]["nodes"]
        return [node["event"] for node in found]

    eventually(lambda: bool(happened()), "the event")
    assert happened() == [{"__typename": "UserChanged", "user": {"role": "APPLICATION"}}]


def test_a_suspension_ends_by_itself_with_an_entry_of_nobody(crowd: People, mod: Person) -> None:
    ada = crowd()
    discussion = ada.start()
    user = suspended(mod, ada, until=later(seconds=2), reason="A moment.")
    assert ada.refused("addReply", discussionId=discussion, body="Already?")["code"] == "SUSPENDED"
    eventually(lambda: not ada.payload("addReply", discussionId=discussion, body="At last.")["errors"], "its end")
    over = ("UNSUSPEND_USER", None, None)
    eventually(lambda: len(entries(mod, user)) == 2, "the entry")
    assert entries(mod, user) == [("SUSPEND_USER", "A moment.", mod.handle), over]
    assert ada.ask("{ viewer { suspension { at } } }")["viewer"]["suspension"] is None


def guest_from(crowd: People, address: str) -> Person:
    payload = crowd.reader.at(address).write("signInAsGuest", name=f"Guest {secrets.token_hex(4)}")
    return Person(crowd.http, payload["token"], payload["viewer"]["user"]["handle"], address=address)


def is_premoderated(mod: Person, person: Person) -> bool:
    found: bool = mod.node(id_of(person), "... on User { premoderated }")["premoderated"]
    return found


@pytest.mark.parametrize(
    ("own", "same", "others"),
    [
        ("198.51.100.7", "198.51.100.7", "198.51.100.8"),
        ("2001:db8:1:2::7", "2001:db8:1:2:a:b:c:d", "2001:db8:1:3::7"),
    ],
)
def test_a_new_guest_from_the_network_of_a_suspended_one_is_premoderated(
    crowd: People, mod: Person, own: str, same: str, others: str
) -> None:
    troll = guest_from(crowd, own)
    # While nobody from there is suspended, nobody is held.
    assert not is_premoderated(mod, guest_from(crowd, same))
    user = suspended(mod, troll)
    assert is_premoderated(mod, guest_from(crowd, same))
    assert not is_premoderated(mod, guest_from(crowd, others))
    mod.write("unsuspendUser", userId=user)
    assert not is_premoderated(mod, guest_from(crowd, own))


def test_the_network_from_which_a_suspended_member_reads_is_noted(crowd: People, mod: Person) -> None:
    ada = crowd().at("203.0.113.5")
    ada.start()
    assert not is_premoderated(mod, guest_from(crowd, "203.0.113.5"))
    suspended(mod, ada)
    eventually(lambda: is_premoderated(mod, guest_from(crowd, "203.0.113.5")), "the network to be noted")
    assert not is_premoderated(mod, guest_from(crowd, "203.0.113.6"))


def test_a_guest_who_is_suspended_gets_no_second_name_with_their_token(crowd: People, mod: Person) -> None:
    guest = guest_from(crowd, "192.0.2.77")
    suspended(mod, guest)
    assert guest.refused("signInAsGuest", name=f"Else {secrets.token_hex(4)}")["code"] == "SUSPENDED"


def test_a_role_that_a_moderator_gave_outlives_tokens_that_say_nothing(crowd: People, mod: Person) -> None:
    ada = crowd()
    user = id_of(ada)
    for role in ("MODERATOR", "APPLICATION", "MEMBER"):
        assert mod.write("setRole", userId=user, role=role)["user"]["role"] == role
        token = signed(claims(ada.handle, name=f"{ada.name} {role}", iat=datetime.now(UTC) + timedelta(seconds=2)))
        again = Person(crowd.http, token).ask("{ viewer { role isModerator } }")["viewer"]
        assert again == {"role": role, "isModerator": role == "MODERATOR"}
        assert ada.ask("{ viewer { role } }")["viewer"]["role"] == role
