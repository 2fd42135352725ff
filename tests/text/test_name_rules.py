"""What a person may be called."""

import unicodedata

import pytest

from tests.support.scripts import SCRIPTS, Script
from text.name_rules import ROLES, NameRules, cleaned
from web.languages import shown_as_names


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.called)
def test_names_of_all_scripts_are_valid_and_free(script: Script) -> None:
    rules = NameRules(reserved=["Parley", *shown_as_names()])
    for name in (script.name, script.other):
        for form in ("NFC", "NFD"):
            given = cleaned(unicodedata.normalize(form, name))
            assert given == unicodedata.normalize("NFC", name)
            assert rules.invalid(given) is None
            assert not rules.is_reserved(given)


@pytest.mark.parametrize(
    ("name", "is_cleaned"),
    [
        (" Ada\n\tLovelace\u2028 ", "Ada Lovelace"),
        ("Ada\u3164\u00a0\u115fLovelace", "Ada Lovelace"),
        ("A\u034fd\u00ada\u2060", "Ada"),
        ("\u0639\u0644\u06cc\u200c\u0631\u0636\u0627", "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627"),
        ("Ada \u2764\ufe0f", "Ada \u2764\ufe0f"),
        ("\u3164", ""),
        # Not left out, since they are refused.
        ("A\u202eda", "A\u202eda"),
    ],
)
def test_cleaned_name_has_no_line_breaks_and_fillers(name: str, is_cleaned: str) -> None:
    assert cleaned(name) == is_cleaned


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("A\u202eda", "U+202E"),
        ("A\x01da", "U+0001"),
        ("!?", "no letter"),
        ("\U0001f33b", "no letter"),
        ("\u2800", "no letter"),
        (
            "Dear \u0410da",
            'The word "\u0410da" mixes scripts: "\u0410" (U+0410) is Cyrillic, "d" (U+0064) is Latin. Write each word'
            " in one script.",
        ),
    ],
)
def test_invalid_name_is_told_with_its_characters(name: str, sentence: str) -> None:
    objection = NameRules().invalid(name)
    assert objection is not None and sentence in objection


def test_mixed_scripts_can_be_allowed() -> None:
    assert NameRules(mixed_scripts=True).invalid("\u0410da") is None


def test_reserved_names_are_found_however_they_look() -> None:
    rules = NameRules(reserved=["Ada's Place", "M\u00fcller & Co", *shown_as_names()])
    written = (
        "Moderator",
        "MODERATOR",
        "m o d e r a t o r",
        "[moderat0r]",
        "\u041coderator",
        "adrnin.",
        "@admin",
        "r\u043eot",
        # Its handle is "admin".
        "ADM\u0130N",
    )
    shown = ("A Former Member", "[erased]", "This reply was deleted.", "Gast", "Moderation", "\u0645\u0634\u0631\u0641")
    for name in (*ROLES, *written, *shown, "ada s place", "ADA'S PLACE!", "Mu\u0308ller & Co."):
        assert rules.is_reserved(name), name
    for name in ("Ada", "Moderato", "Administration Smith", "Muller & Co", "Guest 7", "\U0001f33b", ""):
        assert not rules.is_reserved(name), name
