"""Demo data: what a newcomer finds in a fresh embedded database, written through the same rules as any post."""

import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import db.categories
import db.discussion_lists
import db.replies
import db.users
from db.database import Database, Transaction
from db.kinds import DiscussionOrderField
from forum.deletions import DeleteReply, delete_reply
from forum.discussions import StartDiscussion, start_discussion
from forum.drafts import QuoteRequest
from forum.limits import IMPORT_LIMITS
from forum.quotes import notify_of_changed_sources
from forum.replies import AddReply, EditReply, add_reply, edit_reply
from forum.use_cases import Actor, Forum

CONTENT = Path(__file__).with_name("demo.toml")


async def fill(database: Database) -> bool:
    """Puts the demo data into a database that holds no discussion; says whether it did."""
    listed = db.discussion_lists.listed(DiscussionOrderField.CREATED_AT, descending=False, bounded=False)
    if await database.rows(listed, limit=1):
        return False
    content = tomllib.loads(CONTENT.read_text(encoding="utf-8"))

    async def make_people(tx: Transaction) -> dict[str, int]:
        return {
            person["handle"]: await db.users.add_user(tx, db.users.Person(person["handle"], person["name"]))
            for person in content["people"]
        }

    async def make_categories(tx: Transaction) -> dict[str, int]:
        return {category["slug"]: await db.categories.category(tx, **category) for category in content["categories"]}

    people, categories = await database.write(make_people), await database.write(make_categories)
    now = datetime.now(UTC).replace(microsecond=0)
    for discussion in content["discussions"]:
        start = now - timedelta(days=discussion["days_ago"])
        await _Story(
            Forum(database, IMPORT_LIMITS), discussion, start, people, categories[discussion["category"]]
        ).write()
    await notify_of_changed_sources(database)
    return True


@dataclass
class _Story:
    """One discussion of the file: its steps in the order of their minutes."""

    forum: Forum
    content: dict[str, Any]
    start: datetime
    people: dict[str, int]
    category_id: int
    discussion_id: int = 0
    posts: dict[str, int] = field(default_factory=dict)

    async def write(self) -> None:
        await self._open()
        steps: list[tuple[int, Callable[[dict[str, Any], datetime], Any], dict[str, Any]]] = [
            (step["minutes"], act, step)
            for act, steps_of in (
                (self._reply, self._steps("replies")),
                (self._edit, self._steps("edits")),
                (self._delete, self._steps("deletes")),
            )
            for step in steps_of
        ]
        for minutes, act, step in sorted(steps, key=lambda one: one[0]):
            await act(step, self.start + timedelta(minutes=minutes))

    def _steps(self, name: str) -> Iterable[dict[str, Any]]:
        steps: Iterable[dict[str, Any]] = self.content.get(name, ())
        return steps

    async def _open(self) -> None:
        command = StartDiscussion(
            title=self.content["title"], body=self.content["body"], category_id=self.category_id, at=self.start
        )
        started = await start_discussion(self.forum, Actor(self.people[self.content["author"]]), command)
        assert started.discussion_id is not None
        self.discussion_id = started.discussion_id

    async def _reply(self, step: dict[str, Any], at: datetime) -> None:
        command = AddReply(
            discussion_id=self.discussion_id,
            reply_to_id=self.posts[step["to"]] if "to" in step else None,
            body=step["body"],
            quotes=[QuoteRequest(self.posts[one["source"]], one["text"]) for one in step.get("quotes", ())],
            at=at,
        )
        added = await add_reply(self.forum, Actor(self.people[step["author"]]), command)
        assert added.post_id is not None
        self.posts[step["key"]] = added.post_id

    async def _edit(self, step: dict[str, Any], at: datetime) -> None:
        reply = await self.forum.database.row(db.replies.by_ids, ids=[self.posts[step["key"]]])
        assert reply is not None
        assert reply.author_id is not None
        command = EditReply(reply_id=reply.post_id, expected_version=reply.version, body=step["body"], at=at)
        await edit_reply(self.forum, Actor(reply.author_id), command)

    async def _delete(self, step: dict[str, Any], at: datetime) -> None:
        moderator = Actor(next(iter(self.people.values())), is_moderator=True)
        await delete_reply(self.forum, moderator, DeleteReply(reply_id=self.posts[step["key"]], at=at))
