"""Inline text as runs of equally styled characters, and how to write them as Markdown."""

import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from text import grammar, markdown

BREAK: Final = "\n"
"""A line break in the text of a run. All other white space is a blank."""

_STYLES = ("link", "bold", "italic", "struck")
_MARKERS = {"bold": "**", "italic": "*", "struck": "~~"}

_ADDRESS = re.compile(r"https?://[^\s<>\"]{1,1000}(?<![.,;:!?)'*_~])", re.IGNORECASE)
_NEEDS_BRACKETS = re.compile(r"[*`\[\]\\~|]|_(?![A-Za-z0-9])|(?<![A-Za-z0-9])_|&#?\w+;")
_SPECIAL = re.compile(
    r"[*`\[\]~]|\|(?=\|)"
    r"|\\(?=[!-/:-@\[-`{-~]|\s*$)"
    r"|(?<![^\W_])_+|_+(?![^\W_])"  # Underscores within a word are read as such.
    r"|<(?=[A-Za-z/!?]|$)"
    r"|&(?=#?\w+;)"
)
_EACH = re.compile(r"[!-/:-@\[-`{-~]")
_OPENS_BLOCK = re.compile(r"(?P<number>\d{1,9})(?=[.)](?:\s|$))|(?=>|#{1,6}(?:\s|$)|[-+](?:\s|$)|[-=]+\s*$|[-:|\s]+$)")
_PARENTHESES_AND_SUCH = re.compile(r"[\s()<>\\\x00-\x1f\"]")
_ENTITY = re.compile(r"&(?=#?\w+;)")


@dataclass(frozen=True, slots=True)
class TextRun:
    """Consecutive characters of the same style."""

    text: str
    """The description for an image."""
    bold: bool = False
    italic: bool = False
    struck: bool = False
    code: bool = False
    link: str | None = None
    """The address it links to."""
    image: str | None = None
    """The address of the image that this run is."""
    bare: bool = False
    """Whether this is an address that Markdown misreads without < >."""

    @property
    def atom(self) -> str:
        """The first and last character of its Markdown, if it is not from the text."""
        return "!" if self.image else "`" if self.code else "<" if self.bare else ""

    def without(self, style: str) -> "TextRun":
        """The same without being bold, italic or struck."""
        kept = {each: getattr(self, each) and each != style for each in _MARKERS}
        return replace(self, bold=kept["bold"], italic=kept["italic"], struck=kept["struck"])

    def alike(self, other: "TextRun") -> bool:
        """Whether the two differ only in their text."""
        return not self.image and replace(self, text=other.text) == other


def plain(runs: Iterable[TextRun]) -> str:
    """Returns the text on one line without styles."""
    return " ".join("".join(run.text for run in runs).split())


def escaped(text: str) -> str:
    """Returns the text with a backslash before every character that may be Markdown syntax."""
    return _EACH.sub(_backslashed, text)


def longest_run(text: str, character: str) -> int:
    """Returns the length of the longest run of the character."""
    return max((len(list(group)) for each, group in itertools.groupby(text) if each == character), default=0)


def lines(runs: Iterable[TextRun]) -> list[str]:
    """Returns the Markdown of a paragraph; no lines if it has no visible content."""
    return [_opening_escaped(line) for each in _split(runs) if (line := _line(_tidy(each)))]


def heading(line: str, level: int) -> str:
    """Returns a line of `lines` as a heading."""
    # Markdown drops number signs at the end of a heading.
    return f"{'#' * level} {re.sub(r'(#+)$', _backslashed, line)}"


def cell(runs: Iterable[TextRun]) -> str:
    """Returns the Markdown of a table cell."""
    return " ".join(filter(None, map(_line, map(_tidy, _split(runs))))).replace("|", "\\|")


def _split(runs: Iterable[TextRun]) -> Iterator[list[TextRun]]:
    """The runs of each line."""
    line: list[TextRun] = []
    for run in runs:
        first, *others = [run.text] if run.image else run.text.split(BREAK)
        line.append(replace(run, text=first))
        for text in others:
            yield line
            line = [replace(run, text=text)]
    yield line


def _tidy(line: Iterable[TextRun]) -> list[TextRun]:
    """Returns the runs of a line without redundant blanks, equal styles joined, addresses that need < > split off."""
    joined: list[TextRun] = []
    after_blank = True
    for run in line:
        text = run.text if run.image else re.sub(r"[ \t]+", " ", run.text)
        if after_blank and not run.image:
            text = text.removeprefix(" ")
        if not text and not run.image:
            continue
        after_blank = not run.image and text.endswith(" ")
        if joined and joined[-1].alike(run):
            joined[-1] = replace(joined[-1], text=joined[-1].text + text)
        else:
            joined.append(replace(run, text=text))
    for end, strip in ((-1, str.rstrip), (0, str.lstrip)):
        while joined and not joined[end].image:
            joined[end] = replace(joined[end], text=strip(joined[end].text))
            if joined[end].text:
                break
            del joined[end]
    return [piece for run in joined for piece in _addresses(run)]


