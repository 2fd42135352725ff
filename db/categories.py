"""Categories of discussions."""

from sqlalchemy import bindparam, func, insert, literal, select

from db.database import Event, Transaction
from db.kinds import EventKind
from db.logs import SITE
from db.rows import CategoryRow, CountRow, IdRow
from db.statements import Reads, Statement, among
from db.tables import categories

_columns = [
    categories.c.id,
    categories.c.slug,
    categories.c.name,
    categories.c.description,
]

by_ids = Statement(
    select(*_columns).where(among(categories.c.id, "ids")),
    CategoryRow,
    reads=Reads(of_categories=("id",), each="ids"),
)

by_slug = Statement(select(*_columns).where(categories.c.slug == bindparam("slug")), CategoryRow)

listed = Statement(
    select(*_columns).where(categories.c.id > bindparam("low")).order_by(categories.c.id).limit(bindparam("limit")),
    CategoryRow,
)
"""A page of all categories, the oldest first."""

counted = Statement(select(literal(0).label("parent"), func.count().label("total")).select_from(categories), CountRow)

_insert = Statement(
    insert(categories)
    .values(
        slug=bindparam("slug"),
        name=bindparam("name"),
        description=bindparam("description"),
    )
    .returning(categories.c.id),
    IdRow,
)


async def category(tx: Transaction, *, slug: str, name: str, description: str | None) -> int:
    """The id of the category with this slug, which is made if there is none, with an event."""
    found = await tx.row(by_slug, slug=slug)
    if found is None:
        # Another process may make it meanwhile.
        await tx.lock_log(SITE)
        found = await tx.row(by_slug, slug=slug)
    if found is not None:
        return found.id
    await tx.lock_log(SITE, events=1)
    made = await tx.row(_insert, slug=slug, name=name, description=description)
    assert made is not None
    tx.append(Event(EventKind.CATEGORY_CHANGED, None, 0, None, category_id=made.id))
    return made.id
