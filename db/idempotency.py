"""The same request twice is one write: keys per person and mutation, kept in the write's own transaction."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import ColumnElement, ScalarSelect, and_, bindparam, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from db.database import Database, Transaction
from db.rows import IdRow, Row
from db.statements import Dialect, Statement, WriteStatement
from db.tables import idempotency_keys as keys

KEPT = timedelta(days=7)
WORDS_KEPT = timedelta(hours=1)
"""How long the digest of a post's words is kept; a second post of them is a double click for less than that."""
_ALWAYS = datetime(9999, 12, 30, tzinfo=UTC)


_WORDS = " by its words"
"""Ends the name of the mutation of keys that are made of words, which no client can name."""


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


def _claim_words_sql(dialect: Dialect) -> Any:
    made = (postgresql if dialect == "postgresql" else sqlite).insert(keys)
    made = made.values({column.name: bindparam(column.name) for column in keys.columns})
    return made.on_conflict_do_update(
        index_elements=list(keys.primary_key.columns),
        set_={"outcome": made.excluded.outcome, "created_at": made.excluded.created_at},
        where=keys.c.created_at <= bindparam("expired"),
    )


_has_key = (
    keys.c.user_id == bindparam("user"),
    keys.c.mutation == bindparam("mutation"),
    keys.c.key == bindparam("idempotency_key"),
)
_claim = Statement(_claim_sql, IdRow)
_claim_words = Statement(lambda dialect: _claim_words_sql(dialect).returning(keys.c.user_id.label("id")), IdRow)
_keep_words = WriteStatement(_claim_words_sql)
_committed = Statement(select(keys.c.fingerprint, keys.c.outcome).where(*_has_key), KeyRow)
_settle = WriteStatement(update(keys).where(*_has_key).values(outcome=bindparam("result")))
_forget = WriteStatement(
    delete(keys).where(
        or_(
            keys.c.created_at <= bindparam("before"),
            and_(keys.c.created_at <= bindparam("words_before"), keys.c.mutation.like(f"%{_WORDS}")),
        )
    )
)


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


async def claim_words(
    tx: Transaction, user_id: int, mutation: str, digest: bytes, outcome: str, *, expired: datetime
) -> str | None:
    """Keeps the outcome of this write, which has no key, under the digest of its words.

    Returns None, or the outcome of an earlier write of these words after the moment `expired`: then nothing is kept.
    A racing duplicate waits until the first has committed.
    """
    kept = _by_words(tx, user_id, mutation, digest, outcome)
    if await tx.row(_claim_words, **kept, expired=expired) is not None:
        return None
    found = await tx.row(_committed, user=user_id, mutation=kept["mutation"], idempotency_key=kept["key"])
    assert found is not None
    return found.outcome


def _by_words(tx: Transaction, user_id: int, mutation: str, digest: bytes, outcome: str) -> dict[str, Any]:
    key = {"user_id": user_id, "mutation": mutation + _WORDS, "key": digest.hex()}
    return key | {"fingerprint": digest, "outcome": outcome, "created_at": tx.at}


def of_words(user: ColumnElement[int]) -> ScalarSelect[str]:
    """The outcome of an earlier write of the same words by a person, which `words_parameters` and `user` name."""
    return (
        select(keys.c.outcome)
        .where(
            keys.c.user_id == user,
            keys.c.mutation == bindparam("words_mutation"),
            keys.c.key == bindparam("words_key"),
            keys.c.created_at > bindparam("words_expired"),
        )
        .scalar_subquery()
    )


def words_parameters(mutation: str, digest: bytes | None, expired: datetime) -> dict[str, Any]:
    """The parameters of `of_words`. No write is found for no digest, or that was not after the moment `expired`."""
    key = None if digest is None else digest.hex()
    return {"words_mutation": mutation + _WORDS, "words_key": key, "words_expired": expired}


async def keep_words(tx: Transaction, user_id: int, mutation: str, digest: bytes, outcome: str) -> None:
    """Keeps the outcome of this write under the digest of its words, in place of that of any earlier write of them."""
    await tx.run(_keep_words, **_by_words(tx, user_id, mutation, digest, outcome), expired=_ALWAYS)


async def earlier(database: Database, user_id: int, mutation: str, key: str) -> KeyRow | None:
    """The row of the write that was committed under this key."""
    return await database.row(_committed, user=user_id, mutation=mutation, idempotency_key=key)


async def forget(tx: Transaction) -> None:
    """Drops the keys that are older than KEPT, and those of words that are older than WORDS_KEPT."""
    await tx.run(_forget, before=tx.at - KEPT, words_before=tx.at - WORDS_KEPT)
