"""Erasing a person: what they wrote, what others quote of it, and what tells who they were.

Each step is a transaction of its own and can be repeated: run again, an interrupted erasure ends the same. First their
posts become tombstones, so that nobody can quote them any more. Then the posts of others lose their words and names. In
the end the versions by which the words were known are blanked, and the user's row.
"""

import re
import secrets
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Any, TypeVar

import db.discussions
import db.erasure
import db.identities
import db.mentions
import db.posts
import db.quotes
import db.search
import db.users
from db.database import Database, Event, Transaction
from db.erasure import TheirPostRow, TitledRow, VersionRow
from db.kinds import EventKind
from db.posts import PostDraft, QuoteDraft
from db.rows import DiscussionRow, MentionRow, PostRow, QuoteRow, UserRow
from forum import drafts, rules
from forum.discussions import soft_delete_discussion
from forum.limits import IMPORT_LIMITS
from forum.use_cases import Forum
from text import markdown, normal, said, workers
from text.erasing import ERASED, Erased, erased, passage, without_names
from text.naming import Names
from text.quotes import Blockquote
from text.said import Comparison

BATCH = 200
CLOCKS_APART = timedelta(minutes=5)
"""How much the clock of a server may be behind the one of the command: its edits meanwhile carry its time."""
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


class _Changed(Exception):
    """A post was changed while it was looked at."""


async def erase_user(
    database: Database, user: UserRow, report: Callable[[str], None], *, may_return: bool = False
) -> Erasure:
    """Erases a person from the database. `db.erasure.clean` then removes deleted rows from its files.

    The person must be suspended, and every server must know. `report` is called with each step, for the operator.
    Tokens of another service that name the person are refused for good, unless they `may_return` as somebody new.

    It ends while others write: what they have written since it began is looked at once more in the end, and a name
    that somebody writes after that is there to stay.
    """
    erasure = Erasure()
    began = datetime.now(UTC) - CLOCKS_APART
    report("Erasing their posts")
    theirs = await database.rows(db.erasure.their_posts, user=user.id)
    for discussion_id, there in groupby(theirs, key=lambda post: post.discussion_id):
        await _leave_discussion(database, user, discussion_id, list(there))
    erasure.posts = len(theirs)
    person = await _Person.of(database, user)
    report("Erasing quotes of them and their names in the posts of others")
    everything = await _Window.everything(database)
    await _rewrite_all(database, person, everything, erasure)
    report("Erasing those in what was written meanwhile")
    await _rewrite_all(database, person, await everything.later(database, since=began), erasure)

    async def forget(tx: Transaction) -> None:
        # The slugs are found by the versions.
        await tx.run(db.erasure.blank_deleted_slugs, user=user.id)
        for command in (
            db.erasure.blank_revisions,
            db.erasure.blank_mentions,
            db.erasure.blank_attributions,
            db.erasure.delete_former_names,
            db.erasure.delete_keys,
            db.erasure.anonymise_events,
        ):
            await tx.run(command, user=user.id)
        identity = await tx.row(db.erasure.identity, user=user.id)
        if identity and identity.subject is not None and not may_return:
            await db.identities.refuse_identity(tx, issuer=identity.issuer or "", subject=identity.subject)
        await tx.run(db.erasure.blank_user, user=user.id, handle=f"erased-{secrets.token_hex(6)}", at=tx.at)

    await database.write(forget)
    return erasure


async def preview_erasure(database: Database, user: UserRow) -> Erasure:
    """Returns what erasing a person would do, and writes nothing."""
    erasure = Erasure(posts=len(await database.rows(db.erasure.their_posts, user=user.id)))
    person = await _Person.of(database, user)
    window = await _Window.everything(database)
    async for row, title, _ in _titles_of_others(database, person):
        erasure.add(f"Title of D_{row.id}", row.title, title)
    async for post, _, done in _posts_of_others(database, person, window):
        erasure.add(_place(post), post.body, done)
    async for version, done, title in _versions_of_others(database, person, window):
        erasure.add(f"Version {version.version} of post {version.post_id}", *_texts_of(version, done, title))
    return erasure


def _place(post: PostRow) -> str:
    return f"R_{post.post_id}" if post.sequence else f"D_{post.discussion_id}"


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

    @classmethod
    async def of(cls, database: Database, user: UserRow) -> "_Person":
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
        names = await workers.run(lambda: Names(called, of_others=others))
        return cls(user, names, frozenset(row.id for row in ids), words, vocabulary)

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

    def said_in(self, quotes_there: Sequence[QuoteRow]) -> Callable[[Blockquote], bool | None]:
        """The same for a post whose quotes are known."""
        known = {quote.ordinal: quote for quote in quotes_there}

        def is_theirs(block: Blockquote) -> bool | None:
            quote = known.get(block.index)
            if quote is not None and (quote.source_id in self.ids or quote.author_id == self.user.id):
                return True
            return self.said(block) if quote is None or quote.source_id is None else False

        return is_theirs

    def erased_from(self, post: PostRow, quotes: Sequence[QuoteRow], mentions: Sequence[MentionRow]) -> Erased:
        """The body of a post of somebody else without what is theirs."""
        # The words of a quote are theirs whatever it is called, and the rendered text has names that a link divides.
        if ">" not in post.body and not self.names.may_be_in(post.body) and not self.names.may_be_in(post.body_text):
            return Erased(post.body)
        others = [each.start for each in mentions if each.user_id not in (None, self.user.id)]
        return erased(post.body, self.names, self.said_in(quotes), of_others=others)

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


