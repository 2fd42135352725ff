"""The settings and the commands in Markdown, generated from the code."""

from collections.abc import Iterator
from typing import Any

import typer
from annotated_types import Ge, Le, MinLen
from pydantic.fields import FieldInfo
from typer.cli import get_docs_for_click


def settings(fields: dict[str, FieldInfo]) -> str:
    """A table of all settings: name, description with the permitted values, default."""
    rows = ["| setting | what it is | default |", "|---|---|---|"]
    for name, field in fields.items():
        bounds = ", ".join(_bounds(field))
        description = " ".join((field.description or "").split())
        if bounds:
            description = f"{description.removesuffix('.')} ({bounds})."
        rows.append(f"| `PARLEY_{name.upper()}` | {description} | {_default(field)} |")
    return "\n".join(rows)


def _bounds(field: FieldInfo) -> Iterator[str]:
    for bound in field.metadata:
        match bound:
            case Ge(ge=least):
                yield f"at least {least:,}"
            case Le(le=most):
                yield f"at most {most:,}"
            case MinLen(min_length=least):
                yield f"at least {least} characters"


def _default(field: FieldInfo) -> str:
    value = field.default
    if value is None or value == []:
        return "none"
    return f"`{value}`"


def commands(app: typer.Typer) -> str:
    """The reference of all commands, as Typer's own `typer server utils docs` writes it."""
    group: Any = typer.main.get_command(app)
    context = typer.Context(group)
    found = {name: group.get_command(context, name) for name in group.list_commands(context)}
    return "\n".join(
        get_docs_for_click(obj=command, ctx=typer.Context(command), indent=1, name=name, call_prefix="python server.py")
        for name, command in found.items()
    )
