"""Posts and people that are as costly as the limits let them be, or as odd as Unicode allows."""

from collections.abc import Callable

CHARACTERS = 39_000
"""Of the bodies: a reply may have 40,000."""


def _filled(unit: str) -> str:
    return (unit * (CHARACTERS // len(unit) + 1))[:CHARACTERS]


BODIES: dict[str, str] = {
    "tables": _filled("a|b\n-|-\n"),
    "a wide table": "|".join("a" * 1_000) + "\n" + "|".join("-" * 1_000) + "\n" + _filled("a|b|c|d\n")[:30_000],
    "names": _filled("@ab "),
    "names of several words": _filled("@Ada Byron King Noel "),
    "addresses": _filled("a@b.cc "),
    "links": _filled("https://a.example/b "),
    "links with labels": _filled("[a](https://b.example) "),
    "images": _filled("![a](https://b.example/c.png) "),
    "nested quotes": "\n".join("> " * depth + "a" for depth in range(1, 190)),
    "many quotes": _filled("> a\n\nb\n\n"),
    "nested lists": "\n".join("  " * depth + "- a" for depth in range(190)),
    "brackets": _filled("["),
    "brackets in pairs": _filled("[]()"),
    "emphasis": _filled("*a **b "),
    "emphasis in a word": _filled("a*b_"),
    "backticks": _filled("`a ``"),
    "entities": _filled("&amp;"),
    "angle brackets": _filled("<a b='"),
    "references": _filled("[a]: http://b\n"),
    "backslashes": _filled("\\*"),
    "one word": _filled("a"),
    "one word often": _filled("a "),
    "marks": "a" + _filled("\u0301"),
    "families": _filled("\U0001f468\u200d\U0001f469\u200d\U0001f467 "),
    "directions": _filled("\u202ea\u202c "),
    "ellipses": _filled("a \u2026 "),
    "blank lines": "a" + "\n" * (CHARACTERS - 2) + "b",
    "fences": _filled("```\na\n```\n"),
    "headings": _filled("# a\n"),
    "footnotes": _filled("a[^1]\n\n[^1]: a\n"),
    "spoilers": _filled("||a|| "),
    "tasks": _filled("- [x] a\n"),
    "definitions": "".join(f"[a{number}]: b\n" for number in range(3_500)),
    "a row beyond its head": "|a|\n|-|\n" + _filled("|a"),
    "no blanks": _filled("\u6f22"),
}
"""Bodies of replies, by what they are full of."""

NAMES = (
    "Anna \u0418\u0432\u0430\u043d\u043e\u0432\u0430",
    "\u00c9lodie \u00dcnal",
    "\u0130pek Y\u0131lmaz",
    "\u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2",
    "\u0905\u092e\u093f\u0924\u093e",
    "\u0e23\u0e38\u0e08 \u0e28\u0e34\u0e23\u0e34",
    "\u674e\u5c0f\u9f99",
    "\ubc15\uc11c\uc900",
    "\u0645\u062d\u0645\u062f \u0628\u0646 \u0639\u0644\u064a",
    "\u05d3\u05b8\u05d5\u05b4\u05d3",
    "D'Arcy O'Neill-Smith",
    "Mary-Ann 77",
    "a.b_c-d",
    "W" * 80,
)
"""Names of people, of many scripts."""


def write_all(write: Callable[[str, str], None]) -> None:
    """Calls `write` with the name of a person and a body, for each body."""
    for number, body in enumerate(BODIES.values()):
        write(NAMES[number % len(NAMES)], body)
