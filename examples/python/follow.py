"""Follows a discussion in the terminal with gql: loads its thread, adds a reply, and resumes after every cut.

    follow.py NUMBER [--reply TEXT [--to SEQUENCE]]

PARLEY_URL is where Parley answers. PARLEY_TOKEN is who writes; a guest, where it is not set.
"""

import argparse
import asyncio
import os
import random
import sys
import uuid
from collections.abc import Callable
from typing import Any

from gql import Client, gql
from gql.transport.exceptions import TransportError, TransportQueryError
from gql.transport.websockets import WebsocketsTransport

URL = os.environ.get("PARLEY_URL", "http://127.0.0.1:8000").replace("http", "ws", 1) + "/graphql"
LONGEST_PAUSE_SECONDS = 15.0
RESYNC = {"RESYNC_REQUIRED", "BAD_CURSOR"}
PASSING = {"RATE_LIMITED", "INTERNAL"}

REPLY = "id sequence lastEvent path state bodyText author { name }"
THREAD = f"""query ($number: Int!, $after: String) {{
  discussion(number: $number) {{
    id title eventCursor
    thread(first: 200, after: $after) {{ nodes {{ {REPLY} }} pageInfo {{ hasNextPage endCursor }} }}
  }}
}}"""
EVENTS = f"""subscription ($discussionId: ID!, $after: String!) {{
  discussionEvents(discussionId: $discussionId, after: $after) {{
    __typename cursor
    ... on ReplyAdded {{ reply {{ {REPLY} }} }}
    ... on ReplyEdited {{ reply {{ {REPLY} }} }}
    ... on ReplyDeleted {{ reply {{ {REPLY} }} unlisted }}
    ... on ReplyRestored {{ reply {{ {REPLY} }} edges {{ node {{ state }} }} }}
    ... on PostChanged {{ post {{ ... on Reply {{ {REPLY} }} }} }}
  }}
}}"""
ADD_REPLY = f"""mutation ($input: AddReplyInput!) {{
  addReply(input: $input) {{ reply {{ {REPLY} }} errors {{ message }} }}
}}"""
SIGN_IN = """mutation ($name: String!) {
  signInAsGuest(input: { name: $name }) { token errors { code message } }
}"""


class Thread:
    """What is known of a discussion, and the cursor of the last item that was handled."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.forget()

    def forget(self) -> None:
        """Makes it load again, as after a stream that can't be resumed."""
        self.id = ""
        self.title = ""
        self.cursor: str | None = None
        self.replies: dict[str, dict[str, Any]] = {}
        # Deleted, with no answer left that can be read: in the thread no more.
        self.unlisted: set[str] = set()

    def take(self, reply: dict[str, Any]) -> None:
        """Takes in a reply, from wherever it comes: each is kept once, as of its last event."""
        known = self.replies.get(reply["id"])
        if known is None or known["lastEvent"] <= reply["lastEvent"]:
            self.replies[reply["id"]] = reply

    def handle(self, item: dict[str, Any]) -> None:
        """Takes in what the stream brings. Only then does its cursor count."""
        # Tombstones above a restored reply are in the thread again: they come with the thread as it is now.
        has_tombstones = any(edge["node"]["state"] == "DELETED" for edge in item.get("edges", []))
        if item["__typename"] == "ResyncRequired" or has_tombstones:
            self.forget()
            return
        if reply := item.get("reply") or item.get("post"):
            self.take(reply)
        self.unlisted.update(item.get("unlisted", []))
        if item["__typename"] == "ReplyRestored":
            self.unlisted.discard(item["reply"]["id"])
        self.cursor = item["cursor"]

    def in_order(self) -> list[dict[str, Any]]:
        """The replies from top to bottom: Python compares paths just as a thread is read."""
        listed = [reply for reply in self.replies.values() if reply["id"] not in self.unlisted]
        return sorted(listed, key=lambda reply: reply["path"])


def connection(token: str | None = None) -> Client:
    """A new connection for each attempt. gql's own `reconnecting` would begin from the old cursor.

    One whose other end is gone is noticed by websockets, which pings every 20 seconds and wants to be answered.
    """
    transport = WebsocketsTransport(
        URL,
        subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
        init_payload={"authorization": f"Bearer {token}"} if token else {},
    )
    return Client(transport=transport, execute_timeout=10)


async def follow(thread: Thread, changed: Callable[[str], None]) -> None:
    """Keeps `thread` in step, through every cut, until its discussion ends. Calls `changed` with each item's type."""
    attempt = 0
    while True:
        try:
            async with connection() as session:
                if thread.cursor is None:
                    await load(session, thread)
                # A new subscription, which carries the cursor of the last item handled.
                variables = {"discussionId": thread.id, "after": thread.cursor}
                async for data in session.subscribe(asking(EVENTS, **variables)):
                    thread.handle(data["discussionEvents"])
                    attempt = 0
                    changed(data["discussionEvents"]["__typename"])
                    if thread.cursor is None:
                        break
                if thread.cursor is not None:
                    return
        except TransportQueryError as error:
            if codes(error) & RESYNC:
                thread.forget()
            elif not codes(error) & PASSING:
                raise
        except (TransportError, OSError, TimeoutError) as error:
            print(f"Offline: {error}", file=sys.stderr)
        await pause(attempt)
        attempt += 1


