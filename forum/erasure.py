"""Erasing a person: what they wrote, what others quote of it, and what tells who they were.

Each step is a transaction of its own and can be repeated: run again, an interrupted erasure ends the same. First their
held posts go, so that nobody can publish them, and their posts become tombstones, so that nobody can quote them. Then
the posts of others lose their words and names. In the end the versions by which the words were known are blanked, and
the user's row.
"""

import re
import secrets
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import groupby
from time import monotonic
from typing import Any, TypeVar

import db.deletion_jobs
import db.deletions
import db.discussions
import db.erasure
import db.identities
import db.listing
import db.mentions
import db.posts
import db.quotes
import db.search
import db.user_search
import db.users
import db.viewer_events
from db.database import MAX_EVENTS, Database, Event, Transaction
from db.deletions import Act, DeletionRow, ReasonRow
from db.erasure import TitledRow, VersionRow
from db.kinds import DeletedBy, DiscussionChange, EventKind
from db.logs import SITE
from db.posts import PostDraft, QuoteDraft
from db.rows import DiscussionRow, MentionRow, PostRow, QuoteRow, UserRow
from db.statements import WriteStatement
from forum import drafts, erasing_moderation, rules
from forum.deletion_jobs import finish_deletions
from forum.deletions import delete_whole_discussion, erase_replies
from forum.limits import IMPORT_LIMITS
from forum.references import references
from forum.use_cases import Forum
from text import markdown, normal, said, workers
from text.erasing import ERASED, Erased, erased, passage, without_names
from text.marks import without_user
from text.naming import Names
from text.quotes import Blockquote
from text.said import Comparison

BATCH = 200
CLOCKS_APART = timedelta(minutes=5)
"""How much the clock of a server may be behind the one of the command: its edits meanwhile carry its time."""
PROGRESS_SECONDS = 10.0
PASSAGES = 20
"""How many changes a preview shows."""
LONG_CHARACTERS, LONG_WORDS = 30, 5
"""A quote that names nobody is theirs if they said it, and each part of it has so many characters or words. Anybody may
say a shorter one: it stays and is told."""
# In scripts without blanks between words, a part may begin at any letter.
_WORD = re.compile(rf"[{normal.UNSPACED}]|[^\W{normal.UNSPACED}]+")

_OfPost = TypeVar("_OfPost", QuoteRow, MentionRow)


@dataclass
class Erasure:
    """What an erasure did, or would do."""

    posts: int = 0
    """Posts of theirs that were still there."""
    others: int = 0
    """Posts, versions and titles of others that held words or names of theirs."""
    passages: list[str] = field(default_factory=list)
    """The first PASSAGES of these, as they were and as they are."""
    doubtful: list[str] = field(default_factory=list)
    """Passages that may be theirs or somebody else's. They stay as they were."""

    def add(self, where: str, before: str, done: Erased) -> None:
        """Counts what has become of one text of somebody else."""
        found = [f"{where}: {passage}" for passage in done.doubtful]
        self.doubtful += [each for each in found if each not in self.doubtful]
        if done.text != before:
            self.others += 1
            if len(self.passages) < PASSAGES:
                self.passages.append(f"{where}: {' -> '.join(passage(before, done.text))}")


class _Progress:
    """Says what an erasure does, and from time to time how far it is."""

    def __init__(self, report: Callable[[str], None]) -> None:
        self._report = report

    def begin(self, what: str) -> None:
        self._what, self._shown = what, monotonic()
        self._report(what)

    def update(self, done: int, total: int, of: str = "") -> None:
        if monotonic() - self._shown > PROGRESS_SECONDS:
            self._shown = monotonic()
            self._report(f"{self._what}:{of} {done:,} of {total:,}")


class _Changed(Exception):
    """A post was changed while it was looked at."""


