"""Replies in reading order."""

from collections.abc import Sequence
from dataclasses import dataclass
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

DEFAULT_PAGE_SIZE = 50
MAX_PAGE_SIZE = 500
_DEEPEST = 500
"""No setting lets a reply stand deeper, so a larger `maxDepth` hides nothing."""


@dataclass(frozen=True, slots=True)
class _View:
    """What part of a tree is shown, in which order: the arguments of `thread` but for the page."""

    newest: bool
    root: rows.PlaceRow | None
    max_depth: int | None
    row_class: type[rows.ReplyRow]
    """What is read of each reply."""

    @property
    def column(self) -> str:
        return "newest_path" if self.newest else "path"

    def key(self, place: rows.PlaceRow) -> bytes:
        return place.newest_path if self.newest else place.path_bytes

    @property
    def bounds(self) -> tuple[bytes, bytes]:
        return paths.below(self.key(self.root) if self.root else b"")

    @property
    def shallowest(self) -> int:
        return paths.depth(self.root.path_bytes) + 1 if self.root else 0

    @property
    def deepest(self) -> int | None:
        if self.max_depth is None or self.shallowest + self.max_depth >= _DEEPEST:
            return None
        return self.shallowest + self.max_depth

    def edges(self, found: list[rows.ReplyRow]) -> Sequence[rows.ReplyRow | pages.ThreadEdge]:
        """The edges of a page: the replies themselves, unless `maxDepth` hides what is below them."""
        deepest = self.deepest
        if deepest is None:
            return found
        return [
            pages.ThreadEdge(row.cursor, row, row.depth, row.descendant_count if row.depth >= deepest else 0)
            for row in found
        ]


async def of_discussions(
    discussions: Sequence[rows.DiscussionRow],
    context: Context,
    *,
    root_id: Annotated[strawberry.ID | None, strawberry.argument(name="root")] = UNSET,
    max_depth: int | None = UNSET,
    order: inputs.SiblingOrder = inputs.SiblingOrder.OLDEST,
    first: int | None = UNSET,
    after: str | None = UNSET,
    last: int | None = UNSET,
    before: str | None = UNSET,
    around: strawberry.ID | None = UNSET,
    around_sequence: int | None = UNSET,
    selected: frozenset[str] | None = None,
) -> Sequence[pages.Page[rows.ReplyRow] | Exception]:
    """The tree of each discussion, a page each; its edges are replies or, under `maxDepth`, ThreadEdges."""
    asked = pages.window(first, after, last, before, default=DEFAULT_PAGE_SIZE, most=MAX_PAGE_SIZE)
    root, depth = pages.unset_to_none(root_id), pages.unset_to_none(max_depth)
    around_id, around_number = pages.unset_to_none(around), pages.unset_to_none(around_sequence)
    if depth is not None and depth < 0:
        raise errors.bad_argument(f"`maxDepth` is {depth}; it must be 0 or more.")
    is_around = around_id is not None or around_number is not None
    if around_id is not None and around_number is not None:
        raise errors.bad_argument("`around` and `aroundSequence` can't both be given.")
    if is_around and (asked.after is not None or asked.before is not None or asked.backward):
        raise errors.bad_argument("`around` goes with `first` only, not with `after`, `before` or `last`.")
    places = await _places(
        context,
        [row.discussion_id for row in discussions],
        post_ids=[ids.number(text, "R") for text in (root, around_id) if text is not None],
        sequences=[
            *([around_number] if around_number is not None else []),
            *(replies.sequence_of(text) for text in (asked.after, asked.before) if text is not None),
        ],
    )
    newest = order is inputs.SiblingOrder.NEWEST
    row_class = _row_class(selected, hides=depth is not None)
    results: dict[int, pages.Page[rows.ReplyRow] | Exception] = {}
    alike: dict[tuple[bytes, bytes], list[tuple[rows.DiscussionRow, _View, rows.PlaceRow | None]]] = {}
    for row in discussions:
        here = places.get(row.discussion_id, {})
        root_place = here.get(f"R_{ids.number(root, 'R')}") if root is not None else None
        middle = (
            here.get(f"R_{ids.number(around_id, 'R')}")
            if around_id is not None
            else here.get(f"r{around_number}")
            if around_number is not None
            else None
        )
        view = _View(newest, root_place, depth, row_class)
        if root is not None and root_place is None:
            results[row.discussion_id] = errors.not_found(f"«{root}» is no reply of discussion {row.number}.")
        elif is_around and (middle is None or not _is_below(middle, root_place)):
            named = around_id if around_id is not None else f"reply {around_number}"
            results[row.discussion_id] = errors.not_found(f"{named} is no reply shown here in discussion {row.number}.")
        elif problem := _bad_cursor(asked, here, root_place):
            results[row.discussion_id] = problem
        else:
            low, high = _between(view, asked, here)
            alike.setdefault((low, high), []).append((row, view, middle))
    for (low, high), group in alike.items():
        if is_around:
            for row, view, middle in group:
                assert middle is not None
                results[row.discussion_id] = await _around(context, row, view, middle, asked)
            continue
        view, here_too = group[0][1], [row.discussion_id for row, _, _ in group]
        found = await _read(context, view, here_too, low, high, asked.limit + 1, backward=asked.backward)
        go_on = await _with_more(context, view, here_too, asked, high)
        one = group[0][0].discussion_id if len(group) == 1 else None
        by_discussion = {one: found} if one else pages.grouped(found, by=attrgetter("discussion_id"))
        for row, _, _ in group:
            results[row.discussion_id] = pages.page(
                by_discussion.get(row.discussion_id, [])[: asked.limit + 1],
                asked,
                lambda reply: reply.cursor,
                _total(row, view),
                edges_of=view.edges,
                follows=row.discussion_id in go_on,
            )
    return [results[row.discussion_id] for row in discussions]


