"""Words that are held: found as whole words, however they are written."""

import pytest

from tests.support import scripts
from text.held_words import read

# ruff: noqa: RUF001
LIST = "# What nobody needs\n\nviagra\ncheap pills\nNaïve\nпидор\n赌博\n\ufeffC++\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Buy Viagra!", ["viagra"]),
        ("VIAGRA, viagra", ["viagra"]),
        ("vi\u200bag\u00adra", ["viagra"]),
        ("v\u0336i\u0336a\u0336g\u0336r\u0336a\u0336", ["viagra"]),
        ("\uff36\uff29\uff21\uff27\uff32\uff21", ["viagra"]),
        ("\U0001d4ff\U0001d4f2\U0001d4ea\U0001d4f0\U0001d4fb\U0001d4ea", ["viagra"]),
        ("vi\u0430gr\u0430", ["viagra"]),
        ("https://viagra-shop.example/x", ["viagra"]),
        ("viagras", []),
        ("via gra", []),
        ("cheap\n PILLS", ["cheap pills"]),
        ("cheap and pills", []),
        ("naive", ["Naïve"]),
        ("NAI\u0308VE", ["Naïve"]),
        ("Пидор", ["пидор"]),
        ("你好赌博吗", ["赌博"]),
        ("赌", []),
        ("I write C++.", ["C++"]),
        ("I write C.", []),
        ("# What nobody needs", []),
        ("cheap pills and viagra", ["cheap pills", "viagra"]),
        ("", []),
    ],
)
def test_a_word_is_found_however_it_is_written(text: str, found: list[str]) -> None:
    assert read(LIST).found(text) == found


@pytest.mark.parametrize("script", scripts.SCRIPTS, ids=lambda script: script.called)
def test_words_of_every_script_are_found_in_their_sentence(script: scripts.Script) -> None:
    words = read(script.word)
    assert words.found(script.sentence) == words.found(script.sentence.upper()) == [script.word]
    assert words.found(f"x {script.word} y") == [script.word]
    assert words.found("Something else.") == []


def test_a_line_without_a_word_is_refused() -> None:
    with pytest.raises(ValueError, match='Line 2, "!!!", has no word'):
        read("fine\n!!!\n")


def test_an_empty_list_finds_nothing() -> None:
    assert not read("# Nothing yet\n\n")
    assert read("").found("viagra") == []