async def erase_user(
    database: Database,
    user: UserRow,
    report: Callable[[str], None],
    *,
    may_return: bool = False,
    host: str | None = None,
) -> Erasure:
    """Erases a person from the database. `db.erasure.clean` then removes deleted rows from its files.

    The person must be suspended, and every server must know. `report` is called with each step, for the operator.
    Tokens of another service that name the person are refused for good, unless they `may_return` as somebody new.
    `host` is this server's, for links to its posts.

    It ends while others write: what they have written since it began is looked at once more in the end, and a name
    that somebody writes after that is there to stay.
    """
    erasure = Erasure()
    began = datetime.now(UTC) - CLOCKS_APART
    progress = _Progress(report)
    progress.begin("Erasing their posts")
    await erasing_moderation.delete_held(database, user.id)
    await finish_deletions(database, rests=True)
    theirs = await database.rows(db.erasure.their_posts, user=user.id)
    done = 0
    for discussion_id, posts in groupby(theirs, key=lambda post: post.discussion_id):
        there = [post.post_id for post in posts]
        for begin in range(0, len(there), MAX_EVENTS):
            taken = there[begin : begin + MAX_EVENTS]
            await _leave_discussion(database, user, discussion_id, taken)
            done += len(taken)
            progress.update(done, len(theirs))
    # Those are begun here that delete a whole discussion of theirs.
    await finish_deletions(database, rests=True)
    erasure.posts = sum(not post.deleted for post in theirs)
    person = await _Person.of(database, user, host=host)
    progress.begin("Erasing quotes of them and their names in the posts of others")
    everything = await _Window.everything(database)
    await _rewrite_all(database, person, everything, erasure, progress)
    progress.begin("Erasing those in what was written meanwhile")
    await _rewrite_all(database, person, await everything.later(database, since=began), erasure, progress)

    while naming := await database.rows(db.erasure.naming_posts, user=user.id, limit=MAX_EVENTS):
        for discussion_id, posts_there in groupby(naming, key=lambda post: post.discussion_id):
            ids = [post.post_id for post in posts_there]
            await database.write(partial(_leave_names, user=user, discussion_id=discussion_id, ids=ids))

    progress.begin("Erasing their name in versions, tombstones and events")
    await _forget_in_steps(database, user)

    async def forget(tx: Transaction) -> None:
        for command in (
            db.erasure.delete_former_names,
            db.user_search.remove,
            db.erasure.delete_keys,
            db.viewer_events.delete_events,
            db.viewer_events.delete_head,
        ):
            await tx.run(command, user=user.id)
        identity = await tx.row(db.erasure.identity, user=user.id)
        if identity and identity.subject is not None and not may_return:
            await db.identities.refuse_identity(tx, issuer=identity.issuer or "", subject=identity.subject)
        await tx.lock_log(SITE, events=1)
        await tx.run(db.erasure.blank_user, user=user.id, handle=f"erased-{secrets.token_hex(6)}", at=tx.at)
        tx.append(Event(EventKind.USER_ERASED, None, 0, None, user_id=user.id))

    await database.write(forget)
    # What was written since has their id.
    await _forget_in_steps(database, user)
    return erasure


async def _forget_in_steps(database: Database, user: UserRow) -> None:
    """Takes a person out of what may be many rows, in short transactions."""

    async def write(statement: WriteStatement, rows: list[dict[str, Any]]) -> None:
        await database.write(lambda tx: tx.run_many(statement, rows))

    await erasing_moderation.forget(database, user.id)
    # The slugs are found by the versions.
    await write(db.erasure.blank_deleted_slugs, [{"user": user.id}])
    after = 0
    while ids := await db.deletions.concerning_person(database, user.id, after=after, limit=BATCH):
        after = ids[-1]
        await database.write(partial(db.deletions.forget_person, user_id=user.id, ids=ids))
    after = after_version = 0
    while versions := await database.rows(
        db.erasure.their_versions, user=user.id, after=after, after_version=after_version, limit=BATCH
    ):
        after, after_version = versions[-1].post_id, versions[-1].version
        await write(db.erasure.blank_revision, [{"post": row.post_id, "of_version": row.version} for row in versions])
    for statement, command in (
        (db.erasure.their_events, db.erasure.anonymise_event),
        (db.erasure.events_naming_them, db.erasure.leave_event),
    ):
        log_id = number = 0
        while found := await database.rows(statement, user=user.id, after_log=log_id, after_number=number, limit=BATCH):
            log_id, number = found[-1].log_id, found[-1].number
            await write(command, [{"user": user.id, "log": row.log_id, "event": row.number} for row in found])


async def _leave_names(tx: Transaction, *, user: UserRow, discussion_id: int, ids: Sequence[int]) -> None:
    """Has posts of others mean nobody by a name that was theirs and stays, since it may be another's."""
    await rules.lock_discussion(tx, discussion_id)
    rows = await tx.rows(db.posts.by_ids, ids=list(ids))
    await rules.lock_discussion(tx, discussion_id, events=len(rows))
    await tx.run(db.erasure.blank_mentions, user=user.id, ids=list(ids))
    await tx.run(db.erasure.blank_attributions, user=user.id, ids=list(ids))
    concerned = await rules.concerns(tx, ids)
    for row in rows:
        tx.append(Event(EventKind.POST_CHANGED, row.post_id, row.version, None, **concerned[row.post_id]))


