"""Taking back an act of moderation: the inverse act, with an entry of its own that names the old one.

It is refused where the subject is no longer what the act made of it, so that nobody's later act is lost, and where the
act was taken back already. What a bulk act has done comes back as one; what somebody has changed since is passed over.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import db.audit
import db.categories
import db.deletions
import db.discussions
import db.posts
import db.revisions
import db.suspensions
import db.users
from db.database import Transaction
from db.deletions import DeletionRow
from db.kinds import AuditAction, AuthorRole, DeletedBy
from db.logs import SITE
from db.rows import AccountRow, AuditEntryRow, CategoryRow, DiscussionRow, Row
from db.snapshots import Reader
from db.statements import Statement
from db.suspensions import SuspensionRow
from forum import audit, categories, discussions, drafts, rules, sanctions
from forum.deletion_jobs import Changed, finish_deletions
from forum.deletions import delete_discussion_in, delete_reply_in, restore_discussion_by, restore_reply_by
from forum.errors import (
    AuditEntryNotFound,
    CategoryNotFound,
    Conflict,
    DiscussionLocked,
    DiscussionNotFound,
    DomainError,
    InvalidText,
    NotAllowed,
    NotRestorable,
    ReasonTooLong,
    ReplyNotFound,
    UntilPassed,
    UserNotFound,
)
from forum.removals import begin_restoring_removed, end_removal
from forum.use_cases import Actor, Command, Forum, Outcome, use_case

A = AuditAction
NOT_UNDOABLE: dict[AuditAction, str] = {
    A.ADD_CATEGORY: "A category cannot be taken away: rename it, or move it to the end of the list.",
    A.PUBLISH: "What was published has been read: delete the post.",
    A.REJECT: "Its author knows of the decision: ask them to write it again.",
    A.DISMISS: "A dismissed report opens nothing: delete the post, or wait for a report of its next version.",
    A.RESTORE_POSTS: "Posts that were brought back are there again: remove them by another removal.",
}
"""The acts that cannot be taken back, and what to do in place of it."""
_GONE = (
    DiscussionNotFound,
    ReplyNotFound,
    CategoryNotFound,
    UserNotFound,
    NotRestorable,
    DiscussionLocked,
    UntilPassed,
)
"""What an inverse act says where later acts, or time, left nothing to take back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo(Command):
    """An act of moderation that is taken back."""

    mutation = "undo"

    audit_entry_id: int
    reason: str | None = None


@use_case(NotAllowed, AuditEntryNotFound, Conflict, ReasonTooLong, InvalidText)
async def undo(forum: Forum, actor: Actor, command: Undo) -> Outcome:
    """Takes an act back. The outcome's `subject_id` is the new entry."""
    audit.check_moderator(actor, "take back an act of moderation", "audit_entry_id")
    reason = drafts.check_reason(command.reason)
    found = await forum.database.rows(db.audit.by_ids, ids=[command.audit_entry_id])
    if not found:
        raise AuditEntryNotFound(f"There is no audit entry A_{command.audit_entry_id}.", ("audit_entry_id",))
    entry = found[0]
    action = AuditAction(entry.action)
    if action not in _INVERSE:
        raise NotAllowed(NOT_UNDOABLE[action], ("audit_entry_id",))
    try:
        outcome = await _INVERSE[action](_Undoing(forum, actor, command, entry, reason))
    except _GONE as error:
        raise _conflict(error) from error
    forum.source_changed()
    return outcome


def _conflict(error: DomainError | None = None) -> Conflict:
    why = f" {error.message}" if error is not None else ""
    message = f"This act cannot be taken back any more: what it was about has changed since.{why}"
    return Conflict(message, ("audit_entry_id",))


@dataclass(frozen=True, slots=True)
class _Undoing:
    """An act that is taken back."""

    forum: Forum
    actor: Actor
    command: Undo
    entry: AuditEntryRow
    reason: str | None

    @property
    def about(self) -> dict[str, Any]:
        """What the new entry has besides."""
        return {"reason": self.reason, "undoes": self.entry.id}

    async def check_first(self, tx: Transaction) -> None:
        """Raises Conflict if the act is taken back already. The subject is locked, and the entry from now on."""
        await tx.row(db.audit.lock, entry=self.entry.id)
        if await tx.rows(db.audit.undone, ids=[self.entry.id]):
            raise Conflict("This act was taken back already.", ("audit_entry_id",))


