"""One run: a cluster, people who write and follow, faults; and at the end the history of it all."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import time
from typing import Any

import asyncpg

from db import categories
from db.database import Database
from live.cursors import Cursors
from tests.faults import schedule
from tests.faults.checker import hundredth
from tests.faults.cluster import Cluster
from tests.faults.feeds import FeedFollower, Keeper, Mirroring
from tests.faults.history import ADDED, SITE, Act, Fed, Followed, FollowedFeed, FollowedModeration, History, Logged
from tests.faults.machine import Probe, probe, slow_moments
from tests.faults.moderation import ModerationFollower, Reviewer
from tests.faults.people import DiscussionFollower, Follower, Town, Writer
from tests.faults.schedule import Breaker, Fault
from tests.faults.wire import Requests
from tests.support.http import claims, signed

AFTER_SECONDS = 1.0
"""How long they listen on after it, for what should not come."""
LAG_SECONDS = 0.05
REPORT_SECONDS = 10.0
ACTS = """
SELECT moderation_events.position, moderation_events.epoch,
    coalesce(review_changes.kind, 'AuditEntryAdded'),
    coalesce(review_changes.review_item_id, audit_entries.id), coalesce(review_changes.version, 0)
FROM moderation_events
LEFT JOIN review_changes ON moderation_events.log_id = 5::bigint << 56 AND review_changes.id = moderation_events.number
LEFT JOIN audit_entries ON moderation_events.log_id = 4::bigint << 56 AND audit_entries.id = moderation_events.number
ORDER BY moderation_events.position"""
"""What moderators did and have to decide, in one order."""
UNRECORDED = (
    """
SELECT 'Event ' || events.number || ' of discussion ' || events.log_id || ' has no audit entry.' AS sentence
FROM events LEFT JOIN audit_entries
ON audit_entries.discussion_id = events.log_id AND audit_entries.event_number = events.number
WHERE audit_entries.id IS NULL
AND (events.changes = 'LOCK' OR (events.kind = 'ReplyDeleted' AND events.actor_id <> events.author_id))""",
    """
SELECT 'Audit entry ' || audit_entries.id || ' has no event.' AS sentence
FROM audit_entries LEFT JOIN events
ON events.log_id = audit_entries.discussion_id AND events.number = audit_entries.event_number
WHERE events.number IS NULL AND audit_entries.action IN ('LOCK_DISCUSSION', 'UNLOCK_DISCUSSION', 'DELETE_POST')""",
    """
SELECT 'Audit entry ' || audit_entries.id || ' is not in the log of moderation.' AS sentence
FROM audit_entries LEFT JOIN moderation_events
ON moderation_events.log_id = 4::bigint << 56 AND moderation_events.number = audit_entries.id
WHERE moderation_events.position IS NULL""",
    """
SELECT 'Change ' || review_changes.id || ' of a review item is not in the log of moderation.' AS sentence
FROM review_changes LEFT JOIN moderation_events
ON moderation_events.log_id = 5::bigint << 56 AND moderation_events.number = review_changes.id
WHERE moderation_events.position IS NULL""",
    """
SELECT 'Review item ' || review_items.id || ' is decided without an entry.' AS sentence
FROM review_items WHERE state = 'DECIDED' AND decision_id IS NULL""",
)
"""What there should be none of, at the end."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is done in a run."""

    events: int = 10_000
    """What is meant to be written in these seconds; a slow machine writes less, and more where faults take longer."""
    followers: int = 200
    feed_followers: int = 3
    """Of the feed, beside the mirror."""
    keepers: int = 4
    """Moderators who rename, move, lock, delete and restore discussions."""
    reviewers: int = 2
    """Moderators who decide about what their companions write and report."""
    discussions: int = 20
    writers: int = 40
    servers: int = 3
    seconds: float = schedule.ROUND_SECONDS
    recovery_seconds: float = schedule.RECOVERY_SECONDS
    """How long writing goes on after the last fault at least."""
    last_seconds: float = 20.0
    """How long followers may take for what was written last, before they are given up."""


