"""Imports a Ning community: people, discussions, replies in the tree their quotes tell, and the addresses they had.

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
import db.posts
import db.quotes
import db.users
from archive.progress import WorkProgress, work_progress
from db.database import Database
from forum.deletions import DeleteReply, delete_reply
from forum.discussions import StartDiscussion, start_discussion
from forum.drafts import EVERY_DEPTH, Provenance
from forum.limits import IMPORT_LIMITS
from forum.replies import AddReply, add_reply
from forum.use_cases import Actor, Forum, Outcome
from importers.ning.archive import Archive, Finding, NingComment, NingDiscussion, NingMember
from importers.ning.html import Converted, to_markdown
from importers.ning.pages import PageArchive
from text import legacy
from text.handles import handle_of

BATCH = 500
"""How many comments are looked for at once."""


@dataclass
class Summary:
    """The result of an import: counts, and everything that needs a person's attention."""

    people: int = 0
    placeholders: list[str] = field(default_factory=list)
    alike: list[str] = field(default_factory=list)
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
            ("People whose names look like another's, kept as they are", self.alike),
            ("Quotes whose source was not found, kept with the name they give", self.unresolved),
            ("Attachments, which stay in the archive's folder", self.attachments),
            ("What could not be read", [str(finding) for finding in self.findings]),
        ):
            if lines:
                console.print(f"\n{title} ({len(lines)}):")
                for line in lines:
                    console.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)


async def run(database: Database, archive: Archive | PageArchive, console: Console | None = None) -> Summary:
    """Imports an archive, with its progress, and prints the summary."""
    console = console or Console(stderr=True)
    summary = Summary()
    with tempfile.TemporaryFile() as spool, work_progress(console) as progress:
        progress.begin("Reading bytes", archive.size_bytes)
        members = {member.key: member for member in archive.members(summary.findings.append)}
        places: list[tuple[datetime, str, int]] = []
        posts = 0
        for discussion in archive.discussions(summary.findings.append):
            places.append((discussion.created_at, discussion.id, spool.tell()))
            posts += 1 + len(discussion.comments)
            pickle.dump(discussion, spool)
            progress.update(archive.read_bytes)
        progress.update(archive.size_bytes)
        network = places[0][1].partition(":")[0] if places else ""
        importer = _Importer(database, network, members, summary)
        await importer.import_members()
        progress.begin("Writing posts", posts)
        for discussion in _spooled(spool, sorted(places)):
            await importer.import_discussion(discussion, progress)
    summary.print(console)
    return summary


def _spooled(spool: IO[bytes], places: list[tuple[datetime, str, int]]) -> Iterator[NingDiscussion]:
    for _, _, offset in places:
        spool.seek(offset)
        discussion: NingDiscussion = pickle.load(spool)  # noqa: S301 - written just now by this very process.
        yield discussion


