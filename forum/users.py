"""Users: guests who sign in by name."""

from collections.abc import Sequence

import db.networks
import db.user_search
import db.users
from db.database import Database, Transaction
from db.user_search import UnindexedRow
from db.users import HandleTaken, Person
from forum.errors import DomainError, InvalidText, NameTaken, NotAllowed, RateLimited, Suspended
from forum.use_cases import Forum
from text.name_rules import NameRules, cleaned

GUEST_ERRORS: tuple[type[DomainError], ...] = (NotAllowed, InvalidText, NameTaken, RateLimited, Suspended)
"""What `add_guest` raises, and what its mutation does."""

_BATCH = 100
"""How many people are indexed at a time."""
_BLANKS = 10
"""A name may be so many times as long as allowed before its blanks are removed."""


async def add_guest(forum: Forum, name: str, *, address: str) -> int:
    """Adds a user who is known by name only, and returns the id.

    One from the network of somebody who is suspended now is premoderated: they may well be the same.

    Raises InvalidText, RateLimited, and NameTaken for a handle or a name that somebody has, one that looks like it,
    and a reserved one.
    """
    name = check_guest_name(name, limit=forum.limits.name_length, rules=forum.names)
    await forum.limit_writes(None, address)
    taken = NameTaken(f'The name "{name}" is taken. Choose another one.', ("name",))
    if await forum.database.rows(db.users.named, keys=db.users.name_keys(name)):
        raise taken
    if forum.names.is_reserved(name):
        raise NameTaken(
            f'The name "{name}" is reserved here, or looks like one that is. Choose another one.', ("name",)
        )
    if (alike := await db.users.look_alike(forum.database, name, besides=None)) is not None:
        whose = f"{alike.name} (@{alike.handle})"
        raise NameTaken(f'The name "{name}" looks like that of {whose}. Choose another one.', ("name",))
    await forum.limit_guests(address)
    network = db.networks.digest(address, key=forum.proof_key)

    async def write(tx: Transaction) -> int:
        is_premoderated = await db.networks.has_suspended(tx, network)
        guest = Person(handle=name, name=name, is_guest=True, is_premoderated=is_premoderated)
        user_id = await db.users.add_user(tx, guest, exactly=True)
        await db.networks.see(tx, [(user_id, network)])
        return user_id

    try:
        return await forum.database.write(write)
    except HandleTaken as error:
        raise taken from error


def check_guest_name(name: str, *, limit: int, rules: NameRules) -> str:
    """Returns the name with single blanks and without fillers. Raises InvalidText."""
    # Before anything is done with it: a request holds a megabyte, and may use it many times.
    given = name if len(name) > _BLANKS * limit else cleaned(name)
    if not 0 < len(given) <= limit:
        raise InvalidText(f"A name has 1 to {limit} characters. This one has {len(given)}.", ("name",))
    if invalid := rules.invalid(given):
        raise InvalidText(f"The name cannot be used: {invalid}", ("name",))
    return given


async def index_users(database: Database) -> int:
    """Makes people findable by name who are not yet: a version without that index made them. Returns how many."""
    indexed = after = 0
    while found := await database.rows(db.user_search.unindexed, after=after, limit=_BATCH):

        async def write(tx: Transaction, found: Sequence[UnindexedRow] = found) -> None:
            for row in found:
                await db.user_search.put(tx, row.id, handle=row.handle, name=row.name)

        await database.write(write)
        after = found[-1].id
        indexed += len(found)
    return indexed
