"""Random creates, edits, deletes and quotes on a database and on a plain model: both must say the same."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

import db.discussions
import db.posts
import db.quotes
import db.replies
import db.threads
from db import drafts, events, mentions, users
from db.database import Database, Transaction
from db.failures import Refused
from db.limits import Limits
from db.posts import Actor, PostDraft
from db.rows import PostRow, QuoteRow, ReplyRow
from tests.conftest import Backend
from tests.db.model import Asked, Discussion, Forum, Post, Quote, name_of

PEOPLE = ("Ada", "Grace", "Lin")
SENTENCES = ("Apples are red.", "Bees can fly.", "Cats sleep all day.", "Dogs bark at night.")
LIMITS = Limits(depth=4)
FROM_THE_START = b""
TO_THE_END = b"\xff" * 4 * 8

people = st.sampled_from(PEOPLE)
some = st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=2, unique=True)
chances = st.integers(0, 2**32).map(random.Random)


class Machine(RuleBasedStateMachine):
    """Writes to both, and compares them."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.database = Database(url)
        self.runner.run(self.database.__aenter__())
        self.ids = {name: self.run(self._person(name)) for name in PEOPLE}
        self.names = {number: name for name, number in self.ids.items()}
        self.forum = Forum()
        self.changed: Sequence[Discussion] = ()
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
            self.changed = self.forum.discussions
            self.compare()
            assert self.run(db.quotes.tell_of_changed_sources(self.database)) == 0
        finally:
            self.run(self.database.__aexit__(None, None, None))
            self.runner.close()

    # What may be written.

    @precondition(lambda self: len(self.forum.discussions) < 3)
    @rule(who=people, said=some)
    def start_discussion(self, who: str, said: list[str]) -> None:
        asked: list[Asked] = []
        draft = self.draft(said, asked, drafts.Setting())
        title = f"Title {len(self.forum.discussions)}"
        made = db.discussions.DiscussionDraft(title, draft)
        discussion = Discussion(title)
        discussion.id = self.write(lambda tx: db.discussions.start_discussion(tx, made, self.actor(who)))
        discussion.posts.append(Post(discussion, 0, None, who, [said]))
        discussion.participants.add(who)
        self.forum.discussions.append(discussion)
        self.changed = [discussion]

    @precondition(lambda self: self.forum.discussions)
    @rule(who=people, said=some, chance=chances)
    def add_reply(self, who: str, said: list[str], chance: random.Random) -> None:
        discussion: Discussion = chance.choice(self.forum.discussions)
        parent: Post | None = chance.choice([None, *discussion.posts[1:], *discussion.posts[-3:]])
        if parent is not None and parent.sequence == 0:
            parent = None
        asked = self.asked(chance, said, discussion)
        setting = drafts.Setting(discussion_id=discussion.id, answers=parent.id if parent else None)
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
        self.changed = [discussion]
        reply = Post(discussion, len(discussion.posts), parent, who, [said])
        reply.quotes = self.forum.quoted(asked, discussion=discussion, answers=parent)
        reply.id, number = made
        discussion.posts.append(reply)
        discussion.participants.add(who)
        discussion.tell("ReplyAdded", reply, who)
        assert number == len(discussion.events)

    @precondition(lambda self: self.forum.discussions)
    @rule(who=people, said=some, chance=chances, stale=st.booleans(), keep_ties=st.booleans())
    def edit(self, who: str, said: list[str], chance: random.Random, stale: bool, keep_ties: bool) -> None:
        post: Post = chance.choice(list(self.forum.posts()))
        # Mostly by its author, and mostly with what it quoted before.
        who = post.author or who if chance.random() < 0.9 else who
        discussion = post.discussion
        asked = self.asked(chance, said, discussion)
        if chance.random() < 0.7:
            again = [Asked(quote.sentence, quote.name) for quote in post.quotes if quote.sentence not in said]
            asked = again + [one for one in asked if one.sentence not in {old.sentence for old in again}]
        in_reply = post.sequence > 0
        setting = drafts.Setting(
            discussion_id=discussion.id if in_reply else None,
            answers=post.parent.id if post.parent else None,
            before=post.sequence,
        )
        existing = self.run(self.database.rows(db.quotes.of_posts, ids=[post.id], deepest=99))
        draft = self.draft(said, asked, setting, existing=existing, keep_ties=keep_ties)
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
        self.changed = [discussion]
        post.quotes = self.forum.quoted(
            asked,
            discussion=discussion if in_reply else None,
            answers=post.parent,
            before=post.sequence,
            existing=post.quotes,
            keep_ties=keep_ties,
        )
        post.versions.append(said)
        if not in_reply:
            discussion.title = title
        discussion.tell("ReplyEdited" if in_reply else "DiscussionUpdated", post, who)

    @precondition(lambda self: self.forum.discussions)
    @rule(who=people, chance=chances, moderator=st.booleans())
    def delete_reply(self, who: str, chance: random.Random, moderator: bool) -> None:
        replies = [post for post in self.forum.posts() if post.sequence > 0]
        if not replies:
            return
        reply: Post = chance.choice(replies)
        expected = None
        if reply.deleted:
            expected = "ReplyNotFound"
        elif reply.author != who and not moderator:
            expected = "NotAllowed"

        async def work(tx: Transaction) -> bool:
            await db.replies.delete_reply(tx, reply.id, self.actor(who, moderator))
            return True

        if self.write(work, expected):
            self.changed = [reply.discussion]
            reply.bury()
            reply.discussion.tell("ReplyDeleted", reply, who)

    @precondition(lambda self: self.forum.discussions)
    @rule(who=people, chance=chances, moderator=st.booleans())
    def delete_discussion(self, who: str, chance: random.Random, moderator: bool) -> None:
        discussion: Discussion = chance.choice(self.forum.discussions)
        if len(discussion.posts) > 4 and chance.random() < 0.8:
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
            self.changed = [discussion]
            discussion.title = ""
            for post in discussion.posts:
                if not post.deleted:
                    post.bury()
            discussion.tell("DiscussionDeleted", discussion.opening, who)

    @precondition(lambda self: self.forum.discussions)
    @rule(who=people, chance=chances, locked=st.booleans(), moderator=st.booleans())
    def lock(self, who: str, chance: random.Random, locked: bool, moderator: bool) -> None:
        discussion: Discussion = chance.choice(self.forum.discussions)
        expected = "DiscussionNotFound" if discussion.deleted else None if moderator else "NotAllowed"

        async def work(tx: Transaction) -> bool:
            await db.discussions.set_locked(tx, discussion.id, locked=locked, actor=self.actor(who, moderator))
            return True

        if self.write(work, expected) and discussion.locked != locked:
            self.changed = [discussion]
            discussion.locked = locked
            discussion.tell("DiscussionUpdated", discussion.opening, who)

    @rule(now=st.integers(0, 2))
    def sweep(self, now: int) -> None:
        # Rarer than writes, so that much may happen before readers are told.
        if now > 0:
            return
        told = self.run(db.quotes.tell_of_changed_sources(self.database))
        before = sum(len(discussion.events) for discussion in self.forum.discussions)
        self.forum.sweep()
        assert told == sum(len(discussion.events) for discussion in self.forum.discussions) - before
        self.changed = self.forum.discussions

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

    def asked(self, chance: random.Random, said: Sequence[str], discussion: Discussion) -> list[Asked]:
        """Some quotes to make of sentences that the post does not say itself, mostly such as others did say."""
        asked: dict[str, Asked] = {}
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

    def draft(self, said: Sequence[str], asked: Sequence[Asked], setting: drafts.Setting, **more: Any) -> PostDraft:
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
        for discussion in self.changed:
            self.run(self._compare(discussion))
        self.changed = ()

    async def _compare(self, model: Discussion) -> None:
        row = await self.database.row(db.discussions.by_ids, ids=[model.id])
        assert row is not None
        assert (row.title, row.locked, row.deleted_at is not None) == (model.title, model.locked, model.deleted)
        assert (row.reply_count, row.participant_count) == (len(model.posts) - 1, len(model.participants))
        assert row.last_event == len(model.events)
        by_sequence: dict[int, PostRow] = {0: row}
        for order, newest in (("path", False), ("newest_path", True)):
            thread = await self._thread(model, order)
            assert [reply.sequence for reply in thread] == [
                reply.sequence for reply in model.descendants(None, newest=newest)
            ]
            by_sequence |= {reply.sequence: reply for reply in thread}
        assert sorted(by_sequence) == list(range(len(model.posts)))
        quotes = await self.database.rows(db.quotes.of_posts, ids=[post.id for post in model.posts], deepest=99)
        named = await self.database.rows(mentions.of_posts, ids=[post.id for post in model.posts])
        assert named == []
        for post in model.posts:
            await self._compare_post(
                post, by_sequence[post.sequence], [one for one in quotes if one.post_id == post.id]
            )
        log = await self.database.rows(events.since, discussion=model.id, number=0, limit=10_000)
        assert [event.event_number for event in log] == list(range(1, len(model.events) + 1))
        sequences = {post.id: post.sequence for post in model.posts}
        assert [
            (event.kind, sequences[event.post_id or 0], event.version, self.names.get(event.actor_id or 0))
            for event in log
        ] == model.events
        assert len({event.tag for event in log}) == len(log)

    async def _thread(self, model: Discussion, order: str) -> list[ReplyRow]:
        statement = db.threads.page(order, descending=False, by_depth=False)
        return await self.database.rows(
            statement, parents=[model.id], low=FROM_THE_START, high=TO_THE_END, limit=10_000
        )

    async def _compare_post(self, model: Post, row: Any, quotes: list[QuoteRow]) -> None:
        assert row.post_id == model.id or model.id == 0
        model.id = row.post_id
        assert (row.version, row.deleted_at is not None) == (model.version, model.deleted)
        assert self.names.get(row.author_id) == model.author
        if model.deleted:
            assert row.body == row.body_html == row.body_text == ""
        assert all(sentence in row.body_text for sentence in model.said)
        if model.sequence > 0:
            below = model.discussion.descendants(model)
            assert row.path == model.path
            assert (row.reply_count, row.descendant_count) == (len(model.discussion.answers(model)), len(below))
        assert len(quotes) == len(model.quotes)
        for quote, expected in zip(quotes, model.quotes, strict=True):
            await self._compare_quote(quote, expected)
            assert f'data-quote-id="{quote.node_id}"' in row.body_html
        earlier = await self.database.rows(db.posts.revisions_of, ids=[row.post_id])
        assert sorted(revision.version for revision in earlier) == list(range(1, model.version))

    async def _compare_quote(self, row: QuoteRow, model: Quote) -> None:
        assert model.id in (0, row.id)
        model.id = row.id
        assert row.own_text == model.sentence
        assert row.attributed_name == name_of(model)
        assert row.source_id == (model.source.id if model.source else None)
        assert row.source_version == model.source_version
        source = await self.database.row(db.posts.by_ids, ids=[row.source_id]) if db.quotes.needs_source(row) else None
        assert db.quotes.status(row, source) == model.status


def test_the_database_says_what_the_model_says_whatever_is_written(backend: Backend) -> None:
    url = backend.migrated_database()

    class Here(Machine):
        def __init__(self) -> None:
            super().__init__(url)

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=20,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,
            # A failing run prints its steps; to find a shorter one takes minutes.
            phases=[Phase.generate],
            database=None,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
