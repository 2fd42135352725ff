"""Tables, whose rows keep all their cells, and which are aligned by classes."""

from collections.abc import Callable

from markdown_it.rules_block import StateBlock, table
from markdown_it.rules_block.table import escapedSplit
from markdown_it.token import Token

from text import work

MAX_COLUMNS = 100


def rule(ends_text: Callable[[StateBlock, int, int, bool], bool]) -> Callable[[StateBlock, int, int, bool], bool]:
    """Returns the rule for tables. `ends_text` is the rule for lines that end one."""

    def bounded(state: StateBlock, line: int, end: int, silent: bool) -> bool:
        if line + 2 > end:
            return False
        rule_begin, rule_end = state.bMarks[line + 1], state.eMarks[line + 1]
        columns = state.src.count("|", rule_begin, rule_end) + 1
        if columns > MAX_COLUMNS or not table(state, line, end, True):
            return False
        if silent:
            return True
        rows = line + 2
        while rows < end and not state.isEmpty(rows) and not ends_text(state, rows, end, True):
            rows += 1
        # A table fills up its rows, so it may have far more cells than the body has characters.
        if state.env.get(work.WORK, 0) + work.CELL * columns * (rows - line) > work.MAX_WORK:
            raise work.TooComplex
        begin = len(state.tokens)
        table(state, line, end, False)
        state.tokens[begin:] = _whole(state, state.tokens[begin:])
        return True

    return bounded


def _whole(state: StateBlock, tokens: list[Token]) -> list[Token]:
    """The tokens of a table, with the cells of each row that has more than the head, which the library drops."""
    found: list[Token] = []
    count = 0
    row = tokens[0]
    for token in tokens:
        if token.type == "tr_open":
            row, count = token, 0
        if token.type in ("th_open", "td_open"):
            count += 1
            if alignment := token.attrs.pop("style", None):
                token.attrs["class"] = str(alignment).replace("text-align:", "align-")
        if token.type == "tr_close":
            found += _surplus(state, row, count)
        found.append(token)
    return found


def _surplus(state: StateBlock, row: Token, count: int) -> list[Token]:
    assert row.map is not None
    line = row.map[0]
    cells = escapedSplit(state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].strip())
    cells = cells[1:] if cells[0] == "" else cells
    cells = cells[:-1] if cells and cells[-1] == "" else cells
    work.charge(state.env, work.CELL * len(cells[count:]))
    found = []
    for cell in cells[count:]:
        found += [
            Token("td_open", "td", 1, level=row.level + 1, block=True),
            Token("inline", "", 0, level=row.level + 2, block=True, map=row.map, content=cell.strip(), children=[]),
            Token("td_close", "td", -1, level=row.level + 1, block=True),
        ]
    return found
