"""Erasing a person: what they wrote, what others quote of it, and what tells who they were.

Each step is a transaction of its own and can be repeated: run again, an interrupted erasure ends the same. First their
posts become tombstones, so that nobody can quote them any more. Then the posts of others lose their words and names. In
the end the versions by which the words were known are blanked, and the user's row.
"""

import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby

import db.discussions
import db.erasure
import db.posts
import db.quotes
import db.search
from db.database import Database, Event, Transaction
from db.erasure import TheirPostRow, VersionRow
from db.kinds import EventKind
from db.posts import PostDraft
from db.rows import DiscussionRow, PostRow, QuoteRow, UserRow
from forum import drafts, rules
from forum.discussions import soft_delete_discussion
from forum.limits import IMPORT_LIMITS
from forum.use_cases import Forum
from text import markdown, normal, workers
from text.erasing import ERASED, Names, erased
from text.quotes import Blockquote

BATCH = 200
_WORD = re.compile(r"\w+")


@dataclass
class Erasure:
    """What an erasure did."""

    posts: int = 0
    """Posts of theirs that were still there."""
    others: int = 0
    """Posts and versions of others that held words or names of theirs."""


class _Changed(Exception):
    """A post was changed while it was looked at."""


async def erase_user(database: Database, user: UserRow, report: Callable[[str], None]) -> Erasure:
    """Erases a person from the database. `db.erasure.clean` then removes deleted rows from its files.

    The person must be suspended, and every server must know. `report` is called with each step, for the operator.
    """
    erasure = Erasure()
    report("Erasing their posts")
    theirs = await database.rows(db.erasure.their_posts, user=user.id)
    for discussion_id, there in groupby(theirs, key=lambda post: post.discussion_id):
        await _leave_discussion(database, user, discussion_id, list(there))
    erasure.posts = len(theirs)
    person = await _Person.of(database, user)
    report("Erasing quotes of them and their names in the posts of others")
    await _rewrite_titles(database, person)
    erasure.others += await _rewrite_posts(database, person)
    report("Erasing those in earlier versions")
    erasure.others += await _rewrite_versions(database, person)

    async def forget(tx: Transaction) -> None:
        # The slugs are found by the versions.
        await tx.run(db.erasure.blank_deleted_slugs, user=user.id)
        for command in (db.erasure.blank_revisions, db.erasure.delete_keys, db.erasure.anonymise_events):
            await tx.run(command, user=user.id)
        await tx.run(db.erasure.blank_user, user=user.id, handle=f"erased-{secrets.token_hex(6)}", at=tx.at)

    await database.write(forget)
    return erasure


async def _leave_discussion(
    database: Database, user: UserRow, discussion_id: int, theirs: Sequence[TheirPostRow]
) -> None:
    """Makes tombstones of their posts in one discussion. One they started goes on where others have written in it."""

    async def leave(tx: Transaction) -> None:
        discussion = await rules.locked_discussion(tx, discussion_id)
        starts = theirs[0].sequence == 0
        if starts and not await tx.rows(db.erasure.living_of_others, discussion=discussion_id, user=user.id):
            await rules.lock_discussion(tx, discussion_id, events=1)
            deleted = Event(EventKind.DISCUSSION_DELETED, discussion.post_id, discussion.version + 1, None)
            await soft_delete_discussion(tx, discussion, deleted)
            return
        # Read again under the lock: they may have changed since.
        rows = await tx.rows(db.posts.by_ids, ids=[post.post_id for post in theirs])
        living = [row for row in rows if row.deleted_at is None]
        await rules.lock_discussion(tx, discussion_id, events=len(living))
        replies = [row for row in living if row.sequence > 0]
        if replies:
            await db.posts.soft_delete_posts(tx, [row.post_id for row in replies])
        for row in replies:
            tx.append(Event(EventKind.REPLY_DELETED, row.post_id, row.version + 1, None))
        if len(living) > len(replies):
            await _blank_opening_post(tx, discussion)

    await database.write(leave)


