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
    ("source", "said"),
    [
        ("Take the lead, Ada.", "the LEAD"),
        ("Take the lead, Ada.", "lead, ada."),
        ("Take the lead", "Take the lead"),
        ("-x- y", "-x-"),
        ("(see below)", "see"),
        ("one two three four", "one \u2026 four"),
        ("one two three four", "one [...] three"),
        ("one two three four", "one (\u2026) two"),
        ("one two three four", "...two three..."),
        ("http://www.example.com/path", "\u2026mple.com/path"),
        ("one two three four", "o... th\u2026 fou..."),
        ("one [\u2026] two", "one [\u2026] two"),
        ("Look: http://www.example.com/long/path?x=1", "http://www.example.com/lo\u2026"),
        ("Look: http://www.example.com/long/path?x=1 there", "http://www.example.com/lo... there"),
        ("\u4f60\u597d\u4e16\u754c", "\u4e16\u754c"),
        ("\u3053\u3093\u306b\u3061\u306fAda\u3055\u3093", "Ada"),
        ("anything", ""),
        ("", " \u200b"),
        ("anything", "\u2026"),
        ("leading lead", "lead"),
    ],
)
def test_words_that_stand_in_the_source(source: str, said: str) -> None:
    assert normal.contains(source, said)
    assert normal.contains(normal.normalised(source), normal.normalised(said))


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("Take the leading role", "the lead"),
        ("mislead", "lead"),
        ("one two three", "three ... one"),
        ("one two three", "one ... four"),
        ("one two", "two ... two"),
        ("shown", "sho ..."),
        ("shown", "... own"),
        ("one. two", "one two"),
        ("", "x"),
        ("\u00e9te", "\u00e9t"),
    ],
)
def test_words_that_do_not_stand_in_the_source(source: str, said: str) -> None:
    assert not normal.contains(source, said)


@settings(deadline=None)
@given(words, words, words)
def test_what_is_left_out_at_an_ellipsis_may_be_anything(begin: str, middle: str, end: str) -> None:
    assert normal.contains(f"{begin} {middle} {end}", f"{begin} \u2026 {end}")


@settings(deadline=None)
@given(words)
def test_a_text_contains_itself(text: str) -> None:
    assert normal.contains(text, text)


@pytest.mark.parametrize(
    ("source", "said"),
    [("a" * 100_000, "a" * 50_000), ("a " * 50_000, "a " * 25_000 + "b"), ("a" * 100_000, "a\u2026" * 50_000)],
)
def test_comparing_stays_quick(source: str, said: str) -> None:
    normal.contains(source, said)


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