async def _discussion(undoing: _Undoing) -> Outcome:
    """Takes back an act on a discussion as a whole."""
    forum, actor, entry = undoing.forum, undoing.actor, undoing.entry
    assert entry.discussion_id is not None
    title, search_entry, before = None, None, None
    if entry.action == A.RETITLE_DISCUSSION:
        before = await forum.database.row(db.discussions.by_id, id=entry.discussion_id)
        title = (await _titles(forum.database, [entry])).get((entry.id, 0))
        search_entry = await discussions.titled(before, title) if before is not None and title is not None else None
    async with forum.unit_of_work(actor, undoing.command) as work:
        row = await rules.locked_discussion(work.tx, entry.discussion_id)
        await undoing.check_first(work.tx)
        if not (await _as_made(work.tx, [entry]))[0]:
            raise _conflict()
        about = undoing.about
        done: discussions.Done | None = None
        match AuditAction(entry.action):
            case A.LOCK_DISCUSSION | A.UNLOCK_DISCUSSION:
                done = await discussions.set_locked(work.tx, actor, row, locked=not row.locked, **about)
            case A.PIN_DISCUSSION | A.UNPIN_DISCUSSION:
                done = await discussions.set_pinned(work.tx, actor, row, pinned=not row.pinned, **about)
            case A.MOVE_DISCUSSION:
                done = await discussions.move(work.tx, actor, row, entry.former["category"], **about)
            case A.RETITLE_DISCUSSION:
                # An erasure may have taken the title.
                if title is None or before is None:
                    raise _conflict()
                if search_entry is None or row.version != before.version:
                    search_entry = await discussions.titled(row, title)
                done = await discussions.retitle(work.tx, actor, row, title, search_entry, **about)
        if done is None:
            raise _conflict()
        work.done(row.discussion_id, row.post_id, done.position, subject_id=done.audit_entry_id)
    return work.outcome


async def _category(undoing: _Undoing) -> Outcome:
    entry = undoing.entry
    assert entry.category_id is not None
    async with undoing.forum.unit_of_work(undoing.actor, undoing.command) as work:
        row = await categories.locked_category(work.tx, entry.category_id)
        await undoing.check_first(work.tx)
        if not _is_category_as_made(entry, row):
            raise _conflict()
        wanted = {name: before for name, (before, _) in entry.former.items()}
        made = await categories.change(work.tx, undoing.actor, row, wanted, **undoing.about)
        work.done(subject_id=made)
    return work.outcome


async def _deletion(undoing: _Undoing) -> Outcome:
    """Restores what an act has deleted."""
    entry = undoing.entry

    async def check(tx: Transaction, deletion: DeletionRow) -> None:
        await undoing.check_first(tx)
        if deletion.audit_entry_id != entry.id:
            raise _conflict()

    given = (undoing.forum, undoing.actor, undoing.command)
    how: dict[str, Any] = {"check": check, "reason": undoing.reason}
    if entry.action == A.DELETE_POST:
        return await restore_reply_by(*given, entry.post_id or 0, **how)
    return await restore_discussion_by(*given, entry.discussion_id or 0, **how)


async def _restoring(undoing: _Undoing) -> Outcome:
    """Deletes what an act has restored."""
    forum, actor, entry = undoing.forum, undoing.actor, undoing.entry
    assert entry.discussion_id is not None
    assert entry.post_id is not None
    while True:
        try:
            async with forum.unit_of_work(actor, undoing.command) as work:
                await rules.locked_discussion(work.tx, entry.discussion_id)
                await undoing.check_first(work.tx)
                if not (await _as_made(work.tx, [entry]))[0]:
                    raise _conflict()
                deletes = delete_reply_in if entry.action == A.RESTORE_POST else delete_discussion_in
                subject = entry.post_id if entry.action == A.RESTORE_POST else entry.discussion_id
                deleted = await deletes(work.tx, actor, subject, undoing.reason, undoes=entry.id)
                work.done(*deleted[:3], subject_id=deleted.audit_entry_id)
        except Changed:
            await finish_deletions(forum.database, entry.discussion_id)
            continue
        return work.outcome


async def _removal(undoing: _Undoing) -> Outcome:
    """Has what was removed brought back."""
    async with undoing.forum.unit_of_work(undoing.actor, undoing.command) as work:
        # In the order in which a step of it locks: first the job, then the entry.
        await end_removal(work.tx, undoing.entry.id)
        await undoing.check_first(work.tx)
        made = await begin_restoring_removed(work.tx, undoing.actor, undoing.entry, reason=undoing.reason)
        work.done(subject_id=made)
    return work.outcome


