"""Fills the skeletons of people who were stored before there were any."""

from sqlalchemy import Connection, bindparam, column, select, table, update

from text.confusables import skeleton
from text.erasing import ERASED
from text.normal import normalised

_BATCH_SIZE = 1_000
# As they are at revision 0008: later columns of db.tables don't exist yet.
_users = table(
    "users",
    column("id"),
    column("handle"),
    column("name"),
    column("name_key"),
    column("handle_skeleton"),
    column("name_skeleton"),
)
_fill = (
    update(_users)
    .where(_users.c.id == bindparam("user"))
    .values(
        handle_skeleton=bindparam("of_handle"),
        name_skeleton=bindparam("of_name"),
        # Earlier versions left some invisible characters in it.
        name_key=bindparam("key"),
    )
)


def fill_skeletons(connection: Connection) -> None:
    """Fills `handle_skeleton`, `name_skeleton` and `name_key` of everybody who has not been erased.

    Of people whose handles look alike, the first one gets the skeleton of the handle. The others keep their handles and
    have none, since the column will be unique.
    """
    seen: set[str] = set()
    last = 0
    chosen = select(_users.c.id, _users.c.handle, _users.c.name).order_by(_users.c.id).limit(_BATCH_SIZE)
    while rows := connection.execute(chosen.where(_users.c.id > last, _users.c.name != ERASED)).all():
        filled = []
        for row in rows:
            of_handle = skeleton(row.handle)
            is_first = of_handle not in seen
            seen.add(of_handle)
            filled.append(
                {
                    "user": row.id,
                    "of_handle": of_handle if is_first else None,
                    "of_name": skeleton(row.name),
                    "key": normalised(row.name),
                }
            )
        connection.execute(_fill, filled)
        last = rows[-1].id
