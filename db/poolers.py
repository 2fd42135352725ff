"""Notices a pooler between Parley and PostgreSQL that gives each transaction another connection."""

import asyncio

import asyncpg

ANSWER_SECONDS = 5.0
ATTEMPTS = 3


class TransactionPooler(Exception):
    """Two transactions of one connection ran on two connections of PostgreSQL, or could not run beside another's."""

    def __init__(self) -> None:
        super().__init__(
            "a pooler in between gives each transaction another connection, so prepared statements fail. Let it pool by"
            " session, or connect to PostgreSQL directly"
        )


async def refuse_transaction_pooler(url: str) -> None:
    """Raises TransactionPooler if a prepared statement is lost between two transactions.

    With pgbouncer, its connection to PostgreSQL is free after each transaction, and the next client's: another
    transaction takes it here, and is open while the statement is used again.
    """
    async with asyncio.timeout(ANSWER_SECONDS * ATTEMPTS):
        first, second = await asyncpg.connect(url), await asyncpg.connect(url)
    try:
        for _ in range(ATTEMPTS):
            statement = await first.prepare("SELECT 1")
            async with second.transaction():
                await second.fetchval("SELECT 2")
                await statement.fetchval(timeout=ANSWER_SECONDS)
    except (asyncpg.InvalidSQLStatementNameError, asyncpg.DuplicatePreparedStatementError, TimeoutError):
        raise TransactionPooler from None
    finally:
        for connection in (first, second):
            await connection.close(timeout=ANSWER_SECONDS)
