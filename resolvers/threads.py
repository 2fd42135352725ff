"""Replies in reading order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from operator import attrgetter
from typing import Annotated, Any

import strawberry
from graphql import GraphQLError
from strawberry import UNSET

import db.posts
import db.threads
from db import paths, rows
from resolvers import errors, ids, inputs, pages, replies
from resolvers.context import Context
from resolvers.pages import takes

DEFAULT_PAGE_SIZE = 50
MAX_PAGE_SIZE = 500
_DEEPEST = 500
"""No setting lets a reply be deeper, so a larger `maxDepth` hides nothing."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the arguments ask for: places under their ids (R_12) or cursors (r3), a page, and what of each reply."""

    root: str | None
    max_depth: int | None
    newest: bool
    around: str | None
    around_sequence: int | None
    window: pages.Window
    row_class: type[rows.ReplyRow]
    """What is read of each reply."""

    @classmethod
    def of(cls, arguments: "ThreadArguments", selected: frozenset[str] | None) -> "_Wanted":
        """Raises BAD_ARGUMENT for arguments that contradict each other."""
        window = pages.window(
            arguments.first,
            arguments.after,
            arguments.last,
            arguments.before,
            default=DEFAULT_PAGE_SIZE,
            most=MAX_PAGE_SIZE,
        )
        max_depth = pages.unset_to_none(arguments.max_depth)
        around, number = pages.unset_to_none(arguments.around), pages.unset_to_none(arguments.around_sequence)
        if max_depth is not None and max_depth < 0:
            raise errors.bad_argument(f"`maxDepth` is {max_depth}; it must be 0 or more.")
        if around is not None and number is not None:
            raise errors.bad_argument("Give `around` or `aroundSequence`, not both.")
        is_around = around is not None or number is not None
        if is_around and (window.after is not None or window.before is not None or window.backward):
            raise errors.bad_argument("`around` goes with `first` only, not with `after`, `before` or `last`.")
        newest = arguments.order is inputs.SiblingOrder.NEWEST
        row_class = _row_class(None if selected is None else selected & _ASKED, hides=max_depth is not None)
        root = pages.unset_to_none(arguments.root_id)
        return cls(root, max_depth, newest, around, number, window, row_class)

    @property
    def middle(self) -> str | None:
        """The key of the place that the page is around."""
        return f"r{self.around_sequence}" if self.around_sequence is not None else self.around


