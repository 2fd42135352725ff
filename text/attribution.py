"""Reads and writes attributions: the line at the start of a blockquote that says who is quoted."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from markdown_it.token import Token

from text import links, mentions, plain

NAME_CHARACTERS = 80
_PLAIN_NAME_WORDS = 6

# The verbs that the quote buttons of forums and mail programs write after the name and a space.
_VERBS = (
    # English, German, Dutch, the Nordic languages.
    *("said", "says", "wrote", "writes", "schrieb", "schreibt", "sagte", "sagt", "meinte", "schreef", "zei"),
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
    return "|".join(map(re.escape, verbs))


_SAID = re.compile(
    rf"(?P<name>.+?)(?:\s+(?:{_any(_VERBS)})|\s*(?:{_any(_JOINED_VERBS)}))\s*[:\uff1a]", re.IGNORECASE | re.DOTALL
)
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


def read(children: Sequence[Token]) -> tuple[Attribution, int] | None:
    """Reads an attribution from the first line of a paragraph.

    Returns it with the index of the inline token after that line; None if the line is no attribution.
    """
    level = 0
    end = len(children)
    for index, token in enumerate(children):
        level += token.nesting
        if token.type in ("softbreak", "hardbreak"):
            if level:
                return None
            end = index
            break
    found = _of_line(children[:end])
    return None if found is None else (found, end)


def _of_line(line: Sequence[Token]) -> Attribution | None:
    types = [token.type for token in line]
    text = plain.line(line).strip()
    if not text or len(text) > 1_000 or "image" in types or "code_inline" in types or types.count("link_open") > 1:
        return None
    linked = "link_open" in types
    # The parser does not treat an address without a host as a bare link.
    link, label = _link(line) if linked else (text if text[0] in "/#" else "", text)
    post = link if links.post_reference(link) else None
    if said := _SAID.fullmatch(text):
        name = said["name"]
        emphasised = next(token for token in line if token.type != "text" or token.content).type != "text"
        if emphasised or name.startswith("@") or _is_plain_name(name):
            return _attribution(name, post)
    elif post is not None and _COLON.sub("", text) == _COLON.sub("", label):
        name = _COLON.sub("", label)
        return _attribution("" if links.post_reference(name) else name, post)
    return None


def _link(line: Sequence[Token]) -> tuple[str, str]:
    """The address and the text of the link in this line."""
    begin = next(index for index, token in enumerate(line) if token.type == "link_open")
    end = next(index for index, token in enumerate(line) if token.type == "link_close")
    # The parser takes a colon right after a bare link as part of it.
    return str(line[begin].attrs.get("href", "")).rstrip(":"), plain.line(line[begin:end]).strip()


def _attribution(name: str, link: str | None) -> Attribution | None:
    said = name.strip()
    handle = False
    if said.startswith("@"):
        handle = mentions.HANDLE.fullmatch(said, 1) is not None
        said = said[1:].strip()
    if len(said) > NAME_CHARACTERS or not (said or link):
        return None
    return Attribution(said, handle, link)


def _is_plain_name(name: str) -> bool:
    words = name.split()
    if len(words) > _PLAIN_NAME_WORDS or _SENTENCE.search(name) or words[-1].lower() in _PRONOUNS:
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
