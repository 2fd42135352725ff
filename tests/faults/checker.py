"""What a history must be, rule by rule. Each rule gives a sentence for each thing that is wrong."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Literal, NamedTuple

from tests.faults.history import ADDED, DELETED, RESTORED, SITE, Followed, Frame, History, Logged, Post, Window, Write

Kind = Literal["lost", "doubled", "reordered", "phantom", "late", "state", "leak", "complaint"]

POLLED_SECONDS = 5.25
"""How late an event may be while the broker alone is away."""
HEALED_SECONDS = 10.0
"""How late one may be after the last fault: a poll, and a client's way back to a server."""
PROMPT_SECONDS = 0.25
"""From the commit to 99 of 100 followers, while nothing is wrong."""
RECOVERY_SECONDS = 10.0
"""How long after a fault nothing is said about how prompt events are."""
BUSY_SECONDS = 0.05
"""Where the run itself is late by more, once in a hundred times, the machine is busy with other work."""
FEWEST_PROMPT = 500
"""So many deliveries must have been timed, for one in a hundred to mean anything."""
BROKER = ("broker killed", "broker stalled")


class Finding(NamedTuple):
    """One thing that is wrong."""

    kind: Kind
    sentence: str


def check(history: History) -> list[Finding]:
    """All that is wrong with a history."""
    rules = (
        *(_complaints, _acknowledged, _contiguous, _ordered, _sequenced, _followed, _followed_feed),
        *(_moderated, _followed_moderation, _late, _slow, _states, _rest),
    )
    return [finding for rule in rules for finding in rule(history)]


def _complaints(history: History) -> Iterator[Finding]:
    for sentence in history.complaints:
        yield Finding("complaint", sentence)
    told = [(follower.name, follower.complaints) for follower in history.followers]
    told += [(follower.name, follower.complaints) for follower in history.feed_followers]
    told += [(follower.name, follower.complaints) for follower in history.moderators]
    for name, complaints in told:
        for sentence in complaints:
            yield Finding("complaint", f"{name} {sentence}")


def _acknowledged(history: History) -> Iterator[Finding]:
    """What was acknowledged is in the log, once per key; and nothing is there that nobody sent."""
    logged: defaultdict[str | None, list[Logged]] = defaultdict(list)
    for event in history.log:
        logged[event.key].append(event)
    sent = {write.key: write for write in history.writes}
    for write in history.writes:
        found = logged[write.key]
        if write.acknowledged is not None and not found:
            yield Finding("lost", f"{_named(write)} was acknowledged and is not in the log.")
        for event in found[1:]:
            yield Finding("doubled", f"{_named(write)} is in the log twice, as {found[0].number} and {event.number}.")
        if write.acknowledged is not None and found and write.post not in {event.post for event in found}:
            yield Finding("phantom", f"{_named(write)} was acknowledged as reply {write.post}, which it is not.")
        for event in found:
            if (event.discussion, event.kind) != (write.discussion, write.kind):
                yield Finding("phantom", f"{_named(write)} is in the log as {event.kind} of {event.discussion}.")
    for key, events in logged.items():
        if key not in sent:
            for event in events:
                yield Finding("phantom", f"Nobody sent event {event.number} of discussion {event.discussion}.")


def _contiguous(history: History) -> Iterator[Finding]:
    """The log of each discussion is 1 to n, and its head says n."""
    logs = _by_discussion(history.log)
    for discussion, head in history.heads.items():
        counted = Counter(event.number for event in logs.get(discussion, ()))
        for number in range(1, max(head, *counted, 0) + 1):
            if counted[number] == 0:
                yield Finding("lost", f"Discussion {discussion} has no event {number}, and its head says {head}.")
            elif counted[number] > 1:
                yield Finding("doubled", f"Discussion {discussion} has {counted[number]} events {number}.")
            elif number > head:
                yield Finding("phantom", f"Discussion {discussion} has an event {number}, and its head says {head}.")