def _addresses(run: TextRun) -> Iterator[TextRun]:
    if run.image:
        yield run
    elif run.code:
        words = run.text.strip()
        left, _, right = run.text.partition(words) if words else (run.text, "", "")
        pieces = (replace(run, text=left, code=False), replace(run, text=words), replace(run, text=right, code=False))
        yield from (piece for piece in pieces if piece.text)
    elif run.link:
        same = run.text == run.link and _ADDRESS.fullmatch(run.text)
        yield replace(run, link=None, bare=True) if same else run
    else:
        begin = 0
        for found in _ADDRESS.finditer(run.text):
            if _NEEDS_BRACKETS.search(found[0]):
                if found.start() > begin:
                    yield replace(run, text=run.text[begin : found.start()])
                yield replace(run, text=found[0], bare=True)
                begin = found.end()
        if begin < len(run.text) or not begin:
            yield replace(run, text=run.text[begin:])


def _line(runs: Sequence[TextRun]) -> str:
    runs = _with_styles_that_fit(runs)
    line = _styled(runs, _STYLES)
    if "***" in line and markdown.read(line).text.split() != "".join(run.text for run in runs).split():
        # If styles begin and end between the same two letters, Markdown can't tell which marker belongs to which.
        return _styled([run.without("italic") for run in runs], _STYLES)
    return line


def _with_styles_that_fit(runs: Sequence[TextRun]) -> list[TextRun]:
    """Returns the runs without the styles whose markers Markdown would show as text.

    Decided before any marker is written, so that the content of a dropped style joins its neighbours. Otherwise two
    emphases become adjacent, as in `*1**1*`, which Markdown reads as one.
    """
    shown = "".join(_seen(run) for run in runs)
    for count, style in enumerate(_STYLES[1:], start=2):
        fitting: list[TextRun] = []
        begin = 0
        for _, group in itertools.groupby(runs, key=lambda run: [getattr(run, each) for each in _STYLES[:count]]):
            alike = list(group)
            words = "".join(_seen(run) for run in alike)
            inside = words.strip()
            if inside and getattr(alike[0], style):
                first, last = begin + words.index(inside[0]), begin + len(words.rstrip())
                before, after = shown[first - 1 : first] or " ", shown[last : last + 1] or " "
                if not (_opens(before, inside[0]) and _opens(after, inside[-1])):
                    alike = [run.without(style) for run in alike]
            fitting += alike
            begin += len(words)
        runs = fitting
    return list(runs)


def _seen(run: TextRun) -> str:
    """Returns the text of a run as Markdown sees it when it decides about a marker beside it."""
    return run.atom * max(1, len(run.text)) if run.atom else run.text


def _styled(runs: Sequence[TextRun], styles: Sequence[str]) -> str:
    """Returns the Markdown of runs; `styles` from the outermost to the innermost."""
    if not styles:
        return "".join(map(_leaf, runs))
    style, *others = styles
    written: list[str] = []
    for value, group in itertools.groupby(runs, key=lambda run: getattr(run, style)):
        alike = list(group)
        inside = _styled(alike, others)
        words = "".join(_seen(run) for run in alike)
        left = inside[: len(words) - len(words.lstrip())]
        right = inside[len(inside) - (len(words) - len(words.rstrip())) :] if words.strip() else ""
        core = inside[len(left) : len(inside) - len(right)]
        if not value or not core:
            written.append(inside)
        elif style == "link":
            if written and written[-1].endswith("!") and not left:
                # "![" would begin an image.
                written[-1] = f"{written[-1][:-1]}\\!"
            written += (left, "[", core, "](", _destination(value), ")", right)
        else:
            written += (left, _MARKERS[style], core, _MARKERS[style], right)
    return "".join(written)


def _opens(outside: str, inside: str) -> bool:
    """Whether Markdown accepts an opening marker between these characters. For a closing one, swap the sides.

    CommonMark 0.31, section 6.2. Older parsers know fewer punctuation characters, so doubtful cases are rejected.
    """
    if outside.isspace() or unicodedata.category(inside)[0] not in "PS":
        return True
    return unicodedata.category(outside)[0] == "P" or _EACH.fullmatch(outside) is not None


def _leaf(run: TextRun) -> str:
    if run.image:
        return f"![{_words(run.text.replace(BREAK, ' '))}]({_destination(run.image)})"
    if run.code:
        return _code(run.text)
    if run.bare:
        return f"<{run.text}>"
    return _words(run.text)


def _code(text: str) -> str:
    fence = "`" * (longest_run(text, "`") + 1)
    pad = " " if text[0] == "`" or text[-1] == "`" else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _words(text: str) -> str:
    return _SPECIAL.sub(lambda found: "".join(f"\\{each}" for each in found[0]), text)


def _opening_escaped(line: str) -> str:
    """Returns the line, escaped so that it begins no list, heading, quote or other block."""
    found = _OPENS_BLOCK.match(line)
    if found is None:
        return line
    number = found["number"] or ""
    return f"{number}\\{line[len(number) :]}"


def _destination(address: str) -> str:
    encoded = _PARENTHESES_AND_SUCH.sub(lambda found: "".join(f"%{each:02X}" for each in found[0].encode()), address)
    return _ENTITY.sub(_backslashed, encoded)


def _backslashed(found: re.Match[str]) -> str:
    return f"\\{found[0] or ''}"


def address(written: str | None) -> str | None:
    """Returns the address if Parley's Markdown may link it, else None."""
    compact = "".join((written or "").split())
    if compact.startswith("//"):
        compact = f"https:{compact}"
    return compact if compact and grammar.SAFE_SCHEME.match(compact) else None