class _Importer:
    """Writes what was read, once."""

    def __init__(self, database: Database, network: str, members: dict[str, NingMember], summary: Summary) -> None:
        self._database = database
        self._forum = Forum(database, IMPORT_LIMITS)
        self._network = network
        self._members = members
        self._summary = summary
        self._people: dict[str, int] = {}
        self._done = 0

    async def import_members(self) -> None:
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
            if alike := await db.users.look_alike(self._database, person.name, besides=None):
                self._summary.alike.append(f"{person.name} looks like {alike.name} (@{alike.handle})")
            user_id = await self._database.write(lambda tx: db.users.add_user(tx, person))
            if member:
                self._summary.people += 1
            else:
                self._summary.placeholders.append(key or "(no author given)")
        else:
            user_id = row.id
        self._people[key or ""] = user_id
        return user_id

    async def import_discussion(self, discussion: NingDiscussion, progress: WorkProgress) -> None:
        self._note_attachments(discussion.id, discussion.attachments)
        opening = await self._database.row(db.posts.by_legacy_id, legacy_id=discussion.id)
        if opening is None:
            discussion_id = await self._start(discussion)
        else:
            self._summary.already_here += 1
            discussion_id = opening.discussion_id
        self._done += 1
        for begin in range(0, len(discussion.comments), BATCH):
            comments = discussion.comments[begin : begin + BATCH]
            ids = [comment.id for comment in comments]
            there = {row.legacy_id for row in await self._database.rows(db.posts.there_of_legacy_ids, legacy_ids=ids)}
            for comment in comments:
                self._note_attachments(comment.id, comment.attachments)
                if comment.id in there:
                    self._summary.already_here += 1
                else:
                    await self._reply(discussion_id, comment, is_threaded=discussion.is_threaded)
                    # An archive may have one twice.
                    there.add(comment.id)
                self._done += 1
                progress.update(self._done)
        progress.update(self._done)
        for comment in discussion.comments:
            # Only now: a tombstone could not be answered.
            if comment.is_deleted:
                await self._delete(comment)

    async def _start(self, discussion: NingDiscussion) -> int:
        converted = to_markdown(discussion.body_html)
        command = StartDiscussion(
            title=discussion.title,
            body=converted.markdown,
            category_id=await self._category(discussion.category),
            provenance=Provenance(
                legacy_id=discussion.id,
                legacy_slug=legacy.ning_slug(discussion.title),
                quote_sources=await self._quote_sources(converted),
            ),
            at=discussion.created_at,
        )
        started = await start_discussion(self._forum, Actor(await self._person(discussion.author_key)), command)
        await self._note_quotes(discussion.id, started)
        self._summary.discussions += 1
        assert started.discussion_id is not None
        return started.discussion_id

    async def _category(self, name: str | None) -> int | None:
        if name is None:
            return None
        slug = handle_of(name) or "other"
        return await self._database.write(lambda tx: db.categories.category(tx, slug=slug, name=name, description=None))

    async def _reply(self, discussion_id: int, comment: NingComment, *, is_threaded: bool) -> None:
        converted = to_markdown(comment.body_html)
        command = AddReply(
            discussion_id=discussion_id,
            reply_to_id=await self._marked(comment) if is_threaded else None,
            body=converted.markdown,
            provenance=Provenance(
                legacy_id=comment.id,
                quote_sources=await self._quote_sources(converted),
                replies_to_quoted=not is_threaded,
            ),
            at=comment.created_at,
        )
        added = await add_reply(self._forum, Actor(await self._person(comment.author_key)), command)
        await self._note_quotes(comment.id, added)
        self._summary.replies += 1

    async def _marked(self, comment: NingComment) -> int | None:
        """The reply that a comment answers by the marks of its page."""
        if comment.answers is None:
            return None
        row = await self._database.row(db.posts.by_legacy_id, legacy_id=comment.answers)
        return row.post_id if row is not None and row.deleted_at is None else None

    async def _delete(self, comment: NingComment) -> None:
        row = await self._database.row(db.posts.by_legacy_id, legacy_id=comment.id)
        if row is not None and row.deleted_at is None and row.author_id is not None:
            moderator = Actor(row.author_id, is_moderator=True)
            await delete_reply(self._forum, moderator, DeleteReply(reply_id=row.post_id, at=comment.created_at))

    async def _quote_sources(self, converted: Converted) -> dict[int, int]:
        """The source post of each quote that cites one, by the index of its blockquote."""
        found: dict[int, int] = {}
        for quote in converted.quotes:
            if quote.cited is not None:
                source = await self._database.row(db.posts.by_legacy_id, legacy_id=quote.cited)
                if source is not None:
                    found[quote.index] = source.post_id
        return found

    async def _note_quotes(self, legacy_id: str, written: Outcome) -> None:
        quotes = await self._database.rows(db.quotes.of_posts, ids=[written.post_id], deepest=EVERY_DEPTH)
        self._summary.quotes += len(quotes)
        self._summary.unresolved += [f"{legacy_id}: {q.attributed_name}" for q in quotes if q.source_id is None]

    def _note_attachments(self, legacy_id: str, attachments: tuple[str, ...]) -> None:
        self._summary.attachments += [f"{legacy_id}: {path}" for path in attachments]
