"""Words for searches: letters, digits and forms that are written one for the other are the same; marks and cuts."""

import re
import unicodedata
from html import unescape

import pytest
import regex

from tests.support.scripts import SCRIPTS, Script
from text.search import SNIPPET_LENGTH, Term, marked, snippet, terms, words

# ruff: noqa: RUF001
SAME = [
    "Rønnow Ronnow",
    "Łódź Lodz",
    "Đà Da",
    "œuvre oeuvre",
    "Æther aether",
    "ılık ilik",
    "İstanbul istanbul",
    "Þórður thordur",
    "Ħal hal",
    "Fußball fussball",
    "ǿ o",
    "ёлка елка",
    "Ёж еж",
    "محمـــد محمد",
    "کتاب كتاب",
    "علی علي",
    "مدرسة مدرسه",
    "أحمد احمد",
    "ٱلله الله",
    "مسؤول مسوول",
    "كَتَبَ كتب",
]


@pytest.mark.parametrize("pair", SAME)
def test_forms_of_one_word_are_one_word(pair: str) -> None:
    one, other = pair.split()
    assert words(one) == words(other) == words(one.upper())
    for form in ("NFC", "NFD"):
        assert words(unicodedata.normalize(form, one)) == words(other)


@pytest.mark.parametrize("pair", ["мой мои", "か が", "अमित अमिता", "қар кар", "ї і"])
def test_letters_of_their_own_stay_apart(pair: str) -> None:
    one, other = pair.split()
    assert words(one) != words(other)


def test_digits_of_all_scripts_are_found_by_their_value() -> None:
    digits = [chr(point) for point in range(0x110000) if unicodedata.category(chr(point)) == "Nd"]
    assert len(digits) > 600
    for digit in digits:
        assert words(digit) == [str(unicodedata.decimal(digit))], hex(ord(digit))


def test_letters_that_are_newer_than_python_are_words_and_such_emoji_part_them() -> None:
    # Of Han (Unicode 15.1), Kawi (15) and Garay (16).
    for letter in "\U0002ebf0", "\U00011f04", "\U00010d50":
        assert words(f"{letter}, a") == [words(letter)[0], "a"]
    assert words("a\U0001fae8b") == ["a", "b"]


def test_no_word_is_syntax_or_empty() -> None:
    characters = [chr(point) for point in range(0x110000)]
    characters = [character for character in characters if unicodedata.category(character) not in ("Cn", "Co", "Cs")]
    for word in words(" ".join(characters)):
        assert word and not set(word) & set("'\"\\ :*&|!()<>-"), word
        assert word == "." or set(word) <= set("+#") or not set(word) & set("+#.,"), word


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.called)
def test_a_word_of_every_script_is_a_word_of_its_sentence(script: Script) -> None:
    wanted = words(script.word)
    assert "<mark>" in marked(script.sentence, terms(script.word))
    assert words(unicodedata.normalize("NFD", script.word)) == wanted
    assert words(" ".join(wanted)) == wanted


@pytest.mark.parametrize(
    ("query", "begins"),
    [
        ("서울 여행", [True, True]),
        ("서울에서 trip", [True, True]),
        ("trip 서울", [False, True]),
        ('"서울 여행" x', [False, False]),
    ],
)
def test_a_hangul_word_is_a_beginning_everywhere(query: str, begins: list[bool]) -> None:
    assert [term.begins for term in terms(query)] == begins


# A text, a query that finds it, and one that does not.
SIGNS = [
    ("I write C++, too", "C++", "C#"),
    ("I write (C++).", "c++", "c+"),
    ("C++11", "C++ 11", "C#"),
    ("C#.", "C\uff03", "C++"),
    ("C\uff0b\uff0b", "C++", "C+"),
    ("F#/C#", "F# C#", "D#"),
    ("on .NET 8", ".net", ".nets"),
    ("the #tag here", "#tag", "#here"),
    ("the #tag here", "tag", "ag"),
    ("C++ and C#", "C", "D"),
    ("vitamin C cures", "C", "C++"),
    ("vitamin C cures", "C + cures.", "C+"),
    ("The end. Net", "net", ".net"),
    ("The end.Net", "end net", ".net"),
    ("so ...net", "net", ".net"),
]


def finds(query: str, text: str) -> bool:
    """Whether a text has all terms of a query, as both databases look for them."""

    def has(term: Term) -> bool:
        there, size = words(text), len(term.words)
        *whole, last = term.words
        return any(
            there[at : at + size - 1] == whole
            and (there[at + size - 1] == last or (term.begins and there[at + size - 1].startswith(last)))
            for at in range(len(there) - size + 1)
        )

    return all(has(term) for term in terms(query))


@pytest.mark.parametrize(("text", "query", "other"), SIGNS)
def test_words_are_found_with_their_signs(text: str, query: str, other: str) -> None:
    assert finds(query, text) and finds(f'"{query}"', text)
    assert not finds(other, text) and not finds(f'"{other}"', text)
    assert "<mark>" in marked(text, terms(query))
    assert "<mark>" not in marked(text, terms(other))


