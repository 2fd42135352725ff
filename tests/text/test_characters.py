"""What can be seen, what no text may hold, and cuts between grapheme clusters."""

import unicodedata

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from tests.support.scripts import SCRIPTS, Script
from text import characters

# Fillers, blanks of Braille and notes, joiners, marks, tags, variation selectors, controls, unassigned, private.
UNSEEN = (
    "\u115f\u1160\u3164\uffa0\u2800\u180e\u17b4\u17b5\u034f\u180b\ufff9\u0301\U0001d173\U0001bca0\U000e0001\U000e0041"
    "\U000e0100\x01\x7f\uffff\u0378\u200b\u00ad\ufe0f\u2060\u061c\u3000\x85\u00a0\ufffc\U0001d159\ue000\u2028\U0010ffff"
)
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
FLAG = "\U0001f1e9\U0001f1ea"
CLUSTERS = [FAMILY, FLAG, "\U0001f44d\U0001f3fd", "\u0928\u093f", "\u0915\u094d\u0937\u093f", "e\u0301", "\u0e01\u0e47"]
CLUSTERS += [
    "a",
    " ",
    "\r\n",
    "\n",
    "\ud55c",
    "\u1112\u1161\u11ab",
    "\u0600a",
    "\u6f22",
    "\u200d",
    "\u0301",
    "\u2764\ufe0f",
]
pieces = st.lists(st.sampled_from(CLUSTERS), max_size=12).map("".join)


@pytest.mark.parametrize("unseen", [*UNSEEN, UNSEEN, "", " \t\n"], ids=ascii)
def test_text_without_glyph_is_not_visible(unseen: str) -> None:
    assert not characters.is_visible(unseen)


@pytest.mark.parametrize(
    "seen", ["a", ".", "\u2764\ufe0f", FAMILY, FLAG, "5", "\u00a9", "\u2801", "\u0e33", "\u3000\u6f22"]
)
def test_letters_signs_and_emoji_are_visible(seen: str) -> None:
    assert characters.is_visible(f"\u200b{seen}\u0301")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.called)
def test_text_of_every_script_is_valid(script: Script) -> None:
    for text in (script.name, script.other, script.sentence, script.word):
        assert characters.is_visible(text)
        assert characters.invalid_in_line(text) is None and characters.invalid_in_body(text) is None
    assert script.word.lower() in script.sentence.lower() and script.name != script.other
    assert unicodedata.is_normalized("NFC", script.name + script.other)


@pytest.mark.parametrize("character", "\0\x01\x08\x0e\x1b\x1c\x1f\x7f\x80\x9f\ufffe\uffff\U0001fffe\ufdd0\ud83d\udc00")
def test_controls_and_noncharacters_are_invalid_everywhere(character: str) -> None:
    text = f"a {character}b"
    for objection in (characters.invalid_in_line(text), characters.invalid_in_body(text)):
        assert objection is not None and f"U+{ord(character):04X}" in objection and "at index 2" in objection
    assert characters.without_forbidden(text) == "a b"


@pytest.mark.parametrize("character", "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
def test_controls_of_direction_are_invalid_in_lines_only(character: str) -> None:
    objection = characters.invalid_in_line(f"a{character}")
    assert objection is not None and unicodedata.name(character) in objection
    assert characters.invalid_in_body(f"a{character}") is None


@pytest.mark.parametrize("character", "\t\n\v\f\r\x85\u2028\u200e\u200f\u200d\u200c\U0001f600\u0378\ue000")
def test_blanks_and_joiners_are_valid(character: str) -> None:
    assert characters.invalid_in_line(f"a{character}b") is None and characters.invalid_in_body(character) is None


@given(pieces, st.integers(0, 40))
def test_cuts_leave_whole_clusters(text: str, at: int) -> None:
    borders = [0, *(cluster.end() for cluster in regex.finditer(r"\X", text))]
    start, end = characters.cluster_start(text, at), characters.cluster_end(text, at)
    assert start == max(border for border in borders if border <= min(at, len(text)))
    assert end == min(border for border in borders if border >= min(at, len(text)))


@pytest.mark.parametrize("unit", CLUSTERS)
@pytest.mark.parametrize("before", ["", "x ", "a\u0301"])
def test_cut_text_is_within_limit_and_has_no_half_cluster(unit: str, before: str) -> None:
    text = before + unit * 30
    for limit in range(12, 40):
        for ellipsis in ("", "\u2026"):
            cut = characters.cut(text, limit, ellipsis=ellipsis)
            kept = cut.removesuffix(ellipsis) if len(text) > limit else cut
            assert len(cut) <= limit and text.startswith(kept)
            assert len(kept) in [0, *(match.end() for match in regex.finditer(r"\X", text))] or kept == kept.rstrip()


def test_only_cluster_longer_than_limit_is_cut_inside() -> None:
    assert characters.cut("a" + "\u0301" * 100, 10) == "a" + "\u0301" * 9
    assert characters.cut("ab" + "\u0301" * 100, 10) == "a"
    assert characters.cut("short", 10, ellipsis="\u2026") == "short"


def test_long_rows_of_flags_are_cut_in_linear_time() -> None:
    # \X alone takes minutes for this.
    assert characters.cluster_start(FLAG * 50_000, 99_999) == 99_998