async def load(session: Any, thread: Thread) -> None:
    """Reads all pages. The cursor is that of the first: what has happened since then, the stream brings."""
    after, cursor = None, None
    while True:
        found = (await session.execute(asking(THREAD, number=thread.number, after=after)))["discussion"]
        if found is None:
            raise SystemExit(f"There is no discussion {thread.number}.")
        thread.id, thread.title = found["id"], found["title"]
        cursor = cursor or found["eventCursor"]
        for reply in found["thread"]["nodes"]:
            thread.take(reply)
        page = found["thread"]["pageInfo"]
        if not page["hasNextPage"]:
            break
        after = page["endCursor"]
    thread.cursor = cursor


async def add_reply(token: str, discussion: str, body: str, reply_to: str | None) -> dict[str, Any]:
    """Adds a reply, however often that has to be tried: under one clientMutationId it is written once."""
    given = {"discussionId": discussion, "replyToId": reply_to, "body": body, "clientMutationId": str(uuid.uuid4())}
    answer: dict[str, Any] = (await answered(ADD_REPLY, token, input=given))["addReply"]
    if answer["reply"] is None:
        raise SystemExit(answer["errors"][0]["message"])
    reply: dict[str, Any] = answer["reply"]
    return reply


async def sign_in() -> str:
    """A token: that of the environment, or a guest's."""
    if token := os.environ.get("PARLEY_TOKEN"):
        return token
    while True:
        # A name belongs to one guest. One that was given to us in an answer that got lost is gone, too.
        name = f"Guest {random.randrange(1_000_000)}"
        answer = (await answered(SIGN_IN, name=name))["signInAsGuest"]
        if not answer["errors"]:
            return str(answer["token"])
        if answer["errors"][0]["code"] != "NAME_TAKEN":
            raise SystemExit(answer["errors"][0]["message"])


async def answered(document: str, token: str | None = None, **variables: Any) -> Any:
    """Sends an operation until it is answered."""
    attempt = 0
    while True:
        try:
            async with connection(token) as session:
                return await session.execute(asking(document, **variables))
        except TransportQueryError as error:
            if not codes(error) & PASSING:
                raise
        except (TransportError, OSError, TimeoutError) as error:
            print(f"Offline: {error}", file=sys.stderr)
        await pause(attempt)
        attempt += 1


def asking(document: str, **variables: Any) -> Any:
    request = gql(document)
    request.variable_values = variables
    return request


def codes(error: Any) -> set[str]:
    return {each["extensions"]["code"] for each in error.errors or [] if "code" in each.get("extensions", {})}


async def pause(attempt: int) -> None:
    """Waits longer with every attempt, and not as long as others who lost the same server."""
    await asyncio.sleep(min(LONGEST_PAUSE_SECONDS, 0.25 * 2.0**attempt) * random.uniform(0.5, 1))


def shown(thread: Thread) -> str:
    """The thread as a person reads it."""
    lines = [f"\n{thread.title}"]
    for reply in thread.in_order():
        author = (reply["author"] or {"name": "(nobody)"})["name"]
        text = reply["bodyText"].replace("\n", " ")
        lines.append("  " * len(reply["path"]) + f"#{reply['path'][-1]} {author}: {text}")
    return "\n".join(lines)


async def main(number: int, text: str | None, to: int | None) -> None:
    thread = Thread(number)
    live = asyncio.Event()

    def changed(kind: str) -> None:
        print(shown(thread), flush=True)
        if kind == "CaughtUp":
            live.set()

    async def reply(body: str) -> None:
        await live.wait()
        sequences = {known["sequence"]: known["id"] for known in thread.in_order()}
        if to is not None and to not in sequences:
            raise SystemExit(f"There is no reply {to}.")
        # The stream brings it, too, before or after this: it is the same reply.
        thread.take(await add_reply(await sign_in(), thread.id, body, sequences[to] if to is not None else None))

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(follow(thread, changed))
        if text is not None:
            tasks.create_task(reply(text))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Follows a discussion of Parley.")
    parser.add_argument("number", type=int, nargs="?", default=1, help="the discussion's number")
    parser.add_argument("--reply", metavar="TEXT", help="add this reply")
    parser.add_argument("--to", metavar="SEQUENCE", type=int, help="the number of the reply that is answered")
    arguments = parser.parse_args()
    try:
        asyncio.run(main(arguments.number, arguments.reply, arguments.to))
    except KeyboardInterrupt:
        sys.exit(130)
