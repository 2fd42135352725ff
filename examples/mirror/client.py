"""What a mirror asks for. Each step yields a document with its variables and is sent the data of the answer.

So how it is sent does not matter: `__main__.py` does it over HTTP, a test over a websocket.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import Any

from .reducer import Data, Mirror, reduce, to_fetch

USER = "{ id handle name avatarUrl role }"
CATEGORY = "{ id slug name description }"
POST = f"""id lastEvent version state body bodyHtml createdAt lastEditedAt deletedAt author {USER}
  mentions {{ start length attributedName user {USER} }}
  quotes(maxDepth: 20) {{ id depth status attributedName attributedTo {USER} bodyText sourceVersion
    parent {{ id }} source {{ id }} }}"""
DISCUSSION = f"{POST} number title locked pinned category {CATEGORY} replyCount participantCount lastActivityAt"
REPLY = f"{POST} sequence path replyCount descendantCount"
ABOVE = "ancestors { id replyCount descendantCount }"
EVENT = f"""__typename eventNumber
  ... on DiscussionEvent {{ discussion {{ {DISCUSSION} }} }}
  ... on DiscussionUpdated {{ changes }}
  ... on ReplyAdded {{ reply {{ {REPLY} }} edges {{ node {{ id }} }} {ABOVE} }}
  ... on ReplyEdited {{ reply {{ {REPLY} }} }}
  ... on ReplyDeleted {{ reply {{ {REPLY} }} unlisted {ABOVE} }}
  ... on ReplyRestored {{ reply {{ {REPLY} }} edges {{ node {{ id }} }} {ABOVE} }}
  ... on PostChanged {{ post {{ id ... on Reply {{ {REPLY} }} }} }}
  ... on QuoteStatusChanged {{ post {{ id ... on Reply {{ {REPLY} }} }} }}
  ... on UserChanged {{ user {USER} }}
  ... on UserErased {{ userId }}
  ... on CategoryChanged {{ categoryId category {CATEGORY} }}"""

PAGE = "pageInfo { hasNextPage endCursor }"
BEGIN = "{ feedCursor }"
CATEGORIES = f"query ($after: String) {{ it: categories(first: 100, after: $after) {{ nodes {CATEGORY} {PAGE} }} }}"
DISCUSSIONS = f"""query ($after: String) {{
  it: discussions(first: 100, after: $after, orderBy: {{field: CREATED_AT, direction: ASC}}) {{
    nodes {{ id }} {PAGE} }} }}"""
THREAD = f"""query ($id: ID!, $after: String) {{ discussion(id: $id) {{
  eventNumber {DISCUSSION} thread(first: 100, after: $after) {{ nodes {{ {REPLY} }} {PAGE} }} }} }}"""
EVENTS = f"""query ($after: String!) {{ feedEvents(after: $after, first: 20) {{
  nodes {{ cursor event {{ {EVENT} }} }} pageInfo {{ hasNextPage endCursor }} resyncRequired {{ reason }} }} }}"""
FEED = f"""subscription ($after: String!) {{ feed(after: $after) {{
  __typename cursor ... on FeedItem {{ event {{ {EVENT} }} }} }} }}"""

Steps = Generator[tuple[str, dict[str, Any]], Data, "Position"]


@dataclass(frozen=True, slots=True)
class Position:
    """A mirror and the cursor of the last item that it holds: save both in one transaction, and nothing is missed."""

    mirror: Mirror
    cursor: str


def crawl() -> Steps:
    """Reads everything. The cursor is asked for first: what happens meanwhile, the feed brings."""
    cursor = (yield BEGIN, {})["feedCursor"]
    mirror = Mirror()
    after = None
    while True:
        page = (yield CATEGORIES, {"after": after})["it"]
        mirror = reduce(mirror, {"categories": page["nodes"]})
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    position, after = Position(mirror, cursor), None
    while True:
        page = (yield DISCUSSIONS, {"after": after})["it"]
        for node in page["nodes"]:
            position = yield from fetch(position, node["id"])
        if not page["pageInfo"]["hasNextPage"]:
            return position
        after = page["pageInfo"]["endCursor"]


def fetch(position: Position, discussion: str) -> Steps:
    """Reads a whole thread."""
    since, after = None, None
    while True:
        page = (yield THREAD, {"id": discussion, "after": after})["discussion"]
        since = page["eventNumber"] if since is None else since
        position = replace(position, mirror=reduce(position.mirror, {"page": page, "since": since}))
        if not page["thread"]["pageInfo"]["hasNextPage"]:
            return position
        after = page["thread"]["pageInfo"]["endCursor"]


def catch_up(position: Position) -> Steps:
    """Applies what has happened since, to the end of the feed; crawls again where the feed cannot be continued."""
    while True:
        page = (yield EVENTS, {"after": position.cursor})["feedEvents"]
        if page["resyncRequired"]:
            return (yield from crawl())
        mirror = position.mirror
        for item in page["nodes"]:
            mirror = reduce(mirror, {"event": item["event"]})
        position = Position(mirror, page["pageInfo"]["endCursor"])
        if not page["pageInfo"]["hasNextPage"]:
            return (yield from complete(position))


def complete(position: Position) -> Steps:
    """Fetches the threads that events do not carry completely."""
    for discussion in to_fetch(position.mirror):
        position = yield from fetch(position, discussion)
    return position


def run(steps: Steps, ask: Callable[[str, dict[str, Any]], Data]) -> Position:
    """Does the steps with what `ask` answers to a document and its variables."""
    answer = None
    while True:
        try:
            document, variables = steps.send(answer) if answer is not None else next(steps)
        except StopIteration as done:
            position: Position = done.value
            return position
        answer = ask(document, variables)
