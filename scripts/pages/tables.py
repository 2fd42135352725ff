"""The settings and the commands, as the code has them, in Markdown."""

from collections.abc import Iterator
from typing import Any

import typer
from annotated_types import Ge, Le, MinLen
from pydantic.fields import FieldInfo


def settings(fields: dict[str, FieldInfo]) -> str:
    """A table of all settings: name, what it is, what may be given, default."""
    rows = ["| setting | what it is | default |", "|---|---|---|"]
    for name, field in fields.items():
        bounds = ", ".join(_bounds(field))
        told = " ".join((field.description or "").split())
        if bounds:
            told = f"{told.removesuffix('.')} ({bounds})."
        rows.append(f"| `PARLEY_{name.upper()}` | {told} | {_default(field)} |")
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
    """Each command with what it does, what it takes and its options."""
    group = typer.main.get_command(app)
    found: dict[str, Any] = getattr(group, "commands", {})
    parts = []
    for name, command in found.items():
        taken = " ".join(_usage(parameter) for parameter in command.params)
        parts.append(f"### `{name}`\n\n    python server.py {name}{f' {taken}' if taken else ''}\n\n{command.help}")
        rows = [
            f"| {_names(parameter)} | {_what(parameter)} |"
            for parameter in command.params
            if getattr(parameter, "help", None)
        ]
        if rows:
            parts.append("\n".join(["| given | what it is |", "|---|---|", *rows]))
    return "\n\n".join(parts)


def _usage(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return parameter.metavar or str(parameter.name).upper()
    flag = parameter.opts[0] if parameter.is_flag else f"{parameter.opts[0]} …"
    return flag if parameter.required else f"[{flag}]"


def _names(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"`{parameter.metavar or str(parameter.name).upper()}`"
    return ", ".join(f"`{name}`" for name in parameter.opts)


def _what(parameter: Any) -> str:
    default = parameter.default
    is_told = not getattr(parameter, "is_flag", False) and isinstance(default, str | int | float)
    return f"{parameter.help}{f' Default: `{default}`.' if is_told else ''}"
