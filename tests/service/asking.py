"""People who write to a server: each with a token of their own, made without a command."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import jwt

from tests.conftest import JWT_SECRET
from tests.processes import wait_until
from tests.servers import Parley

Data = dict[str, Any]

ISSUER = "https://people.example"
SOON_SECONDS = 20.0

ERRORS = """
errors {
  __typename code message path
  ... on TitleTooLong { limit } ... on BodyTooLong { limit } ... on TooManyQuotes { limit } ... on TooDeep { limit }
  ... on RateLimited { resetAt }
  ... on EditConflict { current { __typename id version body discussion { id title } } }
}
"""
REPLY = "reply { id sequence version state body bodyHtml path }"
DISCUSSION = "discussion { id number version state title body bodyHtml locked category { slug } }"
PAYLOADS = {
    "startDiscussion": DISCUSSION,
    "editDiscussion": DISCUSSION,
    "deleteDiscussion": DISCUSSION,
    "lockDiscussion": DISCUSSION,
    "unlockDiscussion": DISCUSSION,
    "recordView": DISCUSSION,
    "setPresence": DISCUSSION,
    "addReply": f"{REPLY} eventCursor edge {{ cursor depth node {{ id }} }}",
    "editReply": REPLY,
    "deleteReply": REPLY,
    "signInAsGuest": "token viewer { isGuest isModerator tokenExpiresAt user { id handle name } }",
}


def claims(handle: str, **more: Any) -> Data:
    """What a token says of a person; a claim of None is left out."""
    expires = datetime.now(UTC) + timedelta(hours=1)
    said = {"iss": ISSUER, "sub": f"id-{handle}", "exp": expires, "preferred_username": handle} | more
    return {name: value for name, value in said.items() if value is not None}


def signed(said: Data, secret: str = JWT_SECRET) -> str:
    """A token of a server's secret."""
    return jwt.encode(said, secret, algorithm="HS256")


def document(mutation: str) -> str:
    """The mutation with all of its payload."""
    kind = mutation[0].upper() + mutation[1:]
    asked = f"clientMutationId {PAYLOADS[mutation]} {ERRORS}"
    return f"mutation ($input: {kind}Input!) {{ {mutation}(input: $input) {{ {asked} }} }}"


def eventually(holds: Callable[[], bool], what: str) -> None:
    """Returns as soon as `holds()` is true."""
    wait_until(holds, seconds=SOON_SECONDS, what=what)


