"""Ends the sessions of suspended users.

The database has the truth. `check_soon` asks about one user, when a notification names them; since a notification can
be lost, all watched users are checked every few seconds as well.
"""

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from time import monotonic

import structlog

import db.users
from db import tasks
from db.database import Database

POLL_SECONDS = (3.0, 5.0)
LOCAL_POLL_SECONDS = (0.4, 0.6)
"""Without a shared bus: the command that suspends runs in another process and can't send a notification."""
RETRY_SECONDS = 1.0
"""The pause after a check that failed."""
TOPIC = "suspension"
"""The topic of the bus on which user ids are published."""

log = structlog.get_logger(__name__)


class SuspensionMonitor:
    """Watches users for this process, and calls back when one of them is suspended.

    Start it before the first `watch`. `clock` gives seconds; tests set it instead of waiting.
    """

    def __init__(
        self,
        database: Database,
        *,
        poll_seconds: tuple[float, float] = POLL_SECONDS,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._database = database
        self._poll_seconds = poll_seconds
        self._clock = clock
        self._callbacks: dict[int, dict[object, Callable[[str], None]]] = {}
        self._due: set[int] = set()
        self._poll_at = clock()
        self._wake = asyncio.Event()
        self._failing = False
        self._checking: asyncio.Task[None] | None = None

    @property
    def watched(self) -> frozenset[int]:
        """The ids of the users that are watched."""
        return frozenset(self._callbacks)

    async def start(self) -> None:
        """Starts the task that checks."""
        self._checking = asyncio.create_task(self._keep_checking(), name="suspensions")

    async def stop(self) -> None:
        """Ends the task that checks."""
        await tasks.end(self._checking)

    def watch(self, user_id: int, on_suspended: Callable[[str], None]) -> Callable[[], None]:
        """Calls `on_suspended(reason)` when the user is found to be suspended. Returns what ends the watch.

        The user is checked once more after the watch has begun, so a suspension just before it is found too.
        """
        watch = object()
        callbacks = self._callbacks.setdefault(user_id, {})
        callbacks[watch] = on_suspended
        self.check_soon(user_id)

        def release() -> None:
            if callbacks.pop(watch, None) and not callbacks:
                del self._callbacks[user_id]

        return release

    def check_soon(self, user_id: int) -> None:
        """Checks one user as soon as possible; does nothing for a user who is not watched."""
        if user_id in self._callbacks:
            self._due.add(user_id)
            self._wake.set()

    def check_all_soon(self) -> None:
        """Checks all watched users as soon as possible: notifications may have been lost."""
        self._poll_at = self._clock()
        self._wake.set()

    async def check_due(self) -> None:
        """Checks the users that are due: all of them once the poll time has come. Failures are retried later."""
        polls = self._clock() >= self._poll_at
        due, self._due = set(self._callbacks) if polls else self._due, set()
        try:
            await self._check(due)
        except Exception as error:  # noqa: BLE001 - the query is repeated, whatever the database raises.
            if not self._failing:
                log.warning("suspensions are not checked: the database does not answer", error=repr(error))
            self._failing = True
            self._poll_at = self._clock() + RETRY_SECONDS
        else:
            self._failing = False
            if polls:
                self._poll_at = self._clock() + random.uniform(*self._poll_seconds)

    async def _keep_checking(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, self._poll_at - self._clock())):
                    await self._wake.wait()
            self._wake.clear()
            await self.check_due()

    async def _check(self, user_ids: set[int]) -> None:
        if not user_ids:
            return
        for row in await self._database.rows(db.users.suspended, ids=list(user_ids)):
            for on_suspended in list(self._callbacks.get(row.id, {}).values()):
                try:
                    on_suspended("Suspended")
                except Exception:
                    log.exception("ending a session of a suspended user failed", user=row.id)
