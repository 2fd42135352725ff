"""Users: guests who sign in by name."""

import db.users
from db.users import HandleTaken, Person
from forum.errors import DomainError, InvalidText, NameTaken, NotAllowed, RateLimited
from forum.use_cases import Forum
from text import normal

GUEST_ERRORS: tuple[type[DomainError], ...] = (NotAllowed, InvalidText, NameTaken, RateLimited)
"""What `add_guest` raises."""

_BLANKS = 10
"""A name may be so many times as long as allowed before its blanks are removed."""


async def add_guest(forum: Forum, name: str, *, address: str) -> int:
    """Adds a user who is known by name only, and returns the id.

    Raises InvalidText, NameTaken for a handle or a name that somebody has, and RateLimited.
    """
    name = check_guest_name(name, limit=forum.limits.name_length)
    await forum.limit_writes(None, address)
    taken = NameTaken(f'The name "{name}" is taken. Choose another one.', ("name",))
    if await forum.database.rows(db.users.named, keys=[db.users.handle_of(name), normal.normalised(name)]):
        raise taken
    await forum.limit_guests(address)
    guest = Person(handle=name, name=name, is_guest=True)
    try:
        return await forum.database.write(lambda tx: db.users.add_user(tx, guest, exactly=True))
    except HandleTaken as error:
        raise taken from error


def check_guest_name(name: str, *, limit: int) -> str:
    """Returns the name with single blanks. Raises InvalidText."""
    # Before anything is done with it: a request holds a megabyte, and may use it many times.
    given = name if len(name) > _BLANKS * limit else " ".join(name.split())
    message = f"A name has 1 to {limit} characters, with at least one letter or digit. This one has {len(given)}."
    if len(given) > limit:
        raise InvalidText(message, ("name",))
    if invalid := normal.invalid(given):
        raise InvalidText(f"The name cannot be stored: {invalid}", ("name",))
    if not db.users.handle_of(given):
        raise InvalidText(message, ("name",))
    return given
