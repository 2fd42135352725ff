"""Handles are made of the letters of all scripts with their marks, and found however they are written."""

import unicodedata

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from tests.support.scripts import SCRIPTS, Script
from text.handles import HANDLE_LENGTH, handle_keys, handle_of

names = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.called)
def test_names_that_differ_by_mark_have_different_handles(script: Script) -> None:
    handle = handle_of(script.name)
    assert handle != handle_of(script.other)
    letters = "".join(regex.findall(r"[\p{L}\p{M}]", script.name))
    assert len(unicodedata.normalize("NFD", handle)) >= len(letters.removeprefix("\u0130")), "No mark is lost."


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.called)
def test_handle_is_found_in_every_form_people_write(script: Script) -> None:
    handle = handle_of(script.name)
    for form in ("NFC", "NFD"):
        for written in (handle, handle.upper(), f"@{handle}", f" @{handle.title()} ", f"\u200e{handle}\u200b"):
            if "\u0131" not in written and handle_of(written) == handle:
                assert handle in handle_keys(unicodedata.normalize(form, written))


@pytest.mark.parametrize(
    ("name", "handle"),
    [
        ("\u0130pek", "ipek"),
        ("\u1eb8\u0300k\u1ecd\u0301", "\u1eb9\u0300k\u1ecd\u0301"),
        ("e\u0301te\u0301", "\u00e9t\u00e9"),
        ("Stra\u00dfe", "strasse"),
        ("\uff21da", "ada"),
        ("\u0e19\u0e49\u0e33", "\u0e19\u0e49\u0e33"),  # The tone mark of Thai stays above its vowel.
        ("\u0e99\u0ec9\u0eb3", "\u0e99\u0ec9\u0eb3"),
        ("\u0639\u0644\u06cc\u200c\u0631\u0636\u0627", "\u0639\u0644\u06cc\u0631\u0636\u0627"),
        ("Ada\u3164 \u115fLovelace", "ada-lovelace"),
        ("\u0301Ada", "ada"),
        ("Ada -\u0301 B", "ada-b"),
        ("D'Arcy O\u2019Neill", "d-arcy-o-neill"),
        ("a.b_c-d.", "a.b_c-d"),
        ("\U0001f33b", ""),
        ("\u0301", ""),
    ],
)
def test_handle_is_made_of_what_can_be_read(name: str, handle: str) -> None:
    assert handle_of(name) == handle


@given(names)
def test_handle_of_handle_is_the_same(name: str) -> None:
    handle = handle_of(name)
    assert handle_of(handle) == handle and len(handle) <= HANDLE_LENGTH
    assert not handle or handle_keys(handle)[0] == handle
    assert not regex.match(r"[\p{M}._-]|.*[._-]$", handle)


def test_long_handle_is_cut_between_clusters() -> None:
    assert handle_of("\u0928\u093f" * 30) == "\u0928\u093f" * 20
    assert handle_of("a" * 39 + "e\u0323\u0308\u0301") == "a" * 39


def test_handles_of_earlier_versions_are_found() -> None:
    # What NFKC and casefold alone made of a Thai and a Turkish name.
    assert "\u0e19\u0e49\u0e4d\u0e32" in handle_keys("\u0e19\u0e49\u0e33")
    assert "i\u0307pek" in handle_keys("\u0130pek")
    assert handle_keys("Ada.") == ("ada.",)
