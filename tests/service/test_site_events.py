"""The site's log: who changed, who was erased, which categories there are; and what an erasure leaves in the logs."""

import asyncio
import json
import secrets
from typing import Any

import pytest
from sqlalchemy import bindparam, func, literal, or_, select

import db.categories
from db.database import Database
from db.rows import CountRow
from db.statements import Statement, WriteStatement, inserted
from db.tables import event_people, events, mentions
from tests.support.http import Data, People, Person, claims, put, signed
from tests.support.servers import Parley, told
from tests.support.websocket import connected

SITE_EVENTS = """
  ... on UserChanged { user { id handle name avatarUrl role } }
  ... on UserErased { userId }
  ... on CategoryChanged { categoryId category { slug name } }
"""
PAGE = f"""query ($after: String!, $filter: FeedFilter) {{ feedEvents(after: $after, filter: $filter, first: 100) {{
  nodes {{ cursor event {{ __typename eventNumber clientMutationId {SITE_EVENTS}
    ... on PostChanged {{ post {{ id author {{ handle }} mentions {{ user {{ handle }} }} }} }}
    ... on ReplyAdded {{ reply {{ id author {{ handle name }} replyTo {{ author {{ handle }} }} }} }}
    ... on DiscussionEvent {{ discussion {{ id author {{ handle name }} }} }} }} }} }} }}"""
FEED = f"""subscription ($after: String) {{ feed(after: $after) {{
  __typename cursor ... on FeedItem {{ event {{ __typename {SITE_EVENTS} }} }} }} }}"""
OF_THE_SITE = {"UserChanged", "UserErased", "CategoryChanged"}


def feed_cursor(people: People) -> str:
    found: str = people.reader.ask("{ feedCursor }")["feedCursor"]
    return found


def happened(people: People, after: str, **chosen: Any) -> list[Data]:
    """The events after a cursor of the feed that a filter accepts."""
    page = people.reader.ask(PAGE, after=after, filter=chosen)["feedEvents"]
    return [node["event"] for node in page["nodes"]]


def kinds(people: People, after: str, **chosen: Any) -> list[str]:
    return [event["__typename"] for event in happened(people, after, **chosen)]


def sign_in(people: People, person: Person, **said: Any) -> Person:
    """The person with a token that says this, which has reached the server."""
    other = Person(people.http, signed(claims(person.handle, **said)), person.handle)
    other.ask("{ viewer { isModerator } }")
    return other


def make_category(site: Parley) -> str:
    slug = f"c{secrets.token_hex(6)}"
    url = str(site.settings["database_url"])
    made = put(url, lambda tx: db.categories.category(tx, slug=slug, name=slug.title(), description=None))
    return f"C_{made}"


def test_a_person_who_is_called_otherwise_is_an_event(site: Parley, crowd: People) -> None:
    ada = crowd()
    sign_in(crowd, ada, name=ada.name)
    after = feed_cursor(crowd)
    renamed = {"name": f"Countess {ada.handle}", "picture": "https://people.example/ada.png"}
    for said in ({"name": renamed["name"]}, renamed, renamed | {"parley_role": "moderator"}):
        for _ in range(2):
            sign_in(crowd, ada, **said)
    found = happened(crowd, after)
    assert [event["__typename"] for event in found] == ["UserChanged"] * 3
    numbers = [event["eventNumber"] for event in found]
    assert numbers == list(range(numbers[0], numbers[0] + 3))
    # Each shows the person as they are now.
    assert [event["user"]["name"] for event in found] == [renamed["name"]] * 3
    assert {event["user"]["avatarUrl"] for event in found} == {renamed["picture"]}
    assert {event["user"]["role"] for event in found} == {"MODERATOR"}
    # Somebody new, a suspension and its end change nothing that was shown.
    bo = crowd("Bo")
    bo.start()
    for command in ("suspend", "unsuspend"):
        told(command, "--handle", bo.handle, **site.settings)
    assert OF_THE_SITE.isdisjoint(kinds(crowd, happened_until(crowd, after)))


def happened_until(people: People, after: str) -> str:
    """The cursor after the last change of a person."""
    page = people.reader.ask(PAGE, after=after, filter={"kinds": ["USER_CHANGED"]})["feedEvents"]
    cursor: str = page["nodes"][-1]["cursor"]
    return cursor


def test_two_tokens_at_once_are_one_change(crowd: People) -> None:
    ada = crowd()
    sign_in(crowd, ada, name=ada.name)
    after = feed_cursor(crowd)
    token = signed(claims(ada.handle, name=f"Countess {ada.handle}"))
    twin = Person(crowd.http, token)

    async def ask() -> None:
        await asyncio.gather(*(asyncio.to_thread(twin.ask, "{ viewer { isGuest } }") for _ in range(8)))

    asyncio.run(ask())
    assert kinds(crowd, after) == ["UserChanged"]


