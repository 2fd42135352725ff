"""The audit log: what moderators did.

An entry is written in the transaction of its act, and enters the log of moderation by the outbox, in one order with the
changes of review items.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Select, bindparam, case, insert, select, update

from db import counts
from db.database import Transaction
from db.kinds import AuditAction
from db.logs import AUDIT, MODERATION, REVIEW
from db.rows import AuditEntryRow, CountRow, IdRow
from db.statements import Statement, WriteStatement, among, inserted
from db.tables import Moment, audit_entries, outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """An act of moderation. The fields are columns of `audit_entries`."""

    action: AuditAction
    actor_id: int | None
    """None for what the server does by itself."""
    user_id: int | None = None
    """Whom it concerns: the author, or whose rights change."""
    discussion_id: int | None = None
    post_id: int | None = None
    category_id: int | None = None
    review_item_id: int | None = None
    held_post_id: int | None = None
    reason: str | None = None
    former: dict[str, Any] | None = None
    """What an undo goes back to: ids, numbers and names of constants, no words."""
    event_number: int | None = None
    """That of its event in the log of the discussion."""
    undoes: int | None = None
    """The entry that it takes back."""
    total: int | None = None
    """Of an act on many posts, how many there are."""


_insert = Statement(
    insert(audit_entries)
    .values({name: bindparam(name) for name in (*AuditEntry.__dataclass_fields__, "at", "done", "skipped")})
    .returning(audit_entries.c.id),
    IdRow,
)
_send = WriteStatement(inserted(outbox))
_columns = [
    audit_entries.c.id,
    audit_entries.c.action,
    audit_entries.c.actor_id,
    audit_entries.c.at,
    audit_entries.c.user_id,
    audit_entries.c.discussion_id,
    audit_entries.c.post_id,
    audit_entries.c.category_id,
    audit_entries.c.review_item_id,
    audit_entries.c.held_post_id,
    audit_entries.c.reason,
    audit_entries.c.former.label("former_json"),
    audit_entries.c.event_number,
    audit_entries.c.undoes,
    audit_entries.c.total,
    audit_entries.c.done,
    audit_entries.c.skipped,
]
by_ids = Statement(select(*_columns).where(among(audit_entries.c.id, "ids")), AuditEntryRow)
"""The entries `ids`."""
lock = Statement(
    select(*_columns).where(audit_entries.c.id == bindparam("entry")).with_for_update(of=audit_entries), AuditEntryRow
)
"""The entry `entry`, locked to the end of the transaction."""
undone = Statement(
    select(*_columns).where(among(audit_entries.c.undoes, "ids")).order_by(audit_entries.c.id), AuditEntryRow
)
"""The entries that take back one of the entries `ids`."""
_FILTERS: dict[str, ColumnElement[bool]] = {
    "actions": among(audit_entries.c.action, "actions"),
    "actor": audit_entries.c.actor_id == bindparam("actor"),
    "user": audit_entries.c.user_id == bindparam("user"),
    "discussion": audit_entries.c.discussion_id == bindparam("discussion"),
    "since": audit_entries.c.at >= bindparam("since", type_=Moment),
    "until": audit_entries.c.at < bindparam("until", type_=Moment),
}


def _chosen(columns: Sequence[ColumnElement[Any]], filters: frozenset[str]) -> Select[Any]:
    return select(*columns).where(*[_FILTERS[name] for name in sorted(filters)])


@cache
def listed(filters: frozenset[str]) -> Statement[AuditEntryRow]:
    """The entries before the entry `before`, the newest first. `filters`: names of parameters that choose them."""
    chosen = _chosen(_columns, filters).where(audit_entries.c.id < bindparam("before"))
    return Statement(chosen.order_by(audit_entries.c.id.desc()).limit(bindparam("limit")), AuditEntryRow)


@cache
def counted(filters: frozenset[str]) -> Statement[CountRow]:
    """How many entries `listed` has: see db.counts."""
    return counts.counted(_chosen([audit_entries.c.id], filters))


_done = audit_entries.c.done + bindparam("more")
progress = WriteStatement(
    update(audit_entries)
    .where(audit_entries.c.id == bindparam("entry"))
    .values(done=_done, total=case((_done > audit_entries.c.total, _done), else_=audit_entries.c.total))
)
"""Counts `more` posts done, of an act on many posts.

There may be more than there were as the act began, since others restore posts meanwhile.
"""


async def add(tx: Transaction, entry: AuditEntry) -> int:
    """Writes an entry, after all other locks of the transaction are taken. Returns its id."""
    values = asdict(entry)
    values["action"] = entry.action.value
    values["former"] = None if entry.former is None else orjson.dumps(entry.former).decode()
    counted = None if entry.total is None else 0
    row = await tx.row(_insert, **values, at=tx.at, done=counted, skipped=counted)
    assert row is not None
    await send(tx, AUDIT, row.id)
    return row.id


async def send(tx: Transaction, source: int, number: int) -> None:
    """Has an audit entry (AUDIT) or a change of a review item (REVIEW) enter the log of moderation."""
    assert source in (AUDIT, REVIEW)
    await tx.run_many(_send, [{"log_id": MODERATION, "source_log_id": source, "source_number": number}])
    # Followers are woken; what has entered by then, the log itself says.
    tx.reached.setdefault(MODERATION, 0)
