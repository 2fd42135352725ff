"""From where guests and suspended people came: keyed hashes of their networks, which are forgotten in time."""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import blake2b
from typing import Any

from sqlalchemy import bindparam, delete, exists, select
from sqlalchemy.dialects import postgresql, sqlite

from db.database import Transaction
from db.rows import IdRow
from db.statements import Dialect, Statement, WriteStatement
from db.tables import user_networks, users

KEPT_DAYS = 90
_DIGEST_BYTES = 16


def digest(network: str, *, key: bytes) -> bytes:
    """The keyed hash of a network: without the key, nobody finds out which one it is."""
    return blake2b(network.encode(), key=key, digest_size=_DIGEST_BYTES, person=b"network").digest()


def _see_sql(dialect: Dialect) -> Any:
    made = (postgresql if dialect == "postgresql" else sqlite).insert(user_networks)
    return made.values(
        user_id=bindparam("user"), network=bindparam("network"), seen_at=bindparam("at")
    ).on_conflict_do_update(index_elements=["user_id", "network"], set_={"seen_at": made.excluded.seen_at})


_see = WriteStatement(_see_sql)
_of_suspended = Statement(
    select(users.c.id)
    .where(
        users.c.suspended_at.is_not(None),
        exists().where(user_networks.c.network == bindparam("network"), user_networks.c.user_id == users.c.id),
    )
    .limit(1),
    IdRow,
)
_forget = WriteStatement(
    delete(user_networks).where(user_networks.c.seen_at < bindparam("before", type_=user_networks.c.seen_at.type))
)


async def see(tx: Transaction, seen: Sequence[tuple[int, bytes]]) -> None:
    """Notes that users came from networks: ids and `digest`s."""
    await tx.run_many(_see, [{"user": user, "network": network, "at": tx.at} for user, network in sorted(seen)])


async def has_suspended(tx: Transaction, network: bytes) -> bool:
    """Whether somebody came from this network who is suspended now."""
    return await tx.row(_of_suspended, network=network) is not None


async def forget(tx: Transaction) -> None:
    """Deletes what was seen KEPT_DAYS ago or earlier."""
    await tx.run(_forget, before=tx.at - timedelta(days=KEPT_DAYS))