async def _sanction(undoing: _Undoing) -> Outcome:
    """Gives a person back the rights that they had before an act."""
    actor, entry, about = undoing.actor, undoing.entry, {"undoes": undoing.entry.id}
    assert entry.user_id is not None
    user_id, former, reason = entry.user_id, entry.former, undoing.reason
    async with undoing.forum.unit_of_work(actor, undoing.command) as work:
        if entry.action == A.SET_ROLE:
            await work.tx.lock_log(SITE)
        await db.users.locked_account(work.tx, user_id)
        await undoing.check_first(work.tx)
        if not (await _as_made(work.tx, [entry]))[0]:
            raise _conflict()
        made: int | None = None
        match AuditAction(entry.action):
            case A.PREMODERATE_USER:
                made = await sanctions.premoderate_in(
                    work.tx, actor, user_id, premoderated=former["premoderated"], reason=reason, **about
                )
            case A.SET_ROLE:
                role = AuthorRole(former["role"])
                made = await sanctions.set_role_in(work.tx, actor, user_id, role, reason, **about)
            case A.SUSPEND_USER if not _is_to_go_on(former, work.tx.at):
                made = await sanctions.unsuspend_in(work.tx, actor, user_id, reason, **about)
            case _:
                # The suspension of before, with its end, and with its reason if there is no other.
                before = await work.tx.row(db.audit.by_ids, ids=[former["entry"] or 0])
                reason = reason or (before.reason if before is not None else None)
                made = await sanctions.suspend_in(work.tx, actor, user_id, _end(former), reason, **about)
        if made is None:
            raise _conflict()
        work.done(subject_id=made)
    return work.outcome


def _end(suspension: dict[str, Any]) -> datetime | None:
    until = suspension.get("until")
    return None if until is None else datetime.fromisoformat(until)


def _is_to_go_on(suspension: dict[str, Any], now: datetime) -> bool:
    """Whether there was a suspension before an act whose time is not over yet."""
    end = _end(suspension)
    return bool(suspension) and (end is None or end > now)


_INVERSE: dict[AuditAction, Callable[[_Undoing], Awaitable[Outcome]]] = {
    A.DELETE_POST: _deletion,
    A.DELETE_DISCUSSION: _deletion,
    A.RESTORE_POST: _restoring,
    A.RESTORE_DISCUSSION: _restoring,
    A.LOCK_DISCUSSION: _discussion,
    A.UNLOCK_DISCUSSION: _discussion,
    A.PIN_DISCUSSION: _discussion,
    A.UNPIN_DISCUSSION: _discussion,
    A.MOVE_DISCUSSION: _discussion,
    A.RETITLE_DISCUSSION: _discussion,
    A.EDIT_CATEGORY: _category,
    A.SUSPEND_USER: _sanction,
    A.UNSUSPEND_USER: _sanction,
    A.SET_ROLE: _sanction,
    A.PREMODERATE_USER: _sanction,
    A.REMOVE_POSTS: _removal,
}


async def can_undo(source: Reader, entries: Sequence[AuditEntryRow]) -> list[bool]:
    """Whether each act can be taken back as things are: a statement for each kind of subject among them."""
    possible = [entry for entry in entries if AuditAction(entry.action) in _INVERSE]
    undone = {row.undoes for row in await source.rows(db.audit.undone, ids=list({entry.id for entry in possible}))}
    left = [entry for entry in possible if entry.id not in undone]
    as_made = {entry.id for entry, is_so in zip(left, await _as_made(source, left), strict=True) if is_so}
    return [entry.id in as_made for entry in entries]