@dataclass(slots=True)
class Load:
    """What the run itself took, to tell whether it was the bottleneck."""

    lags: list[float] = field(default_factory=list)
    """By how many seconds its event loop was late, twenty times a second."""
    probes: list[Probe] = field(default_factory=list)
    """What the machine itself took for the same work, twice a second."""
    writing_seconds: float = 0.0


async def run(
    folder: Path,
    size: Size,
    faults: Mapping[str, Sequence[Fault]],
    *,
    seed: int,
    tell: Callable[[str], None],
    bug: str | None = None,
) -> tuple[History, Load]:
    """Does all of it; logs go to the folder. `bug`: one of tests.faults.bugs, for the servers. Raises ServerFailed."""
    load = Load()
    async with Cluster.open(folder, servers=size.servers, bug=bug) as cluster:
        tell(f"{size.servers} servers answer")
        async with _town(cluster, size) as town:
            writers = [_writer(town, number, seed) for number in range(size.writers)]
            for writer in writers:
                # Whoever comes for the first time is written down; that all do so at once is not what is tried.
                await town.ask(cluster.nodes[0], "{ viewer { user { id } } }", {}, writer.token)
            keepers = await _keepers(cluster, town, size, seed)
            reviewers = [await _reviewer(cluster, town, number, seed) for number in range(size.reviewers)]
            watching = asyncio.create_task(probe(load.probes, folder))
            try:
                history = await _live(
                    cluster, town, [*writers, *keepers, *reviewers], size, faults, seed=seed, tell=tell, load=load
                )
            finally:
                watching.cancel()
            history.slow = slow_moments(load.probes)
        tell("looking whether the servers are at rest")
        history.gauges = await cluster.rest()
    return history, load


async def _live(
    cluster: Cluster,
    town: Town,
    writers: Sequence[Writer],
    size: Size,
    faults: Mapping[str, Sequence[Fault]],
    *,
    seed: int,
    tell: Callable[[str], None],
    load: Load,
) -> History:
    crowd = Crowd(town, size, seed)
    await crowd.prepare()
    await cluster.note_rest()
    everybody: list[Follower[Any]] = [*crowd.followers, *crowd.feed_followers, *crowd.moderators]
    breaker = Breaker(cluster, everybody, tell)
    watches = [
        asyncio.create_task(_watch(load.lags)),
        asyncio.create_task(_report(writers, everybody, tell)),
    ]
    try:
        await crowd.begin()
        tell(f"{crowd.there} of {size.followers} followers are there")
        began = time()
        pause = size.seconds * size.writers / size.events
        over = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for writer in writers:
                group.create_task(writer.write(pause_seconds=pause, until=over))
            coming = group.create_task(crowd.come_later(size.seconds))
            await breaker.run(faults)
            await coming
            await asyncio.sleep(max(size.recovery_seconds, began + size.seconds - time()))
            over.set()
        load.writing_seconds = time() - began
        tell(f"all is written and healed after {load.writing_seconds:.1f} s")
        history = await _log(cluster)
        history.followers = [follower.followed for follower in crowd.followers]
        history.feed_followers = [follower.followed for follower in crowd.feed_followers]
        history.moderators = [follower.followed for follower in crowd.moderators]
        await _heard(history, size.last_seconds)
        tell("comparing the mirror")
        history.mirrored = await crowd.mirror.differences()
    finally:
        for watch in watches:
            watch.cancel()
        await crowd.leave()
    history.writes = [write for writer in writers for write in writer.writes]
    history.lag = hundredth(sorted(load.lags))
    history.windows = sorted(breaker.windows, key=lambda window: window.begin)
    history.complaints = [*town.complaints, *breaker.complaints]
    for discussion in sorted({*town.discussions, *(event.discussion for event in history.log if event.kind == ADDED)}):
        _, history.fresh[discussion] = await town.snapshot(random.Random(seed + discussion), discussion)
    return history


@asynccontextmanager
async def _town(cluster: Cluster, size: Size) -> AsyncIterator[Town]:
    async with Database(cluster.database_url) as database:
        cursors = Cursors(await database.secret("cursor"))
    town = Town(cluster.nodes, cursors, [], {node.url: Requests(node.url) for node in cluster.nodes})
    yield town
    for requests in town.requests.values():
        requests.close()


