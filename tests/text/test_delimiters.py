"""Emphasis, strikethrough and spoilers open and close beside the letters and punctuation of all scripts."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from text import grammar, markdown

TAGS = {"*": "em", "**": "strong", "_": "em", "~~": "s"}
UNSPACED = [
    "\u8fd9\u662f{m}\u6211\u60f3\u505a\u7684\u4e8b\u3002{m}\u6240\u4ee5\u7ee7\u7eed\u3002",
    "\u3053\u308c\u306f{m}\u300c\u91cd\u8981\u306a\u3053\u3068\u300d{m}\u3067\u3059\u3002",
    "\ub9c8\ud06c{m}\ub9c8\ud06c\ub2e4\uc6b4(Markdown){m}\uc744 \uc0ac\uc6a9",
    "{m}100%{m}\u3092\u8d85\u3048\u308b",
    "\uff76\uff85{m}\uff62\uff76\uff85\uff63{m}\uff76\uff85",
    "\u6b63\u5b57\ufe00{m}(\u65b0)\u3002\ufe00{m}\u6b63\u5b57",
    "\u0e19\u0e35\u0e48{m}(\u0e2a\u0e33\u0e04\u0e31\u0e0d){m}\u0e21\u0e32\u0e01",
    "\u1792{m}\u179f\u17c6\u1781\u17b6\u1793\u17cb\u17d4{m}\u1793\u17c1\u17c7",
    "\u1024{m}\u1021\u101b\u1031\u1038\u104b{m}\u1014\u1031\u102c\u1000\u103a",
    "\u0f60{m}\u0f42\u0f63\u0f0d{m}\u0f51\u0f7a",
]


@pytest.mark.parametrize("marker", ["*", "**", "~~", "||"])
@pytest.mark.parametrize("sentence", UNSPACED)
def test_markers_work_in_scripts_without_blanks_between_words(sentence: str, marker: str) -> None:
    document = markdown.read(sentence.format(m=marker))
    assert document.text == sentence.format(m="")
    assert f"<{TAGS.get(marker, 'span')}" in document.html()


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("_\u5f3a\u8c03\u3002_\u540e", "\u5f3a\u8c03\u3002\u540e"),
        ("\u6587_\u300c\u5f3a\u300d_\u540e", "\u6587\u300c\u5f3a\u300d\u540e"),
        ("\u8868_\u5217\u540d_\u540e", "\u8868_\u5217\u540d_\u540e"),
        ("snake_case_name", "snake_case_name"),
        ("a||b||c", "a||b||c"),
        ("a || b || c", "a || b || c"),
        ("if (a||b)", "if (a||b)"),
        ("||\U0001f600|| x", "\U0001f600 x"),
        ("|||x|||", "|x|"),
        ("**a.**b", "**a.**b"),
        ("**\U0001f600**a", "**\U0001f600**a"),
    ],
)
def test_markers_within_words_are_text(body: str, text: str) -> None:
    assert markdown.read(body).text == text


def test_a_spoiler_is_an_element_that_can_be_focused() -> None:
    assert markdown.read("It was ||the *butler*||.").html() == (
        '<p dir="auto">It was <span class="spoiler" tabindex="0">the <em>butler</em></span>.</p>\n'
    )


WESTERN = st.lists(
    st.sampled_from(["*", "**", "***", "_", "__", "~~", "~~~", " ", "\n"])
    | st.sampled_from("ab\u00e9\u0436\u05d0\u0627\u09151")
    | st.sampled_from('.,()"+\u201c\u201d\u2014\u20ac\u00ab\u00bb\u061f\u0964'),
    max_size=25,
).map("".join)
OURS = grammar.markdown()
STOCK = MarkdownIt("commonmark", {"html": False}).enable("strikethrough")


@settings(deadline=None, max_examples=200)
@given(WESTERN)
def test_text_of_scripts_with_blanks_is_read_as_commonmark_says(text: str) -> None:
    def shape(parser: MarkdownIt) -> list[tuple[str, str]]:
        children = parser.parseInline(text)[0].children or []
        return [(token.type, re.sub(r"\s", " ", token.content)) for token in children]

    assert shape(OURS) == shape(STOCK)
