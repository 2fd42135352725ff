"""Until when people are suspended, and why. That they are, `users.suspended_at` says."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from db.database import Transaction
from db.rows import IdRow, Row
from db.statements import Dialect, Statement, WriteStatement, among
from db.tables import audit_entries, suspensions, users


class SuspensionRow(Row):
    """That somebody may read, and not write."""

    __slots__ = ()
    graphql_type = "Suspension"

    user_id: int
    at: datetime
    until: datetime | None
    """None for one without an end."""
    reason: str | None
    moderator_id: int | None
    """Who suspended them; None for who was erased, and for a command."""
    audit_entry_id: int | None


of_users = Statement(
    select(
        users.c.id.label("user_id"),
        func.coalesce(suspensions.c.at, users.c.suspended_at, type_=users.c.suspended_at.type).label("at"),
        suspensions.c.ends_at.label("until"),
        suspensions.c.reason,
        audit_entries.c.actor_id.label("moderator_id"),
        suspensions.c.audit_entry_id,
    )
    .select_from(
        users.outerjoin(suspensions, suspensions.c.user_id == users.c.id).outerjoin(
            audit_entries, audit_entries.c.id == suspensions.c.audit_entry_id
        )
    )
    .where(among(users.c.id, "ids"), users.c.suspended_at.is_not(None)),
    SuspensionRow,
)
"""Those of `ids` who are suspended."""

over = Statement(
    select(suspensions.c.user_id.label("id"))
    .where(suspensions.c.ends_at <= bindparam("now", type_=suspensions.c.ends_at.type))
    .order_by(suspensions.c.ends_at, suspensions.c.user_id)
    .limit(bindparam("limit")),
    IdRow,
)
"""Whose suspensions end at `now` or have ended: the first `limit`."""


def _put_sql(dialect: Dialect) -> Any:
    made = (postgresql if dialect == "postgresql" else sqlite).insert(suspensions)
    values = ("audit_entry_id", "at", "ends_at", "reason")
    return made.values({name: bindparam(name) for name in ("user_id", *values)}).on_conflict_do_update(
        index_elements=["user_id"], set_={name: made.excluded[name] for name in values}
    )


_put = WriteStatement(_put_sql)
remove = WriteStatement(delete(suspensions).where(suspensions.c.user_id == bindparam("user")))


async def put(tx: Transaction, user_id: int, *, entry_id: int, until: datetime | None, reason: str | None) -> None:
    """Keeps end and reason of a suspension, in place of those of an earlier one."""
    await tx.run(_put, user_id=user_id, audit_entry_id=entry_id, at=tx.at, ends_at=until, reason=reason)
