"""Excerpts end between words, and show nobody the words of a spoiler."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.scripts import SCRIPTS, Script
from text import excerpts, markdown
from text.excerpts import VEIL, excerpt, veiled


def shown(body: str) -> str:
    document = markdown.read(body)
    return veiled(document.text, document.html())


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("1. It was ||the *butler*||.", f"It was {VEIL}."),
        ("||a ||b|| c|| d", f"{VEIL} d"),
        ("**||a||** [||b||](/x '\"> c') `d || e || f`", f"{VEIL} {VEIL} d || e || f"),
        ("||a|| <&> ![b](https://e.com/c.png 'd>e') ![f](/g)", f"{VEIL} <&> b f"),
        ("# ||a||\n\n> b\n\n| c | d |\n|-|-|\n| \\|\\|e\\|\\| | f |", f"{VEIL} b c d {VEIL} f"),
        ("||a|| b*c*`d`[e](/f)~~g~~", f"{VEIL} bcdeg"),
        ("||![a](https://e.com/c.png)|| b", f"{VEIL} b"),
        ('a ||b|| <span class="spoiler">c</span>', f'a {VEIL} <span class="spoiler">c</span>'),
    ],
)
def test_spoilers_are_veiled_outside_of_their_posts(body: str, text: str) -> None:
    assert shown(body).split() == text.split()


@pytest.mark.parametrize("body", ["1. a\n2. b", "a || b", "`||a||`", 'a <span class="spoiler">', "- [x] a"])
def test_a_text_without_spoilers_is_shown_as_it_is(body: str) -> None:
    assert shown(body) == markdown.read(body).text


PIECES = st.sampled_from(["||", "a", " ", "*", "**", "\n", "\n\n", "`", "[", "](/x)", "> ", "- ", "<", ">", "&", '"'])


@settings(deadline=None)
@given(st.lists(PIECES, max_size=20).map("".join))
def test_no_word_of_a_spoiler_is_shown(rest: str) -> None:
    document = markdown.read(f"||secret|| {rest}")
    text = veiled(document.text, document.html())
    assert "secret" in document.text
    assert ("secret" in text) is ('class="spoiler"' not in document.html() or "||secret||" in document.text)


def test_an_excerpt_is_one_line_cut_between_words() -> None:
    assert excerpt("a\n\n  b\tc ") == "a b c"
    assert excerpt("word " * 40) == " ".join(["word"] * 40)
    assert excerpt("word " * 41) == " ".join(["word"] * 40) + "\u2026"
    assert excerpt("a " * 10_000) == " ".join(["a"] * 100) + "\u2026"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.called)
def test_long_texts_of_any_script_are_cut_between_characters(script: Script) -> None:
    word = script.word * 200
    cut = excerpt(word)
    assert len(cut) <= excerpts.MAX_CHARACTERS
    assert cut.endswith("\u2026") and word.startswith(cut[:-1]) and len(cut) > excerpts.MAX_CHARACTERS - 30
