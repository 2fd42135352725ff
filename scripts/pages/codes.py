"""Which codes a client can meet, as the code has them, and what the page of errors says of each.

Three kinds: failures of mutations, which are types of the schema; codes of errors beside `data`; and close codes of
websockets. What is found here and not explained there, or the other way round, is told by `unexplained`.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from graphql import GraphQLSchema

from transports.close_codes import CloseCode

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("schema", "resolvers", "db", "execution", "live", "transports", "web", "server.py")
MAKERS = {"request_error": 0, "_error": 0}
"""The functions that make errors for clients, and which argument is the code."""
HEADINGS = {
    "failures": "In the `errors` of a payload",
    "errors": "In the `errors` of a response",
    "closes": "When a websocket is closed",
}
"""The sections of the page, by what stands in the table below each."""
_ROW = re.compile(r"^\| `(?P<code>\w+)` \|(?P<cells>.*)\|$", re.MULTILINE)


class CodeUnknown(Exception):
    """A place makes an error whose code can't be read off the source."""


def failures(schema: GraphQLSchema) -> set[str]:
    """The codes of expected failures: the types that are a MutationError, in capitals."""
    interface = schema.type_map["MutationError"]
    names = [each.name for each in schema.get_implementations(interface).objects]  # type: ignore[arg-type]
    return {re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper() for name in names}


def errors() -> set[str]:
    """The codes that stand under `extensions.code`. Raises CodeUnknown."""
    return {code for path in _modules() for code in _made(ast.parse(path.read_text()), path)}


def closes() -> set[str]:
    """The codes with which a websocket is closed."""
    return {str(code.value) for code in CloseCode}


def unexplained(page: str, schema: GraphQLSchema) -> list[str]:
    """What is wrong with the page of errors, a sentence each: it says for each code where it occurs and what to do."""
    problems = []
    for kind, known in (("failures", failures(schema)), ("errors", errors()), ("closes", closes())):
        heading = HEADINGS[kind]
        section = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
        if section is None:
            problems.append(f"There is no section «{heading}».")
            continue
        told = {row["code"]: [cell.strip() for cell in row["cells"].split(" | ")] for row in _ROW.finditer(section[1])}
        problems += [f"{code} is not explained under «{heading}»." for code in sorted(known - set(told))]
        problems += [f"{code}, under «{heading}», is none of the code's." for code in sorted(set(told) - known)]
        problems += [
            f"{code}, under «{heading}», needs where it occurs and what to do."
            for code, cells in told.items()
            if len(cells) != 2 or not all(cells)
        ]
    return problems


def _modules() -> Iterator[Path]:
    for room in ROOMS:
        path = ROOT / room
        yield from [path] if path.is_file() else sorted(path.rglob("*.py"))


def _made(tree: ast.AST, path: Path) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name), args=arguments) if name in MAKERS and arguments:
                yield from _read(arguments[MAKERS[name]], path)
        match node:
            case ast.Call(keywords=keywords):
                for keyword in keywords:
                    if keyword.arg == "code":
                        yield from _read(keyword.value, path)
            case ast.arguments(kwonlyargs=names, kw_defaults=defaults):
                for argument, default in zip(names, defaults, strict=True):
                    if argument.arg == "code" and default is not None:
                        yield from _read(default, path)
            case ast.Dict(keys=keys, values=values):
                for key, value in zip(keys, values, strict=True):
                    # What is read off an object, as the code of a close, is no error's.
                    if isinstance(key, ast.Constant) and key.value == "code" and not isinstance(value, ast.Attribute):
                        yield from _read(value, path)


def _read(value: ast.expr, path: Path) -> Iterator[str]:
    """The code that is written out. One that is handed on by the name `code` is read where it came from."""
    match value:
        case ast.Constant(value=str(code)) | ast.Attribute(value=ast.Name(id="RequestErrorCode"), attr=code):
            yield code
        case ast.Constant(value=None) | ast.Name(id="code"):
            pass
        case _:
            raise CodeUnknown(f"{path}:{value.lineno}: which code is `{ast.unparse(value)}`?")