async def _posts_of_others(
    database: Database, person: _Person, window: _Window
) -> AsyncIterator[tuple[PostRow, list[QuoteRow], Erased]]:
    """Yields the posts with something of theirs: the post, its quotes, and what is left of it."""
    statement = db.erasure.touched_posts_of_others if window.changed else db.erasure.posts_of_others
    bounds = {"last": window.last, "user": person.user.id, "limit": BATCH, **window.changed}
    after = 0
    while posts := await database.rows(statement, after=after, **bounds):
        after = posts[-1].post_id
        ids = [post.post_id for post in posts]
        quotes = _by_post(await database.rows(db.quotes.of_posts, ids=ids, deepest=drafts.EVERY_DEPTH))
        mentions = _by_post(await database.rows(db.mentions.of_posts, ids=ids))

        def look(posts: Any = posts, quotes: Any = quotes, mentions: Any = mentions) -> list[Erased]:
            return [person.erased_from(post, quotes[post.post_id], mentions[post.post_id]) for post in posts]

        for post, done in zip(posts, await workers.run(look), strict=True):
            if done.text != post.body or done.doubtful:
                yield post, quotes[post.post_id], done


async def _versions_of_others(
    database: Database, person: _Person, window: _Window
) -> AsyncIterator[tuple[VersionRow, Erased, Erased]]:
    """Yields the superseded versions with something of theirs: the version, its body and its title."""
    statement = db.erasure.touched_versions_of_others if window.changed else db.erasure.versions_of_others
    bounds = {"last": window.last, "user": person.user.id, "limit": BATCH, **window.changed}
    after, after_version = 0, 0
    while versions := await database.rows(statement, after=after, after_version=after_version, **bounds):
        after, after_version = versions[-1].post_id, versions[-1].version
        done = await workers.run(lambda versions=versions: [person.erased_from_version(each) for each in versions])
        for version, (body, title) in zip(versions, done, strict=True):
            before, left = _texts_of(version, body, title)
            if left.text != before or left.doubtful:
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


async def _rewrite_all(database: Database, person: _Person, window: _Window, erasure: Erasure) -> None:
    """Rewrites what others have written. Versions come first: quotes of them are compared with what is left of them."""
    async for row, title, has_address in _titles_of_others(database, person):
        if has_address:
            await _rewrite_title(database, person, row.id)
        erasure.add(f"Title of D_{row.id}", row.title, title)
    async for version, body, title in _versions_of_others(database, person, window):
        document = await workers.run(markdown.read, body.text)
        await database.write(
            partial(_replace_version, version=version, body=body.text, document=document, title=title.text)
        )
        erasure.add(f"Version {version.version} of post {version.post_id}", *_texts_of(version, body, title))
    async for post, quotes, done in _posts_of_others(database, person, window):
        if done.text != post.body:
            await _rewrite_post(database, person, post, quotes, done)
        erasure.add(_place(post), post.body, done)


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
        await db.search.put(tx, opening.post_id, entry)
    tx.append(Event(EventKind.DISCUSSION_UPDATED, opening.post_id, opening.version, None))


async def _rewrite_post(
    database: Database, person: _Person, post: PostRow, its_quotes: Sequence[QuoteRow], done: Erased
) -> None:
    """Replaces a post by what is left of it, and notifies its followers."""
    while True:
        titles = await database.rows(db.discussions.titles_of_opening_posts, ids=[post.post_id])
        draft = await drafts.prepare(
            Forum(database, IMPORT_LIMITS),
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
        draft = replace(draft, quotes=[_as_compared(quote, its_quotes) for quote in draft.quotes])
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
            if done.text == post.body:
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
    if not await db.posts.rewrite_post(tx, post, draft):
        raise _Changed
    tx.append(Event(EventKind.QUOTE_STATUS_CHANGED, post.post_id, post.version, None))


async def _replace_version(
    tx: Transaction, *, version: VersionRow, body: str, document: markdown.MarkdownDocument, title: str
) -> None:
    new_title = None if version.title is None else title
    await tx.run(
        db.erasure.rewrite_version,
        post=version.post_id,
        version=version.version,
        body=body,
        body_html=document.html(),
        said=document.said,
        title=new_title,
    )
    if new_title != version.title:
        await tx.run(db.erasure.blank_slug, post=version.post_id)
