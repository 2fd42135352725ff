"""Review items: what moderators have to decide. Each change that they see enters the log of moderation."""

from typing import Any

from sqlalchemy import bindparam, insert, update

from db import audit
from db.database import Transaction
from db.kinds import ModerationKind, ReviewState
from db.logs import REVIEW
from db.rows import IdRow, Row
from db.statements import Statement, among
from db.tables import review_changes, review_items


class ItemVersionRow(Row):
    """The version of a review item after a change."""

    __slots__ = ()

    id: int
    version: int


_insert_change = Statement(
    insert(review_changes)
    .values({name: bindparam(name) for name in ("review_item_id", "kind", "version", "at")})
    .returning(review_changes.c.id),
    IdRow,
)
_close = Statement(
    update(review_items)
    .where(among(review_items.c.id, "ids"), review_items.c.state == ReviewState.OPEN.value)
    .values(
        state=ReviewState.DECIDED.value,
        decision_id=bindparam("decision"),
        version=review_items.c.version + 1,
        updated_at=bindparam("now"),
    )
    .returning(review_items.c.id, review_items.c.version),
    ItemVersionRow,
)


async def send_change(
    tx: Transaction, item_id: int, version: int, kind: ModerationKind = ModerationKind.REVIEW_ITEM_CHANGED
) -> None:
    """Has a change of a review item, which this transaction has locked, enter the log of moderation."""
    row = await tx.row(_insert_change, review_item_id=item_id, kind=kind.value, version=version, at=tx.at)
    assert row is not None
    await audit.send(tx, REVIEW, row.id)


async def close(tx: Transaction, ids: list[int], decision_id: int | None = None) -> None:
    """Closes those of these review items that are open, by an entry of the audit log or, with None, without one."""
    parameters: dict[str, Any] = {"ids": ids, "decision": decision_id, "now": tx.at}
    for item in await tx.rows(_close, **parameters):
        await send_change(tx, item.id, item.version)
