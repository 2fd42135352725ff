"""Acts of moderation are recorded where they are done: an entry each, in the act's own transaction."""

from typing import Any

import db.audit
from db.database import Transaction
from db.kinds import AuditAction
from forum.errors import NotAllowed
from forum.use_cases import Actor


async def record(tx: Transaction, actor: Actor, action: AuditAction, **about: Any) -> int:
    """Writes the entry of an act and returns its id. `about`: the other fields of db.audit.AuditEntry.

    Call it when all locks of the transaction are taken.
    """
    return await db.audit.add(tx, db.audit.AuditEntry(action=action, actor_id=actor.acting_id, **about))


def check_moderator(actor: Actor, what: str, *path: str) -> None:
    """Raises NotAllowed for everybody but moderators. `what` ends the sentence: "Only a moderator can …"."""
    if not actor.is_moderator:
        raise NotAllowed(f"Only a moderator can {what}.", path or None)
