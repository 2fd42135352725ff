"""Each block of a post has its own direction, and turns nothing outside of it."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from text import markdown

ARABIC = "\u0645\u0631\u062d\u0628\u0627"


def directions(body: str) -> list[tuple[str, str]]:
    return re.findall(r'<(\w+)[^>]*? dir="(\w+)"', markdown.read(body).html())


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("a\n\n# b", [("p", "auto"), ("h1", "auto")]),
        (f"- {ARABIC}\n- a", [("ul", "rtl"), ("li", "auto"), ("li", "auto")]),
        (f"- {ARABIC}\n\n- a", [("ul", "rtl"), ("p", "auto"), ("p", "auto")]),
        (f"> **Ada said:**\n>\n> {ARABIC}", [("blockquote", "rtl"), ("p", "auto"), ("p", "auto")]),
        (f"> **Ada said:**\n> {ARABIC}", [("blockquote", "rtl"), ("p", "auto")]),
        (f"> a\n> > {ARABIC}", [("blockquote", "ltr"), ("p", "auto"), ("blockquote", "rtl"), ("p", "auto")]),
        (f"|{ARABIC}|\n|-|\n|a|", [("table", "rtl"), ("th", "auto"), ("td", "auto")]),
        (f"```\n{ARABIC}\n```", [("pre", "ltr")]),
        ("1. 2\n2. 3", [("li", "auto"), ("li", "auto")]),
        ("> " * 17 + "a", [("blockquote", "ltr")] * 16 + [("p", "auto")]),
    ],
)
def test_directions_of_blocks(body: str, found: list[tuple[str, str]]) -> None:
    assert directions(body) == found


OPENS = {"\u202a": "\u202c", "\u202b": "\u202c", "\u202d": "\u202c", "\u202e": "\u202c"} | dict.fromkeys(
    "\u2066\u2067\u2068", "\u2069"
)


def is_balanced(text: str) -> bool:
    opened: list[str] = []
    for character in text:
        if character in OPENS:
            opened.append(OPENS[character])
        elif character in "\u202c\u2069":
            if character not in opened:
                return False
            while opened.pop() != character:
                pass
    return not opened


@settings(deadline=None, max_examples=100)
@given(
    st.lists(
        st.sampled_from([*OPENS, "\u202c", "\u2069"])
        | st.sampled_from(["a", ARABIC, "*", "\n\n", "`", "> ", "- ", "|", "[", "](/x)", "![", "```\n"]),
        max_size=25,
    ).map("".join)
)
@example("![\u202a](/x)")
@example("[\u2067](/x) ![\u202e](/y)")
def test_what_a_block_opens_it_closes(body: str) -> None:
    document = markdown.read(f"a {body}")
    for block in document.text.split("\n\n"):
        assert is_balanced(block)
    assert is_balanced(re.sub(r"<[^>]*>", "", document.html()))
    for line in re.split(r"</(?:p|li|td|th|pre)>", document.html()):
        assert is_balanced(re.sub(r"<[^>]*>", "", line))


def test_what_imports_bring_and_no_body_may_hold_is_left_out() -> None:
    document = markdown.read("a\x01b\uffffc\x9b @ada")
    assert (document.text, document.said) == ("abc @ada", "abc @ada")
    assert document.html() == '<p dir="auto">abc @ada</p>\n'
    assert document.mentions[0].candidates[-1].start == 7