def test_a_category_that_is_made_is_an_event(site: Parley, crowd: People) -> None:
    after = feed_cursor(crowd)
    category = make_category(site)
    slug = crowd.reader.node(category, "... on Category { slug }")["slug"]
    again = put(
        str(site.settings["database_url"]),
        lambda tx: db.categories.category(tx, slug=slug, name="Another", description=None),
    )
    assert f"C_{again}" == category
    (event,) = happened(crowd, after)
    assert (event["__typename"], event["categoryId"]) == ("CategoryChanged", category)
    assert event["category"] == {"slug": slug, "name": slug.title()}


@pytest.mark.anyio
async def test_the_stream_brings_events_of_the_site(site: Parley, crowd: People) -> None:
    ada = crowd()
    sign_in(crowd, ada, name=ada.name)
    async with connected(site) as socket:
        await socket.follow(FEED, "1", after=feed_cursor(crowd))
        assert await socket.replayed() == []
        sign_in(crowd, ada, name=f"Countess {ada.handle}")
        event = (await socket.item())["event"]
        assert (event["__typename"], event["user"]["handle"]) == ("UserChanged", ada.handle)


def test_events_of_the_site_pass_filters(site: Parley, crowd: People) -> None:
    ada, bo = crowd(), crowd("Bo")
    discussion = bo.start()
    sign_in(crowd, ada, name=ada.name)
    user = crowd.reader.ask("query ($h: String!) { user(handle: $h) { id } }", h=ada.handle)["user"]["id"]
    other = bo.node(discussion, "... on Post { author { id } }")["author"]["id"]
    after = feed_cursor(crowd)
    sign_in(crowd, ada, name=f"Countess {ada.handle}")
    category = make_category(site)
    told("erase", "--handle", ada.handle, "--yes", **site.settings)
    for_all = ["CategoryChanged", "UserErased"]
    for chosen in (
        {},
        {"categoryId": category},
        {"categoryId": None},
        {"discussionIds": [discussion]},
        {"authorId": user},
    ):
        assert kinds(crowd, after, **chosen) == ["UserChanged", *for_all], chosen
    assert kinds(crowd, after, authorId=other) == for_all
    assert kinds(crowd, after, kinds=["REPLY_ADDED"]) == for_all


def test_an_erasure_ends_with_an_event_and_leaves_nobody_in_the_logs(site: Parley, crowd: People) -> None:
    canary = f"zq{secrets.token_hex(5)}"
    ada = Person(crowd.http, signed(claims(f"ca-{canary}", name=f"Ca{canary} Nary")), f"ca-{canary}")
    bo = crowd("Bo")
    after = feed_cursor(crowd)
    own, other = ada.start(), bo.start("I see.", "What is it?")
    asked = ada.reply(other, "What do you see?", clientMutationId=f"key-{canary}")
    answer = bo.reply(other, f"Things, @{ada.handle}.", to=asked)
    bo.reply(own, "Indeed.")
    # As a name that begins a longer one: erasing leaves it, and has it mean nobody.
    kept = bo.reply(other, "Somebody else, then?")
    number = int(ada.ask("{ viewer { user { id } } }")["viewer"]["user"]["id"].removeprefix("U_"))
    url = str(site.settings["database_url"])
    row = {"post_id": int(kept.removeprefix("R_")), "user_id": number, "ordinal": 0, "start": 0, "length": 4}
    put(url, lambda tx: tx.run(WriteStatement(inserted(mentions)), attributed_name="Some", **row))
    sign_in(crowd, ada, name=f"Da{canary} Nary")
    assert named_in_logs(url, number) >= 5
    before = feed_cursor(crowd)

    told("erase", "--handle", ada.handle, "--yes", **site.settings)

    erased = happened(crowd, before)
    assert erased[-1]["__typename"] == "UserErased" and erased[-1]["userId"] == f"U_{number}"
    changed = {event["post"]["id"]: event["post"] for event in erased if event["__typename"] == "PostChanged"}
    assert set(changed) >= {answer, kept}
    assert changed[kept]["mentions"] == [{"user": None}]
    assert "QuoteStatusChanged" not in {event["__typename"] for event in erased}
    everything = happened(crowd, after)
    assert canary not in json.dumps(everything).lower()
    assert {event["user"]["name"] for event in everything if event["__typename"] == "UserChanged"} == {"[erased]"}
    assert named_in_logs(url, number) == 0


_named = Statement(
    select(literal(0).label("parent"), func.count().label("total"))
    .select_from(events)
    .where(
        or_(
            events.c.actor_id == bindparam("user"),
            events.c.author_id == bindparam("user"),
            events.c.answered_id == bindparam("user"),
        )
    ),
    CountRow,
)
_people = Statement(
    select(literal(0).label("parent"), func.count().label("total"))
    .select_from(event_people)
    .where(event_people.c.user_id == bindparam("user")),
    CountRow,
)


def named_in_logs(url: str, user: int) -> int:
    """How often events name a person whose they are, or to whom."""

    async def count() -> int:
        async with Database(url) as database:
            found = [await database.row(statement, user=user) for statement in (_named, _people)]
            return sum(row.total for row in found if row)

    return asyncio.run(count())
