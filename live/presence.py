"""Who is reading and typing in a discussion: known by what readers say of themselves again and again.

It is no part of the log and nothing of it is stored: each process keeps what was said in the last seconds, here or, by
the bus, at other processes. A notice that is lost heals when the reader says it again; who says nothing is gone.
"""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Hashable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from db.database import Database
from live.bus import BadNotice, Bus
from live.hub import Hub
from live.presence_view import Entry, View, Who

TTL_SECONDS = 20.0
SNAPSHOT_SECONDS = 1.0
BROADCAST_SECONDS = 0.25
MOST_IN_DISCUSSION = 10_000
MOST_IN_PROCESS = 50_000
# One is two 19-digit numbers or one and a name of 20 characters: with their punctuation less than 60 bytes.
TOLD_AT_ONCE = 100
NOTICE = "presence"
MOST_ID = 2**63 - 1


class PresenceSession:
    """A connection that lasts: what was said over it ends with it."""

    def __init__(self) -> None:
        self.name = secrets.token_hex(10)
        self.over = False
        self.said: set[tuple[int, Who]] = set()


@dataclass(slots=True)
class _Room:
    """Who is in a discussion."""

    there: dict[Who, dict[Hashable, bool]] = field(default_factory=dict)
    """For each where they say so (a Visit, None for this process, the name of another), and whether they are typing."""
    view: View | None = None

    def typing(self, who: Who) -> bool | None:
        """Whether somebody is typing, wherever; None for who is not there."""
        places = self.there.get(who)
        return None if places is None else any(places.values())


