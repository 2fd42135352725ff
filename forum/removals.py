"""Removing what a person wrote, and bringing it back: one act and one entry, worked off in short transactions.

The act itself only writes its entry and leaves a job. A step of the job locks one discussion, takes at most
MOST_IN_STEP posts of it, and moves the place that the job has in the database: so another process goes on where one was
killed, and two of them do nothing twice. Between two steps others have as much time as the step took. A discussion that
the person started is deleted as a whole, by the steps of any deletion.

Bringing back goes the same way over what the act has deleted and nobody has changed since.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from time import monotonic

import structlog

import db.audit
import db.deletions
import db.discussions
import db.listing
import db.removals
import db.reviews
import db.users
from db.database import MAX_EVENTS, Database, Transaction
from db.deletions import Act, DeletionRow
from db.kinds import AuditAction, DeletedBy, DiscussionChange, EventKind
from db.removals import ExtentRow, PlaceRow, RemovalRow
from db.rows import AuditEntryRow
from db.steps import StepSize
from forum import audit, drafts, rules
from forum.deletion_jobs import Changed, finish_discussion
from forum.deletions import (
    delete_whole_discussion,
    prepare_discussion,
    prepare_replies,
    restore_discussion_in,
    restore_replies_in,
)
from forum.errors import InvalidText, NotAllowed, ReasonTooLong, UserNotFound
from forum.use_cases import Actor, Command, Forum, Outcome, use_case
from text.erasing import ERASED

MOST_IN_STEP = MAX_EVENTS
"""How many posts one transaction removes or brings back at most: each has an event."""
FIRST_STEP, LEAST_IN_STEP = 25, 5
PLACES_AT_ONCE = 10_000
"""How many places of posts are held in memory."""
_PAST_ALL = 2**62
"""A sequence behind every reply."""
_EVER = datetime(1, 1, 2, tzinfo=UTC)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovePosts(Command):
    """What a person wrote, to be removed."""

    mutation = "removePosts"

    author_id: int
    since: datetime | None = None
    """What they wrote before is left alone; None for all."""
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Extent:
    """How much a removal takes."""

    posts: int
    discussions: int
    """How many discussions among these posts, which go as a whole."""
    replies_of_others: int
    """How many replies of others go with them."""


@dataclass(slots=True)
class Progress:
    """What one run over an act has done."""

    transactions: int = 0
    most_posts: int = 0
    """The most that one transaction took."""
    longest_seconds: float = 0.0
    """The longest that one held the lock of a discussion, to the end of its commit."""


async def preview_removal(forum: Forum, actor: Actor, command: RemovePosts) -> Extent:
    """Returns what a removal would take, and writes nothing. Raises NotAllowed, UserNotFound."""
    _, extent = await _extent(forum, actor, command)
    return extent


@use_case(NotAllowed, UserNotFound, ReasonTooLong, InvalidText)
async def remove_posts(forum: Forum, actor: Actor, command: RemovePosts) -> Outcome:
    """Has what a person wrote removed in the background. The outcome's `subject_id` is the entry; None for nothing."""
    reason = drafts.check_reason(command.reason)
    found, extent = await _extent(forum, actor, command)
    async with forum.unit_of_work(actor, command) as work:
        entry: int | None = None
        if extent.posts > 0:
            entry = await audit.record(
                work.tx,
                actor,
                AuditAction.REMOVE_POSTS,
                user_id=command.author_id,
                reason=reason,
                former={"discussions": extent.discussions, "replies_of_others": extent.replies_of_others},
                total=extent.posts,
            )
            await _begin(work.tx, entry, command.author_id, found, begins_at=command.since)
        work.done(subject_id=entry)
    forum.source_changed()
    return work.outcome


