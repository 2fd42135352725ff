"""Moves a Ning community in: people, discussions, replies in the tree their quotes tell, and the addresses they had.

Every post carries its Ning id, so an import that is run again, or was interrupted, adds only what is not there yet. The
archive is newest first; its discussions are put by on disk and written oldest first, as they came about.
"""

import pickle
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO

from rich.console import Console

import db.categories
import db.discussions
import db.posts
import db.replies
import db.users
from archive.progress import progress_bar
from db import drafts
from db.database import Database, Transaction
from db.limits import Limits
from importers.ning.archive import Archive, Finding, NingComment, NingDiscussion, NingMember
from importers.ning.html import to_markdown
from importers.ning.pages import PageArchive
from text import legacy

_LIMITS = Limits(depth=500)
"""An import loses nothing, so what was written elsewhere is not measured by our limits."""


@dataclass
class Summary:
    """The result of an import: counts, and everything that needs a person's attention."""

    people: int = 0
    placeholders: list[str] = field(default_factory=list)
    discussions: int = 0
    replies: int = 0
    already_here: int = 0
    quotes: int = 0
    unresolved: list[str] = field(default_factory=list)
    attachments: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def print(self, console: Console) -> None:
        """Prints the counts, then each list of what needs attention."""
        console.print(
            f"Imported {self.people} people, {self.discussions} discussions, {self.replies} replies "
            f"and {self.quotes} quotes; {self.already_here} posts were here already."
        )
        for title, lines in (
            ("People the archive names only as authors, kept as placeholders", self.placeholders),
            ("Quotes whose source was not found, kept with the name they give", self.unresolved),
            ("Attachments, which stay in the archive's folder", self.attachments),
            ("What could not be read", [str(finding) for finding in self.findings]),
        ):
            if lines:
                console.print(f"\n{title} ({len(lines)}):")
                for line in lines:
                    console.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)


async def run(database: Database, archive: Archive | PageArchive, console: Console | None = None) -> Summary:
    """Imports an archive, with a progress bar, and prints the summary."""
    console = console or Console(stderr=True)
    summary = Summary()
    with tempfile.TemporaryFile() as spool, progress_bar(console) as progress:
        reading = progress.add_task("Reading", total=archive.size_bytes)
        members = {member.key: member for member in archive.members(summary.findings.append)}
        places: list[tuple[datetime, str, int]] = []
        for discussion in archive.discussions(summary.findings.append):
            places.append((discussion.created_at, discussion.id, spool.tell()))
            pickle.dump(discussion, spool)
            progress.update(reading, completed=archive.read_bytes)
        progress.update(reading, completed=archive.size_bytes)
        network = places[0][1].partition(":")[0] if places else ""
        mover = _Mover(database, network, members, summary)
        await mover.move_members()
        writing = progress.add_task("Writing", total=len(places))
        for discussion in _spooled(spool, sorted(places)):
            await mover.move_discussion(discussion)
            progress.advance(writing)
    summary.print(console)
    return summary


def _spooled(spool: IO[bytes], places: list[tuple[datetime, str, int]]) -> Iterator[NingDiscussion]:
    for _, _, offset in places:
        spool.seek(offset)
        discussion: NingDiscussion = pickle.load(spool)  # noqa: S301 - written just now by this very process.
        yield discussion


