"""The same request twice is one write: keys per person and mutation, kept in the write's own transaction."""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import orjson
from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from db.database import Database, Transaction
from db.failures import IdempotencyKeyReused, Refused
from db.rows import IdRow, Row
from db.statements import Command, Dialect, Statement
from db.tables import idempotency_keys as keys

KEPT = timedelta(days=7)

Outcome = dict[str, Any]
"""Ids of what a write made, from which its answer is read anew."""


class _KeyRow(Row):
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


_mine = (
    keys.c.user_id == bindparam("user"),
    keys.c.mutation == bindparam("mutation"),
    keys.c.key == bindparam("the_key"),
)
_claim = Statement(_claim_sql, IdRow)
_earlier = Statement(select(keys.c.fingerprint, keys.c.outcome).where(*_mine), _KeyRow)
_settle = Command(update(keys).where(*_mine).values(outcome=bindparam("result")))
_forget = Command(delete(keys).where(keys.c.created_at <= bindparam("before")))


def fingerprint(request: Any) -> bytes:
    """What a request asks for, in 32 bytes: equal requests have equal ones."""
    return hashlib.sha256(orjson.dumps(request, option=orjson.OPT_SORT_KEYS)).digest()


async def once(
    tx: Transaction,
    work: Callable[[Transaction], Awaitable[Outcome]],
    *,
    user_id: int,
    mutation: str,
    key: str | None,
    request: Any,
) -> Outcome:
    """Does `work` unless it was done under this key, and gives the ids of what it made then or now.

    A racing duplicate waits on the key's row until the first has committed. Raises IdempotencyKeyReused for another
    request under the same key. Failures are not stored: the key's row is rolled back with the write.
    """
    if key is None:
        return await work(tx)
    mine = {"user": user_id, "mutation": mutation}
    wanted = fingerprint(request)
    if await tx.row(_claim, **mine, key=key, fingerprint=wanted, at=tx.at) is None:
        earlier = await tx.row(_earlier, **mine, the_key=key)
        assert earlier is not None
        return _outcome(earlier, wanted, key, mutation)
    made = await work(tx)
    await tx.run(_settle, **mine, the_key=key, result=orjson.dumps(made).decode())
    return made


async def earlier(database: Database, *, user_id: int, mutation: str, key: str, request: Any) -> Outcome | None:
    """What was made under this key before, so that a repeat costs no more than a read. Raises IdempotencyKeyReused."""
    row = await database.row(_earlier, user=user_id, mutation=mutation, the_key=key)
    return None if row is None else _outcome(row, fingerprint(request), key, mutation)


def _outcome(row: _KeyRow, wanted: bytes, key: str, mutation: str) -> Outcome:
    if row.fingerprint != wanted:
        raise Refused(
            IdempotencyKeyReused(
                f"The clientMutationId «{key}» came before with another input to {mutation}.",
                ("client_mutation_id",),
            )
        )
    assert row.outcome is not None
    outcome: Outcome = orjson.loads(row.outcome)
    return outcome


async def forget(tx: Transaction) -> None:
    """Drops the keys that are older than a week."""
    await tx.run(_forget, before=tx.at - KEPT)
