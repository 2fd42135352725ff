"""What people are called by their tokens: only names that the site's rules allow."""

from dataclasses import dataclass

import db.users
from access.tokens import Claims
from db.database import Database
from db.kinds import AuthorRole
from db.rows import AccountRow
from text.characters import cut
from text.handles import handle_of
from text.name_rules import NameRules, cleaned

NAME_LENGTH = 200
"""Maximum characters of a name from a token; a longer one is cut between grapheme clusters."""


@dataclass(frozen=True, slots=True)
class TokenNames:
    """What can be used of a token's names."""

    handle: str
    """The wish for a handle of somebody new; empty if there is none."""
    name: str
    """Empty if there is none."""
    unused: tuple[str, ...]
    """Why names of the token are not used: one sentence for each."""


async def names_of(database: Database, rules: NameRules, claims: Claims, known: AccountRow | None) -> TokenNames:
    """Returns the names of a token for a person, whom the forum may already know.

    Reserved names are for moderators. A name may be that of another person, as two people may be called Ada, but none
    that only looks like another person's. The name that somebody has is kept as it is.
    """
    unused: list[str] = []
    is_moderator = claims.role is AuthorRole.MODERATOR or (known is not None and known.role == AuthorRole.MODERATOR)

    async def usable(text: str | None, claim: str, *, is_shown: bool) -> str:
        name = cut(cleaned(text or ""), NAME_LENGTH)
        if not name or (known is not None and name == known.name):
            return name
        objection = rules.invalid(name)
        if objection is None and not is_moderator and rules.is_reserved(name):
            objection = f'"{name}" is reserved.'
        if objection is None and is_shown:
            alike = await db.users.look_alike(database, name, besides=known.id if known else None)
            objection = f'"{name}" looks like @{alike.handle} ({alike.name}).' if alike else None
        if objection is not None:
            unused.append(f"{claim}: {objection}")
        return "" if objection else name

    name = await usable(claims.name, "name", is_shown=True)
    if known is not None:
        return TokenNames("", name, tuple(unused))
    handle = await usable(claims.handle, "preferred_username", is_shown=False)
    if handle and not name and await db.users.look_alike(database, handle, besides=None) is None:
        name = handle
    return TokenNames(handle_of(handle or name), name, tuple(unused))
