"""Pages: the arguments of a connection, and what fills it.

Source: the Relay cursor connections specification. Pages are keysets in SQL; nothing is sliced in Python but the one
more row that tells whether there is a next page.
"""

import dataclasses
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from strawberry import UNSET

from db import rows
from db.counts import MAX_COUNTED
from db.rows import CountRow
from db.statements import Statement
from resolvers import errors

if TYPE_CHECKING:
    from resolvers.context import Context

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
R = TypeVar("R", bound=rows.Row)
E = TypeVar("E", bound=rows.EventRow)

DEFAULT_PAGE_SIZE = 20
MAX_PAGE_SIZE = 100


@dataclass(frozen=True, slots=True)
class PageInfoRow:
    """The position of a page in its list."""

    start_cursor: str | None
    end_cursor: str | None
    has_next_page: bool
    has_previous_page: bool


class EdgeRow(NamedTuple, Generic[T]):
    """One item of a page and its cursor."""

    cursor: str
    node: T


class ThreadEdgeRow(NamedTuple):
    """A reply and its place in a thread that hides some below it. In any other, a row is its own edge."""

    cursor: str
    node: rows.ReplyRow
    depth: int
    hidden_descendant_count: int


@dataclass(slots=True)
class Count:
    """How to count a list if its `totalCount` is selected: see db.counts.

    A statement over many parents, and the one that is meant.
    """

    statement: Statement[CountRow]
    parent: int
    parameters: tuple[tuple[str, Any], ...] = ()
    takes_parents: bool = True
    found: int | None = None
    """What was counted, once it is."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T_co]):
    """A page of a list; its edges are Edges or, of a thread, ThreadEdges or replies."""

    edges: Sequence[Any]
    page_info: PageInfoRow
    total: int | Count = field(compare=False)

    @property
    def nodes(self) -> Sequence[T_co]:
        return [edge.node for edge in self.edges]


@dataclass(frozen=True, slots=True)
class EventPage(Generic[E]):
    """A page of a log; `resync_required` is a live ResyncRequired or None."""

    edges: Sequence[EdgeRow[E]]
    page_info: PageInfoRow
    resync_required: object | None

    @property
    def nodes(self) -> Sequence[E]:
        return [edge.node for edge in self.edges]


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a list is requested: at most `limit` items after one cursor and before another, from one end."""

    limit: int
    backward: bool
    after: str | None
    before: str | None


def window(
    first: int | None = UNSET,
    after: str | None = UNSET,
    last: int | None = UNSET,
    before: str | None = UNSET,
    *,
    default: int = DEFAULT_PAGE_SIZE,
    most: int = MAX_PAGE_SIZE,
) -> Window:
    """Reads the arguments of a connection. Raises BAD_ARGUMENT if they contradict each other or want too much."""
    given_first, given_last = unset_to_none(first), unset_to_none(last)
    if given_first is not None and given_last is not None:
        raise errors.bad_argument("Give `first` or `last`, not both.")
    for name, wanted in (("first", given_first), ("last", given_last)):
        if wanted is not None and not 0 <= wanted <= most:
            raise errors.bad_argument(f"`{name}` is {wanted}; it must be from 0 to {most}.")
    backward = given_last is not None
    limit = given_last if given_last is not None else given_first if given_first is not None else default
    return Window(limit, backward, unset_to_none(after), unset_to_none(before))


def unset_to_none(value: T | None) -> T | None:
    """The value of an optional argument; None if it was omitted or null."""
    return None if value is UNSET else value