@pytest.mark.parametrize("query", ["C", "C+", "C++", "C#", "#c", ".n", "++x", "cc++", "東#"])
def test_neither_a_letter_with_signs_nor_a_sign_is_a_prefix(query: str) -> None:
    assert [term.begins for term in terms(query)] == [False]


@pytest.mark.parametrize("query", ["+", "#", ". , '", "+ # .", "...", "'+'", "++.#"])
def test_signs_without_a_word_are_none(query: str) -> None:
    assert words(query) == [] and terms(query) == ()


ALIKE = [
    ["can't", "cant", "can\u2019t", "CAN\u02bcT", "can\uff07t"],
    ["it's", "its", "it\u2019s"],
    ["we'll", "well"],
    ["O'Brien", "obrien", "O\u2019Brien"],
    ["bo'b", "bo b", "Bo\u2019b"],
    ["l'eau", "l\u2019eau", "l eau", "L\u2019EAU"],
    ["об'єкт", "об\u2019єкт", "об\u02bcєкт"],
    ["1,000", "1000", "1.000", "1'000", "1\u2019000", "١٬٠٠٠", "１，０００"],
    [
        "12,345,678",
        "12345678",
        "12.345.678",
        "12\u00a0345\u00a0678",
        "12\u202f345\u2009678",
        "1,23,45,678",
        "१,२३,४५,६७८",
    ],
    ["1,000.50", "1.000,50", "1000 50", "1\u202f000,50", "1,000\u00a050"],
]


@pytest.mark.parametrize("forms", ALIKE, ids=lambda forms: forms[0])
def test_forms_with_and_without_an_apostrophe_or_separator_find_each_other(forms: list[str]) -> None:
    for query in forms:
        for said in forms:
            for text in (f"ab {said} cd", f"({said})", f"'{said}', {said}."):
                assert finds(f'"{query}"', text) and finds(query, text), (query, text)
                assert "<mark>" in marked(text, terms(query))
            assert finds(f'"ab {query} cd"', f"ab {said} cd")


def test_snippets_keep_blanks_within_numbers() -> None:
    assert snippet(" ab  10\u202f000 ", terms("10000")) == "ab <mark>10\u202f000</mark>"


@pytest.mark.parametrize(
    ("text", "query"),
    [
        *(("l'eau", "eau"), ("l'or", "or"), ("'quoted'", "quoted"), ("1,2,3", "2"), ("1,0000", "0000"), ("5'6", "6")),
        *(("24.12.2026", "12"), ("1,23,45", "23"), ("1\u00a02345", "2345"), ("2026\u00a0000", "2026")),
        *(("1 000", "000"), ("a\u00a0.NET", ".net")),
    ],
)
def test_other_apostrophes_and_commas_part_words(text: str, query: str) -> None:
    assert finds(f'"{query}"', text)


FAMILY, FLAG, THUMB = "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f1eb\U0001f1ee", "\U0001f44d\U0001f3fd"
CLUSTERS = ["e\u0301\u0323", FAMILY, FLAG, THUMB, "क्षि", "नि", "1\ufe0f\u20e3", "각", "か\u3099", "ที่"]


def plain(html: str) -> str:
    return unescape(re.sub("</?mark>", "", html))


@pytest.mark.parametrize("cluster", CLUSTERS)
@pytest.mark.parametrize("offset", range(6))
def test_no_cut_and_no_mark_parts_a_cluster(cluster: str, offset: int) -> None:
    text = "x" * offset + cluster * 150 + " word" + cluster * 150
    for query in ("word", "xx", cluster):
        html = snippet(text, terms(query))
        shown = plain(html).removeprefix("… ").removesuffix(" …")
        whole = regex.findall(r"\X", text)
        assert shown in text
        assert set(regex.findall(r"\X", shown)) <= set(whole), html
        for part in re.split("</?mark>", html.removeprefix("… ").removesuffix(" …")):
            assert set(regex.findall(r"\X", unescape(part))) <= set(whole), html


def test_a_letter_is_marked_with_all_that_stands_on_it() -> None:
    assert marked("東\u0301京", terms("東")) == "<mark>東\u0301</mark>京"
    assert marked("\u060012 x", terms("12")) == "<mark>\u060012</mark> x"
    assert marked("a\u200d\U0001f467 b", terms("a")) == "<mark>a\u200d</mark>\U0001f467 b"


@pytest.mark.parametrize(
    "text",
    [
        "e" + "\u0301" * 40_000,
        "\u200da" * 20_000,
        FLAG * 20_000,
        "+" * 40_000,
        "1,000" * 8_000,
        "1\u00a0000" * 8_000,
        "a'" * 20_000,
    ],
)
def test_a_snippet_of_a_long_cluster_is_short(text: str) -> None:
    for said in (text, f"word {text}", f"{text} word"):
        assert len(plain(snippet(said, terms("word a 1")))) <= 2 * SNIPPET_LENGTH + 4


def test_a_cluster_longer_than_a_snippet_is_cut() -> None:
    text = "e" + "\u0301" * 10_000
    assert snippet(text, terms("word")) == f"{text[:SNIPPET_LENGTH]} …"
    assert "<mark>word</mark>" in snippet(f"{text}! word {text}", terms("word"))
