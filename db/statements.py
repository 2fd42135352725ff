"""Statements: built and compiled by SQLAlchemy once per dialect, then run as text on the driver's own connection.

SQLAlchemy's execution layer costs several times the driver, so only its compiler is used.
That leaves three things to care for here: parameters are ordered as the compiled statement wants them, lists go
through `among` (an expanding IN can't be compiled once), and values are adapted to SQLite, which knows neither
moments nor lists.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, Literal, TypeVar

import orjson
from sqlalchemy import (
    BigInteger,
    Boolean,
    ClauseElement,
    Column,
    ColumnElement,
    Insert,
    Select,
    SelectBase,
    Table,
    Text,
    UpdateBase,
    bindparam,
    cast,
    column,
    func,
    insert,
    literal_column,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import ARRAY, asyncpg
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import FromClause

from db.rows import Row

Dialect = Literal["postgresql", "sqlite"]
R = TypeVar("R", bound=Row)

_DIALECTS = {
    "postgresql": asyncpg.dialect(),  # type: ignore[no-untyped-call]
    "sqlite": sqlite.dialect(paramstyle="qmark"),
}


class _Numbers(Text):
    """A list of numbers on its way to PostgreSQL: as text, since asyncpg looks at each item of an array at length."""

    inherit_cache = True


def _numbers(name: str) -> ColumnElement[Any]:
    return cast(bindparam(name, type_=_Numbers()), ARRAY(BigInteger))


class among(ColumnElement[bool]):  # noqa: N801 - it reads as an operator, as SQLAlchemy's own do.
    """`column` is one of the values of the list parameter `name`: numbers, or texts."""

    type = Boolean()
    inherit_cache = False

    def __init__(self, of: ColumnElement[Any], name: str) -> None:
        self.of = of
        self.as_array = bindparam(name, type_=ARRAY(Text())) if isinstance(of.type, Text) else _numbers(name)
        self.as_json = bindparam(name, type_=Text())

    def self_group(self, against: object = None) -> "among":
        return self


@compiles(among, "postgresql")
def _among_postgresql(element: among, compiler: SQLCompiler, **kw: Any) -> str:
    return f"{compiler.process(element.of, **kw)} = ANY ({compiler.process(element.as_array, **kw)})"


@compiles(among, "sqlite")
def _among_sqlite(element: among, compiler: SQLCompiler, **kw: Any) -> str:
    of, values = compiler.process(element.of, **kw), compiler.process(element.as_json, **kw)
    return f"{of} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - both are compiled here.


def each(dialect: Dialect, name: str) -> tuple[FromClause, ColumnElement[int]]:
    """The list parameter `name` as a table to join, and its one column: for statements that serve many parents."""
    if dialect == "postgresql":
        table = func.unnest(_numbers(name)).table_valued(column("value", BigInteger))
        rendered: FromClause = table.render_derived(name=f"each_{name}")
        return rendered, rendered.c.value
    values = func.json_each(bindparam(name, type_=Text())).table_valued(column("value", BigInteger))
    return values, values.c.value


def each_text(dialect: Dialect, name: str) -> tuple[FromClause, ColumnElement[str]]:
    """As `each`, of texts."""
    if dialect == "postgresql":
        table = func.unnest(bindparam(name, type_=ARRAY(Text()))).table_valued(column("value", Text))
        rendered: FromClause = table.render_derived(name=f"each_{name}")
        return rendered, rendered.c.value
    values = func.json_each(bindparam(name, type_=Text())).table_valued(column("value", Text))
    return values, values.c.value


def paged(
    dialect: Dialect,
    name: str,
    outer: FromClause,
    key: ColumnElement[int],
    choose: Callable[[ColumnElement[int]], Select[Any]],
) -> FromClause:
    """Joins `outer`, by its `key`, to a limited choice for each parent of the list parameter `name`.

    `choose(parent)` selects one column, `id`, from aliases of its own, ordered and limited: so a statement gives one
    page for each of many parents. PostgreSQL does that by LATERAL; SQLite, which has none, by a correlated IN.
    """
    parents, value = each(dialect, name)
    chosen = choose(value)
    if dialect == "postgresql":
        lateral = chosen.lateral(f"chosen_{name}")
        return parents.join(lateral, true()).join(outer, key == lateral.c.id)
    return parents.join(outer, key.in_(chosen.correlate(parents)))


_LONGEST_PAGE: ColumnElement[int] = literal_column("101")
"""The items of the longest page of `paged_by`, and the one that says whether there is a next page."""


PAGE_LIMIT: ColumnElement[int] = bindparam("limit", type_=BigInteger)


def paged_by(
    dialect: Dialect,
    ranges: Sequence[Select[Any]],
    *place: ColumnElement[Any],
    descending: bool,
    parent: ColumnElement[Any] | None = None,
    limit: ColumnElement[int] = PAGE_LIMIT,
) -> Select[Any]:
    """The first rows, by `place`, of selections of one column, `id`, that are a range of an index in this order each.

    PostgreSQL keeps a plan for any limit, and takes that for a tenth of all rows: then it prefers to read whole tables.
    So it gets the most that `limit` may be as well. `parent` is the column of `paged` that the selections refer to.
    """

    def ordered(columns: Iterable[ColumnElement[Any]]) -> list[ColumnElement[Any]]:
        return [column.desc() if descending else column for column in columns]

    if dialect == "sqlite" and len(ranges) == 1:
        return ranges[0].order_by(*ordered(place)).limit(limit)
    keys = [column.label(f"key_{at}") for at, column in enumerate(place)]
    most = _LONGEST_PAGE if dialect == "postgresql" else limit
    parts = [each.add_columns(*keys).order_by(*ordered(place)).limit(most) for each in ranges]
    if parent is not None:
        parts = [part.correlate(parent.table) for part in parts]
    merged = parts[0] if len(parts) == 1 else union_all(*[select(part.subquery()) for part in parts])
    id_, *found = merged.subquery("most").c
    return select(id_).order_by(*ordered(found)).limit(limit)


class Compiled:
    """The text of a statement for one dialect, and the order of its parameters."""

    __slots__ = ("_defaults", "_names", "_numbers", "text")

    def __init__(self, statement: ClauseElement, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=_DIALECTS[dialect])
        assert isinstance(compiled, SQLCompiler)
        self.text = compiled.string
        self._names = tuple(compiled.positiontup or ())
        self._numbers = [at for at, name in enumerate(self._names) if isinstance(compiled.binds[name].type, _Numbers)]
        self._defaults = {
            name: compiled.binds[name].effective_value for name in self._names if not compiled.binds[name].required
        }

    def arguments(self, parameters: Mapping[str, Any]) -> list[Any]:
        """The values in the order of the text, those of a list once each: a join would give a parent's rows as often.

        Raises KeyError for one that is missing.
        """
        defaults = self._defaults
        values: list[Any] = [parameters[name] if name in parameters else defaults[name] for name in self._names]
        if list in map(type, values):
            values = [list(dict.fromkeys(value)) if type(value) is list else value for value in values]
        for at in self._numbers:
            values[at] = f"{{{','.join(map(str, values[at]))}}}"
        return values


@dataclass(frozen=True, slots=True)
class Reads:
    """What the rows of a statement hang on: so long as that is unchanged, the statement gives the same rows.

    That is discussions, all of whose changes raise the revision of their log, and people and categories, whose changes
    are events of the site's log. Each field names parameters, or columns of the row, that hold ids.
    """

    discussions: tuple[str, ...] = ()
    """Parameters: whatever is read of these discussions, rows that are not there included."""
    of_discussions: tuple[str, ...] = ()
    """Columns."""
    of_people: tuple[str, ...] = ()
    """Columns."""
    of_categories: tuple[str, ...] = ()
    """Columns."""
    each: str | None = None
    """The parameter whose ids have a row each. Where one has none, what was read is not known."""


class Statement(Generic[R]):
    """A statement and the row it gives, compiled at first use for each dialect.

    `sql` is a SQLAlchemy statement, or a function of the dialect where the two databases need different ones. Its
    columns must be those of `row`, in order; that is checked when it is compiled.
    """

    __slots__ = ("_compiled", "_sql", "is_planned_anew", "is_search", "reads", "row")

    def __init__(
        self,
        sql: ClauseElement | Callable[[Dialect], ClauseElement],
        row: type[R],
        *,
        is_planned_anew: bool = False,
        is_search: bool = False,
        reads: Reads | None = None,
    ) -> None:
        """`is_planned_anew`: PostgreSQL keeps no plan, since which is best hangs on the values; a round trip more.

        `is_search`: it may take seconds, so only a few of its kind run at once, beside all other reads.
        `reads`: None if any change of the database may change its rows.
        """
        self._sql = sql
        self.row = row
        self.is_planned_anew = is_planned_anew
        self.is_search = is_search
        self.reads = reads
        self._compiled: dict[Dialect, Compiled] = {}

    def compiled(self, dialect: Dialect) -> Compiled:
        """Raises TypeError where its columns are not the row's."""
        found = self._compiled.get(dialect)
        if found is None:
            sql = self._sql if isinstance(self._sql, ClauseElement) else self._sql(dialect)
            selected = _column_names(sql)
            if selected != self.row.columns:
                raise TypeError(f"The columns {selected} are not those of {self.row.__name__}: {self.row.columns}.")
            found = self._compiled[dialect] = Compiled(sql, dialect)
        return found