_READ_FOR = {
    ("body", "body_text"): ("body", "bodyText"),
    ("reply_count",): ("replyCount", "replies"),
    ("descendant_count",): ("descendantCount",),
    ("version", "last_edited_at", "deleted_at", "legacy_id", "reply_to_id", "path_bytes"): (
        "version",
        "lastEditedAt",
        "deletedAt",
        "state",
        "viewerCanReply",
        "viewerCanDelete",
        "revisions",
        "legacyUrl",
        "replyTo",
        "path",
        "ancestors",
    ),
}
"""The columns of a reply that a page leaves out unless one of these fields is asked for.

Few groups, and so few kinds of rows and statements, however many documents there are.
"""


def _row_class(selected: frozenset[str] | None, *, hides: bool) -> type[rows.ReplyRow]:
    """The row that holds what is asked for of the replies of a thread, which hides some of them or not."""

    def asks(name: str) -> bool:
        return selected is None or f"nodes.{name}" in selected or f"edges.node.{name}" in selected

    whole = rows.AuthoredReplyRow if asks("author") else rows.ReplyRow
    unread = {column for columns, fields in _READ_FOR.items() if not any(map(asks, fields)) for column in columns}
    return whole.without(frozenset(unread - {"descendant_count"} if hides else unread))


async def _places(
    context: Context, discussions: Sequence[int], *, post_ids: Sequence[int], sequences: Sequence[int]
) -> dict[int, dict[str, rows.PlaceRow]]:
    """Where the replies stand that the arguments name: by discussion, under their id and under their cursor."""
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


def _bad_cursor(asked: pages.Window, here: dict[str, rows.PlaceRow], root: rows.PlaceRow | None) -> GraphQLError | None:
    for text in (asked.after, asked.before):
        if text is not None:
            place = here.get(f"r{replies.sequence_of(text)}")
            if place is None or not _is_below(place, root):
                return errors.bad_cursor(f"The cursor «{text}» names no reply here.")
    return None


def _between(view: _View, asked: pages.Window, here: dict[str, rows.PlaceRow]) -> tuple[bytes, bytes]:
    low, high = view.bounds
    if asked.after is not None:
        low = view.key(here[f"r{replies.sequence_of(asked.after)}"])
    if asked.before is not None:
        high = view.key(here[f"r{replies.sequence_of(asked.before)}"])
    return low, high


async def _with_more(
    context: Context, view: _View, discussions: Sequence[int], asked: pages.Window, high: bytes
) -> set[int]:
    """The discussions whose thread goes on at or after the cursor `before`.

    All do where it names a reply that is shown. One that `maxDepth` hides may be the last of the tree; that its shown
    ancestor stands before it needs no asking.
    """
    if asked.before is None or view.deepest is None or paths.depth(high) <= view.deepest:
        return set(discussions)
    found = await _read(context, view, discussions, high, view.bounds[1], 1, backward=False)
    return {reply.discussion_id for reply in found}


async def _read(
    context: Context,
    view: _View,
    discussions: Sequence[int],
    low: bytes,
    high: bytes,
    limit: int,
    *,
    backward: bool,
) -> Sequence[rows.ReplyRow]:
    whole = dict(zip(("low", "high"), paths.below(b""), strict=True))
    bounds = {end: bound for end, bound in (("low", low), ("high", high)) if bound != whole[end]}
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
        row_class=view.row_class,  # type: ignore[arg-type]
    )
    parents: dict[str, Any] = {"parent": discussions[0]} if one else {"parents": list(discussions)}
    return await context.database.rows(statement, limit=limit, **parents, **bounds, **depths)


async def _around(
    context: Context, row: rows.DiscussionRow, view: _View, middle: rows.PlaceRow, asked: pages.Window
) -> pages.Page[rows.ReplyRow]:
    """`limit` edges with one reply in the middle, shifted where the tree begins or ends."""
    low, high = view.bounds
    at = _shown(view, middle)
    limit = asked.limit
    ahead = await _read(context, view, [row.discussion_id], low, at, limit + 1, backward=True)
    behind = await _read(
        context, view, [row.discussion_id], max(low, paths.just_before(at)), high, limit + 1, backward=False
    )
    before = min(len(ahead), max(limit // 2, limit - len(behind)))
    after = limit - before
    shown = [*reversed(ahead[:before]), *behind[:after]]
    edges = view.edges(shown)
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
    deepest = 2**30 if view.deepest is None else view.deepest
    return pages.Count(db.threads.counted, row.discussion_id, (("low", low), ("high", high), ("deepest", deepest)))
