"""View counts: views are gathered in memory and flushed in batches; each viewer counts once in a window."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, delete
from sqlalchemy.dialects import postgresql, sqlite

from db.database import Transaction
from db.rows import IdRow
from db.statements import Dialect, Statement, WriteStatement
from db.tables import discussion_views, recent_views

WINDOW = timedelta(minutes=30)


def _see(dialect: Dialect) -> Any:
    made = (postgresql if dialect == "postgresql" else sqlite).insert(recent_views)
    made = made.values(
        discussion_id=bindparam("discussion"),
        viewer=bindparam("viewer"),
        seen_at=bindparam("at"),
    )
    return made.on_conflict_do_update(
        index_elements=["discussion_id", "viewer"],
        set_={"seen_at": made.excluded.seen_at},
        where=recent_views.c.seen_at <= bindparam("before", type_=recent_views.c.seen_at.type),
    ).returning(recent_views.c.discussion_id.label("id"))


def _count(dialect: Dialect) -> Any:
    made = (postgresql if dialect == "postgresql" else sqlite).insert(discussion_views)
    made = made.values(discussion_id=bindparam("discussion"), view_count=bindparam("views"))
    return made.on_conflict_do_update(
        index_elements=["discussion_id"],
        set_={"view_count": discussion_views.c.view_count + made.excluded.view_count},
    )


_see_statement = Statement(_see, IdRow)
_count_command = WriteStatement(_count)
_forget = WriteStatement(delete(recent_views).where(recent_views.c.seen_at <= bindparam("before")))


async def flush(tx: Transaction, views: Iterable[tuple[int, bytes]]) -> None:
    """Counts (discussion, viewer) pairs that were not counted within the window. Locks no discussion."""
    before = tx.at - WINDOW
    counted: Counter[int] = Counter()
    # In one order everywhere, so that two processes that flush the same rows wait and never deadlock.
    for discussion, viewer in sorted(set(views)):
        if await tx.row(
            _see_statement,
            discussion=discussion,
            viewer=viewer,
            at=tx.at,
            before=before,
        ):
            counted[discussion] += 1
    for discussion, count in sorted(counted.items()):
        await tx.run(_count_command, discussion=discussion, views=count)


async def forget(tx: Transaction) -> None:
    """Deletes the views that have left the window."""
    await tx.run(_forget, before=tx.at - WINDOW)
