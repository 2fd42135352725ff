"""Tells people what moderators decided about them: a projection of the log of moderation into the logs of persons."""

from collections.abc import Sequence

import db.audit
import db.feed
import db.viewer_events
from db.database import Transaction
from db.kinds import AuditAction, ModerationKind, ViewerEventKind
from db.logs import AUDIT
from db.rows import ModerationRow
from db.viewer_events import Entry
from forum.projections import Projection

NOTIFIED = frozenset(
    {
        AuditAction.PUBLISH,
        AuditAction.REJECT,
        AuditAction.DELETE_POST,
        AuditAction.DELETE_DISCUSSION,
        AuditAction.RESTORE_POST,
        AuditAction.RESTORE_DISCUSSION,
        AuditAction.REMOVE_POSTS,
        AuditAction.RESTORE_POSTS,
        AuditAction.SUSPEND_USER,
        AuditAction.UNSUSPEND_USER,
    }
)
"""The acts of which the person is notified whom they concern."""


async def _notify(tx: Transaction, items: Sequence[ModerationRow]) -> None:
    ids = [
        item.subject_id
        for item in items
        if item.kind == ModerationKind.AUDIT_ENTRY_ADDED and item.user_id is not None and item.action in NOTIFIED
    ]
    if not ids:
        return
    entries = {row.id: row for row in await tx.rows(db.audit.by_ids, ids=ids)}
    # Nobody is notified of what they did themselves.
    others = [entry for entry in (entries[each] for each in ids) if entry.user_id != entry.actor_id]
    await db.viewer_events.append(
        tx,
        [
            Entry(entry.user_id, ViewerEventKind.DECISION_MADE, AUDIT, entry.id)
            for entry in others
            if entry.user_id is not None
        ],
    )


DECISION_NOTICES = Projection("decision-notices", _notify, db.feed.moderation)
