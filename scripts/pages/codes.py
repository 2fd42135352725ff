"""Checks the page of errors: each declared code has its row, which says where it occurs and what to do."""

import re
from collections.abc import Mapping

from execution.error_codes import RequestErrorCode
from forum.errors import ErrorCode
from resolvers.errors import FieldErrorCode
from transports.close_codes import CloseCode

DECLARED: Mapping[str, frozenset[str]] = {
    "In the `errors` of a payload": frozenset(ErrorCode),
    "In the `errors` of a response": frozenset({*RequestErrorCode, *FieldErrorCode}),
    "When a websocket is closed": frozenset(str(code.value) for code in CloseCode),
}
"""The codes of each section of the page."""
_ROW = re.compile(r"^\| `(?P<code>\w+)` \|(?P<cells>.*)\|$", re.MULTILINE)


def unexplained(page: str) -> list[str]:
    """What is wrong with the page of errors, a sentence each."""
    problems = []
    for heading, codes in DECLARED.items():
        section = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
        text = section[1] if section else ""
        rows = {row["code"]: [cell.strip() for cell in row["cells"].split(" | ")] for row in _ROW.finditer(text)}
        problems += [f'{code} has no row under "{heading}".' for code in sorted(codes - rows.keys())]
        problems += [f'{code}, under "{heading}", is not declared.' for code in sorted(rows.keys() - codes)]
        problems += [
            f'{code}, under "{heading}", needs where it occurs and what to do.'
            for code, cells in rows.items()
            if len(cells) != 2 or not all(cells)
        ]
    return problems
