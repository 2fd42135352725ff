"""The HTTP client of the tests: users with tokens of their own, who ask and write at a server."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self, TypeVar

import httpx2
import jwt

from access.tokens import LEEWAY_SECONDS
from db.database import Database, Transaction
from tests.support.servers import JWT_SECRET, Parley

T = TypeVar("T")
Data = dict[str, Any]

ISSUER = "https://people.example"

ERRORS = """
errors { ... on MutationError {
  __typename code message path
  ... on TitleTooLong { limit } ... on BodyTooLong { limit } ... on TooManyQuotes { limit } ... on TooDeep { limit }
  ... on ReasonTooLong { limit }
  ... on RateLimited { resetAt }
  ... on EditConflict { current { __typename id version body discussion { id title } } }
} }
"""
"""For any mutation: a field of MutationError takes every error, which that of one mutation alone does not."""
REPLY = "reply { id sequence version state body bodyHtml path }"
DISCUSSION = "discussion { id number version state title body bodyHtml locked pinned category { slug } }"
CATEGORY = "category { id slug name description position premoderated }"
PAYLOADS = {
    "startDiscussion": DISCUSSION,
    "editDiscussion": DISCUSSION,
    "deleteDiscussion": DISCUSSION,
    "restoreDiscussion": DISCUSSION,
    "lockDiscussion": DISCUSSION,
    "unlockDiscussion": DISCUSSION,
    "pinDiscussion": DISCUSSION,
    "unpinDiscussion": DISCUSSION,
    "moveDiscussion": DISCUSSION,
    "retitleDiscussion": DISCUSSION,
    "addCategory": CATEGORY,
    "editCategory": CATEGORY,
    **dict.fromkeys(("suspendUser", "unsuspendUser", "setRole", "premoderateUser"), "user { id role premoderated }"),
    "recordView": DISCUSSION,
    "setPresence": DISCUSSION,
    "addReply": f"{REPLY} eventCursor edge {{ cursor depth node {{ id }} }}",
    "editReply": REPLY,
    "deleteReply": REPLY,
    "restoreReply": REPLY,
    "signInAsGuest": "token viewer { isGuest isModerator tokenExpiresAt user { id handle name } }",
}


def claims(handle: str, **more: Any) -> Data:
    """The claims of a user's token; a claim of None is left out."""
    expires = datetime.now(UTC) + timedelta(hours=1)
    said = {"iss": ISSUER, "sub": f"id-{handle}", "exp": expires, "preferred_username": handle} | more
    return {name: value for name, value in said.items() if value is not None}


def key() -> Data:
    """A key of its own for a write, so that the same words again within a minute are no double click."""
    return {"clientMutationId": secrets.token_hex(8)}


def about_to_expire(seconds: float) -> datetime:
    """Returns the `exp` of a token that a server goes on to accept for so long."""
    return datetime.now(UTC) + timedelta(seconds=seconds - LEEWAY_SECONDS)


def signed(said: Data, secret: str = JWT_SECRET) -> str:
    """Returns a token that a server's secret signs."""
    return jwt.encode(said, secret, algorithm="HS256")


def document(mutation: str) -> str:
    """Returns the document of a mutation that selects its whole payload."""
    kind = mutation[0].upper() + mutation[1:]
    asked = f"clientMutationId {PAYLOADS[mutation]} {ERRORS}"
    return f"mutation ($input: {kind}Input!) {{ {mutation}(input: $input) {{ {asked} }} }}"


def raced(writes: Sequence[Callable[[], Data]]) -> list[Data]:
    """Runs all of these at once, and returns what they return."""
    with ThreadPoolExecutor(len(writes)) as threads:
        return [each.result() for each in [threads.submit(write) for write in writes]]


