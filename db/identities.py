"""Identities of erased people: a token of another service names one by issuer and subject, and is refused for good.

What is kept is a hash of the two with a key of its own, so that nobody can look the people up in a list of identities
that was hashed before. An export holds the rows, and moving to another database lifts nothing.
"""

import hashlib
import hmac
import secrets

from sqlalchemy import select

from db.database import Database, Transaction
from db.rows import Row
from db.statements import Statement, WriteStatement, inserted
from db.tables import erased_identities

_KEY_BYTES = 32


class ErasedIdentityRow(Row):
    """The keyed hash of an identity."""

    __slots__ = ()

    key: bytes
    digest: bytes


_every = Statement(select(erased_identities.c.key, erased_identities.c.digest), ErasedIdentityRow)
_insert = WriteStatement(inserted(erased_identities))


async def refuse_identity(tx: Transaction, *, issuer: str, subject: str) -> None:
    """From now on `is_erased` is true of this identity."""
    key = secrets.token_bytes(_KEY_BYTES)
    await tx.run(_insert, key=key, digest=_digest(key, issuer, subject), erased_at=tx.at)


async def is_erased(database: Database, *, issuer: str, subject: str) -> bool:
    """Whether a person of this identity was erased here. It looks at all erased people, so it is for those unknown."""
    rows = await database.rows(_every)
    return any(hmac.compare_digest(_digest(row.key, issuer, subject), row.digest) for row in rows)


def _digest(key: bytes, issuer: str, subject: str) -> bytes:
    # No identity holds U+0000.
    return hmac.digest(key, f"{issuer}\0{subject}".encode(), hashlib.sha256)
