"""Random writes of all kinds on a database and on a plain model: both must say the same."""

import asyncio
import random
import secrets
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from db import categories, users
from db.database import Database
from forum.deletions import (
    DeleteDiscussion,
    DeleteReply,
    RestoreDiscussion,
    RestoreReply,
    delete_discussion,
    delete_reply,
    restore_discussion,
    restore_reply,
)
from forum.discussions import (
    EditDiscussion,
    LockDiscussion,
    MoveDiscussion,
    PinDiscussion,
    RetitleDiscussion,
    StartDiscussion,
    UnlockDiscussion,
    UnpinDiscussion,
    edit_discussion,
    lock_discussion,
    move_discussion,
    pin_discussion,
    retitle_discussion,
    start_discussion,
    unlock_discussion,
    unpin_discussion,
)
from forum.drafts import QuoteRequest
from forum.errors import DomainError
from forum.limits import Limits
from forum.quotes import notify_of_changed_sources
from forum.removals import RemovePosts, finish_removals, remove_posts
from forum.replies import AddReply, EditReply, add_reply, edit_reply
from forum.undo import Undo, undo
from forum.use_cases import Actor, C, Forum, IdempotencyKey, Outcome, UseCase
from tests.db import comparison
from tests.db.model import Asked, Deletion, Discussion, Model, Post
from tests.support.backends import Backend

