"""Those who write and those who follow, through every fault: they go on until the servers do as they were asked."""

import asyncio
import json
import random
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from time import time
from typing import Any, Generic, TypeVar

from live.cursors import Cursors
from tests.faults.cluster import Node
from tests.faults.history import ADDED, Followed, FollowedFeed, FollowedModeration, Frame, Post, Write
from tests.faults.wire import Requests, WebSocket, connected

ANSWER_SECONDS = 4.0
SILENCE_SECONDS = 1.0
"""After so long without a frame, a follower pings."""
SILENCES = 3
"""After so many it leaves."""
MOST_BACKOFF_SECONDS = 1.0
MOST_BEHIND_SECONDS = 5.0
"""What a writer is more behind than this after an outage is not made up for."""
KEPT_BACK = 0.2
"""The part of replies that nobody answers: their authors edit and delete them."""
EDITED, DELETED, RESTORED = 0.05, 0.02, 0.015

REPLY = "reply { id sequence version state body lastEvent }"
ADD = f"mutation ($input: AddReplyInput!) {{ it: addReply(input: $input) {{ {REPLY} errors {{ __typename }} }} }}"
EDIT = f"mutation ($input: EditReplyInput!) {{ it: editReply(input: $input) {{ {REPLY} errors {{ __typename }} }} }}"
DELETE = (
    f"mutation ($input: DeleteReplyInput!) {{ it: deleteReply(input: $input) {{ {REPLY} errors {{ __typename }} }} }}"
)
RESTORE = (
    f"mutation ($input: RestoreReplyInput!) {{ it: restoreReply(input: $input) {{ {REPLY} errors {{ __typename }} }} }}"
)
EVENTS = f"""subscription ($id: ID!, $after: String) {{ it: discussionEvents(discussionId: $id, after: $after) {{
  __typename cursor ... on DiscussionEvent {{ eventNumber discussion {{ version }} }} ... on ReplyAdded {{ {REPLY} }}
  ... on ReplyEdited {{ {REPLY} }} ... on ReplyDeleted {{ {REPLY} }} ... on ReplyRestored {{ {REPLY} }}
  ... on ResyncRequired {{ reason }} }} }}"""
REPLIES = f"""subscription ($id: ID!, $after: String) {{ it: replyAdded(discussionId: $id, after: $after) {{
  __typename cursor eventNumber {REPLY} }} }}"""
THREAD = """query ($id: ID!, $after: String) { discussion(id: $id) { eventCursor replyCount
  thread(first: 500, after: $after) { pageInfo { hasNextPage endCursor }
  nodes { id sequence version state body lastEvent } } } }"""


@dataclass(slots=True)
class Town:
    """Where people meet: the servers they go to, and the discussions they have."""

    nodes: Sequence[Node]
    cursors: Cursors
    discussions: list[int]
    requests: dict[str, Requests]
    """By the address of each server."""
    answered: dict[int, list[str]] = field(default_factory=dict)
    """Replies that may be answered, of each discussion."""
    complaints: list[str] = field(default_factory=list)

    async def ask(self, node: Node, document: str, variables: dict[str, Any], token: str | None = None) -> Any:
        """The answer's data. Raises Unanswered where it has errors, or none comes."""
        content = json.dumps({"query": document, "variables": variables}).encode()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                answer = json.loads(await self.requests[node.url].post(content, token))
        except (OSError, EOFError, KeyError, ValueError) as error:
            raise Unanswered(repr(error)) from error
        if answer.get("errors"):
            raise Unanswered(str(answer["errors"]))
        return answer["data"]

    async def asked(
        self, chance: random.Random, document: str, variables: dict[str, Any], token: str | None = None
    ) -> Any:
        """The answer's data, from whichever server gives it."""
        while True:
            try:
                return await self.ask(chance.choice(self.nodes), document, variables, token)
            except Unanswered:
                await asyncio.sleep(chance.uniform(0.1, MOST_BACKOFF_SECONDS))

    async def snapshot(self, chance: random.Random, discussion: int) -> tuple[str, dict[int, Post]]:
        """A discussion's eventCursor and all of its replies, asked until some server answers."""
        while True:
            node = chance.choice(self.nodes)
            try:
                return await self._snapshot(node, discussion)
            except Unanswered:
                await asyncio.sleep(chance.uniform(0.1, MOST_BACKOFF_SECONDS))

    async def _snapshot(self, node: Node, discussion: int) -> tuple[str, dict[int, Post]]:
        posts: dict[int, Post] = {}
        cursor, after = "", None
        while True:
            data = (await self.ask(node, THREAD, {"id": f"D_{discussion}", "after": after}))["discussion"]
            # That of the first page: what changes while the rest is read, the stream brings again.
            cursor = cursor or data["eventCursor"]
            for reply in data["thread"]["nodes"]:
                number, post = read_reply(reply)
                posts[number] = post
            page = data["thread"]["pageInfo"]
            if not page["hasNextPage"]:
                return cursor, posts
            after = page["endCursor"]