def _ordered(history: History) -> Iterator[Finding]:
    """What was acknowledged before another was sent has the lower number."""
    numbers = {event.key: event.number for event in reversed(history.log)}
    by_discussion: defaultdict[int, list[Write]] = defaultdict(list)
    for write in history.writes:
        if write.key in numbers:
            by_discussion[write.discussion].append(write)
    for writes in by_discussion.values():
        done = sorted((write for write in writes if write.acknowledged is not None), key=_acknowledged_at)
        at = 0
        latest: Write | None = None
        for write in sorted(writes, key=lambda each: each.sent):
            while at < len(done) and _acknowledged_at(done[at]) < write.sent:
                if latest is None or numbers[done[at].key] > numbers[latest.key]:
                    latest = done[at]
                at += 1
            if latest is not None and numbers[latest.key] > numbers[write.key]:
                yield Finding(
                    "reordered",
                    f"{_named(latest)} was acknowledged before {_named(write)} was sent, and is number"
                    f" {numbers[latest.key]} after its {numbers[write.key]}.",
                )


def _followed(history: History) -> Iterator[Finding]:
    """Over all its connections, a follower's frames are exactly the log after its first cursor."""
    logs = _by_discussion(history.log)
    for follower in history.followers:
        log = {event.number: event for event in logs.get(follower.discussion, ())}
        seen: set[int] = set()
        highest = follower.first
        for frame in follower.frames:
            at = f"{follower.name} received event {frame.number} of discussion {follower.discussion}"
            event = log.get(frame.number)
            if event is None or not _shows(event, frame) or (follower.added_only and frame.kind != ADDED):
                yield Finding("phantom", f"{at}, {frame.kind} of {frame.post}, which is not in the log.")
            elif frame.number in seen:
                yield Finding("doubled", f"{at} twice.")
            elif frame.number <= follower.first:
                yield Finding("doubled", f"{at}, which its cursor {follower.first} lies behind.")
            elif frame.number < highest:
                yield Finding("reordered", f"{at} after event {highest}.")
            seen.add(frame.number)
            highest = max(highest, frame.number)
        for number in _due(follower, log):
            if number not in seen:
                yield Finding("lost", f"{follower.name} missed event {number} of discussion {follower.discussion}.")


def _sequenced(history: History) -> Iterator[Finding]:
    """The feed has every event once, at the positions 1 to n, and those of one log in their order."""
    positions = Counter(item.position for item in history.feed)
    for position in range(1, max(positions, default=0) + 1):
        if positions[position] != 1:
            kind: Kind = "doubled" if positions[position] else "lost"
            yield Finding(kind, f"The feed has {positions[position]} items at position {position}.")
    fed = Counter((item.discussion, item.number) for item in history.feed if item.discussion < SITE)
    logged = {(event.discussion, event.number) for event in history.log}
    for discussion, number in sorted(logged | fed.keys()):
        what = f"event {number} of discussion {discussion}"
        if (discussion, number) not in logged:
            yield Finding("phantom", f"The feed has {what}, which is not in the log.")
        elif not fed[discussion, number]:
            yield Finding("lost", f"The feed has no {what}.")
        elif fed[discussion, number] > 1:
            yield Finding("doubled", f"The feed has {what} {fed[discussion, number]} times.")
    last: Counter[int] = Counter()
    for item in history.feed:
        if item.number < last[item.discussion]:
            before = f"event {last[item.discussion]}"
            yield Finding(
                "reordered", f"The feed has event {item.number} of discussion {item.discussion} after {before}."
            )
        last[item.discussion] = max(last[item.discussion], item.number)


def _followed_feed(history: History) -> Iterator[Finding]:
    """Over all its connections, what a follower of the feed got is exactly the feed after its first cursor."""
    log = {(event.discussion, event.number): event for event in history.log}
    feed = {item.position: item for item in history.feed}
    for follower in history.feed_followers:
        seen: set[int] = set()
        highest = follower.first
        for frame in follower.frames:
            at = f"{follower.name} received position {frame.position} of the feed"
            item = feed.get(frame.position)
            event = log.get((frame.discussion, frame.event.number))
            is_it = item is not None and (item.tag, item.discussion, item.number) == (
                frame.tag,
                frame.discussion,
                frame.event.number,
            )
            if not is_it or (frame.discussion < SITE and (event is None or not _shows(event, frame.event))):
                yield Finding("phantom", f"{at} as {frame.event.kind} of {frame.discussion}, which is not there.")
            elif frame.position in seen:
                yield Finding("doubled", f"{at} twice.")
            elif frame.position <= follower.first:
                yield Finding("doubled", f"{at}, which its cursor {follower.first} lies behind.")
            elif frame.position < highest:
                yield Finding("reordered", f"{at} after position {highest}.")
            seen.add(frame.position)
            highest = max(highest, frame.position)
        for position in sorted(feed):
            if position > follower.first and position not in seen:
                yield Finding("lost", f"{follower.name} missed position {position} of the feed.")


