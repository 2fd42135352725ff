"""Who is reading and typing in a discussion, known from what readers report again and again.

Presence is not part of the log, and none of it is stored: each process keeps the reports of the last seconds, its own
and, by the bus, those of other processes. A lost message heals with the next report; a reader without one is gone.
"""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Callable, Hashable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from hashlib import blake2b
from time import monotonic
from typing import Any

from db import tasks
from db.database import Database
from live.bus import Bus
from live.hub import Hub
from live.presence_view import PresenceItem, PresenceView, ReaderId

TTL_SECONDS = 20.0
"""A reader who reports nothing for so long is gone."""
SNAPSHOT_SECONDS = 1.0
"""The shortest time between two snapshots of a discussion."""
BROADCAST_SECONDS = 0.25
"""The time between two broadcasts to the other processes."""
MAX_READERS_OF_DISCUSSION = 10_000
MAX_REPORTS_OF_PROCESS = 50_000
# One is two 19-digit numbers, or one and a name of 20 characters: with their punctuation less than 60 bytes.
MAX_REPORTS_PER_MESSAGE = 100
TOPIC = "presence"
MAX_ID = 2**63 - 1


class PresenceSession:
    """A connection of a reader: what was reported over it ends with it."""

    def __init__(self) -> None:
        self.name = secrets.token_hex(10)
        self.over = False
        self.reported: set[tuple[int, ReaderId]] = set()


@dataclass(slots=True)
class _DiscussionReaders:
    """The readers of a discussion."""

    readers: dict[ReaderId, dict[Hashable, bool]] = field(default_factory=dict)
    """For each reader the origins they report from, and whether they are typing there.

    An origin is a PresenceSession, None for this process without a session, or the name of another process.
    """
    view: PresenceView | None = None

    def typing(self, reader: ReaderId) -> bool | None:
        """Returns whether a reader is typing, over any origin; None for one who is not here."""
        origins = self.readers.get(reader)
        return None if origins is None else any(origins.values())