async def _blank_opening_post(tx: Transaction, discussion: DiscussionRow) -> None:
    """Blanks the title and the opening post of a discussion that goes on without its author."""
    document = markdown.read(ERASED)
    draft = PostDraft(ERASED, document.html(), ERASED, document.said, db.search.entry(ERASED, ERASED))
    await db.posts.change_post(tx, discussion, draft, title=discussion.title)
    await tx.run(db.erasure.anonymise_post, post=discussion.post_id)
    await tx.run(db.erasure.retitle, discussion=discussion.discussion_id, title=ERASED)
    tx.append(Event(EventKind.DISCUSSION_UPDATED, discussion.post_id, discussion.version + 1, None))


@dataclass(frozen=True, slots=True)
class _Person:
    """By what a person is known in the posts of others."""

    user: UserRow
    names: Names
    ids: frozenset[int]
    """Their posts."""
    words: tuple[str, ...]
    """What they have said, normalised, a text for each version of a post."""
    vocabulary: frozenset[str]

    @classmethod
    async def of(cls, database: Database, user: UserRow) -> "_Person":
        ids = await database.rows(db.erasure.their_post_ids, user=user.id)
        bodies = {row.body for row in await database.rows(db.erasure.their_words, user=user.id)}
        words = await workers.run(
            lambda: tuple({normal.normalised(markdown.read(body).own_text) for body in bodies} - {""})
        )
        vocabulary = frozenset(word for text in words for word in _WORD.findall(text))
        return cls(user, Names(user.handle, user.name), frozenset(row.id for row in ids), words, vocabulary)

    @property
    def search_parameters(self) -> dict[str, str]:
        """The parameters of the statements that look for the user's names."""
        return {"handle": self.user.handle.lower(), "name": self.user.name.lower()}

    def said(self, block: Blockquote) -> bool:
        """Whether a blockquote, as it is, is theirs: it names them, or it names nobody and has their words."""
        if block.attribution is not None and block.attribution.name:
            return self.names.names(block.attribution.name)
        quoted = normal.normalised(block.own_text)
        if not quoted.strip() or not self.vocabulary.issuperset(_WORD.findall(quoted)):
            return False
        return any(normal.contains(text, quoted) for text in self.words)

    def said_in(self, quotes_there: Sequence[QuoteRow]) -> Callable[[Blockquote], bool]:
        """The same for a post whose quotes are known."""
        known = {quote.ordinal: quote for quote in quotes_there}

        def said(block: Blockquote) -> bool:
            quote = known.get(block.index)
            if quote is not None and (quote.source_id in self.ids or quote.author_id == self.user.id):
                return True
            return (quote is None or quote.source_id is None) and self.said(block)

        return said


async def _rewrite_titles(database: Database, person: _Person) -> None:
    for row in await database.rows(db.erasure.titles, **person.search_parameters):
        while not await _rewrite_title(database, person, row.id):
            pass


async def _rewrite_title(database: Database, person: _Person, discussion_id: int) -> bool:
    """Returns False if the title or the opening post was changed meanwhile."""
    row = await database.row(db.discussions.title, discussion=discussion_id)
    (opening,) = await database.rows(db.posts.opening_posts, discussions=[discussion_id])
    assert row is not None
    title = person.names.without(row.title)
    if title != row.title:
        entry = await workers.run(db.search.entry, title, opening.body_text)
        try:
            await database.write(partial(_retitle, opening=opening, old=row.title, new=title, entry=entry))
        except _Changed:
            return False
    return True


async def _retitle(tx: Transaction, *, opening: PostRow, old: str, new: str, entry: db.search.SearchEntry) -> None:
    """Raises _Changed if the title or the opening post has changed since."""
    discussion_id = opening.discussion_id
    await rules.lock_discussion(tx, discussion_id, events=1)
    now = await tx.row(db.discussions.title, discussion=discussion_id)
    (opening_now,) = await tx.rows(db.posts.opening_posts, discussions=[discussion_id])
    if now is None or now.title != old or opening_now.version != opening.version:
        raise _Changed
    await tx.run(db.erasure.retitle, discussion=discussion_id, title=new)
    if opening.deleted_at is None:
        await db.search.put(tx, opening.post_id, entry)
    tx.append(Event(EventKind.DISCUSSION_UPDATED, opening.post_id, opening.version, None))


