"""Levels as functions of their own: what the executor decides for each field is decided once, when they are made.

Such a function resolves the fields of a level for rows of one class as `execution.executor.Run` does by its steps, and
makes the objects by a dict literal. It is compiled once a level has been executed for many objects.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from execution.plan import Level, Plan, Step
from execution.shapes import Shape

COMPILE_THRESHOLD = 200
"""After how many objects, over all its runs, a level is compiled: that takes as long as it saves for some hundred."""
MOST_ALIKE = 2
"""Up to how many rows have the same part, on average, so that it is made for each of them."""
MAX_COMPILED_KEYS = 64
"""Up to how many keys it is compiled for: the function stays in memory, and compiling takes time."""


def zipped(keys: Sequence[str], columns: Sequence[Sequence[Any]], count: int) -> list[dict[str, Any]]:
    """Returns `count` dicts with these keys, each with one value of every column."""
    if not keys:
        return [{} for _ in range(count)]
    return [dict(zip(keys, values, strict=True)) for values in zip(*columns, strict=True)]


def compiled(plan: Plan, level: Level, kind: type) -> Callable[..., Any] | None:
    """Returns `execute(run, rows, path, table)`, which does what `Run` does with the level's steps for rows of a class.

    None if the level can't be compiled.
    """
    writer = _Writer(plan, kind)
    try:
        value, columns = writer.literal(level, kind, "table")
    except _CannotCompile:
        return None
    return writer.function(value, columns)


class _CannotCompile(Exception):
    """A level has too many keys, or fields that are resolved in another way."""


class _Writer:
    """Writes the text of one function. In it, `c1` is a column of values and `v1` one of them, for each field."""

    def __init__(self, plan: Plan, kind: type) -> None:
        self._plan = plan
        self._kind = kind
        self._names: dict[str, Any] = {"kind": kind, "read_one_by_one": read_one_by_one}
        self._lines: list[str] = []
        self._fields = 0
        self._object_bytes = 0

    def function(self, value: str, columns: Sequence[int]) -> Callable[..., Any]:
        """The function that makes objects of the columns by the text of a dict literal."""
        transposes = any("table" in line for line in self._lines)
        lines = [
            "failures = len(run.failures)",
            "size = run.size",
            f"size.add({self._object_bytes} * path.count)",
            *(["if not table:", " table = tuple(zip(*rows))"] if transposes else []),
            *self._lines,
            f"made = {_objects(value, columns)}",
            f"return run.settled(made, {_listed(f'c{at}' for at in columns)}, failures, False)",
        ]
        text = "\n ".join(["async def execute(run, rows, path, table):", *lines])
        exec(text, self._names)  # noqa: S102 - made of nothing but numbers and names.
        # Without its own name it is no cycle, and leaves the memory with its plan.
        execute: Callable[..., Any] = self._names.pop("execute")
        return execute

    def literal(self, level: Level, kind: type, table: str) -> tuple[str, list[int]]:
        """The text of a dict literal for the objects of a level, and the columns it takes; writes what makes these."""
        self._object_bytes += level.object_bytes
        pairs: list[str] = []
        columns: list[int] = []
        for step in level.steps(kind):
            value, more = self._value(step, kind, table)
            pairs.append(f"{_key(step.field.key)}: {value}")
            columns += more
        if not pairs:
            raise _CannotCompile
        return f"{{{', '.join(pairs)}}}", columns

    def _value(self, step: Step, kind: type, table: str) -> tuple[str, list[int]]:
        at = self._fields = self._fields + 1
        field, resolver = step.field, step.resolver
        if at > MAX_COMPILED_KEYS or field.is_ahead or (resolver is None and field.name != "__typename"):
            raise _CannotCompile
        if resolver is None:
            return repr(field.parent_type.name), []
        shape = resolver.shape
        prefix = getattr(step.in_columns, "prefix", None)
        if prefix is not None and step.leaf is not None and shape.takes_ids:
            self._names[f"p{at}"] = prefix
            self._lines.append(f"c{at} = {table}[{getattr(step.in_columns, 'column', None)}]")
            return f'f"{{p{at}}}{{v{at}}}"', [at]
        below = self._plan.below_class(field, shape, kind) if step.is_itself else None
        if below is not None and not shape.nullable:
            return self.literal(below, kind, table)
        self._names[f"f{at}"], self._names[f"s{at}"] = field, shape
        self._lines += self._part(at, step, shape, table) if step.part is not None else self._column(at, step, table)
        return f"v{at}", [at]

    def _column(self, at: int, step: Step, table: str) -> list[str]:
        """The lines that resolve a field."""
        shape = self._names[f"s{at}"]
        if step.is_itself:
            return [f"c{at} = await run.themselves(f{at}, s{at}, rows, kind, path, {table})"]
        if step.in_columns is not None:
            self._names[f"r{at}"] = step.in_columns
            lines = [f"c{at} = r{at}({table})"]
        elif step.read is None:
            self._names[f"b{at}"] = step.resolver
            lines = [f"c{at} = await run.batch(f{at}, b{at}, rows)"]
        else:
            self._names[f"r{at}"] = step.read
            lines = [f"c{at} = read_one_by_one(r{at}, rows)"]
        complete = f"c{at} = await run.complete(f{at}, s{at}, c{at}, path, {step.field.nulled_depth})"
        if step.leaf is None:
            return [*lines, complete]
        sized = [f"else: size.add_texts(c{at}, path)"] if shape.is_text else []
        if shape.kind == "leaf" and shape.check is None:
            self._names[f"k{at}"] = shape.accepted
            return [*lines, f"if not k{at}.issuperset(map(type, c{at})):", f" {complete}", *sized]
        return [
            *lines,
            f"l{at} = s{at}.coerced(c{at})",
            f"c{at}, l{at} = (c{at}, True) if l{at} is None else (l{at}, False)",
            f"if l{at}: {complete}",
            *sized,
        ]

    def _part(self, at: int, step: Step, shape: Shape, table: str) -> list[str]:
        """The lines that make objects of columns of the level's own rows, or resolve the field where one lacks them."""
        part = step.part
        assert part is not None
        otherwise = self._column(at, step, table)
        level = self._plan.below_class(step.field, shape, part.kind)
        if level is None or not all(each.resolver is None or each.in_columns for each in level.steps(part.kind)):
            return otherwise
        lines, self._lines = self._lines, []
        object_bytes, self._object_bytes = self._object_bytes, 0
        value, columns = self.literal(level, part.kind, f"t{at}")
        made, self._lines = self._lines, lines
        size, self._object_bytes = self._object_bytes, object_bytes
        names = f"{table}[{part.columns[0]}]"
        lacks = " or ".join(f"None in {table}[{column}]" for column in part.needs)
        return [
            # Of few objects many times, each is made once.
            f"if {lacks} or len(set({names})) * {MOST_ALIKE} < len({names}):",
            *(f" {line}" for line in otherwise),
            "else:",
            f" t{at} = {_listed(f'{table}[{column}]' for column in part.columns)}",
            f" size.add({size} * path.count)",
            f" before{at} = len(run.failures)",
            *(f" {line}" for line in made),
            f" c{at} = {_objects(value, columns)}",
            f" c{at} = run.settled(c{at}, {_listed(f'c{each}' for each in columns)}, before{at}, {shape.nullable})",
        ]


def _key(key: str) -> str:
    """A key of a dict literal. Raises ValueError for one that is no GraphQL name, which the parser rejects."""
    if not key.isascii() or not key.isidentifier():
        raise ValueError(f"{key!r} is no name.")
    return repr(key)


def _objects(value: str, columns: Sequence[int]) -> str:
    if not columns:
        return f"[{value} for _ in rows]"
    each = "".join(f"v{at}, " for at in columns)
    return f"[{value} for {each}in zip{_listed(f'c{at}' for at in columns)}]"


def _listed(items: Iterable[str]) -> str:
    return f"({''.join(f'{item}, ' for item in items)})"


def read_one_by_one(read: Callable[[Any], Any], rows: Sequence[Any]) -> list[Any]:
    """Returns what is read of each row, or the exception that reading it raised."""
    try:
        return list(map(read, rows))
    except Exception:  # noqa: BLE001 - read once more, so that each error has its row.
        return [_read(read, row) for row in rows]


def _read(read: Callable[[Any], Any], row: Any) -> Any:
    try:
        return read(row)
    except Exception as error:  # noqa: BLE001 - reported at its path.
        return error
