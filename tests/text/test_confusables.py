"""Skeletons: what looks alike has the same one, and what differs by a mark or a letter has not."""

import unicodedata
from importlib import metadata
from itertools import combinations

import pytest
from confusable_homoglyphs.utils import load

from tests.support.scripts import SCRIPTS, Script
from text.confusables import skeleton
from text.handles import handle_of


@pytest.mark.parametrize(
    ("name", "others"),
    [
        (
            "Ada",
            (
                "ada",
                "\u0410d\u0430",  # Cyrillic A
                "\u1d00\u1d05\u1d00",  # Small capitals
                "Ad\u0251",  # Latin alpha
                "\u13aada",  # Cherokee
                "\ua4ee\ua4d3\ua4ee",  # Lisu
                "\uff21da",  # Full width
                "\U0001d400da",  # Mathematical bold
                "Ada\u3164",  # A filler of Hangul
                "A\u034fda",
                "A\u200dd\U000e0061a\u2060",
            ),
        ),
        ("Bo", ("\u0392o", "B0", "B\u043e", "\u0299\u1d0f")),
        ("Ian", ("lan", "1an", "|an", "\u0406an")),
        ("Mona", ("rnona", "\u041cona")),
        ("O'Neill", ("O\u2019Neill", "O\u02bcNeill", "0'NeiII")),
        ("\u0645\u062d\u0645\u062f", ("\ufee3\u062d\u0645\u062f",)),
    ],
)
def test_names_that_look_alike_have_one_skeleton(name: str, others: tuple[str, ...]) -> None:
    assert {skeleton(name)} == {skeleton(other) for other in others}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.called)
def test_names_that_differ_have_different_skeletons(script: Script) -> None:
    assert skeleton(script.name) != skeleton(script.other)
    assert skeleton(handle_of(script.name)) != skeleton(handle_of(script.other))
    for form in ("NFC", "NFD"):
        assert skeleton(unicodedata.normalize(form, script.name)) == skeleton(script.name)


def test_names_of_different_scripts_have_different_skeletons() -> None:
    names = [script.name for script in SCRIPTS]
    assert [pair for pair in combinations(names, 2) if skeleton(pair[0]) == skeleton(pair[1])] == []


def test_characters_have_a_skeleton_with_those_they_are_taken_for() -> None:
    # The pairs are those of Unicode's confusables.txt. Of what is decomposed first, the pairs are not used.
    pairs = {(text, other["c"]) for text, others in load("confusables.json").items() for other in others}
    used = [pair for pair in pairs if all(unicodedata.is_normalized("NFD", text) for text in pair)]
    assert len(used) > 10_000
    assert [pair for pair in used if skeleton(pair[0]) != skeleton(pair[1])] == []


def test_skeleton_of_skeleton_is_the_same() -> None:
    characters = {character for text in load("confusables.json") for character in text} | set(map(chr, range(0x2000)))
    assert [each for each in characters if skeleton(skeleton(each)) != skeleton(each)] == []


def test_data_is_what_stored_skeletons_were_made_of() -> None:
    # Skeletons are stored. With other data, a migration must run db.skeletons.fill_skeletons again.
    assert metadata.version("confusable-homoglyphs") == "3.3.1"