async def _rewrite_posts(database: Database, person: _Person) -> int:
    rewritten, after = 0, 0
    while suspects := await database.rows(
        db.erasure.posts_of_others, after=after, user=person.user.id, limit=BATCH, **person.search_parameters
    ):
        found = await database.rows(
            db.quotes.of_posts, ids=[post.post_id for post in suspects], deepest=drafts.EVERY_DEPTH
        )
        for post in suspects:
            rewritten += await _rewrite(
                database, person, post, [quote for quote in found if quote.post_id == post.post_id]
            )
        after = suspects[-1].post_id
    return rewritten


async def _rewrite(database: Database, person: _Person, post: PostRow, its_quotes: Sequence[QuoteRow]) -> bool:
    """Removes what is theirs from a post, and notifies its followers. Returns whether there was any."""
    while True:
        done = await workers.run(erased, post.body, person.names, person.said_in(its_quotes))
        if done.body == post.body:
            return False
        sources = {
            done.moved[quote.ordinal]: quote.source_id
            for quote in its_quotes
            if quote.ordinal in done.moved and quote.source_id is not None
        }
        titles = await database.rows(db.discussions.titles_of_opening_posts, ids=[post.post_id])
        draft = await drafts.prepare(
            Forum(database, IMPORT_LIMITS),
            done.body,
            drafts.PostContext(
                discussion_id=post.discussion_id,
                before_sequence=post.sequence,
                title=titles[0].title if titles else "",
            ),
            limit=None,
            earlier=drafts.EarlierQuotes(its_quotes),
            provenance=drafts.Provenance(legacy_id=post.legacy_id, quote_sources=sources),
        )
        try:
            await database.write(partial(_replace_post, post=post, draft=draft))
        except _Changed:
            again = await database.row(db.posts.by_ids, ids=[post.post_id])
            if again is None or again.deleted_at is not None:
                return False
            post = again
            its_quotes = await database.rows(db.quotes.of_posts, ids=[post.post_id], deepest=drafts.EVERY_DEPTH)
        else:
            return True


async def _replace_post(tx: Transaction, *, post: PostRow, draft: PostDraft) -> None:
    """Raises _Changed if the post has changed since it was read."""
    await rules.lock_discussion(tx, post.discussion_id, events=1)
    if not await db.posts.rewrite_post(tx, post, draft):
        raise _Changed
    tx.append(Event(EventKind.QUOTE_STATUS_CHANGED, post.post_id, post.version, None))


async def _rewrite_versions(database: Database, person: _Person) -> int:
    rewritten, after, after_version = 0, 0, 0
    while versions := await database.rows(
        db.erasure.versions_of_others,
        after=after,
        after_version=after_version,
        user=person.user.id,
        limit=BATCH,
        **person.search_parameters,
    ):
        for version in versions:
            done = await workers.run(erased, version.body, person.names, person.said)
            title = version.title and person.names.without(version.title)
            if (done.body, title) != (version.body, version.title):
                document = await workers.run(markdown.read, done.body)
                await database.write(
                    partial(_replace_version, version=version, body=done.body, document=document, title=title)
                )
                rewritten += 1
        after, after_version = versions[-1].post_id, versions[-1].version
    return rewritten


async def _replace_version(
    tx: Transaction, *, version: VersionRow, body: str, document: markdown.MarkdownDocument, title: str | None
) -> None:
    await tx.run(
        db.erasure.rewrite_version,
        post=version.post_id,
        version=version.version,
        body=body,
        body_html=document.html(),
        said=document.said,
        title=title,
    )
    if title != version.title:
        await tx.run(db.erasure.blank_slug, post=version.post_id)