async def preview_erasure(database: Database, user: UserRow) -> Erasure:
    """Returns what erasing a person would do, and writes nothing."""
    theirs = await database.rows(db.erasure.their_posts, user=user.id)
    erasure = Erasure(posts=sum(not post.deleted for post in theirs))
    person = await _Person.of(database, user)
    window = await _Window.everything(database)
    async for row, title, _ in _titles_of_others(database, person):
        erasure.add(f"Title of D_{row.id}", row.title, title)
    async for reason, left in _reasons_of_others(database, person):
        erasure.add(f"Reason of the deletion of post {reason.post_id}", reason.reason, left)
    await _rewrite_moderation(database, person, erasure, writes=False)
    async for post, _, done in _posts_of_others(database, person, window):
        erasure.add(_place(post), post.body, done)
    async for version, done, title in _versions_of_others(database, person, window):
        erasure.add(f"Version {version.version} of post {version.post_id}", *_texts_of(version, done, title))
    return erasure


def _place(post: PostRow) -> str:
    return f"R_{post.post_id}" if post.sequence else f"D_{post.discussion_id}"


async def _leave_discussion(database: Database, user: UserRow, discussion_id: int, ids: Sequence[int]) -> None:
    """Leaves tombstones of an erasure of some of their posts in one discussion, also of those that were deleted.

    One they started goes on where others have written in it.
    """

    async def leave(tx: Transaction) -> None:
        await rules.lock_discussion(tx, discussion_id)
        job = await tx.row(db.deletion_jobs.of_discussion, discussion=discussion_id)
        if job is not None and job.is_deletion:
            raise _Changed
        discussion = await tx.row(db.discussions.by_id, id=discussion_id)
        assert discussion is not None
        # Read again under the lock: they may have changed since.
        living = [row for row in await tx.rows(db.posts.by_ids, ids=list(ids)) if row.author_id == user.id]
        deleted = [row for row in await tx.rows(db.deletions.of_posts, ids=list(ids)) if row.author_id == user.id]
        starts = any(row.sequence == 0 for row in living)
        goes_on = not starts or await tx.rows(db.erasure.living_of_others, discussion=discussion_id, user=user.id)
        if discussion.deleted_at is not None or not goes_on:
            await _leave_whole_discussion(tx, discussion, deleted)
            return
        await rules.lock_discussion(tx, discussion_id, events=len(living) + len(deleted))
        # What it is by now, and whether it is a tombstone already.
        replies = [(row.post_id, row.version + 1, False) for row in living if row.sequence > 0]
        replies += [(row.post_id, row.version, True) for row in deleted]
        concerned = await rules.concerns(tx, [post_id for post_id, _, _ in replies])
        if gone := [post_id for post_id, _, is_deleted in replies if not is_deleted]:
            await db.listing.before_deleting(tx, discussion_id, gone)
        events: dict[bool, list[Event]] = {False: [], True: []}
        for post_id, version, is_deleted in replies:
            # Of whom it was, nobody is told any more.
            about = concerned[post_id] | {"author_id": None}
            events[is_deleted].append(Event(EventKind.REPLY_DELETED, post_id, version, None, **about))
        await erase_replies(tx, events[False], events[True])
        if starts:
            await _blank_opening_post(tx, discussion)
            await db.listing.after_anonymising(tx, discussion_id, user_id=user.id)

    while True:
        # What is kept of a large discussion that somebody deletes has an author only after the last step.
        await finish_deletions(database, discussion_id, rests=True)
        with suppress(_Changed):
            await database.write(leave)
            return


async def _leave_whole_discussion(tx: Transaction, discussion: DiscussionRow, deleted: Sequence[DeletionRow]) -> None:
    """Deletes a discussion in which nobody else has written, and takes what is kept of deleted posts of theirs."""
    is_deleted = discussion.deleted_at is not None
    if is_deleted and not deleted:
        return
    await rules.lock_discussion(tx, discussion.discussion_id, events=1)
    event = Event(
        EventKind.DISCUSSION_UPDATED,
        discussion.post_id,
        discussion.version + (not is_deleted),
        None,
        category_id=discussion.category_id,
        changes=[DiscussionChange.DELETED, DiscussionChange.ERASED],
        other_posts=[row.post_id for row in deleted],
    )
    if is_deleted:
        tx.append(event)
    else:
        await delete_whole_discussion(tx, discussion, Act(tx.append(event).number, DeletedBy.ERASURE))
    await db.deletions.erase_deletions(tx, [row.post_id for row in deleted])