async def _extent(forum: Forum, actor: Actor, command: RemovePosts) -> tuple[ExtentRow, Extent]:
    audit.check_moderator(actor, "remove what somebody wrote", "author_id")
    people = await forum.database.rows(db.users.by_ids, ids=[command.author_id])
    if not people or people[0].name == ERASED:
        raise UserNotFound(f"There is no person U_{command.author_id}, or they were erased.", ("author_id",))
    whose = {"author": command.author_id, "since": command.since or _EVER}
    found = await forum.database.row(db.removals.extent, **whose)
    others = await forum.database.row(db.removals.others_below, **whose)
    assert found is not None
    assert others is not None
    return found, Extent(found.posts, found.discussions, others.total)


async def begin_restoring_removed(tx: Transaction, actor: Actor, removal: AuditEntryRow, *, reason: str | None) -> int:
    """Has what an act of removal took brought back. The act has ended. Returns the new entry."""
    found = await tx.row(db.removals.removed, entry=removal.id, author=removal.user_id)
    assert found is not None
    entry = await audit.record(
        tx,
        actor,
        AuditAction.RESTORE_POSTS,
        user_id=removal.user_id,
        reason=reason,
        undoes=removal.id,
        total=found.posts,
    )
    await _begin(tx, entry, removal.user_id, found, undoes=removal.id)
    return entry


async def end_removal(tx: Transaction, entry: int) -> None:
    """Ends an act, if it is under way: what is not done by now is passed over."""
    if await tx.row(db.removals.end, entry=entry) is not None:
        await tx.run(db.removals.skip_rest, entry=entry)


async def _begin(
    tx: Transaction,
    entry: int,
    author_id: int | None,
    found: ExtentRow,
    *,
    begins_at: datetime | None = None,
    undoes: int | None = None,
) -> None:
    await tx.run(
        db.removals.add,
        audit_entry_id=entry,
        author_id=author_id,
        undoes=undoes,
        begins_at=begins_at,
        last_post_id=found.last_post_id or 0,
        discussion_id=0,
        sequence=-1,
    )


async def finish_removals(forum: Forum) -> int:
    """Carries out all that is under way, with half of the time left to others. Returns how many acts there were.

    One that fails is left for the next time.
    """
    jobs = await forum.database.rows(db.removals.every)
    for job in jobs:
        try:
            await finish_removal(forum, job)
        except Exception:
            log.exception("removing posts or bringing them back failed", entry=job.audit_entry_id)
    return len(jobs)


async def finish_removal(forum: Forum, job: RemovalRow) -> Progress:
    """Takes the steps of an act to its end, or until somebody has ended it."""
    what = "removing posts" if job.undoes is None else "bringing posts back"
    log.info(what, entry=job.audit_entry_id)
    began, progress = monotonic(), Progress()
    size = StepSize(FIRST_STEP, most=MOST_IN_STEP, least=LEAST_IN_STEP)
    (entry,) = await forum.database.rows(db.audit.by_ids, ids=[job.audit_entry_id])
    work = _Work(forum, entry, size, progress)
    places: Sequence[PlaceRow] = []
    now: RemovalRow | None = job
    while now is not None:
        here = (now.discussion_id, now.sequence)
        places = [place for place in places if (place.discussion_id, place.sequence) > here]
        if not places:
            places = await _places(forum.database, now)
        if not places:
            await forum.database.write(partial(end_removal, entry=job.audit_entry_id))
            break
        first = places[0].discussion_id
        chosen = [place for place in places[: size.rows] if place.discussion_id == first]
        try:
            await work.step(now, chosen)
        except Changed:
            # Somebody else has moved it on, or what is there has changed meanwhile.
            places = []
        now = await forum.database.row(db.removals.of_entry, entry=job.audit_entry_id)
        await asyncio.sleep(size.seconds)
    log.info(
        f"{what} is done",
        entry=job.audit_entry_id,
        seconds=round(monotonic() - began, 1),
        transactions=progress.transactions,
        most_posts=progress.most_posts,
        longest_lock_seconds=round(progress.longest_seconds, 3),
    )
    return progress