def takes(arguments: type[Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Gives a batch resolver its arguments as one object, a dataclass whose fields are the field's arguments.

    The resolver takes the parents, the context, the object, and what is selected below.
    """

    def decorate(resolver: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(resolver)
        def run(parents: Any, context: Any, *, selected: frozenset[str] | None = None, **given: Any) -> Any:
            return resolver(parents, context, arguments(**given), selected)

        parents, context, selected, _ = inspect.signature(run, follow_wrapped=False).parameters.values()
        each = [
            inspect.Parameter(
                each_field.name,
                inspect.Parameter.KEYWORD_ONLY,
                default=each_field.default,
                annotation=each_field.type,
            )
            for each_field in dataclasses.fields(arguments)
        ]
        vars(run)["__signature__"] = inspect.Signature([parents, context, *each, selected])
        return run

    return decorate


def page(
    found: Sequence[T],
    wanted: Window,
    cursor: Callable[[T], str],
    total: int | Count,
    *,
    edges_of: Callable[[list[T]], Sequence[Any]] | None = None,
    follows: bool = True,
    precedes: bool = True,
) -> Page[T]:
    """A page of rows read in the direction of the window, one more than its limit where there are more.

    `edges_of` returns the edges of the items.
    `follows` is False where the list ends before the cursor `before`, which then names what the list does not show;
    `precedes`, where it begins after the cursor `after`.
    """
    more = len(found) > wanted.limit
    items = list(found[: wanted.limit])
    if wanted.backward:
        items.reverse()
    edges = edges_of(items) if edges_of else [EdgeRow(cursor(item), item) for item in items]
    # What a cursor names is in the list itself, on the other side of the page's end.
    has_next = (more and not wanted.backward) or (wanted.before is not None and follows)
    has_previous = (more and wanted.backward) or (wanted.after is not None and precedes)
    return Page(edges, info(edges, has_next=has_next, has_previous=has_previous, after=wanted.after), total)


def info(edges: Sequence[Any], *, has_next: bool, has_previous: bool, after: str | None = None) -> PageInfoRow:
    """The PageInfo of some edges, or of an empty page requested with the cursor `after`."""
    return PageInfoRow(edges[0].cursor if edges else None, edges[-1].cursor if edges else after, has_next, has_previous)


def grouped(found: Sequence[T], by: Callable[[T], object]) -> Mapping[object, list[T]]:
    """Rows by their parent, in the order they came."""
    groups: dict[object, list[T]] = {}
    for item in found:
        groups.setdefault(by(item), []).append(item)
    return groups


async def by_ids(
    statement: Statement[R], ids: Sequence[int | None], context: "Context", key: Callable[[R], int]
) -> list[R | None]:
    """The rows with these ids, in the same order; each is read once, however often it is named, and None gives None."""
    wanted = list({one for one in ids if one is not None})
    found = await context.database.rows(statement, ids=wanted) if wanted else []
    by_key: dict[int | None, R] = dict(zip(map(key, found), found, strict=True))
    return [by_key.get(one) for one in ids]


async def total_counts(given: Sequence[Page[object]], context: "Context") -> Sequence[int]:
    """How many items the whole list of each page has; MAX_COUNTED if more were counted."""
    return [min(total, MAX_COUNTED) if is_counted else total for total, is_counted in await _totals(given, context)]


async def are_exact(given: Sequence[Page[object]], context: "Context") -> Sequence[bool]:
    """Whether the total count of each page is that of the whole list."""
    return [total <= MAX_COUNTED or not is_counted for total, is_counted in await _totals(given, context)]


async def _totals(given: Sequence[Page[object]], context: "Context") -> list[tuple[int, bool]]:
    """How many items the list of each page has, and whether they were counted now.

    One statement for all pages of a kind, also where several fields need it.
    """
    wanted: dict[tuple[int, tuple[tuple[str, Any], ...]], list[Count]] = {}
    for one in given:
        if isinstance(one.total, Count) and one.total.found is None:
            wanted.setdefault((id(one.total.statement), one.total.parameters), []).append(one.total)
    for (_, parameters), counts in wanted.items():
        bound = dict(parameters)
        if counts[0].takes_parents:
            bound["parents"] = list({count.parent for count in counts})
        found = {row.parent: row.total for row in await context.database.rows(counts[0].statement, **bound)}
        for count in counts:
            count.found = found.get(count.parent, 0)
    return [(one.total.found or 0, True) if isinstance(one.total, Count) else (one.total, False) for one in given]
