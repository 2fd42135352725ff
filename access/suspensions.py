"""Whose rights have ended: people who are suspended while they are connected or remembered here are told so at once.

The database has the truth. A notice on the bus names a person to look at; since it may be lost, everybody who holds
rights here is looked at now and then, too.
"""

import asyncio
import random
from collections.abc import Callable, Collection
from contextlib import suppress

import structlog

import db.users
from db.database import Database
from live.bus import BadNotice, Bus

POLL_SECONDS = (3.0, 5.0)
LOCAL_POLL_SECONDS = (0.4, 0.6)
"""Where the bus is this process's own: the command that suspends is another process, and can't ring."""
RETRY_SECONDS = 1.0
NOTICE = "person"

log = structlog.get_logger(__name__)


class SuspensionMonitor:
    """Holds of people's rights in this process. Start it before it is used, stop it at the end."""

    def __init__(self, database: Database, bus: Bus, *, poll_seconds: tuple[float, float] = POLL_SECONDS) -> None:
        self._database = database
        self._poll_seconds = poll_seconds
        self._holds: dict[int, dict[object, Callable[[str], None]]] = {}
        self._due: set[int] = set()
        self._all_due = False
        self._wake = asyncio.Event()
        self._checking: asyncio.Task[None] | None = None
        bus.hear(NOTICE, self._heard)
        bus.listen(lambda _discussion, _number: None, self._missed)

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

    def _heard(self, body: object) -> None:
        if not isinstance(body, int):
            raise BadNotice("It names no person.")
        if body in self._holds:
            self._look_at(body)

    def _missed(self) -> None:
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
