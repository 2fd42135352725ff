"""Reads and writes attributions: the line at the start of a blockquote, or before it, that says who is quoted."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from markdown_it.token import Token

from text import characters, links, mentions, plain

NAME_CHARACTERS = 80
_PLAIN_NAME_WORDS = 6

# The verbs that the quote buttons of forums and mail programs write after the name and a space.
_VERBS = (
    # English, German, Dutch, the Nordic languages.
    *("said", "says", "wrote", "writes", "schrieb", "schreibt", "sagte", "sagt", "meinte", "schreef", "zei"),
    *("hat geschrieben", "hat gesagt", "heeft geschreven", "har skrevet", "har skrivit"),
    *("skrev", "skriver", "sa", "sade", "sagde", "kirjoitti", "sanoi"),
    # French, Spanish, Portuguese, Catalan, Italian, Romanian.
    *("a écrit", "a dit", "écrit", "escribió", "dijo", "ha escrito", "ha dicho", "escreveu", "disse", "va dir"),
    *("va escriure", "ha scritto", "ha detto", "scrisse", "a scris", "a spus"),
    # Polish, Czech, Russian, Ukrainian, Greek, Turkish, Hungarian; "(\u0430)" is Cyrillic.
    *("napisał", "napisała", "napisał(a)", "powiedział", "powiedziała", "powiedział(a)", "napsal", "napsala"),
    *("napsal(a)", "řekl", "řekla", "написал", "написала", "написал(\u0430)", "сказал", "сказала", "сказал(\u0430)"),
    *("пишет", "написав", "сказав", "έγραψε", "είπε", "yazd\u0131", "dedi", "írta", "mondta"),
)
# Verbs written right after the name: Chinese, Japanese, Korean.
_JOINED_VERBS = (
    "说",
    "說",
    "写道",
    "寫道",
    "さんは書きました",
    "さんが書きました",
    "さんの発言",
    "님이 말함",
    "님의 말",
)


def _any(verbs: Sequence[str]) -> str:
    return "|".join(map(re.escape, sorted(verbs, key=len, reverse=True)))


_VERB = rf"(?:\s+(?:{_any(_VERBS)})(?!\w)|\s*(?:{_any(_JOINED_VERBS)}))"
_SAID = re.compile(_VERB, re.IGNORECASE)
_NAME_SAID = re.compile(rf"(?P<name>.+?){_VERB}\s*[:\uff1a]", re.IGNORECASE | re.DOTALL)
# A year, or a date in digits.
_DATE = r"(?:\b[0-9]{4}\b|\b[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{1,4}\b|[0-9]{4}\u5e74)"
_DATED = re.compile(_DATE)
# What may follow the verb: a colon, and a date before or after it. Some forums add an arrow.
_AFTER_VERB = re.compile(
    rf"\s*[:\uff1a](?:\s*\u2191?[^\n]{{0,20}}{_DATE}.{{0,40}}|\s*\u2191)?"
    rf"|[^:\uff1a]{{0,40}}{_DATE}.{{0,40}}[:\uff1a]|\s*\([^()]{{0,40}}{_DATE}[^()]{{0,40}}\)\s*[:\uff1a]"
)
# Mail programs write the date before the name, or between the name and the verb; some have the verb before the name.
_DATE_NAME = re.compile(
    r"(?:.*[0-9]\)?(?:\s?(?:[AaPp]\.?[Mm]\.?|Uhr|h|\u0433\.|UTC|GMT|[A-Z]{2,4}T)?(?:\s?[+-][0-9:]+)?),?|.*[0-9].*,|.*[0-9]\S*)"
    r"\s+(?:odes\u00edlatel\s+)?(?P<name>\D.*)",
    re.DOTALL,
)
_DATE_VERB_NAME = re.compile(
    rf".{{0,40}}{_DATE}.{{0,40}}?\s(?:{_any(_VERBS)})\s+(?P<name>.+?)\s*[:\uff1a]", re.IGNORECASE
)
_DATE_NAME_MAIL = re.compile(rf".{{0,40}}{_DATE}.{{0,100}}@\S+\s*[:\uff1a]")
_MAIL = re.compile(r"\s*[<(\[]*(?:mailto:)?[^\s<>()\[\],;:@]{1,64}@[^\s<>()\[\],;:@]+[>)\]]*,?(?!\S)")
_POSTED_BY = re.compile(
    r"(?:originally posted by|posted by|quote from|quote by|zitat von|citation de|cita de|citazione di)"
    rf"(?P<colon>\s*:)?\s+(?P<name>.+?)(?:\s+(?:on|am|le|el|il)\s[^\n]{{0,20}}{_DATE}.{{0,40}})?\s*[:\uff1a]?\s*\u2191?",
    re.IGNORECASE,
)
_MAY_ATTRIBUTE = re.compile(
    r"[:\uff1a]|/d/|#reply-|posted by|quote (?:from|by)|zitat von|citation de|cita(?:zione)? d", re.IGNORECASE
)
_LINE_CHARACTERS = 1_000
_CALLED_CHARACTERS = 250
"""How long a name may be together with a date and an e-mail address."""
_COLON = re.compile(r"\s*[:\uff1a]\s*$")
# "Then he said:" introduces a story, not a quote.
_PRONOUNS = frozenset(
    {"i", "you", "he", "she", "it", "we", "they", "who", "and", "then"}
    | {"er", "sie", "wir", "ich", "il", "elle", "ils", "on", "je", "nous", "él", "ella", "yo"}
)
_SENTENCE = re.compile(r"[!?:;,\"“”]")
_SPECIAL = re.compile(r"[\\`*_\[\]<>&~|]")
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_OPENS_BLOCK = re.compile(r"^([0-9]*)([.)]|(?<![0-9])[#+=:-])")
# Bare links of these characters need no escaping, so they stay links.
_PLAIN_LINK = re.compile(r"https?://(?:[A-Za-z0-9/:.?=%+,#@&-]|(?<=[A-Za-z0-9])_(?=[A-Za-z0-9]))+")


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who is quoted, as the quoting text says it."""

    name: str
    """The name as written, a handle without its @; empty if there is only a link."""
    handle: bool
    """Whether the name was written as a handle, for example @ada."""
    link: str | None
    """The address of the quoted post if the text links to one; see text.links.post_reference."""
    is_claim: bool = field(default=True, compare=False)
    """Whether the line says that somebody by this name said it. A link's text alone may be any words."""