class PresenceTracker:
    """What this process knows of the readers of discussions. Start it before it is used, stop it at the end."""

    def __init__(
        self,
        database: Database,
        hub: Hub,
        bus: Bus,
        *,
        key: bytes,
        ttl_seconds: float = TTL_SECONDS,
        snapshot_seconds: float = SNAPSHOT_SECONDS,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """`key` makes a name of an address, which itself is neither kept nor sent. `clock` returns seconds."""
        self._database = database
        self._hub = hub
        self._bus = bus
        self._key = key
        self._ttl_seconds = ttl_seconds
        self._snapshot_seconds = snapshot_seconds
        self._clock = clock
        self._process_id = secrets.token_hex(6)
        self._discussions: dict[int, _DiscussionReaders] = {}
        self._expiry: dict[tuple[int, ReaderId, Hashable], float] = {}
        """When each reader is gone without another report, the first to be gone first."""
        self._unsent: set[tuple[int, ReaderId]] = set()
        self._awake = asyncio.Event()
        self._upkeep: asyncio.Task[None] | None = None
        self._views: set[asyncio.Task[None]] = set()
        bus.subscribe(TOPIC, self._receive)

    async def start(self) -> None:
        """Begins to broadcast and to forget."""
        self._upkeep = asyncio.create_task(self._keep_up(), name="presence")

    async def stop(self) -> None:
        """Ends every task and stream, and broadcasts who has left."""
        for discussion in list(self._discussions.values()):
            if discussion.view is not None:
                discussion.view.end()
        if self._views:
            await asyncio.wait(self._views)
        await tasks.end(self._upkeep)
        await self._broadcast()

    @property
    def known(self) -> int:
        """How many reports are kept: each reader counts once for each origin."""
        return len(self._expiry)

    # What readers report

    def report(
        self,
        discussion_id: int,
        *,
        user_id: int | None,
        address: str,
        session: PresenceSession | None,
        typing: bool = False,
    ) -> None:
        """Counts a reader in for the next seconds, or until their session is over.

        A reader who has not signed in counts once for each session, or once for each address without a session, and
        is never typing. Readers beyond the limits are not counted.
        """
        if session is not None and session.over:
            return
        reader: ReaderId = user_id or (session.name if session else self._name_of(address))
        if self._put(discussion_id, reader, session, typing and user_id is not None):
            self._unsent.add((discussion_id, reader))
            if session is not None:
                session.reported.add((discussion_id, reader))

    def leave(self, session: PresenceSession) -> None:
        """Ends a session: its connection is closed."""
        session.over = True
        while session.reported:
            discussion_id, reader = session.reported.pop()
            self._drop(discussion_id, reader, session)
            self._unsent.add((discussion_id, reader))

    async def watch(self, discussion_id: int) -> AsyncGenerator[Sequence[PresenceItem], None]:
        """Yields who is in a discussion, and again after changes, at most once in `snapshot_seconds`.

        Ends once the discussion is deleted. Raises LogNotFound.
        """
        discussion = self._readers_of(discussion_id)
        if discussion.view is None:
            discussion.view = PresenceView(discussion_id, discussion.readers, seconds=self._snapshot_seconds)
            work = discussion.view.run(self._database, self._hub, self._close_view)
            task = asyncio.create_task(work, name=f"presence-{discussion_id}")
            self._views.add(task)
            task.add_done_callback(self._views.discard)
        view = discussion.view
        view.watchers += 1
        try:
            async with aclosing(view.watch()) as snapshots:
                async for items in snapshots:
                    yield items
        finally:
            view.watchers -= 1
            if view.watchers == 0:
                view.end()
                self._close_view(view)

    def _name_of(self, address: str) -> str:
        return blake2b(address.encode(), key=self._key, digest_size=10).hexdigest()

    # What is kept

    def _readers_of(self, discussion_id: int) -> _DiscussionReaders:
        discussion = self._discussions.get(discussion_id)
        if discussion is None:
            discussion = self._discussions[discussion_id] = _DiscussionReaders()
        return discussion

    def _close_view(self, view: PresenceView) -> None:
        discussion = self._discussions.get(view.discussion_id)
        if discussion is not None and discussion.view is view:
            discussion.view = None
            self._changed(view.discussion_id, discussion)

    def _changed(self, discussion_id: int, discussion: _DiscussionReaders) -> None:
        if discussion.view is not None:
            discussion.view.touch()
        elif not discussion.readers:
            del self._discussions[discussion_id]

    def _put(self, discussion_id: int, reader: ReaderId, origin: Hashable, typing: bool) -> bool:
        """Returns False if a limit leaves no room."""
        key = (discussion_id, reader, origin)
        known = key in self._expiry
        if not known and len(self._expiry) >= MAX_REPORTS_OF_PROCESS:
            return False
        discussion = self._readers_of(discussion_id)
        before = discussion.typing(reader)
        if before is None and len(discussion.readers) >= MAX_READERS_OF_DISCUSSION:
            return False
        # Removed and added at the end, so that the first to be gone stays the first.
        self._expiry.pop(key, None)
        self._expiry[key] = self._clock() + self._ttl_seconds
        discussion.readers.setdefault(reader, {})[origin] = typing
        if discussion.typing(reader) != before:
            self._changed(discussion_id, discussion)
        self._awake.set()
        return True

    def _drop(self, discussion_id: int, reader: ReaderId, origin: Hashable) -> None:
        if self._expiry.pop((discussion_id, reader, origin), None) is None:
            return
        discussion = self._discussions[discussion_id]
        before = discussion.typing(reader)
        del discussion.readers[reader][origin]
        if not discussion.readers[reader]:
            del discussion.readers[reader]
        if discussion.typing(reader) != before:
            self._changed(discussion_id, discussion)

    async def _keep_up(self) -> None:
        """Broadcasts what is new, and forgets who is gone."""
        while True:
            await self._awake.wait()
            await asyncio.sleep(BROADCAST_SECONDS)
            await self._broadcast()
            now = self._clock()
            while self._expiry and (first := next(iter(self._expiry.items())))[1] <= now:
                discussion_id, reader, origin = first[0]
                self._drop(discussion_id, reader, origin)
                if isinstance(origin, PresenceSession):
                    origin.reported.discard((discussion_id, reader))
            if not self._expiry and not self._unsent:
                self._awake.clear()

    # What processes send each other

    async def _broadcast(self) -> None:
        while self._unsent:
            sent = [self._unsent.pop() for _ in range(min(MAX_REPORTS_PER_MESSAGE, len(self._unsent)))]
            body = [self._process_id, [[*key, self._typing_here(*key)] for key in sent]]
            if not await self._bus.publish(TOPIC, body):
                # The broker is away: readers who are still here will report again.
                self._unsent.clear()

    def _typing_here(self, discussion_id: int, reader: ReaderId) -> bool | None:
        """Returns whether a reader is typing at this process; None for one who is not here."""
        discussion = self._discussions.get(discussion_id)
        origins = discussion.readers.get(reader, {}) if discussion else {}
        typing = [typing for origin, typing in origins.items() if not isinstance(origin, str)]
        return any(typing) if typing else None

    def _receive(self, body: Any) -> None:
        """Takes the message of a process. Raises ValueError if it can't be read."""
        process_id, reports = _parsed(body)
        if process_id == self._process_id:
            return
        for discussion_id, reader, typing in reports:
            if typing is None:
                self._drop(discussion_id, reader, process_id)
            else:
                self._put(discussion_id, reader, process_id, typing)


def _parsed(body: Any) -> tuple[str, list[tuple[int, ReaderId, bool | None]]]:
    """Returns the process that sent a message, and its reports. Raises ValueError."""
    match body:
        case [str(process_id), [*reports]] if all(map(_is_report, reports)):
            return process_id, [(discussion_id, reader, typing) for discussion_id, reader, typing in reports]
    raise ValueError("It is no list of readers.")


def _is_report(report: Any) -> bool:
    match report:
        case [int(discussion_id), int() | str() as reader, bool() | None]:
            return 0 < discussion_id <= MAX_ID and (isinstance(reader, str) or 0 < reader <= MAX_ID)
    return False
