"""Demo data: what a newcomer finds in a fresh embedded database, written through the same rules as any post."""

import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import db.categories
import db.discussions
import db.posts
import db.quotes
import db.replies
import db.users
from db import drafts
from db.database import Database, Transaction
from db.limits import Limits

CONTENT = Path(__file__).with_name("demo.toml")
_EVERY_DEPTH = 10_000


async def fill(database: Database) -> bool:
    """Puts the demo data into a database that holds no discussion; says whether it did."""
    listed = db.discussions.listed("CREATED_AT", descending=False, bounded=False, filters=frozenset())
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
    for told in content["discussions"]:
        start = now - timedelta(days=told["days_ago"])
        await _Story(database, told, start, people, categories[told["category"]]).tell()
    await db.quotes.tell_of_changed_sources(database)
    return True


@dataclass
class _Story:
    """One discussion of the file, told in the order of its minutes."""

    database: Database
    told: dict[str, Any]
    start: datetime
    people: dict[str, int]
    category_id: int
    discussion_id: int = 0
    posts: dict[str, int] = field(default_factory=dict)

    async def tell(self) -> None:
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
        steps: Iterable[dict[str, Any]] = self.told.get(name, ())
        return steps

    async def _open(self) -> None:
        setting = drafts.PostContext()
        post = await drafts.prepare(self.database, self.told["body"], setting, limit=None, created_at=self.start)
        draft = db.discussions.DiscussionDraft(self.told["title"], post, self.category_id)
        actor = db.posts.Actor(self.people[self.told["author"]])
        self.discussion_id = await self.database.write(lambda tx: db.discussions.start_discussion(tx, draft, actor))

    async def _reply(self, step: dict[str, Any], at: datetime) -> None:
        answers = self.posts[step["to"]] if "to" in step else None
        requests = [drafts.QuoteRequest(self.posts[one["source"]], one["text"]) for one in step.get("quotes", ())]
        post = await drafts.prepare(
            self.database,
            step["body"],
            drafts.PostContext(discussion_id=self.discussion_id, answers=answers),
            limit=None,
            requests=requests,
            created_at=at,
        )
        draft = db.replies.ReplyDraft(self.discussion_id, answers, post)
        actor = db.posts.Actor(self.people[step["author"]])

        async def add(tx: Transaction) -> int:
            tx.at = at
            post_id, _ = await db.replies.add_reply(tx, draft, actor, Limits())
            return post_id

        self.posts[step["key"]] = await self.database.write(add)

    async def _edit(self, step: dict[str, Any], at: datetime) -> None:
        reply = await self.database.row(db.replies.by_ids, ids=[self.posts[step["key"]]])
        assert reply is not None
        assert reply.author_id is not None
        post = await drafts.prepare(
            self.database,
            step["body"],
            drafts.PostContext(discussion_id=self.discussion_id, answers=reply.reply_to_id, before=reply.sequence),
            limit=None,
            existing=await self.database.rows(db.quotes.of_posts, ids=[reply.post_id], deepest=_EVERY_DEPTH),
        )
        actor, version = db.posts.Actor(reply.author_id), reply.version

        async def edit(tx: Transaction) -> None:
            tx.at = at
            await db.replies.edit_reply(tx, reply.post_id, expected_version=version, post=post, actor=actor)

        await self.database.write(edit)

    async def _delete(self, step: dict[str, Any], at: datetime) -> None:
        author = next(iter(self.people.values()))

        async def delete(tx: Transaction) -> None:
            tx.at = at
            await db.replies.delete_reply(tx, self.posts[step["key"]], db.posts.Actor(author, is_moderator=True))

        await self.database.write(delete)