def _token(handle: str, **more: str) -> str:
    return signed(claims(handle, exp=datetime.now(UTC) + timedelta(days=2), **more))


async def _keepers(cluster: Cluster, town: Town, size: Size, seed: int) -> list[Keeper]:
    """Those who keep the discussions that all write in, which they start."""
    async with Database(cluster.database_url) as database:
        category = await database.write(
            lambda tx: categories.category(tx, slug="shelf", name="A shelf", description=None)
        )
    keepers = []
    for number in range(size.keepers):
        name = f"keeper{number}"
        token = _token(name, parley_role="moderator")
        keepers.append(Keeper(name, token, town, random.Random(f"{seed} {name}"), category=category))
    for number in range(size.discussions):
        keeper = keepers[number % len(keepers)]
        town.discussions.append(await keeper.open(f"Discussion {number}"))
        town.answered[town.discussions[-1]] = []
    return keepers


async def _reviewer(cluster: Cluster, town: Town, number: int, seed: int) -> Reviewer:
    name = f"reviewer{number}"
    author, reporter = _token(f"{name}-author"), _token(f"{name}-reporter")
    for token in (author, reporter):
        await town.ask(cluster.nodes[0], "{ viewer { user { id } } }", {}, token)
    viewer = (await town.ask(cluster.nodes[0], "{ viewer { user { id } } }", {}, author))["viewer"]
    reviewer = Reviewer(
        name,
        _token(name, parley_role="moderator"),
        town,
        random.Random(f"{seed} {name}"),
        author=author,
        reporter=reporter,
        author_id=viewer["user"]["id"],
    )
    await reviewer.open()
    return reviewer


def _writer(town: Town, number: int, seed: int) -> Writer:
    name = f"writer{number}"
    return Writer(name, _token(name), town, random.Random(f"{seed} {name}"))


class Crowd:
    """All who follow: most from the start, some later from a snapshot, some later with all that happened."""

    def __init__(self, town: Town, size: Size, seed: int) -> None:
        self._town = town
        self._chance = random.Random(f"{seed} crowd")
        self._tasks: list[asyncio.Task[None]] = []
        self.followers: list[DiscussionFollower] = []
        for number in range(size.followers):
            discussion = town.discussions[number % size.discussions]
            name = f"follower {number}"
            turn = number // size.discussions
            followed = Followed(name, discussion, 0, added_only=turn % 4 == 3)
            self.followers.append(DiscussionFollower(followed, "", town, random.Random(f"{seed} {name}")))
        self.mirror = Mirroring(FollowedFeed("the mirror"), "", town, random.Random(f"{seed} mirror"))
        self.feed_followers: list[FeedFollower] = [self.mirror]
        for number in range(size.feed_followers):
            name = f"feed follower {number}"
            self.feed_followers.append(FeedFollower(FollowedFeed(name), "", town, random.Random(f"{seed} {name}")))
        self.moderators: list[ModerationFollower] = []
        for number in range(size.reviewers):
            name = f"moderator {number}"
            token = _token(f"moderator{number}", parley_role="moderator")
            chance = random.Random(f"{seed} {name}")
            self.moderators.append(ModerationFollower(FollowedModeration(name), "", town, chance, token=token))
        self._early = [each for number, each in enumerate(self.followers) if number % 5 < 3]
        self._late = [each for number, each in enumerate(self.followers) if number % 5 >= 3]

    @property
    def there(self) -> int:
        """How many have come."""
        return len(self._tasks)

    async def prepare(self) -> None:
        """Gives everybody the cursor to the beginning."""
        cursors = {
            discussion: (await self._town.snapshot(self._chance, discussion))[0]
            for discussion in self._town.discussions
        }
        for follower in self.followers:
            follower.cursor = cursors[follower.followed.discussion]
            follower.followed.first = self._town.cursors.read(follower.cursor).number
        for each in self.feed_followers:
            await each.begin()
        for moderator in self.moderators:
            await moderator.begin()

    async def begin(self) -> None:
        """Those who are there from the start come; returns when the servers have let all of them in."""
        early: list[Follower[Any]] = [*self._early, *self.feed_followers, *self.moderators]
        for follower in early:
            self._come(follower)
        async with asyncio.timeout(30):
            while not all(follower.followed.connections for follower in early):
                await asyncio.sleep(0.05)

    async def come_later(self, seconds: float) -> None:
        """The others come one by one, some time in the first two thirds of these seconds."""
        begin = time()
        moments = sorted(self._chance.uniform(0, seconds * 2 / 3) for _ in self._late)
        for moment, follower in zip(moments, self._late, strict=True):
            await asyncio.sleep(max(0.0, begin + moment - time()))
            followed = follower.followed
            if self._chance.random() < 0.5:
                follower.cursor, followed.posts = await self._town.snapshot(follower.chance, followed.discussion)
                followed.first = self._town.cursors.read(follower.cursor).number
            self._come(follower)

    async def leave(self) -> None:
        """All go. Raises what made one of them stop before."""
        for task in self._tasks:
            task.cancel()
        for ended in await asyncio.gather(*self._tasks, return_exceptions=True):
            if isinstance(ended, BaseException) and not isinstance(ended, asyncio.CancelledError):
                raise ended

    def _come(self, follower: Follower[Any]) -> None:
        self._tasks.append(asyncio.create_task(follower.follow(), name=follower.followed.name))