def read(children: Sequence[Token]) -> tuple[Attribution, int] | None:
    """Reads an attribution from the first line of a paragraph.

    Returns it with the index of the inline token after that line; None if the line is no attribution.
    """
    end = next(_breaks(children), len(children))
    found = _of_line(children[:end])
    return None if found is None else (found[0], end)


def read_before(children: Sequence[Token]) -> tuple[Attribution, int] | None:
    """Reads an attribution from the last line of a paragraph, which stands before a blockquote.

    Returns it with the index of the line's first inline token; None if the line is no attribution. A mere link is one
    only if a colon follows.
    """
    begin = max((at + 1 for at in _breaks(children)), default=0)
    found = _of_line(children[begin:])
    return None if found is None or not found[1] else (found[0], begin)


def may_attribute(line: str) -> bool:
    """Whether a line of Markdown may be an attribution: a quick check that lets some others pass, too."""
    return len(line) <= 3 * _LINE_CHARACTERS and _MAY_ATTRIBUTE.search(line) is not None


def _breaks(children: Sequence[Token]) -> Iterator[int]:
    """The indices of line breaks, up to the first that is within emphasis or a link."""
    level = 0
    for index, token in enumerate(children):
        level += token.nesting
        if token.type in ("softbreak", "hardbreak"):
            if level:
                return
            yield index


def _of_line(line: Sequence[Token]) -> tuple[Attribution, bool] | None:
    """The attribution in a line, and whether it introduces what follows by a verb or a colon."""
    types = {token.type for token in line}
    text = _text(line)
    if not text or len(text) > _LINE_CHARACTERS or types & {"image", "code_inline", "softbreak", "hardbreak"}:
        return None
    links_there = sum(token.type == "link_open" for token in line)
    if links_there > 1:
        return None
    # The parser does not treat an address without a host as a bare link.
    link, label = _link(line) if links_there else (text if text[0] in "/#" else "", text)
    post = link if links.post_reference(link) else None
    emphasised = next(token for token in line if token.type != "text" or token.content).type != "text"
    if emphasised and (whole := _NAME_SAID.fullmatch(text)):
        # As written by `attribute`: the name may be anything.
        names = [whole["name"]]
    else:
        names = [each for each in _names(text, label if post and links_there else "") if _is_name(each)]
    if names:
        found = _attribution(names[0], post)
        return None if found is None else (found, True)
    introduced = _COLON.search(text) is not None
    if post is not None and _COLON.sub("", text) == _COLON.sub("", label):
        name = _COLON.sub("", label)
        found = _attribution("" if links.post_reference(name) else name, post)
        return None if found is None else (replace(found, is_claim=found.handle), introduced)
    return None


def _text(line: Sequence[Token]) -> str:
    """The text of a line, without what turns directions: no name holds that, and its end may be closed by it."""
    return characters.without_controls(plain.line(line)).strip()


