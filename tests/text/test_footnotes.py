"""Footnotes are linked with their references, stand where they were written, and are said once."""

import re

import pytest

from text import markdown


def test_a_note_and_its_references_lead_to_each_other() -> None:
    html = markdown.read("One[^a], two[^b], one again[^a].\n\n[^b]: B\n[^a]: A").html()
    targets = set(re.findall(r'href="#([^"]+)"', html))
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids)) and targets == set(ids)
    references = re.findall(r'<sup><a [^>]*data-label="(\w)"[^>]*>(\d)</a></sup>', html)
    assert references == [("a", "1"), ("b", "2"), ("a", "1")]
    assert re.findall(r'<li id="fn-[0-9a-f]{12}-(\d)" value="(\d)" data-label="(\w)">', html) == [
        ("2", "2", "b"),
        ("1", "1", "a"),
    ]
    assert html.count("<ol") == 1


def test_posts_on_one_page_share_no_ids() -> None:
    one, other = (re.findall(r' id="([^"]+)"', markdown.read(f"{words}[^1]\n\n[^1]: n").html()) for words in "ab")
    assert not set(one) & set(other)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("x[^1]\n\n[^1]: note", "x[^1]\n\n[^1]: note"),
        ("[^1]: note", "[^1]: note"),
        ("x[^2]\n\n[^1]: note", "x[^2]\n\n[^1]: note"),
        ("x[^1]\n\n[^1]: one\n[^1]: two", "x[^1]\n\n[^1]: one\n[^1]: two"),
        ("[^1]: > quoted", "[^1]:\n\nquoted"),
        ("x[^1]\n\n[^1]: one\n\n    two\n\nthree", "x[^1]\n\n[^1]: one\n\ntwo\n\nthree"),
        ("[a[^1]](/x)\n\n[^1]: note", "[a[^1]](/x)\n\n[^1]: note"),
        ("![a[^1]](https://e.com/x)\n\n[^1]: note", "a[^1]\n\n[^1]: note"),
        ("| a[^1] |\n|---|\n\n[^1]: note", "a[^1]\n\n[^1]: note"),
        ("x[^\u8a3b]\n\n[^\u8a3b]: \u6ce8", "x[^\u8a3b]\n\n[^\u8a3b]: \u6ce8"),
        ("[^1]:", "[^1]:"),
    ],
)
def test_every_word_is_said_once(body: str, text: str) -> None:
    assert markdown.read(body).text == text


def test_a_note_in_a_quote_stays_in_it() -> None:
    document = markdown.read("> **Ada said:**\n>\n> Claim[^1].\n>\n> [^1]: Note.\n\nMine.")
    assert document.own_text == "Mine."
    assert document.blockquotes[0].text == "Claim[^1].\n\n[^1]: Note."
    assert document.blockquotes[0].said == "claim[^1]. [^1]: note."


def test_people_are_mentioned_in_notes() -> None:
    document = markdown.read("x[^1] @ada\n\n[^1]: ask @bo\n\n@cleo")
    assert [mention.candidates[-1].name for mention in document.mentions] == ["ada", "bo", "cleo"]