def _moderated(history: History) -> Iterator[Finding]:
    """Each act has its entry and each entry its act; their log is 1 to n, and an item is opened before it changes."""
    for sentence in history.unrecorded:
        yield Finding("lost", sentence)
    versions: dict[int, int] = {}
    for expected, act in enumerate(history.acts, 1):
        if act.position != expected:
            kind: Kind = "lost" if act.position > expected else "doubled"
            yield Finding(kind, f"The log of moderation has position {act.position} where {expected} should be.")
            return
        if act.kind == "ReviewItemChanged" and act.subject not in versions:
            yield Finding("reordered", f"Review item {act.subject} changes at position {expected} before it is opened.")
        if act.version:
            if act.version < versions.get(act.subject, 0):
                yield Finding("reordered", f"Review item {act.subject} goes back to version {act.version}.")
            versions[act.subject] = act.version


def _followed_moderation(history: History) -> Iterator[Finding]:
    """Over all connections, what a moderator got is exactly the log of moderation after the first cursor."""
    for follower in history.moderators:
        due = [act for act in history.acts if act.position > follower.first]
        for act, frame in zip(due, follower.frames, strict=False):
            if frame.position != act.position:
                kind: Kind = "lost" if frame.position > act.position else "doubled"
                yield Finding(kind, f"{follower.name} received position {frame.position}, not {act.position}.")
                break
            is_it = (frame.tag, frame.kind, frame.subject) == (act.tag, act.kind, act.subject)
            if not is_it or frame.version < act.version:
                yield Finding("phantom", f"{follower.name} received {frame} where there is {act}.")
        for act in due[len(follower.frames) :]:
            yield Finding("lost", f"{follower.name} missed position {act.position} of the log of moderation.")
        for frame in follower.frames[len(due) :]:
            yield Finding("phantom", f"{follower.name} received position {frame.position}, which is not there.")


def _late(history: History) -> Iterator[Finding]:
    """No event is later than the poll where the broker alone is away, or than some seconds after a fault's heal."""
    faults = Disturbed(history.windows)
    others = _disturbed(history, [window for window in history.windows if window.kind not in BROKER])
    for follower, event, frame, connected in _deliveries(history):
        late = frame.at - max(event.at, connected, faults.healed(frame.at))
        if late > HEALED_SECONDS and not faults.meet(frame.at, frame.at):
            yield _late_by(follower, event, late, "although nothing was wrong any more")
        late = frame.at - event.at
        if late > POLLED_SECONDS and not busy(history) and event.at > connected and not others.meet(event.at, frame.at):
            yield _late_by(follower, event, late, "although at most the broker was away")


def _slow(history: History) -> Iterator[Finding]:
    """While nothing is wrong, and was not for some seconds, 99 of 100 deliveries are prompt."""
    delays = prompt_delays(history)
    if busy(history):
        return
    if len(delays) < FEWEST_PROMPT:
        yield Finding("late", f"Only {len(delays)} deliveries could be timed outside of faults; {FEWEST_PROMPT} must.")
    elif (slowest := hundredth(delays)) > PROMPT_SECONDS:
        yield Finding("late", f"One delivery in a hundred took {slowest:.3f} s or more while nothing was wrong.")


def prompt_delays(history: History) -> list[float]:
    """The seconds from an event's transaction to each delivery while nothing was wrong, in ascending order.

    Nothing is wrong outside of faults, some seconds after them, and moments when the machine itself was slow.
    """
    faults = _disturbed(history, history.windows)
    return sorted(
        frame.at - event.at
        for _, event, frame, connected in _deliveries(history)
        if event.at > connected and not faults.meet(event.at, frame.at)
    )


def _disturbed(history: History, faults: Sequence[Window]) -> "Disturbed":
    """The times of faults, with those to recover, and the moments when the machine itself was slow."""
    recovered = [window._replace(end=window.end + RECOVERY_SECONDS) for window in faults]
    return Disturbed([*recovered, *history.slow])


def busy(history: History) -> bool:
    """Whether this machine had so much else to do that moments say nothing of the servers."""
    return history.lag > BUSY_SECONDS