class _Mover:
    """Writes what was read, once."""

    def __init__(self, database: Database, network: str, members: dict[str, NingMember], summary: Summary) -> None:
        self._database = database
        self._network = network
        self._members = members
        self._summary = summary
        self._people: dict[str, int] = {}

    async def move_members(self) -> None:
        for member in self._members.values():
            await self._person(member.key)

    async def _person(self, key: str | None) -> int:
        """The person an author's key names; a placeholder where the members have none."""
        known = self._people.get(key or "")
        if known is not None:
            return known
        legacy_id = f"ning:{self._network}:{key or ''}"
        row = await self._database.row(db.users.by_legacy_id, legacy_id=legacy_id)
        if row is None:
            member = self._members.get(key or "")
            person = db.users.Person(
                handle=key or "unknown",
                name=member.name if member else key or "Unknown",
                email=member.email if member else None,
                avatar_url=member.photo if member and (member.photo or "").startswith("https://") else None,
                legacy_id=legacy_id,
                created_at=member.created_at if member else None,
                is_suspended=member is not None and member.state == "suspended",
            )
            user_id = await self._database.write(lambda tx: db.users.add_user(tx, person))
            if member:
                self._summary.people += 1
            else:
                self._summary.placeholders.append(key or "(no author given)")
        else:
            user_id = row.id
        self._people[key or ""] = user_id
        return user_id

    async def move_discussion(self, discussion: NingDiscussion) -> None:
        self._note_attachments(discussion.id, discussion.attachments)
        opening = await self._database.row(db.posts.by_legacy_id, legacy_id=discussion.id)
        if opening is None:
            discussion_id = await self._start(discussion)
        else:
            self._summary.already_here += 1
            discussion_id = opening.discussion_id
        for comment in discussion.comments:
            self._note_attachments(comment.id, comment.attachments)
            if await self._database.row(db.posts.by_legacy_id, legacy_id=comment.id) is None:
                await self._reply(discussion_id, comment, is_threaded=discussion.is_threaded)
            else:
                self._summary.already_here += 1
        for comment in discussion.comments:
            # Only now: a tombstone could not be answered.
            if comment.is_deleted:
                await self._bury(comment)

    async def _start(self, discussion: NingDiscussion) -> int:
        author = await self._person(discussion.author_key)
        category = await self._category(discussion.category)
        post = await self._draft(None, discussion.id, discussion.body_html, discussion.created_at)
        draft = db.discussions.DiscussionDraft(
            discussion.title, post, category, legacy_slug=legacy.ning_slug(discussion.title)
        )

        async def start(tx: Transaction) -> int:
            tx.at = discussion.created_at
            return await db.discussions.start_discussion(tx, draft, db.posts.Actor(author))

        made = await self._database.write(start)
        self._summary.discussions += 1
        return made

    async def _category(self, name: str | None) -> int | None:
        if name is None:
            return None
        slug = db.users.handle_of(name) or "other"
        return await self._database.write(lambda tx: db.categories.category(tx, slug=slug, name=name, description=None))

    async def _reply(self, discussion_id: int, comment: NingComment, *, is_threaded: bool) -> None:
        author = await self._person(comment.author_key)
        post = await self._draft(discussion_id, comment.id, comment.body_html, comment.created_at)
        answered = await (self._marked(comment) if is_threaded else self._answered(discussion_id, post))
        draft = db.replies.ReplyDraft(discussion_id, answered, post)

        async def add(tx: Transaction) -> None:
            tx.at = comment.created_at
            await db.replies.add_reply(tx, draft, db.posts.Actor(author), _LIMITS)

        await self._database.write(add)
        self._summary.replies += 1

    async def _marked(self, comment: NingComment) -> int | None:
        """The reply that a comment answers by the marks of its page."""
        if comment.answers is None:
            return None
        row = await self._database.row(db.posts.by_legacy_id, legacy_id=comment.answers)
        return row.post_id if row is not None and row.deleted_at is None else None

    async def _bury(self, comment: NingComment) -> None:
        row = await self._database.row(db.posts.by_legacy_id, legacy_id=comment.id)
        if row is None or row.deleted_at is not None or row.author_id is None:
            return
        moderator = db.posts.Actor(row.author_id, is_moderator=True)
        post_id = row.post_id

        async def bury(tx: Transaction) -> None:
            tx.at = comment.created_at
            await db.replies.delete_reply(tx, post_id, moderator)

        await self._database.write(bury)

    async def _answered(self, discussion_id: int, post: db.posts.PostDraft) -> int | None:
        """The reply a post answers: the source of the first outermost quote that has one here."""
        sources = [quote.source_id for quote in post.quotes if quote.depth == 0 and quote.source_id is not None]
        if not sources:
            return None
        places = await self._database.rows(db.posts.places, ids=sources[:1])
        return next((row.post_id for row in places if row.discussion_id == discussion_id and row.sequence > 0), None)

    async def _draft(
        self, discussion_id: int | None, legacy_id: str, html: str, created_at: datetime
    ) -> db.posts.PostDraft:
        converted = to_markdown(html)
        known: dict[int, int] = {}
        for quote in converted.quotes:
            if quote.cited is not None:
                source = await self._database.row(db.posts.by_legacy_id, legacy_id=quote.cited)
                if source is not None:
                    known[quote.index] = source.post_id
        post = await drafts.prepare(
            self._database,
            converted.markdown,
            drafts.PostContext(discussion_id=discussion_id, most_quotes=None),
            limit=None,
            known=known,
            created_at=created_at,
            legacy_id=legacy_id,
        )
        self._summary.quotes += len(post.quotes)
        self._summary.unresolved += [
            f"{legacy_id}: {quote.attributed_name}" for quote in post.quotes if quote.source_id is None
        ]
        return post

    def _note_attachments(self, legacy_id: str, attachments: tuple[str, ...]) -> None:
        self._summary.attachments += [f"{legacy_id}: {path}" for path in attachments]