def raced(writes: list[Callable[[], Data]]) -> list[Data]:
    """What all of these give when they start at once."""
    with ThreadPoolExecutor(len(writes)) as threads:
        return [each.result() for each in [threads.submit(write) for write in writes]]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at a server; without a token, a reader."""

    http: httpx2.Client
    token: str | None = None
    handle: str = ""
    name: str = ""
    address: str | None = None

    def at(self, address: str) -> "Person":
        """The same person behind a proxy that gives this address."""
        return Person(self.http, self.token, self.handle, self.name, address)

    def post(self, query: str, **variables: Any) -> httpx2.Response:
        """The bare answer."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if self.address is not None:
            headers["X-Forwarded-For"] = self.address
        return self.http.post("/graphql", json={"query": query, "variables": variables}, headers=headers)

    def ask(self, query: str, **variables: Any) -> Data:
        """The data of an operation that must go well."""
        answer = self.post(query, **variables).json()
        assert "errors" not in answer, answer["errors"]
        data: Data = answer["data"]
        return data

    def codes(self, query: str, **variables: Any) -> list[str]:
        """The codes of the errors of an operation that can't go well."""
        return [error["extensions"]["code"] for error in self.post(query, **variables).json()["errors"]]

    def payload(self, mutation: str, **given: Any) -> Data:
        """What a mutation answers, failed or not."""
        payload: Data = self.ask(document(mutation), input=given)[mutation]
        return payload

    def write(self, mutation: str, **given: Any) -> Data:
        """What a mutation answers that must go well."""
        payload = self.payload(mutation, **given)
        assert payload["errors"] == [], payload["errors"]
        return payload

    def refused(self, mutation: str, **given: Any) -> Data:
        """The one error of a mutation that must change nothing."""
        payload = self.payload(mutation, **given)
        (error,) = payload["errors"]
        assert all(value is None for name, value in payload.items() if name not in ("errors", "clientMutationId"))
        assert error.pop("message").strip()
        refused: Data = error
        return refused

    def start(self, body: str = "To begin with.", title: str = "A title", **more: Any) -> str:
        """Starts a discussion and gives its id."""
        made: str = self.write("startDiscussion", title=title, body=body, **more)["discussion"]["id"]
        return made

    def reply(self, discussion: str, body: str = "Quite so.", to: str | None = None, **more: Any) -> str:
        """Adds a reply and gives its id."""
        made: str = self.write("addReply", discussionId=discussion, replyToId=to, body=body, **more)["reply"]["id"]
        return made

    def edit(self, reply: str, body: str, version: int = 1, **more: Any) -> Data:
        edited: Data = self.write("editReply", replyId=reply, expectedVersion=version, body=body, **more)["reply"]
        return edited

    def delete(self, reply: str, **more: Any) -> Data:
        deleted: Data = self.write("deleteReply", replyId=reply, **more)["reply"]
        return deleted

    def node(self, node_id: str, fields: str) -> Any:
        """Fields of a post, or whatever has the id."""
        return self.ask(f"query ($id: ID!) {{ node(id: $id) {{ __typename {fields} }} }}", id=node_id)["node"]

    def events(self, discussion: str, after: str, fields: str = "") -> list[Data]:
        """What happened after a cursor."""
        query = f"""query ($id: ID!, $after: String!) {{ discussion(id: $id) {{ events(after: $after, first: 100) {{
            nodes {{ __typename eventNumber clientMutationId {fields} }} }} }} }}"""
        events: list[Data] = self.ask(query, id=discussion, after=after)["discussion"]["events"]["nodes"]
        return events

    def cursor(self, discussion: str) -> str:
        """Where a discussion's log stands."""
        query = "query ($id: ID!) { discussion(id: $id) { eventCursor } }"
        cursor: str = self.ask(query, id=discussion)["discussion"]["eventCursor"]
        return cursor


@dataclass(frozen=True, slots=True)
class People:
    """Makes people at one server, each with a handle and a name that nobody else has."""

    http: httpx2.Client
    reader: Person

    def __call__(self, name: str = "Ada", *, moderator: bool = False) -> Person:
        unique = f"{name} X{secrets.token_hex(4)}"
        handle = unique.lower().replace(" ", "-")
        said = claims(handle, name=unique, parley_role="moderator" if moderator else None)
        return Person(self.http, signed(said), handle, unique)

    def several(self, *names: str) -> Sequence[Person]:
        return [self(name) for name in names]


@contextmanager
def people_of(parley: Parley) -> Iterator[People]:
    """People of a running server."""
    # The server closes what was idle for five seconds: a request must not meet that.
    limits = httpx2.Limits(max_connections=70, max_keepalive_connections=70, keepalive_expiry=2)
    with httpx2.Client(base_url=parley.url, timeout=60, limits=limits) as http:
        yield People(http, Person(http))


def quotes_of(asks: Person, post: str, fields: str = "", *, depth: int = 0) -> list[Data]:
    """The quotes a post makes."""
    asked = f"... on Post {{ quotes(maxDepth: {depth}) {{ id depth status attributedName bodyText {fields} }} }}"
    quotes: list[Data] = asks.node(post, asked)["quotes"]
    return quotes


def status_is(asks: Person, post: str, status: str) -> bool:
    """Whether the only quote of a post has this status."""
    return [quote["status"] for quote in quotes_of(asks, post)] == [status]