async def _blank_opening_post(tx: Transaction, discussion: DiscussionRow) -> None:
    """Blanks the title and the opening post of a discussion that goes on without its author."""
    document = markdown.read(ERASED)
    draft = PostDraft(ERASED, document.html(), ERASED, document.said, db.search.entry(ERASED, ERASED))
    await db.posts.change_post(tx, discussion, draft, title=discussion.title)
    await tx.run(db.erasure.anonymise_post, post=discussion.post_id)
    await db.discussions.relist(tx, discussion.discussion_id)
    await tx.run(db.erasure.retitle, discussion=discussion.discussion_id, title=ERASED)
    tx.append(_erased_discussion(discussion.post_id, discussion.version + 1, discussion.category_id))


def _erased_discussion(post_id: int, version: int, category_id: int | None) -> Event:
    changes = [DiscussionChange.ERASED]
    return Event(EventKind.DISCUSSION_UPDATED, post_id, version, None, category_id=category_id, changes=changes)


@dataclass(frozen=True, slots=True)
class _Window:
    """Which posts are looked at, so that looking at them ends while others write."""

    last: int
    """The id of the last one."""
    changed: dict[str, Any] = field(default_factory=dict)
    """Of a later look: the post after which, and the moment since which, posts are looked at."""

    @classmethod
    async def everything(cls, database: Database) -> "_Window":
        row = await database.row(db.erasure.last_post)
        return cls(row.id if row else 0)

    async def later(self, database: Database, *, since: datetime) -> "_Window":
        """What was written, edited or deleted after this one was opened."""
        return _Window((await self.everything(database)).last, {"first": self.last, "since": since})


@dataclass(frozen=True, slots=True)
class _Person:
    """By what a person is known in the posts of others."""

    user: UserRow
    names: Names
    ids: frozenset[int]
    """Their posts."""
    words: tuple[str, ...]
    """What they have said, as it is compared: a text for each version of a post."""
    vocabulary: frozenset[str]
    """All words in it."""
    host: str | None
    """The server's."""

    @classmethod
    async def of(cls, database: Database, user: UserRow, *, host: str | None = None) -> "_Person":
        ids = await database.rows(db.erasure.their_post_ids, user=user.id)
        bodies = {row.body for row in await database.rows(db.erasure.their_words, user=user.id)}
        words = await workers.run(lambda: tuple({markdown.read(body).said for body in bodies}))
        vocabulary = frozenset(word for text in words for word in _WORD.findall(text))
        former = await database.rows(db.users.former_names_of, user=user.id)
        called = {user.handle, user.name, *(each for row in former for each in (row.handle, row.name))}
        others: set[str] = set()
        after = 0
        while rows := await database.rows(db.erasure.called, after=after, limit=BATCH):
            others |= {each for row in rows if row.id != user.id for each in (row.handle, row.name)}
            after = rows[-1].id
        names = await workers.run(lambda: Names(called, of_others=others, handle=user.handle, host=host))
        return cls(user, names, frozenset(row.id for row in ids), words, vocabulary, host)

    def is_linked(self, html: str | None) -> bool:
        """Whether HTML has a link to them, also from a name that may be somebody else's and stays."""
        return f'data-user-id="{self.user.node_id}"' in (html or "")

    def said(self, block: Blockquote) -> bool | None:
        """Whether a blockquote, as it is, is theirs: it names them, or it names nobody and has their words.

        None if it has so few words that anybody may have said them.
        """
        if block.attribution is not None and block.attribution.name:
            return self.names.names(block.attribution.name)
        words = said.own_words(block.said)
        if not self.vocabulary.issuperset(_WORD.findall(words)):
            return False
        found = {said.compare(text, words) for text in self.words} - {Comparison.NOT_SAID}
        if any(all(map(_is_long, said.parts(words, comparison))) for comparison in found):
            return True
        return None if found else False

    def said_in(
        self, quotes_there: Iterable[tuple[int, int | None, int | None]]
    ) -> Callable[[Blockquote], bool | None]:
        """The same for a post whose quotes are known, by the ordinal, the source and the author of each."""
        known = {ordinal: (source_id, author_id) for ordinal, source_id, author_id in quotes_there}

        def is_theirs(block: Blockquote) -> bool | None:
            source_id, author_id = known.get(block.index, (None, None))
            if source_id in self.ids or author_id == self.user.id:
                return True
            return self.said(block) if source_id is None else False

        return is_theirs

    def erased_from(self, post: PostRow, quotes: Sequence[QuoteRow], mentions: Sequence[MentionRow]) -> Erased:
        """The body of a post of somebody else without what is theirs."""
        # The words of a quote are theirs whatever it is called, and the rendered text has names that a link divides.
        if ">" not in post.body and not self.names.may_be_in(post.body) and not self.names.may_be_in(post.body_text):
            return Erased(post.body)
        others = [each.start for each in mentions if each.user_id not in (None, self.user.id)]
        is_theirs = self.said_in((quote.ordinal, quote.source_id, quote.author_id) for quote in quotes)
        return erased(post.body, self.names, is_theirs, of_others=others)

    def erased_from_version(self, version: VersionRow) -> tuple[Erased, Erased]:
        """The body and the title of a version without what is theirs."""
        body, title = Erased(version.body), Erased(version.title or "")
        if ">" in version.body or "](" in version.body or self.names.may_be_in(version.body):
            body = erased(version.body, self.names, self.said)
        return body, without_names(title.text, self.names)

    def erased_from_title(self, row: TitledRow) -> tuple[Erased, bool]:
        """The title of a discussion without their names, and whether its address in an archive has one."""
        title = without_names(row.title, self.names)
        address = (row.legacy_slug or "").replace("-", " ")
        return title, bool(self.names.find(address)) or title.text != row.title