class Presence:
    """What this process knows of who is where. Start it before it is used, stop it at the end."""

    def __init__(
        self,
        database: Database,
        hub: Hub,
        bus: Bus,
        *,
        key: bytes,
        lasts_seconds: float = TTL_SECONDS,
        shown_seconds: float = SNAPSHOT_SECONDS,
    ) -> None:
        """`key` makes a name of an address, which is neither kept nor told itself."""
        self._database = database
        self._hub = hub
        self._bus = bus
        self._key = key
        self._lasts_seconds = lasts_seconds
        self._shown_seconds = shown_seconds
        self._here = secrets.token_hex(6)
        self._rooms: dict[int, _Room] = {}
        self._until: dict[tuple[int, Who, Hashable], float] = {}
        """When each is gone who says nothing more, the next to be gone first."""
        self._untold: set[tuple[int, Who]] = set()
        self._awake = asyncio.Event()
        self._keeping: asyncio.Task[None] | None = None
        self._views: set[asyncio.Task[None]] = set()
        bus.hear(NOTICE, self._heard)

    async def start(self) -> None:
        self._keeping = asyncio.create_task(self._keep(), name="presence")

    async def stop(self) -> None:
        """Ends every task and stream, and tells the other processes who has left."""
        for room in list(self._rooms.values()):
            if room.view is not None:
                room.view.end()
        if self._views:
            await asyncio.wait(self._views)
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.wait([self._keeping])
        await self._tell()

    @property
    def known(self) -> int:
        """How many are kept: each reader counts once for each place."""
        return len(self._until)

    # What readers say

    def say(
        self,
        discussion_id: int,
        *,
        person: int | None,
        address: str,
        visit: PresenceSession | None,
        typing: bool = False,
    ) -> None:
        """Somebody is there, for the next seconds or until their visit is over.

        Who has not signed in is somebody for each visit, or for each address where no connection lasts, and types
        nothing. Where too many are there already, nobody else is counted.
        """
        if visit is not None and visit.over:
            return
        who: Who = person or (visit.name if visit else self._name_of(address))
        if self._put(discussion_id, who, visit, typing and person is not None):
            self._untold.add((discussion_id, who))
            if visit is not None:
                visit.said.add((discussion_id, who))

    def leave(self, visit: PresenceSession) -> None:
        """The connection is over."""
        visit.over = True
        while visit.said:
            discussion_id, who = visit.said.pop()
            self._drop(discussion_id, who, visit)
            self._untold.add((discussion_id, who))

    async def watch(self, discussion_id: int) -> AsyncGenerator[Sequence[Entry], None]:
        """Who is there, and then whenever that has changed, at most once in a while.

        Ends once the discussion is deleted. Raises NoDiscussion.
        """
        room = self._room(discussion_id)
        if room.view is None:
            room.view = View(discussion_id, room.there, seconds=self._shown_seconds)
            work = room.view.run(self._database, self._hub, self._close_view)
            task = asyncio.create_task(work, name=f"presence-{discussion_id}")
            self._views.add(task)
            task.add_done_callback(self._views.discard)
        view = room.view
        view.watchers += 1
        try:
            async with aclosing(view.watch()) as shown:
                async for entries in shown:
                    yield entries
        finally:
            view.watchers -= 1
            if view.watchers == 0:
                view.end()
                self._close_view(view)

    def _name_of(self, address: str) -> str:
        return blake2b(address.encode(), key=self._key, digest_size=10).hexdigest()

    # What is kept

    def _room(self, discussion_id: int) -> _Room:
        room = self._rooms.get(discussion_id)
        if room is None:
            room = self._rooms[discussion_id] = _Room()
        return room

    def _close_view(self, view: View) -> None:
        room = self._rooms.get(view.discussion_id)
        if room is not None and room.view is view:
            room.view = None
            self._changed(view.discussion_id, room)

    def _changed(self, discussion_id: int, room: _Room) -> None:
        if room.view is not None:
            room.view.touch()
        elif not room.there:
            del self._rooms[discussion_id]

    def _put(self, discussion_id: int, who: Who, place: Hashable, typing: bool) -> bool:
        """Gives whether there was room."""
        key = (discussion_id, who, place)
        known = key in self._until
        if not known and len(self._until) >= MOST_IN_PROCESS:
            return False
        room = self._room(discussion_id)
        before = room.typing(who)
        if before is None and len(room.there) >= MOST_IN_DISCUSSION:
            return False
        # Taken out and put in at the end, so that the next to be gone stays the first.
        self._until.pop(key, None)
        self._until[key] = asyncio.get_running_loop().time() + self._lasts_seconds
        room.there.setdefault(who, {})[place] = typing
        if room.typing(who) != before:
            self._changed(discussion_id, room)
        self._awake.set()
        return True

    def _drop(self, discussion_id: int, who: Who, place: Hashable) -> None:
        if self._until.pop((discussion_id, who, place), None) is None:
            return
        room = self._rooms[discussion_id]
        before = room.typing(who)
        del room.there[who][place]
        if not room.there[who]:
            del room.there[who]
        if room.typing(who) != before:
            self._changed(discussion_id, room)

    async def _keep(self) -> None:
        """Tells the others, and forgets who is gone."""
        while True:
            await self._awake.wait()
            await asyncio.sleep(BROADCAST_SECONDS)
            await self._tell()
            now = asyncio.get_running_loop().time()
            while self._until and (first := next(iter(self._until.items())))[1] <= now:
                discussion_id, who, place = first[0]
                self._drop(discussion_id, who, place)
                if isinstance(place, PresenceSession):
                    place.said.discard((discussion_id, who))
            if not self._until and not self._untold:
                self._awake.clear()

    # What processes tell each other

    async def _tell(self) -> None:
        while self._untold:
            told = [self._untold.pop() for _ in range(min(TOLD_AT_ONCE, len(self._untold)))]
            notice = [self._here, [[*key, self._typing_here(*key)] for key in told]]
            if not await self._bus.tell(NOTICE, notice):
                # The broker is away: whoever is still there will say so again.
                self._untold.clear()

    def _typing_here(self, discussion_id: int, who: Who) -> bool | None:
        """Whether somebody is typing at this process; None for who is not there."""
        room = self._rooms.get(discussion_id)
        places = room.there.get(who, {}) if room else {}
        typing = [typing for place, typing in places.items() if not isinstance(place, str)]
        return any(typing) if typing else None

    def _heard(self, body: Any) -> None:
        place, told = _read(body)
        if place == self._here:
            return
        for discussion_id, who, typing in told:
            if typing is None:
                self._drop(discussion_id, who, place)
            else:
                self._put(discussion_id, who, place, typing)


def _read(body: Any) -> tuple[str, list[tuple[int, Who, bool | None]]]:
    """Which process tells, and of whom. Raises BadNotice."""
    match body:
        case [str(place), [*told]] if all(map(_makes_sense, told)):
            return place, [(discussion_id, who, typing) for discussion_id, who, typing in told]
    raise BadNotice("It tells of nobody's presence.")


def _makes_sense(told: Any) -> bool:
    match told:
        case [int(discussion_id), int() | str() as who, bool() | None]:
            return 0 < discussion_id <= MOST_ID and (isinstance(who, str) or 0 < who <= MOST_ID)
    return False