class Unanswered(Exception):
    """The server did not do what it was asked, or it may have and did not say so."""


@dataclass(slots=True)
class Writer:
    """Somebody who replies, and sometimes edits, deletes or restores one of their own, one write after the other."""

    name: str
    token: str
    town: Town
    chance: random.Random
    writes: list[Write] = field(default_factory=list)
    own: list[tuple[int, str, int]] = field(default_factory=list)
    """Discussion, id and version of replies that nobody answers."""
    deleted: list[tuple[int, str]] = field(default_factory=list)
    """Discussion and id of those that were deleted."""

    async def write(self, *, pause_seconds: float, until: asyncio.Event) -> None:
        """Writes with such pauses on average, and ends with an acknowledged write; what is late is made up for."""
        due = time()
        while not until.is_set():
            due = max(due, time() - MOST_BEHIND_SECONDS) + self.chance.uniform(0.5, 1.5) * pause_seconds
            await asyncio.sleep(max(0.0, due - time()))
            await self._write_once()

    async def _write_once(self) -> None:
        lot = self.chance.random()
        key = f"{self.name}-{len(self.writes) + 1}"
        if self.own and lot < DELETED:
            discussion, reply, _ = self.own.pop(self.chance.randrange(len(self.own)))
            await self.until_done(Write(key, discussion, "ReplyDeleted", time()), DELETE, {"replyId": reply})
            self.deleted.append((discussion, reply))
        elif self.deleted and lot < DELETED + RESTORED:
            discussion, reply = self.deleted.pop(self.chance.randrange(len(self.deleted)))
            restored = await self.until_done(
                Write(key, discussion, "ReplyRestored", time()), RESTORE, {"replyId": reply}
            )
            if restored is not None:
                self.own.append((discussion, reply, restored["version"]))
        elif self.own and lot < DELETED + RESTORED + EDITED:
            at = self.chance.randrange(len(self.own))
            discussion, reply, version = self.own[at]
            given = {"replyId": reply, "expectedVersion": version, "body": f"Edited by {key}."}
            edited = await self.until_done(Write(key, discussion, "ReplyEdited", time()), EDIT, given)
            if edited is not None:
                self.own[at] = (discussion, reply, edited["version"])
        else:
            discussion = self.chance.choice(self.town.discussions)
            others = self.town.answered[discussion]
            to = self.chance.choice(others) if others and self.chance.random() < 0.5 else None
            given = {"discussionId": f"D_{discussion}", "replyToId": to, "body": f"Said by {key}."}
            added = await self.until_done(Write(key, discussion, ADDED, time()), ADD, given)
            if added is not None and self.chance.random() < KEPT_BACK:
                self.own.append((discussion, added["id"], added["version"]))
            # A thread is only so deep: most answer one of the first.
            elif added is not None and len(others) < 50:
                others.append(added["id"])

    async def until_done(self, write: Write, document: str, given: dict[str, Any]) -> Any:
        """Sends a write under its key, to one server after the other, until one acknowledges it; gives the post."""
        self.writes.append(write)
        backoff = 0.05
        while True:
            node = self.chance.choice(self.town.nodes)
            try:
                said = await self.town.ask(
                    node, document, {"input": given | {"clientMutationId": write.key}}, self.token
                )
            except Unanswered:
                write.attempts += 1
                await asyncio.sleep(self.chance.uniform(0.5, 1.0) * backoff)
                backoff = min(MOST_BACKOFF_SECONDS, 2 * backoff)
                continue
            payload = said["it"]
            if payload["errors"]:
                self.town.complaints.append(f"Write {write.key} was refused: {payload['errors']}.")
                return None
            write.acknowledged = time()
            if "reply" in payload:
                write.post, _ = read_reply(payload["reply"])
                return payload["reply"]
            write.discussion = int(payload["discussion"]["id"].removeprefix("D_"))
            return payload["discussion"]


Record = TypeVar("Record", bound=Followed | FollowedFeed | FollowedModeration)