async def _log(cluster: Cluster) -> History:
    """The log as the database holds it, asked without any of Parley's code."""
    connection = await asyncpg.connect(cluster.database_url)
    try:
        rows = await connection.fetch(
            "SELECT log_id, number, epoch, kind, CASE WHEN kind LIKE 'Discussion%' THEN NULL ELSE post_id END, version,"
            " client_mutation_id, extract(epoch FROM at)::float8 FROM events WHERE log_id < $1 ORDER BY log_id, number",
            SITE,
        )
        heads = await connection.fetch(
            "SELECT log_id, last_event FROM log_heads WHERE log_id > 0 AND log_id < $1", SITE
        )
        feed = await connection.fetch("SELECT position, epoch, log_id, number FROM feed ORDER BY position")
        acts = await connection.fetch(ACTS)
        unrecorded = [row["sentence"] for query in UNRECORDED for row in await connection.fetch(query)]
    finally:
        await connection.close()
    return History(
        log=[Logged(*row) for row in rows],
        heads={row[0]: row[1] for row in heads},
        feed=[Fed(*row) for row in feed],
        acts=[Act(*row) for row in acts],
        unrecorded=unrecorded,
    )


async def _heard(history: History, seconds: float) -> None:
    """Returns when every follower has the last event it is due, or has had the time for it."""
    last: dict[tuple[int, bool], int] = {}
    for event in history.log:
        last[event.discussion, False] = event.number
        if event.kind == ADDED:
            last[event.discussion, True] = event.number

    def has_all(follower: Followed) -> bool:
        due = last.get((follower.discussion, follower.added_only), 0)
        return due <= follower.first or (bool(follower.frames) and follower.frames[-1].number >= due)

    deadline = time() + seconds
    end = max((item.position for item in history.feed), default=0)

    def is_there(follower: FollowedFeed) -> bool:
        return end <= follower.first or (bool(follower.frames) and follower.frames[-1].position >= end)

    acts = max((act.position for act in history.acts), default=0)

    def knows_all(follower: FollowedModeration) -> bool:
        return acts <= follower.first or (bool(follower.frames) and follower.frames[-1].position >= acts)

    while time() < deadline and not (
        all(map(has_all, history.followers))
        and all(map(is_there, history.feed_followers))
        and all(map(knows_all, history.moderators))
    ):
        await asyncio.sleep(0.05)
    await asyncio.sleep(AFTER_SECONDS)


async def _report(writers: Sequence[Writer], followers: Sequence[Follower[Any]], tell: Callable[[str], None]) -> None:
    while True:
        await asyncio.sleep(REPORT_SECONDS)
        written = sum(len(writer.writes) for writer in writers)
        tell(f"{written} writes, {sum(len(each.followed.frames) for each in followers)} deliveries")


async def _watch(lags: list[float]) -> None:
    clock = asyncio.get_running_loop().time
    while True:
        before = clock()
        await asyncio.sleep(LAG_SECONDS)
        lags.append(clock() - before - LAG_SECONDS)