PEOPLE = ("Ada", "Grace", "Lin")
SENTENCES = ("Apples are red.", "Bees can fly.", "Cats sleep all day.", "Dogs bark at night.")
TIMES = {"add_reply": 4, "edit": 3, "delete_reply": 3, "restore_reply": 2, "delete_discussion": 2}
"""How often a step does it, if more than once."""
STEPS = (
    *TIMES,
    "start_discussion",
    "move",
    "restore_discussion",
    "lock",
    "pin",
    "move_by_moderator",
    "retitle",
    "remove_posts",
    "undo",
    "notify_quotes",
)
LIMITS = Limits(depth=4, opening_post_length=1_000, reply_length=1_000)


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
        self.categories = [self.run(self._category(slug)) for slug in ("here", "there")]
        self.names = {number: name for name, number in self.ids.items()}
        self.forum = Forum(self.database, LIMITS)
        self.model = Model()
        self.chance = random.Random()
        self.began = datetime.now(UTC)
        """What is in the database from before is another machine's."""
        self.removals: list[tuple[int, list[tuple[Post, Deletion | None]]]] = []
        """Entries of removals that are not taken back, and what they deleted."""
        self.changed: list[Discussion] = []
        """What the next comparison looks at."""

    def run(self, work: Awaitable[Any]) -> Any:
        async def awaited() -> Any:
            return await work

        return self.runner.run(awaited())

    async def _person(self, name: str) -> int:
        known = await users.by_handle(self.database, name)
        person = users.Person(handle=name, name=name)
        return known.id if known else await self.database.write(lambda tx: users.add_user(tx, person))

    async def _category(self, slug: str) -> int:
        return await self.database.write(lambda tx: categories.category(tx, slug=slug, name=slug, description=None))

    def teardown(self) -> None:
        try:
            self.run(notify_of_changed_sources(self.database))
            self.model.notify()
            self.changed = list(self.model.discussions)
            self.compare()
            assert self.run(notify_of_changed_sources(self.database)) == 0
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
        standing = [discussion for discussion in self.model.discussions if not discussion.deleted]
        return self.chance.choice(self.model.discussions if self.seldom() or not standing else standing)

    def some_post(self, posts: Sequence[Post]) -> Post:
        """Mostly one that stands."""
        standing = [post for post in posts if not post.deleted]
        return self.chance.choice(posts if self.seldom() or not standing else standing)

    def some_tombstone(self, posts: Sequence[Post]) -> Post:
        """Mostly one that is deleted, in a discussion that stands."""
        deleted = [post for post in posts if post.deleted]
        here = [post for post in deleted if post.sequence == 0 or not post.discussion.deleted]
        return self.chance.choice(posts if self.seldom() else here or deleted or posts)

    # What may be written.

    @rule(what=st.sampled_from(STEPS))
    def step(self, what: str) -> None:
        # One rule: Hypothesis leaves some rules out of a run, and a run without replies or deletions says little.
        standing = [discussion for discussion in self.model.discussions if not discussion.deleted]
        if not self.model.discussions:
            what = "start_discussion"
        elif what == "start_discussion" and len(standing) >= 2:
            what = "add_reply"
        for _ in range(TIMES.get(what, 1)):
            getattr(self, what)()

    def is_moderator(self) -> bool:
        return self.chance.random() < 0.5

    def start_discussion(self) -> None:
        who, said = self.who(), self.words()
        title, body = f"Title {len(self.model.discussions)}", body_of(said, [])
        made = self.write(start_discussion, StartDiscussion(title=title, body=body), who)
        assert made is not None
        assert made.discussion_id is not None
        discussion = Discussion(title, made.discussion_id)
        discussion.posts.append(Post(discussion, 0, None, who, [said], body=body, id=made.post_id or 0))
        self.model.discussions.append(discussion)
        self.changed.append(discussion)
        self.appended(made, "DiscussionStarted", discussion.opening, who)

    def add_reply(self) -> None:
        who, said, discussion = self.who(), self.words(), self.some_discussion()
        parent: Post | None = self.chance.choice([None, *discussion.posts[1:], *discussion.posts[-3:]])
        if parent is not None and parent.sequence == 0:
            parent = None
        asked = self.asked(said, discussion)
        body = body_of(said, asked)
        command = AddReply(
            discussion_id=discussion.id,
            reply_to_id=parent.id if parent else None,
            body=body,
            quotes=requests_of(asked),
        )

        expected = None
        if discussion.deleted:
            expected = "DiscussionNotFound"
        elif discussion.locked:
            expected = "DiscussionLocked"
        elif parent is not None and parent.deleted:
            expected = "ParentDeleted"
        elif parent is not None and len(parent.path) > LIMITS.depth:
            expected = "TooDeep"
        made = self.write(add_reply, command, who, expected)
        if made is None:
            return
        self.changed.append(discussion)
        reply = Post(discussion, len(discussion.posts), parent, who, [said], body=body, id=made.post_id or 0)
        reply.quotes = self.model.quoted(asked, who, discussion=discussion, answers=parent)
        discussion.posts.append(reply)
        self.appended(made, "ReplyAdded", reply, who)

    def edit(self) -> None:
        keep_source_links = self.chance.random() < 0.5
        post = self.some_post(list(self.model.posts()))
        said, stale = self.words(), self.seldom()
        # Mostly by its author, and mostly with what it quoted before.
        who = self.who() if self.seldom() else post.author or self.who()
        discussion = post.discussion
        asked = self.asked(said, discussion)
        if self.chance.random() < 0.7:
            again = [Asked(quote.sentence, quote.name) for quote in post.quotes if quote.sentence not in said]
            asked = again + [one for one in asked if one.sentence not in {old.sentence for old in again}]
        in_reply = post.sequence > 0
        if keep_source_links:
            # A client that sends no quotes keeps the sources, so it can name no new ones.
            asked = [replace(one, source=None, source_version=None) for one in asked]
        body, requests = body_of(said, asked), None if keep_source_links else requests_of(asked)
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
        category = self.chance.choice([discussion.category, None, *self.categories])

        if in_reply:
            edit = EditReply(reply_id=post.id, expected_version=version, body=body, quotes=requests)
            made = self.write(edit_reply, edit, who, expected)
        else:
            retitle = EditDiscussion(
                discussion_id=discussion.id,
                expected_version=version,
                title=title,
                body=body,
                category_id=category,
                keep_category=category == discussion.category and self.chance.random() < 0.5,
                quotes=requests,
            )
            made = self.write(edit_discussion, retitle, who, expected)
        if made is None:
            return
        quotes = self.model.quoted(
            asked,
            who,
            discussion=discussion if in_reply else None,
            answers=post.parent,
            before=post.sequence,
            existing=post.quotes,
            keep_source_links=keep_source_links,
        )
        ties = [[(one.sentence, one.source, one.source_version) for one in each] for each in (quotes, post.quotes)]
        if in_reply and body == post.body and (keep_source_links or ties[0] == ties[1]):
            # It changed nothing.
            assert made.position is None
            return
        self.changed.append(discussion)
        post.quotes = quotes
        post.versions.append(said)
        post.body = body
        if not in_reply:
            discussion.title, discussion.category = title, category
        self.appended(made, "ReplyEdited" if in_reply else "DiscussionUpdated", post, who)

    def move(self) -> None:
        discussion = self.some_discussion()
        opening = discussion.opening
        who = self.who() if self.seldom() else opening.author or self.who()
        category = self.chance.choice([discussion.category, None, *self.categories, 0])
        expected = None
        if discussion.deleted:
            expected = "DiscussionNotFound"
        elif opening.author != who:
            expected = "NotAllowed"
        elif discussion.locked:
            expected = "DiscussionLocked"
        elif category == 0:
            expected = "CategoryNotFound"

        move = EditDiscussion(
            discussion_id=discussion.id,
            expected_version=opening.version,
            category_id=category,
            keep_category=False,
        )
        made = self.write(edit_discussion, move, who, expected)
        if made is None:
            return
        if category == discussion.category:
            assert made.position is None
            return
        self.changed.append(discussion)
        asked = [Asked(quote.sentence, quote.name) for quote in opening.quotes]
        opening.quotes = self.model.quoted(asked, who, discussion=None, existing=opening.quotes)
        opening.versions.append(opening.said)
        discussion.category = category
        self.appended(made, "DiscussionUpdated", opening, who)

    def replies(self) -> list[Post]:
        return [post for post in self.model.posts() if post.sequence > 0]

    def delete_reply(self) -> None:
        if not self.replies():
            return
        moderator = self.is_moderator()
        choose = self.some_tombstone if moderator and self.chance.random() < 0.4 else self.some_post
        reply = choose(self.replies())
        who = self.who() if self.chance.random() < 0.5 else reply.author or self.who()
        raises = moderator and reply.can_raise(who) and not reply.discussion.deleted
        expected = None
        if reply.deleted:
            expected = None if raises else "ReplyNotFound"
        elif reply.author != who and not moderator:
            expected = "NotAllowed"

        made = self.write(delete_reply, DeleteReply(reply_id=reply.id), who, expected, moderator=moderator)
        if made is not None:
            self.changed.append(reply.discussion)
            if raises:
                reply.raise_deletion()
            else:
                reply.delete(by_author=reply.author == who)
            self.appended(made, "ReplyDeleted", reply, who)

    def restore_reply(self) -> None:
        if not self.replies():
            return
        moderator = self.is_moderator()
        reply = self.some_tombstone(self.replies())
        who = self.restorer(reply)
        restore = RestoreReply(reply_id=reply.id)
        expected = reply.not_restored(who, moderator=moderator)
        made = self.write(restore_reply, restore, who, expected, moderator=moderator)
        if made is not None:
            self.changed.append(reply.discussion)
            reply.discussion.restore([reply])
            self.appended(made, "ReplyRestored", reply, who)

    def restorer(self, post: Post) -> str:
        """Mostly its author."""
        return self.who() if post.deletion is None or self.seldom() else post.deletion.author or self.who()

    def restore_discussion(self) -> None:
        moderator = self.is_moderator()
        opening = self.some_tombstone([discussion.opening for discussion in self.model.discussions])
        discussion, who = opening.discussion, self.restorer(opening)
        restore = RestoreDiscussion(discussion_id=discussion.id)
        expected = opening.not_restored(who, moderator=moderator)
        made = self.write(restore_discussion, restore, who, expected, moderator=moderator)
        if made is not None:
            assert opening.deletion is not None
            self.changed.append(discussion)
            together = discussion.of_act(opening.deletion.act)
            discussion.restore(together)
            self.appended(made, "DiscussionUpdated", opening, who, together)

    def delete_discussion(self) -> None:
        moderator = self.is_moderator()
        discussion = self.some_discussion()
        who = self.who() if self.chance.random() < 0.5 else discussion.opening.author or self.who()
        raisable = [each for each in self.model.discussions if each.opening.can_raise(who)]
        if moderator and raisable and self.chance.random() < 0.7:
            discussion = self.chance.choice(raisable)
        raises = moderator and discussion.opening.can_raise(who)
        expected = None
        if discussion.deleted:
            expected = None if raises else "DiscussionNotFound"
        elif not moderator and (discussion.opening.author != who or any(post.listed for post in discussion.posts[1:])):
            expected = "NotAllowed"

        delete = DeleteDiscussion(discussion_id=discussion.id)
        made = self.write(delete_discussion, delete, who, expected, moderator=moderator)
        if made is not None:
            self.changed.append(discussion)
            if discussion.opening.deletion is not None:
                act = discussion.of_act(discussion.opening.deletion.act)
                for post in act:
                    post.raise_deletion()
            else:
                act = [post for post in discussion.posts if not post.deleted]
                is_theirs = all(post.author == who for post in act)
                for post in act:
                    post.delete(by_author=is_theirs)
                discussion.title = ""
            self.appended(made, "DiscussionUpdated", discussion.opening, who, act)

    def lock(self) -> None:
        moderator = self.is_moderator()
        who, discussion, locked = self.who(), self.some_discussion(), self.chance.random() < 0.3
        expected = "DiscussionNotFound" if discussion.deleted else None if moderator else "NotAllowed"

        if locked:
            lock = LockDiscussion(discussion_id=discussion.id)
            made = self.write(lock_discussion, lock, who, expected, moderator=moderator)
        else:
            unlock = UnlockDiscussion(discussion_id=discussion.id)
            made = self.write(unlock_discussion, unlock, who, expected, moderator=moderator)
        if made is None:
            return
        if discussion.locked == locked:
            assert made.position is None
            return
        self.changed.append(discussion)
        discussion.locked = locked
        self.appended(made, "DiscussionUpdated", discussion.opening, who)

    def pin(self) -> None:
        moderator = self.is_moderator()
        who, discussion, pinned = self.who(), self.some_discussion(), self.chance.random() < 0.6
        expected = "DiscussionNotFound" if discussion.deleted else None if moderator else "NotAllowed"

        if pinned:
            pin = PinDiscussion(discussion_id=discussion.id)
            made = self.write(pin_discussion, pin, who, expected, moderator=moderator)
        else:
            unpin = UnpinDiscussion(discussion_id=discussion.id)
            made = self.write(unpin_discussion, unpin, who, expected, moderator=moderator)
        if made is None:
            return
        if discussion.pinned == pinned:
            assert made.position is None
            return
        self.changed.append(discussion)
        discussion.pinned = pinned
        self.appended(made, "DiscussionUpdated", discussion.opening, who)

    def move_by_moderator(self) -> None:
        moderator = self.is_moderator()
        who, discussion = self.who(), self.some_discussion()
        category = self.chance.choice([None, *self.categories])
        expected = "DiscussionNotFound" if discussion.deleted else None if moderator else "NotAllowed"
        move = MoveDiscussion(discussion_id=discussion.id, category_id=category)
        made = self.write(move_discussion, move, who, expected, moderator=moderator)
        if made is None:
            return
        if discussion.category == category:
            assert made.position is None
            return
        self.changed.append(discussion)
        discussion.category = category
        self.appended(made, "DiscussionUpdated", discussion.opening, who)

    def retitle(self) -> None:
        moderator = self.is_moderator()
        who, discussion = self.who(), self.some_discussion()
        title = self.chance.choice([discussion.title or "Untitled", f"Title {self.chance.randint(0, 5)}"])
        expected = "DiscussionNotFound" if discussion.deleted else None if moderator else "NotAllowed"
        version = discussion.opening.version
        if expected is None and self.seldom():
            version, expected = version + 1, "EditConflict"
        command = RetitleDiscussion(discussion_id=discussion.id, title=title, expected_version=version)
        made = self.write(retitle_discussion, command, who, expected, moderator=moderator)
        if made is None:
            return
        if discussion.title == title:
            assert made.position is None
            return
        self.changed.append(discussion)
        discussion.title = title
        discussion.opening.versions.append(discussion.opening.said)
        self.appended(made, "DiscussionUpdated", discussion.opening, who)

    def remove_posts(self) -> None:
        # Rarer, since little is left after it.
        if self.chance.random() < 0.6:
            return
        who, author = self.who(), self.who()
        command = RemovePosts(author_id=self.ids[author], since=self.began)
        made = self.write(remove_posts, command, who, moderator=True)
        assert made is not None
        theirs = [post for post in self.model.posts() if post.author == author and not post.deleted]
        assert (made.subject_id is None) == (not theirs)
        self.run(finish_removals(self.forum))
        if made.subject_id is None:
            return
        removed: list[Post] = []
        for discussion in self.model.discussions:
            here = [post for post in theirs if post.discussion is discussion]
            if not here:
                continue
            self.changed.append(discussion)
            opening = discussion.opening
            if opening in here:
                act = [post for post in discussion.posts if not post.deleted]
                for post in act:
                    post.delete(by_author=False)
                discussion.title = ""
                discussion.append("DiscussionUpdated", opening, who, act)
                removed.append(opening)
            else:
                for post in here:
                    post.delete(by_author=False)
                    discussion.append("ReplyDeleted", post, who)
                removed += here
        self.removals.append((made.subject_id, [(post, post.deletion) for post in removed]))

    def undo(self) -> None:
        if not self.removals:
            return
        who = self.who()
        entry, removed = self.removals.pop(self.chance.randrange(len(self.removals)))
        made = self.write(undo, Undo(audit_entry_id=entry), who, moderator=True)
        assert made is not None
        self.run(finish_removals(self.forum))
        # What is still deleted by that act comes back, in the order of discussions and replies.
        for discussion in self.model.discussions:
            here = [
                post
                for post, deletion in removed
                if post.discussion is discussion and post.deletion is deletion and deletion is not None
            ]
            if not here:
                continue
            self.changed.append(discussion)
            if here[0].sequence == 0:
                assert here[0].deletion is not None
                together = discussion.of_act(here[0].deletion.act)
                discussion.restore(together)
                discussion.append("DiscussionUpdated", here[0], who, together)
            elif not discussion.deleted:
                discussion.restore(here)
                for post in here:
                    discussion.append("ReplyRestored", post, who)

    def notify_quotes(self) -> None:
        # Rarer than writes, so that much may happen before followers are notified.
        if self.chance.random() < 0.5:
            return
        notified = self.run(notify_of_changed_sources(self.database))
        before = sum(len(discussion.events) for discussion in self.model.discussions)
        self.model.notify()
        assert notified == sum(len(discussion.events) for discussion in self.model.discussions) - before
        self.changed = list(self.model.discussions)

    # How it is written.

    def write(
        self, use_case: UseCase[C], command: C, who: str, expected: str | None = None, *, moderator: bool = False
    ) -> Outcome | None:
        """Returns the outcome; None if the write is refused, as it must be with exactly the error `expected`."""
        key = IdempotencyKey(secrets.token_hex(8), b"a fingerprint") if self.chance.random() < 0.2 else None
        actor = Actor(self.ids[who], moderator, key=key)

        async def attempt() -> Outcome | str:
            try:
                return await use_case(self.forum, actor, command)
            except DomainError as error:
                return type(error).__name__

        made = self.run(attempt())
        if key is not None and expected is None:
            # A repeat of the same key has the same outcome, and writes nothing that the comparison could find.
            assert self.run(attempt()) == replace(made, repeated=True, reply=None)
        if expected is not None:
            assert made == expected
            return None
        assert isinstance(made, Outcome), made
        return made

    def appended(self, made: Outcome, kind: str, post: Post, who: str, others: Sequence[Post] = ()) -> None:
        """Appends to the model's log the event whose position the write returned."""
        post.discussion.append(kind, post, who, others)
        assert made.position is not None
        assert (made.discussion_id, made.post_id) == (post.discussion.id, post.id)
        assert made.position.number == len(post.discussion.events)

    def asked(self, said: Sequence[str], discussion: Discussion) -> list[Asked]:
        """Some quotes to make of sentences that the post does not say itself, mostly such as others did say."""
        asked: dict[str, Asked] = {}
        chance = self.chance
        living = [post for post in self.model.posts() if not post.deleted]
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

    # How both are compared.

    @invariant()
    def compare(self) -> None:
        changed, self.changed = self.changed, []
        for discussion in {one.id: one for one in changed}.values():
            self.run(comparison.compare(self.database, discussion, self.names))


def body_of(said: Sequence[str], asked: Sequence[Asked]) -> str:
    """A body that quotes what is asked, each in a blockquote of its own, and then says its own sentences."""
    blocks = [f"> **{one.name} said:**\n>\n> {one.sentence}" if one.name else f"> {one.sentence}" for one in asked]
    return "\n\n".join([*blocks, *said])


def requests_of(asked: Sequence[Asked]) -> list[QuoteRequest]:
    """The quotes whose sources the input names."""
    return [QuoteRequest(one.source.id, one.sentence, one.source_version) for one in asked if one.source is not None]


def test_random_writes_leave_the_database_as_the_model_says(backend: Backend) -> None:
    url = backend.migrated_database()

    class Here(Machine):
        def __init__(self) -> None:
            super().__init__(url)

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=10,
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