class WriteStatement:
    """A statement that gives no rows: an insert, update or delete."""

    __slots__ = ("_compiled", "_sql")

    def __init__(self, sql: ClauseElement | Callable[[Dialect], ClauseElement]) -> None:
        self._sql = sql
        self._compiled: dict[Dialect, Compiled] = {}

    def compiled(self, dialect: Dialect) -> Compiled:
        found = self._compiled.get(dialect)
        if found is None:
            sql = self._sql if isinstance(self._sql, ClauseElement) else self._sql(dialect)
            # PostgreSQL would be asked for the id that it assigns.
            inline = sql.inline() if isinstance(sql, Insert) else sql
            found = self._compiled[dialect] = Compiled(inline, dialect)
        return found


def inserted(table: Table) -> Insert:
    """An insert of all columns of a table but an id that the database assigns, each from a parameter of its name."""
    return insert(table).values(
        {column.name: bindparam(column.name) for column in table.columns if not _is_assigned(column)}
    )


def _is_assigned(column: Column[Any]) -> bool:
    return column.primary_key and column.table.autoincrement_column is column


def _column_names(sql: ClauseElement) -> tuple[str, ...]:
    if isinstance(sql, SelectBase):
        return tuple(str(column.name) for column in sql.selected_columns)
    assert isinstance(sql, UpdateBase)
    return tuple(str(column.key) for column in sql.exported_columns)


def for_sqlite(values: Sequence[Any]) -> list[Any]:
    """The values as SQLite keeps them: moments as text of fixed width in UTC, lists as JSON."""
    return [
        moment_text(value)
        if isinstance(value, datetime)
        else orjson.dumps(value).decode()
        if isinstance(value, list | tuple)
        else value
        for value in values
    ]


def moment_text(moment: datetime) -> str:
    """ISO 8601 in UTC with six digits of fraction, so that text sorts as time does."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
