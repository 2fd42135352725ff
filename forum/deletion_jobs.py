"""Large discussions are deleted and restored in steps.

The first step is the act itself (forum.deletions): from then on the discussion and all its posts are deleted for
readers, or the discussion is there again. A step of the rest locks the discussion as any write does, and moves the
position that its job has in the database: so another process goes on where one was killed, and two of them do nothing
twice. Replies come back in their order; a second event says that the last of them is there.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from time import monotonic

import structlog

import db.deletion_jobs
import db.deletions
import db.discussions
import db.listing
import db.quotes
import db.reviews
from db.database import Database, Event, Transaction
from db.deletion_jobs import DeletionJobRow
from db.deletions import Act, DeletionRow, KeptWordsRow
from db.kinds import DeletedBy, DiscussionChange, EventKind
from db.posts import PostDraft
from db.steps import StepSize
from forum import drafts, rules
from forum.use_cases import Forum

FIRST_STEP = 200
"""How many posts are deleted or restored by the act itself."""
LEAST_IN_STEP, MOST_IN_STEP = 10, 400
PROGRESS_SECONDS = 10.0

log = structlog.get_logger(__name__)


class Changed(Exception):
    """What is kept was rewritten, or its deletion has changed, while it was rendered."""


async def delete_posts(
    tx: Transaction,
    job: DeletionJobRow | None,
    act: Act,
    *,
    discussion_id: int,
    after: int,
    last: int,
    opening: tuple[int, str] | None = None,
) -> list[int]:
    """Makes tombstones, which nothing lists, of the posts with sequences from behind `after` to `last`.

    `opening` is the opening post among them, with the title of the discussion. Returns the ids of those that were
    not deleted.
    """
    here = {"discussion": discussion_id, "after": after, "last": last}
    found = await tx.rows(db.deletion_jobs.in_step, **here)
    living = [post for post in found if not post.deleted]
    ids = [post.post_id for post in living]
    await db.deletions.delete_posts(tx, act, ids, opening=opening, is_listed=False)
    if act.audit_entry_id is not None:
        await db.reviews.close_of_posts(tx, [post.post_id for post in found], act.audit_entry_id)
    await tx.run(db.deletion_jobs.unlist, **here)
    await tx.run(db.deletion_jobs.count_none, **here)
    authors = list({post.author_id for post in living if post.author_id is not None})
    await tx.run(db.deletion_jobs.leave, discussion=discussion_id, users=authors)
    if job is not None and job.former_act is not None:
        deleted = [post.post_id for post in found if post.deleted]
        await tx.run(db.deletion_jobs.join_act, ids=deleted, former_act=job.former_act, of_act=act.number)
    return ids


async def begin_deletion(
    tx: Transaction, act: Act, *, discussion_id: int, opening: tuple[int, str], first: int | None = None
) -> None:
    """Takes the first step of deleting the posts of a discussion, which is locked, and leaves the others to do.

    That step takes the opening post and the replies up to the sequence `first`; FIRST_STEP if omitted.
    """
    first = first or FIRST_STEP
    assert tx.head is not None
    total = tx.head.last_reply
    former = await tx.row(db.deletion_jobs.of_discussion, discussion=discussion_id)
    await tx.run(db.deletion_jobs.end, discussion=discussion_id)
    await tx.run(db.deletion_jobs.empty_discussion, discussion=discussion_id)
    job = None
    if total > first:
        await tx.run(
            db.deletion_jobs.add,
            discussion_id=discussion_id,
            is_deletion=True,
            act=act.number,
            number=act.number,
            former_act=former.act if former else None,
            position=first,
            total=total,
        )
        job = await tx.row(db.deletion_jobs.of_discussion, discussion=discussion_id)
    await delete_posts(tx, job, act, discussion_id=discussion_id, after=-1, last=first, opening=opening)


async def begin_restoring(tx: Transaction, deletions: Sequence[DeletionRow], *, number: int, rest: bool) -> None:
    """Leaves the `rest` of a deletion, if there is any, to be restored behind the `deletions` that are by now."""
    assert tx.head is not None
    if rest:
        await tx.run(
            db.deletion_jobs.add,
            discussion_id=deletions[0].discussion_id,
            is_deletion=False,
            act=deletions[0].act,
            number=number,
            former_act=None,
            position=deletions[-1].sequence,
            total=tx.head.last_reply,
        )


async def finish_deletions(database: Database, discussion_id: int | None = None, *, rests: bool = False) -> None:
    """Carries out the deletions of large discussions, or of one, that are under way.

    If it `rests`, half of the time is left to others.
    """
    for job in await database.rows(db.deletion_jobs.every):
        if job.is_deletion and discussion_id in (None, job.discussion_id):
            await _finish(Forum(database), job, rests=rests)


async def finish_discussion(forum: Forum, discussion_id: int) -> None:
    """Carries out what is under way in one discussion, with half of the time left to others."""
    job = await forum.database.row(db.deletion_jobs.of_discussion, discussion=discussion_id)
    if job is not None:
        await _finish(forum, job, rests=True)


async def finish_jobs(forum: Forum) -> int:
    """Carries out all that is under way, with half of the time left to others. Returns how many jobs there were.

    One that fails is left for the next time.
    """
    jobs = await forum.database.rows(db.deletion_jobs.every)
    for job in jobs:
        try:
            await _finish(forum, job, rests=True)
        except Exception:
            log.exception("deleting or restoring a large discussion failed", discussion=job.discussion_id)
    return len(jobs)


async def _finish(forum: Forum, job: DeletionJobRow, *, rests: bool) -> None:
    """Takes the steps of a job to its end, or until another has taken its place."""
    size = StepSize(FIRST_STEP, most=MOST_IN_STEP, least=LEAST_IN_STEP)
    begun, begun_at, told = monotonic(), job.position, monotonic()
    what = "deleting" if job.is_deletion else "restoring"
    log.info(f"{what} a large discussion", discussion=job.discussion_id, done=job.position, of=job.total)
    with_it: Collection[int] = ()
    if not job.is_deletion:
        left = await forum.database.rows(db.deletions.ids_of_act, discussion=job.discussion_id, act=job.act)
        with_it = frozenset(row.id for row in left)
    now: DeletionJobRow | None = job
    while now is not None and (now.number, now.is_deletion) == (job.number, job.is_deletion):
        await (_delete_step(forum.database, now, size) if now.is_deletion else _restore_step(forum, now, size, with_it))
        now = await forum.database.row(db.deletion_jobs.of_discussion, discussion=job.discussion_id)
        if now is not None and monotonic() - told > PROGRESS_SECONDS:
            told = monotonic()
            each = (told - begun) / max(1, now.position - begun_at)
            seconds_left = round(each * (now.total - now.position))
            log.info(what, discussion=now.discussion_id, done=now.position, of=now.total, seconds_left=seconds_left)
        await asyncio.sleep(size.seconds if rests else 0)
    log.info(f"{what} a large discussion is done", discussion=job.discussion_id, seconds=round(monotonic() - begun, 1))


async def _delete_step(database: Database, job: DeletionJobRow, size: StepSize) -> None:
    async def write(tx: Transaction) -> None:
        await rules.lock_discussion(tx, job.discussion_id)
        size.locked()
        if await tx.row(db.deletion_jobs.of_discussion, discussion=job.discussion_id) != job:
            return
        opening = await tx.row(db.deletions.of_opening_post, discussion=job.discussion_id)
        assert opening is not None
        by = DeletedBy(opening.by)
        act = Act(job.act, by, opening.by_user_id, opening.reason, opening.at, opening.audit_entry_id)
        last = min(job.position + size.rows, job.total)
        ids = await delete_posts(tx, job, act, discussion_id=job.discussion_id, after=job.position, last=last)
        # Those of the first step are found by the event of the act.
        await tx.run(db.quotes.add_pending, ids=ids)
        if last == job.total:
            await tx.run(db.deletion_jobs.end, discussion=job.discussion_id)
        else:
            await tx.run(db.deletion_jobs.advance, discussion=job.discussion_id, done=last)

    with size.timed():
        await database.write(write)


async def _restore_step(forum: Forum, job: DeletionJobRow, size: StepSize, with_it: Collection[int]) -> None:
    chosen = {"discussion": job.discussion_id, "act": job.act, "after": job.position, "limit": size.rows}
    before = await forum.database.rows(db.deletions.of_act, **chosen)
    words = await forum.database.rows(db.deletions.words, ids=[each.post_id for each in before])
    written = await drafts_of(forum, before, words, with_it)

    async def write(tx: Transaction) -> None:
        await rules.lock_discussion(tx, job.discussion_id)
        size.locked()
        if await tx.row(db.deletion_jobs.of_discussion, discussion=job.discussion_id) != job:
            return
        if not before:
            await tx.run(db.deletion_jobs.end, discussion=job.discussion_id)
            await _append_restored(tx, job.discussion_id)
            return
        deletions = await tx.rows(db.deletions.of_act, **chosen)
        kept = [each for each in deletions if each.is_kept]
        await restore_posts(tx, kept, written, state([each for each in before if each.is_kept], words))
        ids = [each.post_id for each in kept]
        await db.listing.after_restoring(tx, job.discussion_id, ids)
        await tx.run(db.deletion_jobs.show_event, ids=ids, number=job.number)
        await tx.run(db.quotes.add_pending, ids=ids)
        await tx.run(db.deletion_jobs.advance, discussion=job.discussion_id, done=before[-1].sequence)

    with suppress(Changed), size.timed():
        await forum.database.write(write)


async def _append_restored(tx: Transaction, discussion_id: int) -> None:
    """Appends the event that says that all of a discussion is there."""
    await rules.lock_discussion(tx, discussion_id, events=1)
    row = await tx.row(db.discussions.by_id, id=discussion_id)
    assert row is not None
    concerned = (await rules.concerns(tx, [row.post_id]))[row.post_id]
    changes = [DiscussionChange.RESTORED]
    tx.append(Event(EventKind.DISCUSSION_UPDATED, row.post_id, row.version, None, changes=changes, **concerned))


async def drafts_of(
    forum: Forum, deletions: Sequence[DeletionRow], words: Sequence[KeptWordsRow], with_it: Collection[int]
) -> dict[int, PostDraft]:
    """The posts as they were, by their ids, rendered beside the lock. `with_it` are the posts that come back."""
    said = {row.post_id: row for row in words}
    return {
        each.post_id: await drafts.restored(
            forum,
            said[each.post_id].body,
            drafts.PostContext(
                discussion_id=each.discussion_id,
                before_sequence=each.sequence,
                title=said[each.post_id].title or "" if each.sequence == 0 else "",
            ),
            each,
            with_it,
        )
        for each in deletions
        if each.post_id in said
    }


State = Mapping[int, tuple[str | None, ...]]


def state(deletions: Sequence[DeletionRow], words: Sequence[KeptWordsRow]) -> State:
    """All that deleted posts are restored from."""
    said = {row.post_id: (row.title, row.body) for row in words}
    return {each.post_id: (each.quotes, each.mentions, *said.get(each.post_id, ())) for each in deletions}


async def restore_posts(
    tx: Transaction, deletions: Sequence[DeletionRow], written: Mapping[int, PostDraft], rendered: State
) -> None:
    """Writes deleted posts again. Raises Changed if what is kept of them is not what was rendered."""
    ids = [each.post_id for each in deletions]
    if state(deletions, await tx.rows(db.deletions.words, ids=ids)) != rendered:
        raise Changed
    await db.deletions.restore_posts(tx, written, {each.post_id: each.author_id for each in deletions})
