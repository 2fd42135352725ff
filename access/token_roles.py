"""What a person's role is after a token, which stands in their row.

A token's claim gives a role. A later token without the claim takes back only what a token gave: a role that a moderator
gave or took stays until a moderator, or a token that was issued later, says something else.
"""

from datetime import UTC, datetime
from time import time

from access.tokens import Claims
from db.kinds import AuthorRole
from db.rows import AccountRow


def role_after(row: AccountRow, claims: Claims) -> AuthorRole:
    """The role of a person when this token has arrived; a guest stays a guest."""
    role = AuthorRole(row.role)
    if row.is_guest or (row.role_given_at is not None and not _is_later(claims, row.role_given_at, row)):
        return role
    if claims.role is not None:
        return claims.role
    return AuthorRole.MEMBER if row.role_is_of_token and not claims.is_ours else role


def issued_at(claims: Claims) -> datetime:
    """When a token was issued; now if it does not say so, or says that it will be."""
    return datetime.fromtimestamp(max(0.0, min(claims.issued_at, time())), UTC)


def _is_later(claims: Claims, given_at: datetime, row: AccountRow) -> bool:
    """Whether the token was issued after the role was given. One that says no time is not later than a moderator."""
    return issued_at(claims) > given_at if claims.is_dated else row.role_is_of_token