def _is_long(part: str) -> bool:
    return len(part) >= LONG_CHARACTERS or len(part.split()) >= LONG_WORDS


async def _titles_of_others(database: Database, person: _Person) -> AsyncIterator[tuple[TitledRow, Erased, bool]]:
    """Yields the discussions with a name in their titles or addresses: the new title, and whether the address goes."""
    after = 0
    while rows := await database.rows(db.erasure.titles, after=after, limit=BATCH):
        after = rows[-1].id
        erased_titles = await workers.run(lambda rows=rows: [person.erased_from_title(row) for row in rows])
        for row, (title, has_address) in zip(rows, erased_titles, strict=True):
            if has_address or title.doubtful:
                yield row, title, has_address


async def _reasons_of_others(database: Database, person: _Person) -> AsyncIterator[tuple[ReasonRow, Erased]]:
    """Yields the reasons of deletions with a name of theirs, and what is left of them."""
    after = 0
    while rows := await database.rows(db.deletions.reasons_of_others, after=after, user=person.user.id, limit=BATCH):
        after = rows[-1].post_id
        done = await workers.run(lambda rows=rows: [without_names(row.reason, person.names) for row in rows])
        for row, left in zip(rows, done, strict=True):
            if left.text != row.reason or left.doubtful:
                yield row, left


async def _posts_of_others(
    database: Database, person: _Person, window: _Window, looked_at: Callable[[int], None] = lambda _: None
) -> AsyncIterator[tuple[PostRow, list[QuoteRow], Erased]]:
    """Yields the posts with something of theirs: the post, its quotes, and what is left of it."""
    statement = db.erasure.touched_posts_of_others if window.changed else db.erasure.posts_of_others
    bounds = {"last": window.last, "user": person.user.id, "limit": BATCH, **window.changed}
    after = 0
    while posts := await database.rows(statement, after=after, **bounds):
        after = posts[-1].post_id
        looked_at(after)
        ids = [post.post_id for post in posts]
        quotes = _by_post(await database.rows(db.quotes.of_posts, ids=ids, deepest=drafts.EVERY_DEPTH))
        mentions = _by_post(await database.rows(db.mentions.of_posts, ids=ids))

        def look(posts: Any = posts, quotes: Any = quotes, mentions: Any = mentions) -> list[Erased]:
            return [person.erased_from(post, quotes[post.post_id], mentions[post.post_id]) for post in posts]

        for post, done in zip(posts, await workers.run(look), strict=True):
            if done.text != post.body or done.doubtful or person.is_linked(post.body_html):
                yield post, quotes[post.post_id], done