def _names(text: str, label: str) -> Iterator[str]:
    """The names that a line may attribute to. `label` is the text of its link to a post."""
    for verb in _SAID.finditer(text):
        name, rest = text[: verb.start()], text[verb.end() :]
        if len(name) > _CALLED_CHARACTERS:
            return
        # NodeBB names the discussion after the verb, as a link.
        linked = label and re.fullmatch(rf"\s+\w{{1,6}}\s+{re.escape(label)}\s*[:\uff1a]", rest)
        if name.strip() and (linked or _AFTER_VERB.fullmatch(rest)):
            yield _person(name)
    for pattern in (_DATE_VERB_NAME, _DATE_NAME_MAIL, _POSTED_BY):
        if found := pattern.fullmatch(text):
            yield _person(found["name"] if "name" in pattern.groupindex else _COLON.sub("", text))


def _person(called: str) -> str:
    """The name without the date and the e-mail address that mail programs write beside it."""
    name = called.strip().rstrip(",")
    address = _MAIL.search(name) if "@" in name else None
    cut = address is not None and bool(address.start()) and address.end() < len(name)
    if address and cut:
        # A date or a particle of the verb stands between the address and the verb.
        name = name[: address.start()]
    if address:
        # Before the date: in an address, or before it, digits of a name may stand.
        name = _MAIL.sub("", name).strip() or name
    if not cut and _DATED.search(name) and (dated := _DATE_NAME.fullmatch(name)):
        name = dated["name"]
    return name.strip(' ,"\u201c\u201d') or name


def _link(line: Sequence[Token]) -> tuple[str, str]:
    """The address and the text of the link in this line."""
    begin = next(index for index, token in enumerate(line) if token.type == "link_open")
    end = next(index for index, token in enumerate(line) if token.type == "link_close")
    # The parser takes a colon right after a bare link as part of it.
    return str(line[begin].attrs.get("href", "")).rstrip(":"), _text(line[begin:end])


def _attribution(name: str, link: str | None) -> Attribution | None:
    said = name.strip()
    handle = False
    if said.startswith("@"):
        handle = mentions.HANDLE.fullmatch(said, 1) is not None
        said = said[1:].strip()
    if len(said) > NAME_CHARACTERS or not (said or link):
        return None
    return Attribution(said, handle, link)


def _is_name(name: str) -> bool:
    """Whether words that nothing marks as a name are one."""
    if name.startswith("@"):
        return True
    words = name.split()
    if not words or len(words) > _PLAIN_NAME_WORDS or _SENTENCE.search(name) or words[-1].lower() in _PRONOUNS:
        return False
    return len(words) == 1 or all(not word[0].islower() or word in mentions.PARTICLES for word in words)


def attribute(name: str, text: str) -> str:
    """Returns the Markdown of a quote: an attribution, then the text, escaped so that it is shown as it is.

    Parsing it returns name and text except for white space: a name is one line of at most NAME_CHARACTERS, lines are
    stripped, and consecutive empty lines become one. A name that begins with @ is parsed as a handle.
    Raises ValueError if the name is blank.
    """
    called = " ".join(name.split())[:NAME_CHARACTERS].strip()
    if not called.strip("@ "):
        raise ValueError("The name of an attribution is blank. Pass a name, or use unattributed().")
    # A handle is written unescaped; in other names backslashes prevent Markdown and links.
    sign, rest = ("@", called[1:]) if called.startswith("@") else ("", called)
    return _quoted(
        [
            f"**{sign}{_PUNCTUATION.sub(_backslashed, rest)} said:**",
            *(["", *lines] if (lines := _escaped_lines(text)) else []),
        ]
    )


def unattributed(text: str) -> str:
    """Returns the Markdown of a quote without an attribution; otherwise like `attribute`."""
    return _quoted(_escaped_lines(text))


def _escaped_lines(text: str) -> list[str]:
    """Plain text as lines of Markdown, without empty lines at either end or two in a row."""
    lines: list[str] = []
    for line in text.splitlines():
        if stripped := line.strip():
            lines.append(_escaped(stripped))
        elif lines and lines[-1]:
            lines.append("")
    return lines[:-1] if lines and not lines[-1] else lines


def _quoted(lines: Sequence[str]) -> str:
    return "\n".join(f"> {line}".rstrip() for line in lines) + "\n"


def _escaped(line: str) -> str:
    escaped = re.sub(r"\S+", lambda run: run[0] if _PLAIN_LINK.fullmatch(run[0]) else _escaped_run(run[0]), line)
    return _OPENS_BLOCK.sub(r"\1\\\2", escaped)


def _escaped_run(run: str) -> str:
    return _SPECIAL.sub(_backslashed, run).replace("://", "\\://")


def _backslashed(match: re.Match[str]) -> str:
    return f"\\{match[0]}"
