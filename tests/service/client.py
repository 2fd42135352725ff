"""A GraphQL client for tests: it asks over HTTP, and what goes wrong unexpectedly is an exception."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self, TypeVar

import httpx2

from db.database import Database, Transaction
from tests.servers import Parley
from tests.service.asking import claims, signed

T = TypeVar("T")
Data = dict[str, Any]

START = """
mutation ($input: StartDiscussionInput!) {
  startDiscussion(input: $input) { discussion { id number } errors { message } }
}
"""
REPLY = "mutation ($input: AddReplyInput!) { addReply(input: $input) { reply { id sequence } errors { message } } }"


class Failed(Exception):
    """An answer with errors that the test did not expect."""

    def __init__(self, errors: Sequence[Data]) -> None:
        super().__init__("; ".join(str(error) for error in errors))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: partial data and errors may come together."""

    data: Data | None
    errors: Sequence[Data] = ()

    @property
    def codes(self) -> list[str]:
        return [error["extensions"]["code"] for error in self.errors]


@dataclass(frozen=True, slots=True)
class Discussion:
    """A discussion as other requests name it."""

    id: str
    number: int


class Client:
    """Asks one server, with a kept connection."""

    def __init__(self, http: httpx2.Client) -> None:
        self._http = http

    @classmethod
    @contextmanager
    def of(cls, parley: Parley) -> Iterator[Self]:
        """A client of a running server, closed at the end."""
        with httpx2.Client(base_url=parley.url, timeout=30) as http:
            yield cls(http)

    def answer(self, document: str, variables: Mapping[str, Any] | None = None, token: str | None = None) -> Answer:
        """Whatever the server says."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        told = self._http.post(
            "/graphql", json={"query": document, "variables": variables or {}}, headers=headers
        ).json()
        return Answer(told.get("data"), told.get("errors", ()))

    def query(self, document: str, variables: Mapping[str, Any] | None = None, token: str | None = None) -> Data:
        """The data of an operation that must go well. Raises Failed."""
        answer = self.answer(document, variables, token)
        if answer.errors or answer.data is None:
            raise Failed(answer.errors)
        return answer.data

    def token(self, handle: str, *, moderator: bool = False) -> str:
        """A token of the person of this handle, who is made at its first sight."""
        return signed(claims(handle, parley_role="moderator" if moderator else None))

    def write(self, document: str, by: str, *, moderator: bool = False, **given: Any) -> Data:
        """The payload of a mutation with one field and the variable `input`. Raises Failed, also for its own errors."""
        (payload,) = self.query(document, {"input": given}, self.token(by, moderator=moderator)).values()
        if payload["errors"]:
            raise Failed(payload["errors"])
        found: Data = payload
        return found

    def start_discussion(
        self, by: str, title: str = "A title", body: str = "To begin with.", **more: Any
    ) -> Discussion:
        """Starts a discussion; `more` is more of its input, as `categoryId`."""
        made = self.write(START, by, title=title, body=body, **more)["discussion"]
        return Discussion(made["id"], made["number"])

    def add_reply(
        self, discussion: Discussion, by: str, body: str = "Quite so.", *, to: str | None = None, **more: Any
    ) -> Data:
        """Adds a reply, to the opening post or the reply of the id `to`; gives its `id` and `sequence`."""
        reply: Data = self.write(REPLY, by, discussionId=discussion.id, replyToId=to, body=body, **more)["reply"]
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
    """Writes beside the running server what no mutation can: categories, and posts of another time."""

    async def write() -> T:
        async with Database(database_url) as opened:
            return await opened.write(work)

    return asyncio.run(write())