@dataclass(frozen=True, slots=True)
class _View:
    """The part of a discussion's tree that is shown, in an order."""

    wanted: _Wanted
    root: rows.PlaceRow | None

    @property
    def column(self) -> str:
        return "newest_path" if self.wanted.newest else "path"

    def key(self, place: rows.PlaceRow) -> bytes:
        return place.newest_path if self.wanted.newest else place.path_bytes

    @property
    def bounds(self) -> tuple[bytes, bytes]:
        return paths.below(self.key(self.root) if self.root else b"")

    @property
    def shallowest(self) -> int:
        return paths.depth(self.root.path_bytes) + 1 if self.root else 0

    @property
    def deepest(self) -> int | None:
        max_depth = self.wanted.max_depth
        if max_depth is None or self.shallowest + max_depth >= _DEEPEST:
            return None
        return self.shallowest + max_depth

    def shows(self, place: rows.PlaceRow) -> bool:
        """Whether a reply below the root is shown."""
        return place.listed and (self.deepest is None or paths.depth(place.path_bytes) <= self.deepest)

    def edges(self, found: list[rows.ReplyRow]) -> Sequence[rows.ReplyRow | pages.ThreadEdgeRow]:
        """The edges of a page: the replies themselves, unless `maxDepth` hides what is below them."""
        deepest = self.deepest
        if deepest is None:
            return found
        return [
            pages.ThreadEdgeRow(row.cursor, row, row.depth, row.descendant_count if row.depth >= deepest else 0)
            for row in found
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadArguments:
    """The arguments of `Discussion.thread`."""

    root_id: Annotated[strawberry.ID | None, strawberry.argument(name="root")] = UNSET
    max_depth: int | None = UNSET
    order: inputs.SiblingOrder = inputs.SiblingOrder.OLDEST
    first: int | None = UNSET
    after: str | None = UNSET
    last: int | None = UNSET
    before: str | None = UNSET
    around: strawberry.ID | None = UNSET
    around_sequence: int | None = UNSET


@takes(ThreadArguments)
async def of_discussions(
    discussions: Sequence[rows.DiscussionRow],
    context: Context,
    arguments: ThreadArguments,
    selected: frozenset[str] | None,
) -> Sequence[pages.Page[rows.ReplyRow] | Exception]:
    """The tree of each discussion, a page each; its edges are replies or, under `maxDepth`, ThreadEdges."""
    wanted = _Wanted.of(arguments, selected)
    places = await _places(context, [row.discussion_id for row in discussions], wanted)
    results: dict[int, pages.Page[rows.ReplyRow] | Exception] = {}
    alike: dict[tuple[bytes, bytes], list[tuple[rows.DiscussionRow, _View]]] = {}
    for row in discussions:
        here = places.get(row.discussion_id, {})
        view = _View(wanted, here.get(wanted.root or ""))
        middle = here.get(wanted.middle or "")
        if problem := _problem(row, wanted, view, here):
            results[row.discussion_id] = problem
        elif row.reply_count == 0:
            results[row.discussion_id] = pages.page([], wanted.window, lambda reply: reply.cursor, 0)
        elif middle is not None and (nearest := await _nearest_listed(context, view, middle)) is not None:
            results[row.discussion_id] = await _around(context, row, view, nearest)
        else:
            alike.setdefault(_between(view, here), []).append((row, view))
    for bounds, group in alike.items():
        results |= await _pages(context, group, bounds, places)
    return [results[row.discussion_id] for row in discussions]


async def _pages(
    context: Context,
    group: Sequence[tuple[rows.DiscussionRow, _View]],
    bounds: tuple[bytes, bytes],
    places: Mapping[int, Mapping[str, rows.PlaceRow]],
) -> dict[int, pages.Page[rows.ReplyRow] | Exception]:
    """The pages of discussions that are read alike, by discussion."""
    view, ids_of = group[0][1], [row.discussion_id for row, _ in group]
    window = view.wanted.window
    found = await _read(context, view, ids_of, bounds, window.limit + 1, backward=window.backward)
    # Before a reply that only `maxDepth` hides, its ancestor is shown.
    unlisted = [each for each, at in _named(places, ids_of, window.after) if not at.listed]
    hidden = [each for each, at in _named(places, ids_of, window.before) if not view.shows(at)]
    ends_before = await _empty(context, view, unlisted, (view.bounds[0], bounds[0]))
    ends_after = await _empty(context, view, hidden, (bounds[1], view.bounds[1]))
    by_discussion = {ids_of[0]: found} if len(group) == 1 else pages.grouped(found, by=attrgetter("discussion_id"))
    return {
        row.discussion_id: pages.page(
            by_discussion.get(row.discussion_id, [])[: window.limit + 1],
            window,
            lambda reply: reply.cursor,
            _total(row, its_view),
            edges_of=its_view.edges,
            follows=row.discussion_id not in ends_after,
            precedes=row.discussion_id not in ends_before,
        )
        for row, its_view in group
    }


_READ_FOR = {
    ("body", "body_text"): ("body", "bodyText", "excerpt"),
    ("reply_count",): ("replyCount", "replies"),
    ("descendant_count",): ("descendantCount",),
    ("author_is_guest", "author_role", "author_created_at"): (
        "authorRole",
        "author.isGuest",
        "author.role",
        "author.createdAt",
    ),
    ("version", "last_event", "last_edited_at", "deleted_at", "legacy_id", "reply_to_id", "path_bytes"): (
        "version",
        "versionProof",
        "lastEvent",
        "lastEditedAt",
        "deletedAt",
        "deletion",
        "state",
        "viewerCanReply",
        "viewerCanDelete",
        "viewerCanReport",
        "viewerCanRestore",
        "revisions",
        "legacyUrl",
        "replyTo",
        "path",
        "ancestors",
    ),
}
"""The columns of a reply that a page leaves out unless one of these fields is selected.

Few groups, and so few kinds of rows and statements, however many documents there are.
"""


_ASKED = frozenset(
    f"{place}.{field}"
    for place in ("nodes", "edges.node")
    for field in ("author", "authorRole", *chain.from_iterable(_READ_FOR.values()))
)


@lru_cache(maxsize=256)
def _row_class(selected: frozenset[str] | None, *, hides: bool) -> type[rows.ReplyRow]:
    """The row that holds what is selected of the replies of a thread, which hides some of them or not.

    `selected` has nothing but what is in _ASKED, so that no document's other paths are kept.
    """

    def asks(name: str) -> bool:
        return selected is None or f"nodes.{name}" in selected or f"edges.node.{name}" in selected

    whole = rows.AuthoredReplyRow if asks("author") or asks("authorRole") else rows.ReplyRow
    unread = {column for columns, fields in _READ_FOR.items() if not any(map(asks, fields)) for column in columns}
    unread &= set(whole.columns)
    return whole.without(frozenset(unread - {"descendant_count"} if hides else unread))


async def _places(context: Context, discussions: Sequence[int], wanted: _Wanted) -> dict[int, dict[str, rows.PlaceRow]]:
    """The places of the replies that the arguments name: by discussion, under their ids and under their cursors."""
    post_ids = [ids.number(text, "R") for text in (wanted.root, wanted.around) if text is not None]
    cursors = (wanted.window.after, wanted.window.before)
    sequences = [replies.sequence_of(text) for text in cursors if text is not None]
    if wanted.around_sequence is not None:
        sequences.append(wanted.around_sequence)
    found: list[rows.PlaceRow] = []
    if post_ids:
        found += await context.database.rows(db.posts.places, ids=post_ids)
    if sequences:
        found += await context.database.rows(
            db.posts.places_by_sequence, discussions=list(discussions), sequences=sequences
        )
    places: dict[int, dict[str, rows.PlaceRow]] = {}
    for place in found:
        if place.sequence > 0:
            here = places.setdefault(place.discussion_id, {})
            here[f"R_{place.post_id}"] = here[f"r{place.sequence}"] = place
    return places


def _is_below(place: rows.PlaceRow, root: rows.PlaceRow | None) -> bool:
    return root is None or (place.path_bytes != root.path_bytes and place.path_bytes.startswith(root.path_bytes))


def _problem(
    row: rows.DiscussionRow, wanted: _Wanted, view: _View, here: dict[str, rows.PlaceRow]
) -> GraphQLError | None:
    """What makes the arguments fail for one discussion."""
    if wanted.root is not None and view.root is None:
        return errors.not_found(f'Discussion {row.number} has no reply "{wanted.root[:60]}" to take as root.')
    if wanted.middle is not None:
        place = here.get(wanted.middle)
        if place is None or not _is_below(place, view.root) or wanted.around not in (None, f"R_{place.post_id}"):
            named = wanted.around if wanted.around is not None else wanted.around_sequence
            return errors.not_found(f'Discussion {row.number} shows no reply "{str(named)[:60]}" here.')
    for text in (wanted.window.after, wanted.window.before):
        if text is not None:
            place = here.get(f"r{replies.sequence_of(text)}")
            if place is None or not _is_below(place, view.root):
                return errors.bad_cursor(text, "this thread")
    return None


def _between(view: _View, here: dict[str, rows.PlaceRow]) -> tuple[bytes, bytes]:
    low, high = view.bounds
    window = view.wanted.window
    if window.after is not None:
        low = view.key(here[f"r{replies.sequence_of(window.after)}"])
    if window.before is not None:
        high = view.key(here[f"r{replies.sequence_of(window.before)}"])
    return low, high


def _named(
    places: Mapping[int, Mapping[str, rows.PlaceRow]], discussions: Sequence[int], cursor: str | None
) -> list[tuple[int, rows.PlaceRow]]:
    """The place that a cursor names in each discussion."""
    if cursor is None:
        return []
    key = f"r{replies.sequence_of(cursor)}"
    return [(each, places[each][key]) for each in discussions]


async def _empty(
    context: Context, view: _View, discussions: Sequence[int], between: tuple[bytes, bytes]
) -> frozenset[int]:
    """Those of the discussions whose threads show nothing between two bounds."""
    if not discussions:
        return frozenset()
    found = await _read(context, view, discussions, between, 1, backward=False)
    return frozenset(discussions) - {reply.discussion_id for reply in found}


async def _nearest_listed(context: Context, view: _View, place: rows.PlaceRow) -> rows.PlaceRow | None:
    """The reply, or its nearest ancestor that is listed; None if none is, below the root."""
    if place.listed:
        return place
    above = await context.database.rows(
        db.posts.places_by_sequence,
        discussions=[place.discussion_id],
        sequences=paths.sequences(place.path_bytes)[:-1],
    )
    listed = [each for each in above if each.listed and _is_below(each, view.root)]
    return max(listed, key=lambda each: len(each.path_bytes), default=None)


async def _read(
    context: Context,
    view: _View,
    discussions: Sequence[int],
    between: tuple[bytes, bytes],
    limit: int,
    *,
    backward: bool,
) -> Sequence[rows.ReplyRow]:
    """At most `limit` replies of each discussion between two exclusive bounds."""
    given = zip(("low", "high"), between, paths.below(b""), strict=True)
    bounds = {end: bound for end, bound, whole in given if bound != whole}
    depths: dict[str, Any] = {}
    if view.deepest is not None:
        depths = {"depths": list(range(view.shallowest, view.deepest + 1))}
    one = len(discussions) == 1 and not depths
    statement = db.threads.page(
        view.column,
        descending=backward,
        by_depth=bool(depths),
        low="low" in bounds,
        high="high" in bounds,
        one=one,
        row_class=view.wanted.row_class,  # type: ignore[arg-type]
    )
    parents: dict[str, Any] = {"parent": discussions[0]} if one else {"parents": list(discussions)}
    return await context.database.rows(statement, limit=limit, **parents, **bounds, **depths)


async def _around(
    context: Context, row: rows.DiscussionRow, view: _View, middle: rows.PlaceRow
) -> pages.Page[rows.ReplyRow]:
    """`limit` edges with one reply in the middle, shifted where the tree begins or ends."""
    low, high = view.bounds
    at = _shown(view, middle)
    limit, here = view.wanted.window.limit, [row.discussion_id]
    ahead = await _read(context, view, here, (low, at), limit + 1, backward=True)
    behind = await _read(context, view, here, (max(low, paths.just_before(at)), high), limit + 1, backward=False)
    before = min(len(ahead), max(limit // 2, limit - len(behind)))
    after = limit - before
    edges = view.edges([*reversed(ahead[:before]), *behind[:after]])
    page_info = pages.info(edges, has_next=len(behind) > after, has_previous=len(ahead) > before)
    return pages.Page(edges, page_info, _total(row, view))


def _shown(view: _View, place: rows.PlaceRow) -> bytes:
    """The key of the reply, or of its nearest ancestor that `maxDepth` shows."""
    key = view.key(place)
    return key if view.deepest is None else key[: (view.deepest + 1) * paths.SEGMENT_BYTES]


def _total(row: rows.DiscussionRow, view: _View) -> int | pages.Count:
    if view.root is None and view.deepest is None:
        return row.reply_count
    low, high = paths.below(view.root.path_bytes if view.root else b"")
    bounds: tuple[tuple[str, Any], ...] = (("low", low), ("high", high))
    if view.deepest is not None:
        bounds += (("depths", tuple(range(view.shallowest, view.deepest + 1))),)
    return pages.Count(db.threads.counted(by_depth=view.deepest is not None), row.discussion_id, bounds)