@dataclass(frozen=True, slots=True)
class Person:
    """A user of a server; an anonymous reader if there is no token."""

    http: httpx2.Client
    token: str | None = None
    handle: str = ""
    name: str = ""
    address: str | None = None

    def at(self, address: str) -> "Person":
        """The same user behind a proxy that forwards this address."""
        return Person(self.http, self.token, self.handle, self.name, address)

    def post(self, query: str, /, **variables: Any) -> httpx2.Response:
        """Sends one operation, and returns the response as it is."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if self.address is not None:
            headers["X-Forwarded-For"] = self.address
        return self.http.post("/graphql", json={"query": query, "variables": variables}, headers=headers)

    def ask(self, query: str, **variables: Any) -> Data:
        """Returns the data of an operation that must succeed."""
        answer = self.post(query, **variables).json()
        assert "errors" not in answer, answer["errors"]
        data: Data = answer["data"]
        return data

    def codes(self, query: str, **variables: Any) -> list[str]:
        """Returns the codes of the errors of an operation that must fail."""
        return [error["extensions"]["code"] for error in self.post(query, **variables).json()["errors"]]

    def payload(self, mutation: str, **given: Any) -> Data:
        """Returns the payload of a mutation, with errors or without."""
        payload: Data = self.ask(document(mutation), input=given)[mutation]
        return payload

    def write(self, mutation: str, **given: Any) -> Data:
        """Returns the payload of a mutation that must succeed."""
        payload = self.payload(mutation, **given)
        assert payload["errors"] == [], payload["errors"]
        return payload

    def refused(self, mutation: str, **given: Any) -> Data:
        """Returns the one error of a mutation that must be refused."""
        payload = self.payload(mutation, **given)
        (error,) = payload["errors"]
        assert all(value is None for name, value in payload.items() if name not in ("errors", "clientMutationId"))
        assert error.pop("message").strip()
        refused: Data = error
        return refused

    def start(self, body: str = "To begin with.", title: str = "A title", **more: Any) -> str:
        """Starts a discussion, also of the same words as another one, and returns its id."""
        given = key() | {"title": title, "body": body} | more
        made: str = self.write("startDiscussion", **given)["discussion"]["id"]
        return made

    def reply(self, discussion: str, body: str = "Quite so.", to: str | None = None, **more: Any) -> str:
        """Adds a reply, also of the same words as another one, and returns its id."""
        given = key() | {"discussionId": discussion, "replyToId": to, "body": body} | more
        made: str = self.write("addReply", **given)["reply"]["id"]
        return made

    def edit(self, reply: str, body: str, version: int = 1, **more: Any) -> Data:
        edited: Data = self.write("editReply", replyId=reply, expectedVersion=version, body=body, **more)["reply"]
        return edited

    def delete(self, reply: str, **more: Any) -> Data:
        deleted: Data = self.write("deleteReply", replyId=reply, **more)["reply"]
        return deleted

    def node(self, node_id: str, fields: str) -> Any:
        """Returns fields of the node with this id."""
        return self.ask(f"query ($id: ID!) {{ node(id: $id) {{ __typename {fields} }} }}", id=node_id)["node"]

    def events(self, discussion: str, after: str, fields: str = "") -> list[Data]:
        """Returns the events of a discussion after a cursor."""
        query = f"""query ($id: ID!, $after: String!) {{ discussion(id: $id) {{ events(after: $after, first: 100) {{
            nodes {{ __typename eventNumber clientMutationId {fields} }} }} }} }}"""
        events: list[Data] = self.ask(query, id=discussion, after=after)["discussion"]["events"]["nodes"]
        return events

    def cursor(self, discussion: str) -> str:
        """Returns the cursor of a discussion's last event."""
        query = "query ($id: ID!) { discussion(id: $id) { eventCursor } }"
        cursor: str = self.ask(query, id=discussion)["discussion"]["eventCursor"]
        return cursor


@dataclass(frozen=True, slots=True)
class People:
    """Adds users at one server, each with a unique handle and name."""

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
    """Users of a running server, over one pool of connections."""
    # The server closes what was idle for five seconds: a request must not meet that.
    limits = httpx2.Limits(max_connections=70, max_keepalive_connections=70, keepalive_expiry=2)
    with httpx2.Client(base_url=parley.url, timeout=60, limits=limits) as http:
        yield People(http, Person(http))


def quotes_of(asks: Person, post: str, fields: str = "", *, depth: int = 0) -> list[Data]:
    """Returns the quotes that a post makes."""
    asked = f"... on Post {{ quotes(maxDepth: {depth}) {{ id depth status attributedName bodyText {fields} }} }}"
    quotes: list[Data] = asks.node(post, asked)["quotes"]
    return quotes


