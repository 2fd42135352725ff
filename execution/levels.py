"""Levels as functions of their own: what the executor decides for each field is decided once, when they are made.

Such a function resolves the fields of a level for rows of one class as `execution.executor.Run` does by its steps, and
makes the objects by a dict literal. It is compiled once a level has been executed for many objects.
"""

from collections.abc import Callable, Sequence
from typing import Any

from execution.plan import Level, Step

COMPILE_THRESHOLD = 200
"""After how many objects, over all its runs, a level is compiled: that takes as long as it saves for some hundred."""
MAX_COMPILED_KEYS = 64
"""Up to how many keys it is compiled for: the function stays in memory, and compiling takes time."""


def zipped(keys: Sequence[str], columns: Sequence[Sequence[Any]], count: int) -> list[dict[str, Any]]:
    """Returns `count` dicts with these keys, each with one value of every column."""
    if not keys:
        return [{} for _ in range(count)]
    return [dict(zip(keys, values, strict=True)) for values in zip(*columns, strict=True)]


def compiled(level: Level, kind: type) -> Callable[..., Any] | None:
    """Returns `execute(run, rows, path, table)`, which does what `Run` does with the level's steps for rows of a class.

    None if the level can't be compiled. Raises ValueError for a key that is no GraphQL name, which the parser rejects.
    """
    steps = level.steps(kind)
    keys = [step.field.key for step in steps]
    if not 0 < len(keys) <= MAX_COMPILED_KEYS or not all(map(_can_compile, steps)):
        return None
    if not all(key.isascii() and key.isidentifier() for key in keys):
        raise ValueError(f"Not all of {keys} are names.")
    names: dict[str, Any] = {"kind": kind, "read_one_by_one": read_one_by_one}
    lines = ["failures = len(run.failures)", "size = run.size", f"size.add({level.object_bytes} * path.count)"]
    if any(step.in_columns is not None for step in steps):
        lines += ["if not table:", " table = tuple(zip(*rows))"]
    values = []
    columns = []
    for at, step in enumerate(steps):
        value, more = _values(at, step, names)
        values.append(value)
        lines += more
        if f"v{at}" in value:
            columns.append(at)
    pairs = ", ".join(f"{key!r}: {value}" for key, value in zip(keys, values, strict=True))
    each = "".join(f"v{at}, " for at in columns)
    if columns:
        lines.append(f"made = [{{{pairs}}} for {each} in zip({', '.join(f'c{at}' for at in columns)})]")
    else:
        lines.append(f"made = [{{{pairs}}} for _ in rows]")
    lines += ["if len(run.failures) > failures:", f" run.spread(made, ({''.join(f'c{at}, ' for at in columns)}))"]
    text = "\n ".join(["async def execute(run, rows, path, table):", *lines, "return made"])
    exec(text, names)  # noqa: S102 - made of nothing but numbers and names.
    execute: Callable[..., Any] = names["execute"]
    return execute


def _can_compile(step: Step) -> bool:
    return step.field.name == "__typename" if step.resolver is None else not step.field.is_ahead


def _values(at: int, step: Step, names: dict[str, Any]) -> tuple[str, list[str]]:
    """The value of a key in the dict literal, from `v{at}` if it needs one, and the lines that make the column `c{at}`.

    Adds to `names` what the lines refer to.
    """
    if step.resolver is None:
        return repr(step.field.parent_type.name), []
    shape = step.resolver.shape
    column, prefix = getattr(step.in_columns, "column", None), getattr(step.in_columns, "prefix", None)
    if prefix is not None and step.leaf is not None and step.leaf.takes_ids:
        names[f"p{at}"] = prefix
        return f'f"{{p{at}}}{{v{at}}}"', [f"c{at} = table[{column}]"]
    names[f"f{at}"], names[f"s{at}"] = step.field, shape
    if step.is_itself:
        return f"v{at}", [f"c{at} = await run.themselves(f{at}, s{at}, rows, kind, path, table)"]
    if step.in_columns is not None:
        names[f"r{at}"] = step.in_columns
        lines = [f"c{at} = r{at}(table)"]
    elif step.read is None:
        names[f"b{at}"] = step.resolver
        lines = [f"c{at} = await run.batch(f{at}, b{at}, rows)"]
    else:
        names[f"r{at}"] = step.read
        lines = [f"c{at} = read_one_by_one(r{at}, rows)"]
    complete = f"c{at} = await run.complete(f{at}, s{at}, c{at}, path, {step.field.nulled_depth})"
    if step.leaf is None:
        return f"v{at}", [*lines, complete]
    sized = [f"else: size.add_texts(c{at}, path)"] if shape.is_text else []
    if shape.kind == "leaf" and shape.check is None:
        names[f"k{at}"] = shape.accepted
        return f"v{at}", [*lines, f"if not k{at}.issuperset(map(type, c{at})):", f" {complete}", *sized]
    lines += [f"l{at} = s{at}.coerced(c{at})", f"c{at}, l{at} = (c{at}, True) if l{at} is None else (l{at}, False)"]
    return f"v{at}", [*lines, f"if l{at}: {complete}", *sized]


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