def hundredth(ascending: Sequence[float]) -> float:
    """What one in a hundred exceeds."""
    return ascending[min(len(ascending) - 1, len(ascending) * 99 // 100)]


def _states(history: History) -> Iterator[Finding]:
    """A follower's snapshot with what it heard is what a fresh reader gets, and that is what the log says was added.

    A deleted reply that nobody has answered is in no list.
    """
    for discussion, log in _by_discussion(history.log).items():
        last = {event.post: event.kind for event in log if event.kind in (ADDED, DELETED, RESTORED)}
        there = history.fresh.get(discussion, {})
        for post in sorted(last.keys() ^ there.keys(), key=str):
            if post not in last or last[post] != DELETED:
                where = "is in the log and not in" if post in last else "is not in the log and is in"
                yield Finding("state", f"Reply {post} {where} discussion {discussion}.")
    restored = {event.post for event in history.log if event.kind == RESTORED}
    for follower in history.followers:
        fresh = history.fresh.get(follower.discussion, {})
        for number in sorted(fresh.keys() | follower.posts.keys()):
            there_now, known = fresh.get(number), follower.posts.get(number)
            # Of edits and deletions a follower of replyAdded is not told, nor of restorings of what it never knew.
            if follower.added_only and known is None and number in restored:
                continue
            if not _agree(known, there_now, loosely=follower.added_only):
                sentence = f"{follower.name} knows reply {number} as {known}; a fresh reader as {there_now}."
                yield Finding("state", sentence)
    for sentence in history.mirrored:
        yield Finding("state", sentence)


def _agree(known: Post | None, there: Post | None, *, loosely: bool) -> bool:
    if there is None and known is not None:
        return loosely or known.state == "DELETED"
    if loosely and known is not None and there is not None:
        return known.sequence == there.sequence
    return known == there


def _rest(history: History) -> Iterator[Finding]:
    """When all have left, a process holds what it held before they came."""
    for gauge in history.gauges:
        if gauge.after > gauge.before + gauge.spare:
            sentence = (
                f"{gauge.server} has {gauge.after:g} {gauge.name} after the run, and had {gauge.before:g} before."
            )
            yield Finding("leak", sentence)


def _deliveries(history: History) -> Iterator[tuple[Followed, Logged, Frame, float]]:
    """Each frame that came once its follower was caught up, with its event, and since when it was."""
    logs = {discussion: {e.number: e for e in log} for discussion, log in _by_discussion(history.log).items()}
    for follower in history.followers:
        log = logs.get(follower.discussion, {})
        for frame in follower.frames:
            at = bisect_right(follower.connections, frame.at)
            if frame.number in log and at:
                yield follower, log[frame.number], frame, follower.connections[at - 1]


class Disturbed:
    """The times of faults."""

    def __init__(self, windows: Sequence[Window]) -> None:
        self._begins: list[float] = []
        self._ends: list[float] = []
        for begin, end in sorted((window.begin, window.end) for window in windows):
            if self._ends and begin <= self._ends[-1]:
                self._ends[-1] = max(end, self._ends[-1])
            else:
                self._begins.append(begin)
                self._ends.append(end)

    def meet(self, begin: float, end: float) -> bool:
        """Whether there was one between these moments."""
        at = bisect_right(self._begins, end)
        return at > 0 and self._ends[at - 1] >= begin

    def healed(self, moment: float) -> float:
        """When the last one before this moment was over."""
        at = bisect_right(self._ends, moment)
        return self._ends[at - 1] if at else 0.0


def _due(follower: Followed, log: dict[int, Logged]) -> list[int]:
    return [
        number
        for number, event in sorted(log.items())
        if number > follower.first and (event.kind == ADDED or not follower.added_only)
    ]


def _shows(event: Logged, frame: Frame) -> bool:
    same = (event.number, event.tag, event.kind, event.post) == (frame.number, frame.tag, frame.kind, frame.post)
    return same and frame.version >= event.version


def _late_by(follower: Followed, event: Logged, seconds: float, although: str) -> Finding:
    what = f"event {event.number} of discussion {event.discussion}"
    return Finding("late", f"{follower.name} received {what} {seconds:.2f} s late, {although}.")


def _by_discussion(log: Sequence[Logged]) -> dict[int, list[Logged]]:
    ordered = sorted(log, key=lambda event: (event.discussion, event.number))
    return {discussion: list(events) for discussion, events in groupby(ordered, key=lambda event: event.discussion)}


def _acknowledged_at(write: Write) -> float:
    assert write.acknowledged is not None
    return write.acknowledged


def _named(write: Write) -> str:
    return f"Write {write.key} to discussion {write.discussion}"