@dataclass
class Follower(ABC, Generic[Record]):
    """Somebody who follows a stream, comes back after any end, and writes down every frame as it is."""

    followed: Record
    cursor: str
    """Of the last event handled, or where it began."""
    town: Town
    chance: random.Random
    socket: WebSocket | None = None
    pinged: int = 0
    """Pings since the last frame."""

    @property
    def credentials(self) -> dict[str, str]:
        """What it signs in with."""
        return {}

    async def follow(self) -> None:
        """Follows until it is cancelled."""
        backoff = 0.05
        while True:
            heard = len(self.followed.frames)
            with suppress(OSError, TimeoutError):
                await self._connect(self.chance.choice(self.town.nodes))
            if len(self.followed.frames) > heard:
                backoff = 0.05
            await asyncio.sleep(self.chance.uniform(0.5, 1.0) * backoff)
            backoff = min(MOST_BACKOFF_SECONDS, 2 * backoff)

    def cut(self) -> None:
        """Ends the connection without a word."""
        if self.socket is not None:
            self.socket.cut()

    async def _connect(self, node: Node) -> None:
        async with asyncio.timeout(ANSWER_SECONDS):
            self.socket = await connected(node.ws_url, self._heard)
        try:
            self.socket.send(json.dumps({"type": "connection_init", "payload": self.credentials}))
            self.pinged = 0
            while not self.socket.closed.done():
                before = len(self.followed.frames)
                await asyncio.wait([self.socket.closed], timeout=SILENCE_SECONDS)
                if len(self.followed.frames) > before:
                    self.pinged = 0
                elif self.pinged == SILENCES:
                    return
                else:
                    self.pinged += 1
                    self.socket.send('{"type":"ping"}')
        finally:
            self.socket.cut()
            self.socket = None

    def _heard(self, text: str) -> None:
        assert self.socket is not None
        message = json.loads(text)
        match message["type"]:
            case "next":
                self._handle(message["payload"])
            case "pong":
                self.pinged = 0
            case "ping":
                self.socket.send('{"type":"pong"}')
            case "connection_ack":
                self.followed.opened += 1
                self._subscribe(self.socket)
            case "error" if all(error["extensions"]["code"] == "INTERNAL" for error in message["payload"]):
                # While the database is away, a stream may end, like with any other end: with nothing passed over.
                self.followed.errors += 1
                self.socket.cut()
            case _:
                self.followed.complaints.append(f"was told {text[:300]}")
                self.socket.cut()

    def _subscribe(self, socket: WebSocket) -> None:
        document, variables = self.wanted()
        payload = {"query": document, "variables": variables | {"after": self.cursor}}
        socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": payload}))
        if document == REPLIES:
            self.followed.connections.append(time())

    def _handle(self, payload: dict[str, Any]) -> None:
        at = time()
        if payload.get("errors"):
            # An item without a cursor is an event that a client would miss.
            self.followed.complaints.append(f"was brought an item with errors: {str(payload)[:300]}")
            self.cut()
            return
        item = payload["data"]["it"]
        match item["__typename"]:
            case "CaughtUp":
                self.followed.connections.append(at)
            case "ResyncRequired":
                self.followed.complaints.append(f"was told to begin anew: {item['reason']}.")
            case _:
                self.take(item, at)
        self.cursor = item["cursor"]

    @abstractmethod
    def wanted(self) -> tuple[str, dict[str, Any]]:
        """The document to subscribe with, and its variables but for the cursor."""

    @abstractmethod
    def take(self, item: dict[str, Any], at: float) -> None:
        """Writes down what came."""


class DiscussionFollower(Follower[Followed]):
    """Follows one discussion."""

    def wanted(self) -> tuple[str, dict[str, Any]]:
        document = REPLIES if self.followed.added_only else EVENTS
        return document, {"id": f"D_{self.followed.discussion}"}

    def take(self, item: dict[str, Any], at: float) -> None:
        frame = read_event(item, at, self.town.cursors.read(item["cursor"]).epoch)
        self.followed.frames.append(frame)
        if frame.post is not None:
            _, post = read_reply(item["reply"])
            known = self.followed.posts.get(frame.post)
            if known is None or known.last_event <= post.last_event:
                self.followed.posts[frame.post] = post


def read_event(event: dict[str, Any], at: float, tag: bytes) -> Frame:
    """An event as it came. What happens to a discussion itself is of no reply."""
    number, version = None, 0
    if "reply" in event:
        number, post = read_reply(event["reply"])
        version = post.version
    elif "discussion" in event:
        version = event["discussion"]["version"]
    return Frame(at, event["eventNumber"], tag, event["__typename"], number, version)


def read_reply(reply: dict[str, Any]) -> tuple[int, Post]:
    """The number of a reply's id, and what it says."""
    number = int(reply["id"].removeprefix("R_"))
    return number, Post(reply["sequence"], reply["version"], reply["state"], reply["body"], reply["lastEvent"])
