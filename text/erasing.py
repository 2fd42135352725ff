"""Removes the words and names of an erased user from the posts of others, and leaves every other character."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from text import markdown, sources
from text.naming import Found, Names
from text.quotes import Blockquote
from text.sources import Run, Span

ERASED = "[erased]"
"""The replacement for erased words and names."""
_ESCAPED = r"\[erased\]"
"""The same where brackets would mean something: in the label of a link, or before what makes a link of it."""
_WORD = "erased"
"""The same where brackets would change what is emphasised, and in addresses."""
# Signs of quotes, list markers and blanks at the beginning of a line.
_CONTAINERS = re.compile(r"(?:[ \t>]|[-+*](?=[ \t])|\d{1,9}[.)](?=[ \t]))*")
_PASSAGE_CHARACTERS = 40
"""How much of the text around a change a passage shows on either side."""


@dataclass(frozen=True, slots=True)
class Erased:
    """A text without the words and names of a user."""

    text: str
    doubtful: tuple[str, ...] = ()
    """Passages that may be theirs or somebody else's: a longer name begins with theirs, or anybody may have said so.
    They are as they were."""


@dataclass(frozen=True, slots=True)
class _Edit:
    begin: int
    end: int
    replacement: str


def erased(
    body: str, names: Names, is_theirs: Callable[[Blockquote], bool | None], *, of_others: Collection[int] = ()
) -> Erased:
    """Returns the body without the quotes for which `is_theirs` is true, the names, and the addresses of their page.

    A quote of theirs keeps its place, with ERASED as its text; the quotes in it that are not theirs stay. All other
    quotes keep their index. `of_others` are the places, in UTF-16 units, of mentions that are known to mean others.
    """
    known = set(of_others)
    found = markdown.read(body).mentions if known else ()
    numbers = {at for at, mention in enumerate(found) if mention.candidates[0].start in known}
    plain = re.sub(r"\r\n?", "\n", body)
    left = _without_quotes(plain, is_theirs)
    done = _without_names(left.text, names, numbers)
    text = _edited(done.text, [_Edit(*span, _WORD) for span in names.pages(done.text)])
    doubtful = tuple(dict.fromkeys(left.doubtful + done.doubtful + _resembling(text, names)))
    if text == plain:
        return Erased(body, doubtful)
    return Erased(_with_line_ends(text, re.findall(r"\r\n?|\n", body)), doubtful)


def _with_line_ends(text: str, ends: Sequence[str]) -> str:
    """The text with the line ends that it had; if some are gone, all are as the first one was."""
    if text.count("\n") == len(ends):
        left = iter(ends)
        return re.sub("\n", lambda _: next(left), text)
    return text.replace("\n", ends[0]) if ends else text


def without_names(text: str, names: Names) -> Erased:
    """Returns a plain text, such as a title, without the names."""
    run = sources.plain(text)
    found = names.find(run.text)
    edits = [_Edit(each.begin, each.end, ERASED) for each in found if not each.is_doubtful]
    left = _edited(text, edits)
    return Erased(left, _doubtful(run, found) + _resembling(left, names))


def passage(before: str, after: str) -> tuple[str, str]:
    """Returns where two texts differ, from the first difference to the last, each in one line with some text around."""
    begin = next((at for at, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), 0)
    longest = min(len(before), len(after)) - begin
    end = next((at for at in range(longest) if before[-1 - at] != after[-1 - at]), longest)
    return _excerpt(before, begin, len(before) - end), _excerpt(after, begin, len(after) - end)


def _excerpt(text: str, begin: int, end: int) -> str:
    first, last = max(0, begin - _PASSAGE_CHARACTERS), end + _PASSAGE_CHARACTERS
    if last - first > 5 * _PASSAGE_CHARACTERS:
        last = first + 5 * _PASSAGE_CHARACTERS
    words = " ".join(text[first:last].split())
    return f"{'…' if first else ''}{words}{'…' if last < len(text) else ''}"


def _edited(text: str, edits: Sequence[_Edit]) -> str:
    for edit in sorted(edits, key=lambda edit: edit.begin, reverse=True):
        text = text[: edit.begin] + edit.replacement + text[edit.end :]
    return text


def _without_quotes(body: str, is_theirs: Callable[[Blockquote], bool | None]) -> Erased:
    blocks = markdown.read(body).blockquotes
    found = {block.index: is_theirs(block) for block in blocks}
    theirs = {index for index, is_one in found.items() if is_one}
    doubtful = tuple(_excerpt(f"> {block.text}", 0, 0) for block in blocks if found[block.index] is None)
    if not theirs:
        return Erased(body, doubtful)
    lines = body.split("\n")
    inside: dict[int | None, list[Blockquote]] = {}
    for block in blocks:
        inside.setdefault(block.parent, []).append(block)

    def without(first: int, end: int, around: int | None) -> list[str]:
        """The lines from `first` to `end`, in which the quotes in `around` are."""
        left: list[str] = []
        for block in inside.get(around, ()):
            left += [*lines[first : block.lines[0]], *rewritten(block)]
            first = block.lines[1]
            if block.index in theirs and first < end and lines[first].strip(" \t>"):
                # Or what follows would be part of the quote.
                left.append(_empty(_opening(lines[block.lines[0]], block.depth)))
        return left + lines[first:end]

    def rewritten(block: Blockquote) -> list[str]:
        if block.index not in theirs:
            return without(*block.lines, block.index)
        opening = _opening(lines[block.lines[0]], block.depth + 1)
        left = [f"{opening} {ERASED}"]
        for inner in inside.get(block.index, ()):
            left += [_empty(opening), *(_moved(line, opening, inner.depth + 1) for line in rewritten(inner))]
        return left

    return Erased("\n".join(without(0, len(lines), None)), doubtful)


def _signs(line: str) -> list[int]:
    """Where the signs of the quotes stand that a line is in."""
    found = _CONTAINERS.match(line)
    return [sign.start() for sign in re.finditer(">", found[0])] if found else []


def _opening(line: str, depth: int) -> str:
    """The beginning of the line in which a quote begins, up to the sign of the quote number `depth` around it."""
    return line[: _signs(line)[depth - 1] + 1] if depth else ""


def _empty(opening: str) -> str:
    """An empty line in these quotes and lists."""
    return re.sub(r"[^\s>]", " ", opening).rstrip()


def _moved(line: str, opening: str, depth: int) -> str:
    """A line of a quote inside of a list item that is gone, with its sign right behind that of the quote around it."""
    signs = _signs(line)
    if len(signs) < depth or re.fullmatch(" {0,4}", line[signs[depth - 2] + 1 : signs[depth - 1]]):
        return line
    return f"{_empty(opening)} {line[signs[depth - 1] :]}"


def _without_names(body: str, names: Names, of_others: Collection[int]) -> Erased:
    document = markdown.read(body)
    of_them = [block for block in document.blockquotes if _names(block, names)]
    others = [_span(body, mention) for at, mention in enumerate(document.mentions) if at in of_others]
    runs = sources.runs(body)
    found: list[list[Found]] = []
    doubtful: list[str] = []
    for run in runs:
        there = [
            each
            for each in names.find(run.text, attribution=_attribution(run, of_them))
            if not any(begin <= run.places[each.begin][0] < end for begin, end in others)
        ]
        found.append([each for each in there if not each.is_doubtful])
        doubtful += _doubtful(run, there)
    if not any(found):
        return Erased(body, tuple(doubtful))
    # Brackets may make a link of what follows them, or a definition, which is not shown; or emphasis ends at them.
    for form, shown in ((ERASED, ERASED), (_ESCAPED, ERASED), (_WORD, _WORD)):
        done = _edited(body, [edit for run, there in zip(runs, found, strict=True) for edit in _form(run, there, form)])
        expected = [
            _edited(run.text, [_Edit(each.begin, each.end, shown if run.is_prose else ERASED) for each in there])
            for run, there in zip(runs, found, strict=True)
        ]
        if [run.text for run in sources.runs(done)] == expected:
            return Erased(done, tuple(doubtful))
    return _without_runs(body, runs, found, doubtful)


def _without_runs(body: str, runs: Sequence[Run], found: Sequence[Sequence[Found]], doubtful: Sequence[str]) -> Erased:
    """The body without the whole runs that hold the names, which are told: nobody knows what else would be shown."""
    spans = [(min(run.places)[0], max(run.places)[1]) for run, there in zip(runs, found, strict=True) if there]
    # The title of a link stands in another run.
    outer = [one for one in spans if not any(a <= one[0] and one[1] <= b and (a, b) != one for a, b in spans)]
    told = [_excerpt(run.text, each.begin, each.end) for run, there in zip(runs, found, strict=True) for each in there]
    edits = [_Edit(begin, end, _ESCAPED) for begin, end in sorted(set(outer))]
    return Erased(_edited(body, edits), (*doubtful, *told))


def _form(run: Run, found: Sequence[Found], form: str) -> list[_Edit]:
    return [edit for each in found for edit in _edits(run, each, form if run.is_prose else _ESCAPED)]


def _attribution(run: Run, quotes: Sequence[Blockquote]) -> Span:
    """The part of a run that says who is quoted in one of these quotes: its first line, or its last before a quote."""
    for quote in quotes:
        if run.is_prose and run.lines == quote.attributed_in:
            is_before = run.lines[0] < quote.lines[0]
            line = run.text.rpartition("\n")[2] if is_before else run.text.partition("\n")[0]
            return (len(run.text) - len(line), len(run.text)) if is_before else (0, len(line))
    return 0, 0


def _names(block: Blockquote, names: Names) -> bool:
    return block.attribution is not None and names.names(block.attribution.name)


def _span(body: str, mention: markdown.FoundMention) -> Span:
    """Where the longest candidate of a mention stands."""
    longest = mention.candidates[0]
    units = body.encode("utf-16-le")
    begin = len(units[: 2 * longest.start].decode("utf-16-le"))
    return begin, begin + len(units[2 * longest.start : 2 * (longest.start + longest.length)].decode("utf-16-le"))


def _edits(run: Run, found: Found, replacement: str) -> list[_Edit]:
    """What removes one name from the source: its characters, and the markers of emphasis that divide it."""
    links = [link for link in run.links if link.begin < found.end and found.begin < link.end]
    # The text of a link stays one.
    first = max(found.begin, links[0].begin) if links else found.begin
    if any(link.is_label for link in links):
        replacement = _ESCAPED
    begin, end = run.places[found.begin][0], run.places[found.end - 1][1]
    gone = sorted({run.places[at] for at in range(found.begin, found.end)})
    for opening, closing in run.emphasis:
        if (begin <= opening[0] < end) != (begin <= closing[0] < end) or begin <= opening[0] < end:
            gone += [opening, closing]
    target = run.places[first]
    return [_Edit(*span, replacement if span == target else "") for span in sorted(set(gone))]


def _resembling(text: str, names: Names) -> tuple[str, ...]:
    return tuple(_excerpt(text, *span) for span in names.resembling(text))


def _doubtful(run: Run, found: Sequence[Found]) -> tuple[str, ...]:
    return tuple(_excerpt(run.text, each.begin, each.end) for each in found if each.is_doubtful)
