"""Each block of a post has its own direction, and turns nothing outside of it."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from text import excerpts, markdown

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


def assert_balanced(text: str) -> None:
    for line in re.split("[\n\u2029]", text):
        assert is_balanced(line), text


@settings(deadline=None, max_examples=100)
@given(
    st.lists(
        st.sampled_from([*OPENS, "\u202c", "\u2069"])
        | st.sampled_from(
            ["a", ARABIC, "*", "\n", "\n\n", "\u2029", "`", "    ", "> ", "- ", "|", "||", "|-|\n", "```\n"]
        )
        | st.sampled_from(
            ["[", "](/x)", "![", "](https://x.com/y.png)", "[^1]", "[^1]: ", "Ada said:\n", "@ada", "#1"]
        ),
        max_size=25,
    ).map("".join)
)
@example("![\u202a](/x)")
@example("[\u2067](/x) ![\u202e](/y)")
@example("\n\n```\n\u202a\n\n")
@example("> **Ada \u202asaid:**\n> b\u202c")
@example("[^\u202a]\n\n[^\u202a]: b")
@example("![\u202a](https://x.com/y.png)")
def test_what_a_line_opens_it_closes(body: str) -> None:
    for document in (markdown.read(body), markdown.read(f"a {body}")):
        quotes = document.blockquotes
        for text in (
            document.text,
            document.own_text,
            *(each.text for each in quotes),
            *(each.own_text for each in quotes),
        ):
            assert_balanced(text)
        for html in (document.html(), *(quote.html for quote in quotes)):
            assert_balanced(re.sub(r"<[^>]*>", "", html))
            for description in re.findall(r' alt="([^"]*)"', html):
                assert_balanced(description)
        assert is_balanced(excerpts.excerpt(excerpts.veiled(document.text, document.html())))


def test_a_body_that_is_too_complex_closes_what_it_opens() -> None:
    assert_balanced(markdown.read("a\u202e\n\n" + "*a " * 50_000).text)


@pytest.mark.parametrize(
    "line", ["**Ada\u202a said:**", "**Ada\u202a said:\u202c**", "A\u202ada said:", "[Ada:\u202a](/d/1)"]
)
def test_an_attribution_is_read_whatever_turns_it(line: str) -> None:
    for body in (f"> {line}\n> b", f"> {line}\n>\n> b", f"{line}\n\n> b"):
        (quote,) = markdown.read(body).blockquotes
        assert quote.attribution is not None, body
        assert (quote.attribution.name, quote.text) == ("Ada", "b")


def test_what_imports_bring_and_no_body_may_hold_is_left_out() -> None:
    document = markdown.read("a\x01b\uffffc\x9b @ada")
    assert (document.text, document.said) == ("abc @ada", "abc @ada")
    assert document.html() == '<p dir="auto">abc @ada</p>\n'
    assert document.mentions[0].candidates[-1].start == 7
