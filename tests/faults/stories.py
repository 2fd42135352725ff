"""Histories for the tests of the checker: a good one, which each test spoils in its own way."""

from tests.faults.history import (
    ADDED,
    Act,
    ActFrame,
    Fed,
    FedFrame,
    Followed,
    FollowedFeed,
    FollowedModeration,
    Frame,
    Gauge,
    History,
    Logged,
    Post,
    Window,
    Write,
)

BEGAN = 1_000_000.0
EVENTS = 60
GAP_SECONDS = 0.5
"""Between two writes; each is acknowledged, and heard, before the next is sent."""
FOLLOWERS = 10
DISCUSSION = 7


def tag(number: int, history: str = "first") -> bytes:
    """The random bytes of an event."""
    return f"{history}{number}".encode().rjust(8)[-8:]


def logged(number: int, *, at: float | None = None, key: str | None = None, post: int | None = None) -> Logged:
    """The event of a number, as the good history has it."""
    return Logged(
        DISCUSSION,
        number,
        tag(number),
        ADDED,
        100 + number if post is None else post,
        1,
        key or f"key-{number}",
        BEGAN + number * GAP_SECONDS if at is None else at,
    )


def frame(event: Logged, *, after: float = 0.02) -> Frame:
    """How a follower receives an event."""
    return Frame(event.at + after, event.number, event.tag, event.kind, event.post, event.version)


def fed(event: Logged, position: int | None = None) -> Fed:
    """The item of the feed that an event is; it has the position of its number, as nothing else happens."""
    at = event.number if position is None else position
    return Fed(at, tag(at, "feed"), event.discussion, event.number)


def fed_frame(item: Fed, event: Logged) -> FedFrame:
    """How a follower of the feed receives an item."""
    return FedFrame(event.at + 0.03, item.position, item.tag, item.discussion, frame(event))


def feed_again(history: History) -> None:
    """Gives the feed, and its followers, what the log has."""
    history.feed = [fed(event, position) for position, event in enumerate(history.log, 1)]
    for follower in history.feed_followers:
        follower.frames = [
            fed_frame(item, event)
            for item, event in zip(history.feed, history.log, strict=True)
            if item.position > follower.first
        ]


def acts() -> list[Act]:
    """Of each of some review items: it is opened, reported again, decided, and the decision's entry."""
    found: list[Act] = []
    for item in range(1, 6):
        for kind, subject, version in (
            ("ReviewItemOpened", item, 1),
            ("ReviewItemChanged", item, 2),
            ("ReviewItemChanged", item, 3),
            ("AuditEntryAdded", item, 0),
        ):
            position = len(found) + 1
            found.append(Act(position, tag(position, "acts"), kind, subject, version))
    return found


def act_frame(act: Act) -> ActFrame:
    """How a moderator receives an item of the log of moderation."""
    return ActFrame(BEGAN, act.position, act.tag, act.kind, act.subject, act.version)


def post(number: int) -> Post:
    """The reply of an event's number."""
    return Post(number, 1, "VISIBLE", f"Said by key-{number}.")


def good() -> History:
    """One discussion; a follower of replyAdded among the others, and one who came with a snapshot in the middle.

    Three follow the feed.
    """
    log = [logged(number) for number in range(1, EVENTS + 1)]
    fresh = {100 + number: post(number) for number in range(1, EVENTS + 1)}
    followers = []
    for number in range(FOLLOWERS):
        first = EVENTS // 2 if number == 1 else 0
        followed = Followed(f"follower {number}", DISCUSSION, first, added_only=number == 2, opened=1)
        followed.connections = [BEGAN + first * GAP_SECONDS]
        followed.frames = [frame(event) for event in log if event.number > first]
        followed.posts = dict(fresh)
        followers.append(followed)
    history = History(
        writes=[
            Write(event.key or "", DISCUSSION, ADDED, event.at - 0.01, event.at + 0.01, event.post) for event in log
        ],
        log=log,
        heads={DISCUSSION: EVENTS},
        followers=followers,
        windows=[Window("broker killed", "the broker", BEGAN + 1_000, BEGAN + 1_006)],
        fresh={DISCUSSION: fresh},
        gauges=[Gauge("server 1", "tasks", 13, 13), Gauge("server 1", "connections to the database", 1, 17, 16)],
    )
    history.feed_followers = [FollowedFeed(f"feed follower {number}", number * 10, opened=1) for number in range(3)]
    feed_again(history)
    history.acts = acts()
    for number in range(2):
        moderator = FollowedModeration(f"moderator {number}", number * 5, opened=1)
        moderator.frames = [act_frame(act) for act in history.acts if act.position > moderator.first]
        history.moderators = [*history.moderators, moderator]
    return history