async def _versions_of_others(
    database: Database, person: _Person, window: _Window, looked_at: Callable[[int], None] = lambda _: None
) -> AsyncIterator[tuple[VersionRow, Erased, Erased]]:
    """Yields the superseded versions with something of theirs: the version, its body and its title."""
    statement = db.erasure.touched_versions_of_others if window.changed else db.erasure.versions_of_others
    bounds = {"last": window.last, "user": person.user.id, "limit": BATCH, **window.changed}
    after, after_version = 0, 0
    while versions := await database.rows(statement, after=after, after_version=after_version, **bounds):
        after, after_version = versions[-1].post_id, versions[-1].version
        looked_at(after)
        done = await workers.run(lambda versions=versions: [person.erased_from_version(each) for each in versions])
        for version, (body, title) in zip(versions, done, strict=True):
            before, left = _texts_of(version, body, title)
            if left.text != before or left.doubtful or person.is_linked(version.body_html):
                yield version, body, title


def _texts_of(version: VersionRow, body: Erased, title: Erased) -> tuple[str, Erased]:
    """The title and body of a version, before and after, as one text each."""
    left = Erased(f"{title.text}\n{body.text}", title.doubtful + body.doubtful)
    return f"{version.title or ''}\n{version.body}", left


def _by_post(rows: Iterable[_OfPost]) -> defaultdict[int, list[_OfPost]]:
    found: defaultdict[int, list[_OfPost]] = defaultdict(list)
    for row in rows:
        found[row.post_id].append(row)
    return found


async def _rewrite_all(
    database: Database, person: _Person, window: _Window, erasure: Erasure, progress: _Progress
) -> None:
    """Rewrites what others have written. Versions come first: quotes of them are compared with what is left of them."""
    async for row, title, has_address in _titles_of_others(database, person):
        if has_address:
            await _rewrite_title(database, person, row.id)
        erasure.add(f"Title of D_{row.id}", row.title, title)
    async for reason, left in _reasons_of_others(database, person):
        await _rewrite_reason(database, reason, left.text)
        erasure.add(f"Reason of the deletion of post {reason.post_id}", reason.reason, left)
    await _rewrite_moderation(database, person, erasure)
    looked_at = partial(progress.update, total=window.last, of=" former versions of posts to number")
    async for version, body, title in _versions_of_others(database, person, window, looked_at):
        await _rewrite_version(database, person, version, body.text, title.text)
        erasure.add(f"Version {version.version} of post {version.post_id}", *_texts_of(version, body, title))
    looked_at = partial(progress.update, total=window.last, of=" posts to number")
    async for post, quotes, done in _posts_of_others(database, person, window, looked_at):
        if done.text != post.body or person.is_linked(post.body_html):
            await _rewrite_post(database, person, post, quotes, done)
        erasure.add(_place(post), post.body, done)


async def _rewrite_moderation(database: Database, person: _Person, erasure: Erasure, *, writes: bool = True) -> None:
    await erasing_moderation.rewrite(
        database, person.names, person.said_in, erasure.add, user_id=person.user.id, host=person.host, writes=writes
    )


async def _rewrite_title(database: Database, person: _Person, discussion_id: int) -> None:
    while True:
        row = await database.row(db.discussions.title, discussion=discussion_id)
        (opening,) = await database.rows(db.posts.opening_posts, discussions=[discussion_id])
        assert row is not None
        title = without_names(row.title, person.names).text
        entry = await workers.run(db.search.entry, title, opening.body_text)
        try:
            await database.write(partial(_retitle, opening=opening, old=row.title, new=title, entry=entry))
        except _Changed:
            continue
        return


async def _retitle(tx: Transaction, *, opening: PostRow, old: str, new: str, entry: db.search.SearchEntry) -> None:
    """Raises _Changed if the title or the opening post has changed since."""
    discussion_id = opening.discussion_id
    if old == new:
        await tx.run(db.erasure.blank_slug, post=opening.post_id)
        return
    await rules.lock_discussion(tx, discussion_id, events=1)
    now = await tx.row(db.discussions.title, discussion=discussion_id)
    (opening_now,) = await tx.rows(db.posts.opening_posts, discussions=[discussion_id])
    if now is None or now.title != old or opening_now.version != opening.version:
        raise _Changed
    await tx.run(db.erasure.retitle, discussion=discussion_id, title=new)
    if opening.deleted_at is None:
        await db.search.put(tx, {opening.post_id: entry})
    concerned = (await rules.concerns(tx, [opening.post_id]))[opening.post_id]
    tx.append(_erased_discussion(opening.post_id, opening.version, concerned["category_id"]))


