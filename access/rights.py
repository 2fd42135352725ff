"""Ends the sessions of users whose rights have changed: who is suspended or no longer, has another role, or is erased.

The database has the truth. `check_soon` looks up one user, when a notification names them; since a notification can
be lost, all watched users are checked every few seconds as well.
"""

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from time import monotonic

import structlog

import db.users
from access.viewer import Role
from db import tasks
from db.database import Database
from db.kinds import AuthorRole
from db.rows import AccountRow, RightsRow

POLL_SECONDS = (3.0, 5.0)
LOCAL_POLL_SECONDS = (0.4, 0.6)
"""Without a shared bus: a command runs in another process and can't send a notification."""
RETRY_SECONDS = 1.0
"""The pause after a check that failed."""
TOPIC = "rights"
"""The topic of the bus on which user ids are published."""

log = structlog.get_logger(__name__)


def role_of(row: RightsRow | AccountRow) -> Role | None:
    """The role in which a person reads and writes; None for who was erased."""
    if row.is_erased:
        return None
    if row.suspended_at is not None:
        return "suspended"
    if row.is_guest:
        return "guest"
    return "moderator" if row.role == AuthorRole.MODERATOR else "member"


class RightsMonitor:
    """Watches users for this process, and calls back when one of them has other rights.

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
        self._watches: dict[int, dict[object, tuple[Role, Callable[[], None]]]] = {}
        self._due: set[int] = set()
        self._poll_at = clock()
        self._wake = asyncio.Event()
        self._failing = False
        self._checking: asyncio.Task[None] | None = None

    @property
    def watched(self) -> frozenset[int]:
        """The ids of the users that are watched."""
        return frozenset(self._watches)

    async def start(self) -> None:
        """Starts the task that checks."""
        self._checking = asyncio.create_task(self._keep_checking(), name="rights")

    async def stop(self) -> None:
        """Ends the task that checks."""
        await tasks.end(self._checking)

    def watch(self, user_id: int, role: Role, on_changed: Callable[[], None]) -> Callable[[], None]:
        """Calls `on_changed()` when the user is found to have another role than this. Returns what ends the watch.

        The user is checked once more after the watch has begun, so a change just before it is found too.
        """
        watch = object()
        watches = self._watches.setdefault(user_id, {})
        watches[watch] = role, on_changed
        self.check_soon(user_id)

        def release() -> None:
            if watches.pop(watch, None) and not watches:
                del self._watches[user_id]

        return release

    def check_soon(self, user_id: int) -> None:
        """Checks one user as soon as possible; does nothing for a user who is not watched."""
        if user_id in self._watches:
            self._due.add(user_id)
            self._wake.set()

    def check_all_soon(self) -> None:
        """Checks all watched users as soon as possible: notifications may have been lost."""
        self._poll_at = self._clock()
        self._wake.set()

    async def check_due(self) -> None:
        """Checks the users that are due: all of them once the poll time has come. Failures are retried later."""
        polls = self._clock() >= self._poll_at
        due, self._due = set(self._watches) if polls else self._due, set()
        if polls:
            # Before the check, so that what asks for another one meanwhile gets it.
            self._poll_at = self._clock() + random.uniform(*self._poll_seconds)
        try:
            await self._check(due)
        except Exception as error:  # noqa: BLE001 - the query is repeated, whatever the database raises.
            if not self._failing:
                log.warning("rights are not checked: the database does not answer", error=repr(error))
            self._failing = True
            self._poll_at = self._clock() + RETRY_SECONDS
        else:
            self._failing = False

    async def _keep_checking(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, self._poll_at - self._clock())):
                    await self._wake.wait()
            self._wake.clear()
            await self.check_due()

    async def _check(self, user_ids: set[int]) -> None:
        # Who begins to be watched meanwhile is due after this check.
        watched = {user_id: dict(self._watches.get(user_id, {})) for user_id in user_ids}
        if not user_ids:
            return
        found = {row.id: row for row in await self._database.rows(db.users.special_rights, ids=list(user_ids))}
        for user_id, watches in watched.items():
            row = found.get(user_id)
            for watch, (role, on_changed) in watches.items():
                # Nobody becomes a guest or ceases to be one.
                now = role_of(row) if row is not None else "guest" if role == "guest" else "member"
                if role == now or watch not in self._watches.get(user_id, {}):
                    continue
                try:
                    on_changed()
                except Exception:
                    log.exception("ending a session of a user with other rights failed", user=user_id)
