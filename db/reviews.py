"""Review items: what moderators have to decide. Each change that they see enters the log of moderation."""

from typing import Any

from sqlalchemy import bindparam, insert, select, update

from db import audit
from db.database import Transaction
from db.kinds import ModerationKind, ReviewKind, ReviewState
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
_open_held = Statement(
    insert(review_items)
    .values(
        kind=ReviewKind.HELD.value,
        held_post_id=bindparam("held"),
        discussion_id=bindparam("discussion"),
        author_id=bindparam("author"),
        opened_at=bindparam("now"),
        updated_at=bindparam("now"),
    )
    .returning(review_items.c.id, review_items.c.version),
    ItemVersionRow,
)
_of_held = Statement(select(review_items.c.id).where(among(review_items.c.held_post_id, "held")), IdRow)
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


async def open_held(tx: Transaction, held_id: int, *, author_id: int, discussion_id: int | None) -> int:
    """Opens the review item of a post that this transaction holds. Returns its id."""
    item = await tx.row(_open_held, held=held_id, author=author_id, discussion=discussion_id, now=tx.at)
    assert item is not None
    await send_change(tx, item.id, item.version, ModerationKind.REVIEW_ITEM_OPENED)
    return item.id


async def close_held(tx: Transaction, held_ids: list[int], decision_id: int | None = None) -> None:
    """Closes the review items of held posts that are decided, as `close` does."""
    await close(tx, [row.id for row in await tx.rows(_of_held, held=held_ids)], decision_id)