async def _rewrite_post(
    database: Database, person: _Person, post: PostRow, its_quotes: Sequence[QuoteRow], done: Erased
) -> None:
    """Replaces a post by what is left of it, and notifies its followers."""
    while True:
        titles = await database.rows(db.discussions.titles_of_opening_posts, ids=[post.post_id])
        draft = await drafts.prepare(
            Forum(database, IMPORT_LIMITS, person.host),
            done.text,
            drafts.PostContext(
                discussion_id=post.discussion_id,
                before_sequence=post.sequence,
                title=titles[0].title if titles else "",
            ),
            limit=None,
            earlier=drafts.EarlierQuotes(its_quotes),
            provenance=drafts.Provenance(
                legacy_id=post.legacy_id,
                quote_sources={quote.ordinal: quote.source_id for quote in its_quotes if quote.source_id is not None},
            ),
        )
        draft = replace(
            draft,
            html=without_user(draft.html, person.user.node_id),
            quotes=[_as_compared(quote, its_quotes) for quote in draft.quotes],
        )
        try:
            await database.write(partial(_replace_post, post=post, draft=draft))
        except _Changed:
            again = await database.row(db.posts.by_ids, ids=[post.post_id])
            if again is None or again.deleted_at is not None:
                return
            post = again
            its_quotes = await database.rows(db.quotes.of_posts, ids=[post.post_id], deepest=drafts.EVERY_DEPTH)
            mentions = await database.rows(db.mentions.of_posts, ids=[post.post_id])
            done = await workers.run(person.erased_from, post, its_quotes, mentions)
            if done.text == post.body and not person.is_linked(post.body_html):
                return
        else:
            return


def _as_compared(quote: QuoteDraft, earlier: Sequence[QuoteRow]) -> QuoteDraft:
    """A quote with the version and the comparison that it had: a name that left it and its source changes neither."""
    for before in earlier:
        if (before.ordinal, before.source_id) == (quote.ordinal, quote.source_id) and before.source_id is not None:
            return replace(quote, source_version=before.source_version, comparison=before.comparison)
    return quote


async def _replace_post(tx: Transaction, *, post: PostRow, draft: PostDraft) -> None:
    """Raises _Changed if the post has changed since it was read."""
    await rules.lock_discussion(tx, post.discussion_id, events=1)
    concerned = await rules.concerns(tx, [post.post_id])
    if not await db.posts.rewrite_post(tx, post, draft):
        raise _Changed
    tx.append(Event(EventKind.POST_CHANGED, post.post_id, post.version, None, **concerned[post.post_id]))


async def _rewrite_reason(database: Database, row: ReasonRow, reason: str) -> None:
    async def write(tx: Transaction) -> None:
        await rules.lock_discussion(tx, row.discussion_id, events=1)
        await tx.run(db.deletions.rewrite_reason, post=row.post_id, old=row.reason, new=reason)
        concerned = await rules.concerns(tx, [row.post_id])
        tx.append(Event(EventKind.POST_CHANGED, row.post_id, row.version, None, **concerned[row.post_id]))

    if reason != row.reason:
        await database.write(write)


async def _rewrite_version(database: Database, person: _Person, version: VersionRow, body: str, title: str) -> None:
    before, document = await workers.run(lambda: (markdown.read(version.body), markdown.read(body)))
    found = await references(database, document, discussion_id=version.discussion_id, host=person.host)
    html = without_user(await workers.run(document.html, (), found.targets), person.user.node_id)
    new_title = None if version.title is None else title

    async def write(tx: Transaction) -> None:
        await tx.run(
            db.erasure.rewrite_version,
            post=version.post_id,
            version=version.version,
            body=body,
            body_html=html,
            said=document.said,
            title=new_title,
        )
        if new_title != version.title:
            await tx.run(db.erasure.blank_slug, post=version.post_id)
        if body != version.body:
            await tx.run(db.deletions.forget_mentions, post=version.post_id)
        if len(before.blockquotes) != len(document.blockquotes):
            # Which of them is which is told by their order.
            await tx.run(db.deletions.forget_quotes, post=version.post_id)

    await database.write(write)
