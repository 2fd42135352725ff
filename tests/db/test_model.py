"""Random creates, edits, deletes and quotes on a database and on a plain model: both must say the same."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from db.failures import Refused
from db.limits import Limits
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

import db.discussions
import db.quotes
import db.replies
from db import drafts, users
from db.database import Database, Transaction
from db.posts import Actor, PostDraft
from tests.db import comparison
from tests.db.model import Asked, Discussion, Forum, Post
from tests.support.backends import Backend

PEOPLE = ("Ada", "Grace", "Lin")
SENTENCES = ("Apples are red.", "Bees can fly.", "Cats sleep all day.", "Dogs bark at night.")
LIMITS = Limits(depth=4)


class Machine(RuleBasedStateMachine):
    """Writes to both, and compares them.

    Hypothesis chooses what is done; who, where and with which words is drawn from one chance, so that it spreads.
    """

    def __init__(self, url: str) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.database = Database(url)
        self.runner.run(self.database.__aenter__())
        self.ids = {name: self.run(self._person(name)) for name in PEOPLE}
        self.names = {number: name for name, number in self.ids.items()}
        self.forum = Forum()
        self.chance = random.Random()
        self.changed: list[Discussion] = []
        """What the next comparison looks at."""

    def run(self, work: Awaitable[Any]) -> Any:
        async def awaited() -> Any:
            return await work

        return self.runner.run(awaited())

    async def _person(self, name: str) -> int:
        known = await self.database.row(users.by_handle, handle=name.lower())
        person = users.Person(handle=name, name=name)
        return known.id if known else await self.database.write(lambda tx: users.add_user(tx, person))

    def teardown(self) -> None:
        try:
            self.run(db.quotes.tell_of_changed_sources(self.database))
            self.forum.sweep()
            self.changed = list(self.forum.discussions)
            self.compare()
            assert self.run(db.quotes.tell_of_changed_sources(self.database)) == 0
        finally:
            self.run(self.database.__aexit__(None, None, None))
            self.runner.close()

    @initialize(seed=st.integers(0, 2**32))
    def begin(self, seed: int) -> None:
        self.chance.seed(seed)

    def who(self) -> str:
        return self.chance.choice(PEOPLE)

    def words(self) -> list[str]:
        return self.chance.sample(SENTENCES, self.chance.randint(1, 2))

    def seldom(self) -> bool:
        return self.chance.random() < 0.1

    def some_discussion(self) -> Discussion:
        """Mostly one that stands."""
        standing = [discussion for discussion in self.forum.discussions if not discussion.deleted]
        return self.chance.choice(self.forum.discussions if self.seldom() or not standing else standing)

    def some_post(self, posts: Sequence[Post]) -> Post:
        """Mostly one that stands."""
        standing = [post for post in posts if not post.deleted]
        return self.chance.choice(posts if self.seldom() or not standing else standing)

    # What may be written.

    @precondition(lambda self: sum(not discussion.deleted for discussion in self.forum.discussions) < 2)
    @rule()
    def start_discussion(self) -> None:
        who, said = self.who(), self.words()
        asked: list[Asked] = []
        draft = self.draft(said, asked, drafts.PostContext())
        title = f"Title {len(self.forum.discussions)}"
        made = db.discussions.DiscussionDraft(title, draft)
        discussion = Discussion(title)
        discussion.id = self.write(lambda tx: db.discussions.start_discussion(tx, made, self.actor(who)))
        discussion.posts.append(Post(discussion, 0, None, who, [said]))
        discussion.participants.add(who)
        self.forum.discussions.append(discussion)
        self.changed.append(discussion)

    @precondition(lambda self: self.forum.discussions)
    @rule()
    def add_replies(self) -> None:
        for _ in range(4):
            self.add_reply()

    def add_reply(self) -> None:
        who, said, discussion = self.who(), self.words(), self.some_discussion()
        parent: Post | None = self.chance.choice([None, *discussion.posts[1:], *discussion.posts[-3:]])
        if parent is not None and parent.sequence == 0:
            parent = None
        asked = self.asked(said, discussion)
        setting = drafts.PostContext(discussion_id=discussion.id, answers=parent.id if parent else None)
        draft = self.draft(said, asked, setting)
        wanted = db.replies.ReplyDraft(discussion.id, parent.id if parent else None, draft)

        expected = None
        if discussion.deleted:
            expected = "DiscussionNotFound"
        elif discussion.locked:
            expected = "DiscussionLocked"
        elif parent is not None and parent.deleted:
            expected = "ParentDeleted"
        elif parent is not None and len(parent.path) > LIMITS.depth:
            expected = "TooDeep"
        made = self.write(lambda tx: db.replies.add_reply(tx, wanted, self.actor(who), LIMITS), expected)
        if made is None:
            return
        self.changed.append(discussion)
        reply = Post(discussion, len(discussion.posts), parent, who, [said])
        reply.quotes = self.forum.quoted(asked, discussion=discussion, answers=parent)
        reply.id, number = made
        discussion.posts.append(reply)
        discussion.participants.add(who)
        discussion.tell("ReplyAdded", reply, who)
        assert number == len(discussion.events)

    @precondition(lambda self: self.forum.discussions)
    @rule(keep_source_links=st.booleans())
    def edit_some(self, keep_source_links: bool) -> None:
        for _ in range(3):
            self.edit(keep_source_links)

    def edit(self, keep_source_links: bool) -> None:
        post = self.some_post(list(self.forum.posts()))
        said, stale = self.words(), self.seldom()
        # Mostly by its author, and mostly with what it quoted before.
        who = self.who() if self.seldom() else post.author or self.who()
        discussion = post.discussion
        asked = self.asked(said, discussion)
        if self.chance.random() < 0.7:
            again = [Asked(quote.sentence, quote.name) for quote in post.quotes if quote.sentence not in said]
            asked = again + [one for one in asked if one.sentence not in {old.sentence for old in again}]
        in_reply = post.sequence > 0
        setting = drafts.PostContext(
            discussion_id=discussion.id if in_reply else None,
            answers=post.parent.id if post.parent else None,
            before=post.sequence,
        )
        existing = self.run(self.database.rows(db.quotes.of_posts, ids=[post.id], deepest=99))
        draft = self.draft(said, asked, setting, existing=existing, keep_source_links=keep_source_links)
        version = post.version - stale

        expected = None
        if post.deleted:
            expected = "ReplyNotFound" if in_reply else "DiscussionNotFound"
        elif post.author != who:
            expected = "NotAllowed"
        elif stale:
            expected = "EditConflict"
        elif discussion.locked:
            expected = "DiscussionLocked"
        title = f"{discussion.title}!"

        async def work(tx: Transaction) -> bool:
            actor = self.actor(who)
            if in_reply:
                await db.replies.edit_reply(tx, post.id, expected_version=version, post=draft, actor=actor)
            else:
                more: dict[str, Any] = {"title": title, "category_id": None, "post": draft, "actor": actor}
                await db.discussions.edit_discussion(tx, discussion.id, expected_version=version, **more)
            return True

        if self.write(work, expected) is None:
            return
        self.changed.append(discussion)
        post.quotes = self.forum.quoted(
            asked,
            discussion=discussion if in_reply else None,
            answers=post.parent,
            before=post.sequence,
            existing=post.quotes,
            keep_source_links=keep_source_links,
        )
        post.versions.append(said)
        if not in_reply:
            discussion.title = title
        discussion.tell("ReplyEdited" if in_reply else "DiscussionUpdated", post, who)

    @precondition(lambda self: self.forum.discussions)
    @rule(moderator=st.booleans())
    def delete_reply(self, moderator: bool) -> None:
        who = self.who()
        replies = [post for post in self.forum.posts() if post.sequence > 0]
        if not replies:
            return
        reply = self.some_post(replies)
        expected = None
        if reply.deleted:
            expected = "ReplyNotFound"
        elif reply.author != who and not moderator:
            expected = "NotAllowed"

        async def work(tx: Transaction) -> bool:
            await db.replies.delete_reply(tx, reply.id, self.actor(who, moderator))
            return True

        if self.write(work, expected):
            self.changed.append(reply.discussion)
            reply.bury()
            reply.discussion.tell("ReplyDeleted", reply, who)

    @precondition(lambda self: self.forum.discussions)
    @rule(moderator=st.booleans())
    def delete_discussion(self, moderator: bool) -> None:
        who, discussion = self.who(), self.some_discussion()
        if self.chance.random() < 0.7:
            return
        expected = None
        if discussion.deleted:
            expected = "DiscussionNotFound"
        elif not moderator and (discussion.opening.author != who or len(discussion.posts) > 1):
            expected = "NotAllowed"

        async def work(tx: Transaction) -> bool:
            await db.discussions.delete_discussion(tx, discussion.id, self.actor(who, moderator))
            return True

        if self.write(work, expected):
            self.changed.append(discussion)
            discussion.title = ""
            for post in discussion.posts:
                if not post.deleted:
                    post.bury()
            discussion.tell("DiscussionDeleted", discussion.opening, who)

    @precondition(lambda self: self.forum.discussions)
    @rule(moderator=st.booleans())
    def lock(self, moderator: bool) -> None:
        who, discussion, locked = self.who(), self.some_discussion(), self.chance.random() < 0.3
        expected = "DiscussionNotFound" if discussion.deleted else None if moderator else "NotAllowed"

        async def work(tx: Transaction) -> bool:
            await db.discussions.set_locked(tx, discussion.id, locked=locked, actor=self.actor(who, moderator))
            return True

        if self.write(work, expected) and discussion.locked != locked:
            self.changed.append(discussion)
            discussion.locked = locked
            discussion.tell("DiscussionUpdated", discussion.opening, who)

    @rule()
    def sweep(self) -> None:
        # Rarer than writes, so that much may happen before readers are told.
        if self.chance.random() < 0.5:
            return
        told = self.run(db.quotes.tell_of_changed_sources(self.database))
        before = sum(len(discussion.events) for discussion in self.forum.discussions)
        self.forum.sweep()
        assert told == sum(len(discussion.events) for discussion in self.forum.discussions) - before
        self.changed = list(self.forum.discussions)

    # How it is written.

    def actor(self, name: str, moderator: bool = False) -> Actor:
        return Actor(self.ids[name], moderator)

    def write(self, work: Callable[[Transaction], Awaitable[Any]], expected: str | None = None) -> Any:
        """What the write gives; None where it is refused, as it must be with exactly the failure `expected`."""
        failures: list[str] = []

        async def attempt() -> Any:
            try:
                return await self.database.write(work)
            except Refused as refused:
                failures.extend(type(failure).__name__ for failure in refused.failures)

        made = self.run(attempt())
        assert failures == ([] if expected is None else [expected])
        return made

    def asked(self, said: Sequence[str], discussion: Discussion) -> list[Asked]:
        """Some quotes to make of sentences that the post does not say itself, mostly such as others did say."""
        asked: dict[str, Asked] = {}
        chance = self.chance
        living = [post for post in self.forum.posts() if not post.deleted]
        for _ in range(chance.choice([0, 1, 1, 2, 3]) if living else 0):
            near = [post for post in living if post.discussion is discussion]
            source = chance.choice(chance.choice([living, near or living]))
            version = chance.randint(1, source.version)
            sentence = chance.choice([*source.versions[version - 1], chance.choice(SENTENCES)])
            if sentence in said or sentence in asked:
                continue
            if chance.random() < 0.5:
                wanted = chance.choice([None, source.version, version])
                asked[sentence] = Asked(sentence, chance.choice(["", *PEOPLE]), source, wanted)
            else:
                asked[sentence] = Asked(sentence, chance.choice([source.author or "Ada", chance.choice(PEOPLE)]))
        return list(asked.values())

    def draft(self, said: Sequence[str], asked: Sequence[Asked], setting: drafts.PostContext, **more: Any) -> PostDraft:
        blocks = [f"> **{one.name} said:**\n>\n> {one.sentence}" if one.name else f"> {one.sentence}" for one in asked]
        requests = [
            drafts.QuoteRequest(one.source.id, one.sentence, one.source_version)
            for one in asked
            if one.source is not None
        ]
        body = "\n\n".join([*blocks, *said])
        draft = self.run(drafts.prepare(self.database, body, setting, limit=1_000, requests=requests, **more))
        assert isinstance(draft, PostDraft)
        assert draft.body == body
        return draft

    # How both are compared.

    @invariant()
    def compare(self) -> None:
        changed, self.changed = self.changed, []
        for discussion in {one.id: one for one in changed}.values():
            self.run(comparison.compare(self.database, discussion, self.names))


def test_the_database_says_what_the_model_says_whatever_is_written(backend: Backend) -> None:
    url = backend.migrated_database()

    class Here(Machine):
        def __init__(self) -> None:
            super().__init__(url)

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=12,
            stateful_step_count=50,
            deadline=None,
            derandomize=True,
            # A failing run prints its steps; to find a shorter one takes minutes.
            phases=[Phase.generate],
            database=None,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