def status_is(asks: Person, post: str, status: str) -> bool:
    """Returns whether the only quote of a post has this status."""
    return [quote["status"] for quote in quotes_of(asks, post)] == [status]


START_DISCUSSION = """
mutation ($input: StartDiscussionInput!) {
  startDiscussion(input: $input) { discussion { id number } errors { message } }
}
"""
ADD_REPLY = "mutation ($input: AddReplyInput!) { addReply(input: $input) { reply { id sequence } errors { message } } }"


class Failed(Exception):
    """A response with errors that the test did not expect."""

    def __init__(self, errors: Sequence[Data]) -> None:
        super().__init__("; ".join(str(error) for error in errors))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Answer:
    """A response: partial data and errors may come together."""

    data: Data | None
    errors: Sequence[Data] = ()

    @property
    def codes(self) -> list[str]:
        return [error["extensions"]["code"] for error in self.errors]


@dataclass(frozen=True, slots=True)
class Discussion:
    """The id and the number of a discussion."""

    id: str
    number: int


class Client:
    """Asks one server as users of fixed handles, for tests that need several users and none of their names.

    Every request goes through `Person`.
    """

    def __init__(self, http: httpx2.Client) -> None:
        self._http = http

    @classmethod
    @contextmanager
    def of(cls, parley: Parley) -> Iterator[Self]:
        """A client of a running server, closed at the end."""
        with people_of(parley) as people:
            yield cls(people.http)

    def answer(self, document: str, variables: Mapping[str, Any] | None = None, token: str | None = None) -> Answer:
        """Returns data and errors, whatever they are."""
        response = Person(self._http, token).post(document, **(variables or {})).json()
        return Answer(response.get("data"), response.get("errors", ()))

    def query(self, document: str, variables: Mapping[str, Any] | None = None, token: str | None = None) -> Data:
        """Returns the data of an operation that must succeed. Raises Failed."""
        answer = self.answer(document, variables, token)
        if answer.errors or answer.data is None:
            raise Failed(answer.errors)
        return answer.data

    def token(self, handle: str, *, moderator: bool = False) -> str:
        """Returns a token of the user of this handle, who is added when it first arrives."""
        return signed(claims(handle, parley_role="moderator" if moderator else None))

    def write(self, document: str, by: str, *, moderator: bool = False, **given: Any) -> Data:
        """Returns the payload of a mutation with the variable `input`. Raises Failed, also for its own errors."""
        (payload,) = self.query(document, {"input": given}, self.token(by, moderator=moderator)).values()
        if payload["errors"]:
            raise Failed(payload["errors"])
        found: Data = payload
        return found

    def start_discussion(
        self, by: str, title: str = "A title", body: str = "To begin with.", **more: Any
    ) -> Discussion:
        """Starts a discussion, also of the same words; `more` is more of its input, as `categoryId`."""
        given = key() | {"title": title, "body": body} | more
        made = self.write(START_DISCUSSION, by, **given)["discussion"]
        return Discussion(made["id"], made["number"])

    def add_reply(
        self, discussion: Discussion, by: str, body: str = "Quite so.", *, to: str | None = None, **more: Any
    ) -> Data:
        """Adds a reply, also of the same words, to the opening post or the reply `to`; gives `id` and `sequence`."""
        given = key() | {"discussionId": discussion.id, "replyToId": to, "body": body} | more
        reply: Data = self.write(ADD_REPLY, by, **given)["reply"]
        return reply

    def add_replies(self, discussion: Discussion, parents: Sequence[int], by: Sequence[str]) -> list[str]:
        """Adds one reply for each of `parents`, the sequence of what it answers (0: the opening post).

        The people `by` take turns. Gives the ids of the replies.
        """
        ids: list[str] = []
        for at, parent in enumerate(parents):
            answered = ids[parent - 1] if parent else None
            reply = self.add_reply(discussion, by[at % len(by)], f"Reply {at + 1} to {parent}.", to=answered)
            assert reply["sequence"] == at + 1
            ids.append(reply["id"])
        return ids


def put(database_url: str, work: Callable[[Transaction], Awaitable[T]]) -> T:
    """Writes to the database of a running server what no mutation can: categories, posts of another time."""

    async def write() -> T:
        async with Database(database_url) as opened:
            return await opened.write(work)

    return asyncio.run(write())
