"""Whose rights have ended: people who are suspended while they are connected or remembered here are told so at once.

The database has the truth. A message on the bus names a person to look at; since it may be lost, everybody who holds
rights here is looked at now and then, too.
"""

import asyncio
import random
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Any, Protocol

import structlog

import db.users
from db.database import Database

POLL_SECONDS = (3.0, 5.0)
LOCAL_POLL_SECONDS = (0.4, 0.6)
"""Where the bus is this process's own: the command that suspends is another process, which it can't reach."""
RETRY_SECONDS = 1.0
TOPIC = "person"

log = structlog.get_logger(__name__)


class Messages(Protocol):
    """What is needed of the bus."""

    def on_notification(self, handler: Callable[[int, int], None], on_gap: Callable[[], None]) -> None:
        """Has `on_gap()` called if messages may have been lost."""

    def subscribe(self, topic: str, handler: Callable[[Any], None]) -> None:
        """Has `handler(body)` called for each message of the topic; it raises ValueError for a bad body."""


class SuspensionMonitor:
    """Holds of people's rights in this process. Start it before it is used, stop it at the end."""

    def __init__(self, database: Database, bus: Messages, *, poll_seconds: tuple[float, float] = POLL_SECONDS) -> None:
        self._database = database
        self._poll_seconds = poll_seconds
        self._holds: dict[int, dict[object, Callable[[str], None]]] = {}
        self._due: set[int] = set()
        self._all_due = False
        self._wake = asyncio.Event()
        self._checking: asyncio.Task[None] | None = None
        bus.subscribe(TOPIC, self._receive)
        bus.on_notification(lambda _log_id, _number: None, self._on_gap)

    async def start(self) -> None:
        self._checking = asyncio.create_task(self._keep_checking(), name="rights")

    async def stop(self) -> None:
        if self._checking is not None:
            self._checking.cancel()
            await asyncio.wait([self._checking])

    def hold(self, user_id: int, ended: Callable[[str], None]) -> Callable[[], None]:
        """Calls `ended(reason)` when the person is found to be suspended. Gives what lets go, which ends that.

        Holds first and looks then: whoever was suspended since the caller looked is told, too.
        """
        hold = object()
        holds = self._holds.setdefault(user_id, {})
        holds[hold] = ended
        self._look_at(user_id)

        def release() -> None:
            if holds.pop(hold, None) and not holds:
                del self._holds[user_id]

        return release

    def _look_at(self, user_id: int) -> None:
        self._due.add(user_id)
        self._wake.set()

    def _receive(self, body: object) -> None:
        if not isinstance(body, int):
            raise ValueError("It names no person.")
        if body in self._holds:
            self._look_at(body)

    def _on_gap(self) -> None:
        self._all_due = True
        self._wake.set()

    async def _keep_checking(self) -> None:
        clock = asyncio.get_running_loop().time
        poll_at = 0.0
        away = False
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(poll_at):
                    await self._wake.wait()
            self._wake.clear()
            everybody, self._all_due = self._all_due or clock() >= poll_at, False
            due, self._due = set(self._holds) if everybody else self._due, set()
            try:
                await self._check(due)
            except Exception as error:  # noqa: BLE001 - whatever the database throws, it is asked again.
                if not away:
                    log.warning("nobody knows who is suspended: the database does not answer", error=repr(error))
                away = True
                poll_at = clock() + RETRY_SECONDS
            else:
                away = False
                if everybody:
                    poll_at = clock() + random.uniform(*self._poll_seconds)

    async def _check(self, user_ids: Collection[int]) -> None:
        if not user_ids:
            return
        for row in await self._database.rows(db.users.suspended, ids=list(user_ids)):
            for ended in list(self._holds.get(row.id, {}).values()):
                try:
                    ended("Suspended")
                except Exception:
                    log.exception("somebody who was suspended could not be told", user=row.id)
