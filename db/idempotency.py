"""The same request twice is one write: keys per person and mutation, kept in the write's own transaction."""

import hashlib
from datetime import timedelta
from typing import Any

import orjson
from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from db.database import Database, Transaction
from db.rows import IdRow, Row
from db.statements import Dialect, Statement, WriteStatement
from db.tables import idempotency_keys as keys

KEPT = timedelta(days=7)


class KeyRow(Row):
    """What a key was used for."""

    __slots__ = ()

    fingerprint: bytes
    outcome: str | None


def _claim_sql(dialect: Dialect) -> Any:
    made = (postgresql if dialect == "postgresql" else sqlite).insert(keys)
    return (
        made.values(
            user_id=bindparam("user"),
            mutation=bindparam("mutation"),
            key=bindparam("key"),
            fingerprint=bindparam("fingerprint"),
            created_at=bindparam("at"),
        )
        .on_conflict_do_nothing()
        .returning(keys.c.user_id.label("id"))
    )


_has_key = (
    keys.c.user_id == bindparam("user"),
    keys.c.mutation == bindparam("mutation"),
    keys.c.key == bindparam("idempotency_key"),
)
_claim = Statement(_claim_sql, IdRow)
_committed = Statement(select(keys.c.fingerprint, keys.c.outcome).where(*_has_key), KeyRow)
_settle = WriteStatement(update(keys).where(*_has_key).values(outcome=bindparam("result")))
_forget = WriteStatement(delete(keys).where(keys.c.created_at <= bindparam("before")))


def fingerprint_of(request: Any) -> bytes:
    """What a request asks for, as 32 bytes: equal requests have equal ones."""
    return hashlib.sha256(orjson.dumps(request, option=orjson.OPT_SORT_KEYS)).digest()


async def claim(tx: Transaction, user_id: int, mutation: str, key: str, fingerprint: bytes) -> KeyRow | None:
    """Claims a key for this write. Returns None, or the row of the write that was committed under it.

    A racing duplicate waits on the key's row until the first has committed. A write that fails rolls its claim back.
    """
    scope: dict[str, Any] = {"user": user_id, "mutation": mutation}
    if await tx.row(_claim, **scope, key=key, fingerprint=fingerprint, at=tx.at) is not None:
        return None
    return await tx.row(_committed, **scope, idempotency_key=key)


async def settle(tx: Transaction, user_id: int, mutation: str, key: str, outcome: str) -> None:
    """Keeps the outcome of this write under its key: JSON, from which a repeat is answered."""
    await tx.run(_settle, user=user_id, mutation=mutation, idempotency_key=key, result=outcome)


async def earlier(database: Database, user_id: int, mutation: str, key: str) -> KeyRow | None:
    """The row of the write that was committed under this key."""
    return await database.row(_committed, user=user_id, mutation=mutation, idempotency_key=key)


async def forget(tx: Transaction) -> None:
    """Drops the keys that are older than KEPT."""
    await tx.run(_forget, before=tx.at - KEPT)
