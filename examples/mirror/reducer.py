"""Keeps a copy of a Parley in step: a pure function from a mirror and something that Parley answered to the next one.

What comes twice, late or in another order does no harm. The rules are explained in docs/reference/mirroring.md, and
docs/reference/mirroring-vectors.json says them in JSON, for other languages. Copy this file: it needs Python alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

Data = Mapping[str, Any]

COUNTS = ("replyCount", "descendantCount", "participantCount", "lastActivityAt")
"""What changes with other posts: it is merged by the number of the event or page that brought it."""
PERSON = ("author", "user", "attributedTo")
"""Where a copy has a person. The mirror keeps a person once and names them by id, so that one can change or go."""
BESIDE = ("__typename", "discussion", "thread", "eventNumber", "eventCursor", *COUNTS)
"""What comes in the same object and is not part of a post."""
COMPLETE = frozenset({"TITLE", "BODY", "CATEGORY", "LOCK", "PIN", "DELETED", "ERASED"})
"""Changes of a discussion that its event carries completely. After any other change the thread is fetched again."""


@dataclass(frozen=True, slots=True)
class Known:
    """A value with the numbers it is merged by. An equal number counts as newer."""

    number: tuple[int, ...] = (-1,)
    value: Any = None

    def merged(self, value: Any, *number: int) -> "Known":
        """This one or the other, whichever has the higher number."""
        return Known(number, value) if number >= self.number else self


@dataclass(frozen=True, slots=True)
class Reply:
    """What is known of a reply; each part is newest by itself."""

    content: Known = Known()
    """By `lastEvent`. None while nobody has said what it says."""
    counts: Known = Known()
    listed: Known = Known()
    """Whether the thread shows it."""
    seen: int = -1
    """The highest number that it came with."""


@dataclass(frozen=True, slots=True)
class Discussion:
    """What is known of a discussion and its thread."""

    content: Known = Known()
    counts: Known = Known()
    replies: Mapping[str, Reply] = field(default_factory=dict)
    floor: int = -1
    """The number of its last deletion: what replies were before that is gone."""
    needed: int = 0
    """The number of the event since when the thread has to be fetched."""
    fetched: int = -1
    """The number of the first page when the whole thread was fetched last."""


@dataclass(frozen=True, slots=True)
class Mirror:
    """A copy of a Parley."""

    discussions: Mapping[str, Discussion] = field(default_factory=dict)
    people: Mapping[str, Known] = field(default_factory=dict)
    categories: Mapping[str, Known] = field(default_factory=dict)
    erased: frozenset[str] = frozenset()
    """The ids of erased people: an old copy does not bring them back."""


def reduce(mirror: Mirror, given: Data) -> Mirror:
    """The mirror after something that Parley answered.

    {"event": an event of the feed or of a discussion}, {"categories": a list of them}, or {"page": a discussion with
    `eventNumber` and a page of its `thread`, "since": the eventNumber of the first page of this walk}.
    """
    if "event" in given:
        return _with_event(mirror, given["event"])
    if "page" in given:
        return _with_page(mirror, given["page"], given.get("since", given["page"]["eventNumber"]))
    return replace(mirror, categories=_with_records(mirror.categories, given["categories"]))


def _with_event(mirror: Mirror, event: Data) -> Mirror:
    number: int = event["eventNumber"]
    match event["__typename"]:
        case "UserErased":
            return _without_person(mirror, event["userId"])
        case "UserChanged":
            return _with_people(mirror, [event["user"]] if event["user"] else [], number)
        case "CategoryChanged":
            record = event["category"] or {"id": event["categoryId"]}
            return replace(mirror, categories=_with_records(mirror.categories, [record], number))
    if "discussion" not in event:
        return mirror
    mirror, known = _with_discussion(mirror, event["discussion"], number)
    if "DELETED" in event.get("changes", ()):
        known = _dropped(known, number)
    if event["__typename"] == "DiscussionStarted":
        known = replace(known, fetched=max(known.fetched, number))
    if not COMPLETE.issuperset(event.get("changes", ())):
        known = replace(known, needed=max(known.needed, number))
    post = event.get("reply") or event.get("post")
    # An opening post comes as the discussion.
    if post is not None and post["id"] != event["discussion"]["id"]:
        added = True if event["__typename"] == "ReplyAdded" else None
        mirror, known = _with_reply(mirror, known, post, number, listed=added)
    for counted in event.get("ancestors", ()):
        known = _placed(known, counted, number)
    for reply in event.get("unlisted", ()):
        known = _placed(known, {"id": reply}, number, listed=False)
    for edge in event.get("edges", ()):
        known = _placed(known, edge["node"], number, listed=True)
    return _with(mirror, event["discussion"]["id"], known)


def _with_page(mirror: Mirror, page: Data, since: int) -> Mirror:
    number: int = page["eventNumber"]
    mirror, known = _with_discussion(mirror, page, number)
    for reply in page["thread"]["nodes"]:
        mirror, known = _with_reply(mirror, known, reply, number, listed=True)
    if not page["thread"]["pageInfo"]["hasNextPage"]:
        known = replace(known, fetched=max(known.fetched, since))
    return _with(mirror, page["id"], known)


def _with(mirror: Mirror, discussion: str, known: Discussion) -> Mirror:
    return replace(mirror, discussions={**mirror.discussions, discussion: known})


def _with_discussion(mirror: Mirror, copy: Data, number: int) -> tuple[Mirror, Discussion]:
    """With a copy of a discussion. A deleted one has no replies from that event on."""
    known = mirror.discussions.get(copy["id"], Discussion())
    mirror, content = _content(mirror, copy)
    if content is not None:
        known = replace(known, content=known.content.merged(content, content["lastEvent"], number))
    if counts := _counts(copy):
        known = replace(known, counts=known.counts.merged(counts, number))
    if copy.get("state") == "DELETED":
        known = _dropped(known, copy["lastEvent"])
    return mirror, known


def _with_reply(
    mirror: Mirror, known: Discussion, copy: Data, number: int, *, listed: bool | None
) -> tuple[Mirror, Discussion]:
    """With a copy of a reply; `listed` is None where it does not say whether the thread shows it."""
    mirror, content = _content(mirror, copy)
    if number < known.floor:
        return mirror, known
    if content is not None:
        reply = known.replies.get(copy["id"], Reply())
        reply = replace(reply, content=reply.content.merged(content, content["lastEvent"], number))
        known = replace(known, replies={**known.replies, copy["id"]: reply})
    return mirror, _placed(known, copy, number, listed=listed)


def _placed(known: Discussion, copy: Data, number: int, *, listed: bool | None = None) -> Discussion:
    """With the counts of a reply, and whether the thread shows it."""
    if number < known.floor:
        return known
    reply = known.replies.get(copy["id"], Reply())
    reply = replace(reply, seen=max(reply.seen, number))
    if counts := _counts(copy):
        reply = replace(reply, counts=reply.counts.merged(counts, number))
    if listed is not None:
        reply = replace(reply, listed=reply.listed.merged(listed, number))
    return replace(known, replies={**known.replies, copy["id"]: reply})


def _dropped(known: Discussion, number: int) -> Discussion:
    """Without the replies of before a deletion."""
    kept = {name: reply for name, reply in known.replies.items() if reply.seen >= number}
    return replace(known, replies=kept, floor=max(known.floor, number))


def _counts(copy: Data) -> Data:
    return {name: copy[name] for name in COUNTS if name in copy}


def _content(mirror: Mirror, copy: Data) -> tuple[Mirror, Data | None]:
    """What a copy says, with people and categories by id. None for one of an erased author, which is an old one."""
    people: list[Data] = []
    content = {name: _by_ids(value, name, people) for name, value in copy.items() if name not in BESIDE}
    if (category := content.get("category")) is not None:
        mirror = replace(mirror, categories=_with_records(mirror.categories, [category]))
        content["category"] = {"id": category["id"]}
    mirror = _with_people(mirror, people)
    author = content.get("author")
    is_old = author is not None and author["id"] in mirror.erased
    return mirror, None if is_old else _without(content, mirror.erased)


def _by_ids(value: Any, name: str, people: list[Data]) -> Any:
    """A value in which people are ids; what is known of them goes to `people`."""
    if isinstance(value, list):
        return [_by_ids(each, name, people) for each in value]
    if not isinstance(value, dict):
        return value
    if name in PERSON:
        people.append(value)
        return {"id": value["id"]}
    return {inner: _by_ids(each, inner, people) for inner, each in value.items()}


def _with_people(mirror: Mirror, people: list[Data], number: int = 0) -> Mirror:
    left = [person for person in people if person["id"] not in mirror.erased]
    return replace(mirror, people=_with_records(mirror.people, left, number))


def _with_records(table: Mapping[str, Known], records: list[Data], number: int = 0) -> Mapping[str, Known]:
    """With people or categories. Every change of them is an event, so no copy without a number wins over one."""
    known = dict(table)
    for record in records:
        # One of an id alone, in an event, is gone; elsewhere nothing more was asked for.
        value = record if len(record) > 1 else None
        if value or number:
            known[record["id"]] = known.get(record["id"], Known()).merged(value, number)
    return known


def _without_person(mirror: Mirror, person: str) -> Mirror:
    """Without anything that names a person, and without what the person said."""
    erased = mirror.erased | {person}

    def left(content: Known) -> Known:
        author = (content.value or {}).get("author")
        if author is not None and author["id"] == person:
            return Known()
        return Known(content.number, _without(content.value, erased))

    discussions = {
        name: replace(
            known,
            content=left(known.content),
            replies={reply: replace(it, content=left(it.content)) for reply, it in known.replies.items()},
        )
        for name, known in mirror.discussions.items()
    }
    people = {name: known for name, known in mirror.people.items() if name != person}
    return replace(mirror, discussions=discussions, people=people, erased=erased)


def _without(value: Any, erased: frozenset[str]) -> Any:
    """A value in which erased people are null."""
    if isinstance(value, list):
        return [_without(each, erased) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: None if name in PERSON and each is not None and each["id"] in erased else _without(each, erased)
        for name, each in value.items()
    }


def shown(mirror: Mirror) -> dict[str, Any]:
    """What the mirror shows: discussions with their threads in reading order, and the people and categories in them."""
    discussions = {
        name: {**known.content.value, **(known.counts.value or {}), "thread": list(_thread(known))}
        for name, known in mirror.discussions.items()
        if _is_there(known)
    }
    named = set(_ids(discussions))
    people = {name: known.value for name, known in mirror.people.items() if name in named and known.value}
    categories = {name: known.value for name, known in mirror.categories.items() if known.value}
    return {"discussions": discussions, "people": people, "categories": categories}


def _is_there(known: Discussion) -> bool:
    return known.content.value is not None and known.content.value["state"] != "DELETED"


def _thread(known: Discussion) -> Iterator[dict[str, Any]]:
    listed = [reply for reply in known.replies.values() if reply.listed.value and reply.content.value is not None]
    for reply in sorted(listed, key=lambda each: each.content.value["path"]):
        yield {**reply.content.value, **(reply.counts.value or {})}


def _ids(value: Any) -> Iterator[str]:
    if isinstance(value, list | dict):
        for each in value if isinstance(value, list) else value.values():
            yield from _ids(each)
        if isinstance(value, dict) and "id" in value:
            yield value["id"]


def to_fetch(mirror: Mirror) -> list[str]:
    """The ids of the discussions whose threads have to be fetched, as after a restoring."""
    return [name for name, known in mirror.discussions.items() if _is_incomplete(known)]


def _is_incomplete(known: Discussion) -> bool:
    if known.content.value is None:
        return True
    missing = any(reply.listed.value and reply.content.value is None for reply in known.replies.values())
    return _is_there(known) and (known.needed > known.fetched or missing)
