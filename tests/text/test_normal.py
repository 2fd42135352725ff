"""Words are compared as a reader compares them."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from text import normal

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@pytest.mark.parametrize(
    ("raw", "normalised"),
    [
        ("  Two\n\twords ", "two words"),
        ("Stra\u00dfe", "strasse"),
        ("\u201cIt\u2019s\u201d \u2014 \u00abyes\u00bb", '"it\'s" - "yes"'),
        ("so\u00adft zero\u200bwidth", "soft zerowidth"),
        ("\uff21\uff42\uff43", "abc"),
        ("wait\u2026", "wait..."),
        ("one\u00a0two\u2003three", "one two three"),
        ("e\u0301", "\u00e9"),
        ("e\u200d\u0301", "\u00e9"),
        ("Stop! (Really?)", "stop! (really?)"),
        ("\u2764\ufe0f", "\u2764"),
        ("A\u034fda\u3164 \U000e0041", "ada"),
        ("\u00ad\u200b \n", ""),
    ],
)
def test_case_typography_and_white_space_make_no_difference(raw: str, normalised: str) -> None:
    assert normal.normalised(raw) == normalised


@settings(deadline=None)
@given(words)
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normal.normalised(text)
    assert normal.normalised(once) == once


@settings(deadline=None)
@given(words)
def test_composed_and_decomposed_letters_are_the_same(text: str) -> None:
    composed = normal.normalised(unicodedata.normalize("NFC", text))
    assert composed == normal.normalised(unicodedata.normalize("NFD", text))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("fine \U0001f600 \ufffd", None),
        ("ab\0c", "The character U+0000 at index 2 is not allowed in text."),
        ("\U0001f600\ud83d!", "The lone surrogate U+D83D at index 1 is not allowed in text."),
    ],
)
def test_text_that_nothing_can_hold_is_named(text: str, sentence: str | None) -> None:
    assert normal.invalid(text) == sentence