async def _places(database: Database, job: RemovalRow) -> Sequence[PlaceRow]:
    """The next posts that are to be done."""
    behind = {"discussion": job.discussion_id, "after": job.sequence, "limit": PLACES_AT_ONCE}
    if job.undoes is not None:
        return await database.rows(db.removals.places_of_removed, entry=job.undoes, **behind)
    return await database.rows(db.removals.places, **_scope(job), **behind)


def _scope(job: RemovalRow) -> dict[str, object]:
    return {"author": job.author_id, "since": job.begins_at or _EVER, "last": job.last_post_id}


@dataclass(slots=True)
class _Work:
    """The steps of one act."""

    forum: Forum
    entry: AuditEntryRow
    size: StepSize
    progress: Progress

    @property
    def actor(self) -> Actor:
        return Actor(self.entry.actor_id or 0, is_moderator=True)

    async def step(self, job: RemovalRow, chosen: Sequence[PlaceRow]) -> None:
        """Does some posts of one discussion, in one transaction. Raises Changed, having done nothing."""
        discussion_id = chosen[0].discussion_id
        # First what somebody else has begun there: until it is deleted, a post looks as if it were there.
        await finish_discussion(self.forum, discussion_id)
        if job.undoes is None:
            await self._remove(job, chosen)
        else:
            await self._bring_back(job, chosen)
        # Then the rest of a discussion that goes, or comes back, as a whole.
        await finish_discussion(self.forum, discussion_id)

    async def _remove(self, job: RemovalRow, chosen: Sequence[PlaceRow]) -> None:
        discussion_id, last = chosen[0].discussion_id, chosen[-1].sequence
        # The opening post comes first, and takes the discussion with it.
        is_whole = chosen[0].sequence == 0

        async def write(tx: Transaction) -> int:
            await self._lock(tx, job, discussion_id)
            discussion = await tx.row(db.discussions.by_id, id=discussion_id)
            assert discussion is not None
            ids = [place.post_id for place in chosen]
            found = await tx.rows(db.removals.living, ids=ids, author=job.author_id)
            done, place = 0, last
            if discussion.deleted_at is not None:
                place = _PAST_ALL
            elif is_whole and found and found[0].sequence == 0:
                theirs = await tx.rows(db.removals.living_in_discussion, discussion=discussion_id, **_scope(job))
                done, place = len(theirs), _PAST_ALL
                await rules.lock_discussion(tx, discussion_id, events=1)
                concerned = (await rules.concerns(tx, [discussion.post_id]))[discussion.post_id]
                event = self.actor.event(
                    EventKind.DISCUSSION_UPDATED,
                    discussion.post_id,
                    discussion.version + 1,
                    changes=[DiscussionChange.DELETED],
                    **concerned,
                )
                act = self._act(tx.append(event).number)
                await delete_whole_discussion(tx, discussion, act, first=MOST_IN_STEP - 1)
            elif found:
                done = len(found)
                there = [post.post_id for post in found]
                await rules.lock_discussion(tx, discussion_id, events=done)
                concerned_by = await rules.concerns(tx, there)
                await db.listing.before_deleting(tx, discussion_id, there)
                numbers = {
                    post.post_id: tx.append(
                        self.actor.event(
                            EventKind.REPLY_DELETED, post.post_id, post.version + 1, **concerned_by[post.post_id]
                        )
                    ).number
                    for post in found
                }
                act = self._act(max(numbers.values()))
                await db.deletions.delete_posts(tx, act, there, numbers=numbers)
                await db.reviews.close_of_posts(tx, there, self.entry.id)
            await self._advance(tx, job, discussion_id, place, done)
            assert tx.head is not None
            return min(tx.head.last_reply + 1, MOST_IN_STEP) if is_whole else done

        await self._timed(write)

    async def _bring_back(self, job: RemovalRow, chosen: Sequence[PlaceRow]) -> None:
        discussion_id, last = chosen[0].discussion_id, chosen[-1].sequence
        database = self.forum.database
        opening = await database.row(db.deletions.of_opening_post, discussion=discussion_id)
        if opening is not None:
            await self._bring_discussion_back(job, opening)
            return
        ids = [place.post_id for place in chosen]
        before = [each for each in await database.rows(db.deletions.of_posts, ids=ids) if self._is_ours(job, each)]
        prepared = await prepare_replies(self.forum, before)

        async def write(tx: Transaction) -> int:
            await self._lock(tx, job, discussion_id)
            deletions = await tx.rows(db.deletions.of_posts, ids=ids)
            if any(each.discussion_deleted for each in deletions):
                raise Changed
            now = sorted((each for each in deletions if self._is_ours(job, each)), key=lambda each: each.sequence)
            if now:
                await rules.lock_discussion(tx, discussion_id, events=len(now))
                await restore_replies_in(tx, self.actor, prepared, now)
            await self._advance(tx, job, discussion_id, last, len(now))
            return len(now)

        await self._timed(write)

    async def _bring_discussion_back(self, job: RemovalRow, opening: DeletionRow) -> None:
        """Restores a discussion that was removed as a whole, or passes over one that is deleted by something else."""
        discussion_id = opening.discussion_id
        is_ours = self._is_ours(job, opening)
        prepared = await prepare_discussion(self.forum, opening, first=MOST_IN_STEP) if is_ours else None

        async def write(tx: Transaction) -> int:
            await self._lock(tx, job, discussion_id)
            now = await tx.row(db.deletions.of_opening_post, discussion=discussion_id)
            if now is None or self._is_ours(job, now) != is_ours:
                raise Changed
            done = 0
            if prepared is not None:
                theirs = await tx.rows(
                    db.removals.removed_in_discussion,
                    entry=job.undoes,
                    author=job.author_id,
                    discussion=discussion_id,
                    act=now.act,
                )
                done = len(theirs)
                await restore_discussion_in(tx, self.actor, prepared, now)
            await self._advance(tx, job, discussion_id, _PAST_ALL, done)
            return len(prepared.deletions) if prepared is not None else 0

        await self._timed(write)

    def _is_ours(self, job: RemovalRow, deletion: DeletionRow) -> bool:
        """Whether a post is deleted by the act that is taken back, and nothing has changed that since."""
        return deletion.audit_entry_id == job.undoes and deletion.by == DeletedBy.MODERATOR and deletion.is_kept

    def _act(self, number: int) -> Act:
        entry = self.entry
        return Act(number, DeletedBy.MODERATOR, entry.actor_id, entry.reason, audit_entry_id=entry.id)

    async def _lock(self, tx: Transaction, job: RemovalRow, discussion_id: int) -> None:
        """Locks a discussion for a step. Raises Changed if the act is no longer where it was."""
        await rules.lock_discussion(tx, discussion_id)
        self.size.locked()
        if await tx.row(db.removals.of_entry, entry=self.entry.id) != job:
            raise Changed

    async def _advance(self, tx: Transaction, job: RemovalRow, discussion_id: int, sequence: int, done: int) -> None:
        """Notes how far the act is, and counts what is done. Raises Changed if another process has moved it on."""
        moved = await tx.row(
            db.removals.advance,
            entry=self.entry.id,
            from_discussion=job.discussion_id,
            from_sequence=job.sequence,
            to_discussion=discussion_id,
            to_sequence=sequence,
        )
        if moved is None:
            raise Changed
        if done:
            await tx.run(db.audit.progress, entry=self.entry.id, more=done)

    async def _timed(self, write: Callable[[Transaction], Awaitable[int]]) -> None:
        with self.size.timed():
            posts = await self.forum.database.write(write)
        self.progress.transactions += 1
        self.progress.most_posts = max(self.progress.most_posts, posts)
        self.progress.longest_seconds = max(self.progress.longest_seconds, self.size.seconds)
