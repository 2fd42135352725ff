"""Categories of discussions."""

from sqlalchemy import bindparam, func, insert, literal, select, tuple_, update

from db.database import Event, Transaction
from db.kinds import EventKind
from db.logs import SITE
from db.rows import CategoryRow, CountRow, IdRow
from db.statements import Reads, Statement, WriteStatement, among
from db.tables import categories

_columns = [
    categories.c.id,
    categories.c.slug,
    categories.c.name,
    categories.c.description,
    categories.c.position,
    categories.c.premoderated,
]

by_ids = Statement(
    select(*_columns).where(among(categories.c.id, "ids")),
    CategoryRow,
    reads=Reads(of_categories=("id",), each="ids"),
)

by_slug = Statement(select(*_columns).where(categories.c.slug == bindparam("slug")), CategoryRow)

_place = (categories.c.position, categories.c.id)
_page = select(*_columns).order_by(*_place).limit(bindparam("limit"))
listed = Statement(_page, CategoryRow)
"""The first page of all categories: by their positions, then the oldest first."""
listed_after = Statement(_page.where(tuple_(*_place) > tuple_(bindparam("position"), bindparam("id"))), CategoryRow)
"""The page behind a place."""

counted = Statement(select(literal(0).label("parent"), func.count().label("total")).select_from(categories), CountRow)

_of_client = ("slug", "name", "description", "position", "premoderated")
_insert = Statement(
    insert(categories)
    .values({name: bindparam(name) for name in (*_of_client, "last_event")})
    .returning(categories.c.id),
    IdRow,
)
_change = WriteStatement(
    update(categories)
    .where(categories.c.id == bindparam("category"))
    .values({name: bindparam(name) for name in ("name", "description", "position", "premoderated", "last_event")})
)


async def add(
    tx: Transaction,
    *,
    slug: str,
    name: str,
    description: str | None,
    position: int = 0,
    premoderated: bool = False,
    actor_id: int | None = None,
) -> int:
    """Makes a category, with its event, and returns its id. The site's log is locked, and nobody has the slug."""
    head = await tx.lock_log(SITE, events=1)
    assert head is not None
    made = await tx.row(
        _insert,
        slug=slug,
        name=name,
        description=description,
        position=position,
        premoderated=premoderated,
        last_event=head.last_event,
    )
    assert made is not None
    tx.append(Event(EventKind.CATEGORY_CHANGED, None, 0, actor_id, category_id=made.id))
    return made.id


async def change(
    tx: Transaction,
    category_id: int,
    *,
    name: str,
    description: str | None,
    position: int,
    premoderated: bool,
    actor_id: int | None,
) -> None:
    """Changes a category, with its event."""
    head = await tx.lock_log(SITE, events=1)
    assert head is not None
    await tx.run(
        _change,
        category=category_id,
        name=name,
        description=description,
        position=position,
        premoderated=premoderated,
        last_event=head.last_event,
    )
    tx.append(Event(EventKind.CATEGORY_CHANGED, None, 0, actor_id, category_id=category_id))


async def category(tx: Transaction, *, slug: str, name: str, description: str | None) -> int:
    """The id of the category with this slug, which is made if there is none, with an event."""
    found = await tx.row(by_slug, slug=slug)
    if found is None:
        # Another process may make it meanwhile.
        await tx.lock_log(SITE)
        found = await tx.row(by_slug, slug=slug)
    if found is not None:
        return found.id
    return await add(tx, slug=slug, name=name, description=description)