async def _as_made(source: Reader, entries: Sequence[AuditEntryRow]) -> list[bool]:
    """Whether the subject of each act is still what the act has made of it."""
    of_discussion = {e.discussion_id for e in entries if _INVERSE[A(e.action)] in (_discussion, _restoring)}
    found = await _read(source, db.discussions.by_ids, of_discussion, lambda row: row.discussion_id)
    of_post = {e.post_id for e in entries if _INVERSE[A(e.action)] in (_deletion, _restoring)}
    deletions = await _read(source, db.deletions.of_posts, of_post, lambda row: row.post_id)
    of_category = {e.category_id for e in entries if _INVERSE[A(e.action)] is _category}
    named = await _read(source, db.categories.by_ids, of_category, lambda row: row.id)
    of_person = {e.user_id for e in entries if _INVERSE[A(e.action)] is _sanction}
    accounts = await _read(source, db.users.accounts, of_person, lambda row: row.id)
    suspensions = await _read(source, db.suspensions.of_users, of_person, lambda row: row.user_id)
    titles = await _titles(source, [e for e in entries if e.action == A.RETITLE_DISCUSSION])

    def is_as_made(entry: AuditEntryRow) -> bool:
        discussion, deletion = found.get(entry.discussion_id), deletions.get(entry.post_id)
        inverse = _INVERSE[AuditAction(entry.action)]
        if inverse is _discussion:
            return discussion is not None and _is_discussion_as_made(entry, discussion, titles)
        if inverse is _restoring:
            return deletion is None and discussion is not None and discussion.deleted_at is None
        if inverse is _deletion:
            return deletion is not None and deletion.audit_entry_id == entry.id and _is_restorable(entry, deletion)
        if inverse is _category:
            category = named.get(entry.category_id)
            return category is not None and _is_category_as_made(entry, category)
        if inverse is _sanction:
            account = accounts.get(entry.user_id)
            return account is not None and _is_person_as_made(entry, account, suspensions.get(entry.user_id))
        return True

    return [is_as_made(entry) for entry in entries]


R = TypeVar("R", bound=Row)


async def _read(
    source: Reader, statement: Statement[R], ids: set[int | None], key: Callable[[R], int]
) -> dict[int | None, R]:
    wanted = [each for each in ids if each is not None]
    return {key(row): row for row in await source.rows(statement, ids=wanted)} if wanted else {}


def _is_restorable(entry: AuditEntryRow, deletion: DeletionRow) -> bool:
    is_alone = entry.action == A.DELETE_POST and deletion.discussion_deleted
    return deletion.is_kept and not deletion.is_raised and deletion.by == DeletedBy.MODERATOR and not is_alone


def _is_person_as_made(entry: AuditEntryRow, account: AccountRow, suspension: SuspensionRow | None) -> bool:
    match AuditAction(entry.action):
        case A.SET_ROLE:
            return bool(account.role == entry.former["given"] and not account.role_is_of_token)
        case A.PREMODERATE_USER:
            return bool(account.premoderated != entry.former["premoderated"])
        case A.SUSPEND_USER:
            return suspension is not None and suspension.audit_entry_id == entry.id
        case _:
            return suspension is None and _is_to_go_on(entry.former, datetime.now(UTC))


def _is_discussion_as_made(entry: AuditEntryRow, row: DiscussionRow, titles: dict[tuple[int, int], str]) -> bool:
    if row.deleted_at is not None:
        return False
    match AuditAction(entry.action):
        case A.LOCK_DISCUSSION:
            return row.locked
        case A.UNLOCK_DISCUSSION:
            return not row.locked
        case A.PIN_DISCUSSION:
            return row.pinned
        case A.UNPIN_DISCUSSION:
            return not row.pinned
        case A.MOVE_DISCUSSION:
            return row.category_id == entry.category_id
        case _:
            return titles.get((entry.id, 1)) == row.title


async def _titles(source: Reader, entries: Sequence[AuditEntryRow]) -> dict[tuple[int, int], str]:
    """The titles before an act (0) and after it (1), by the entry."""
    if not entries:
        return {}
    opening = await source.rows(db.posts.opening_posts, discussions=list({entry.discussion_id for entry in entries}))
    post_of = {row.discussion_id: row.post_id for row in opening}
    versions = sorted({entry.former["version"] + more for entry in entries for more in (0, 1)})
    rows = await source.rows(db.revisions.exact_versions, ids=list(post_of.values()), versions=versions)
    title_of = {(row.post_id, row.version): row.title for row in rows}
    found: dict[tuple[int, int], str] = {}
    for entry in entries:
        for more in (0, 1):
            title = title_of.get((post_of.get(entry.discussion_id or 0, 0), entry.former["version"] + more))
            if title:
                found[entry.id, more] = title
    return found


def _is_category_as_made(entry: AuditEntryRow, row: CategoryRow) -> bool:
    return all(getattr(row, name) == now for name, (_, now) in entry.former.items())
