"""Words that mix scripts: no name does, but for the scripts that Japanese, Chinese and Korean are written in."""

import unicodedata

import pytest

from tests.support.scripts import SCRIPTS, Script
from text.scripts import mixed_word


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.called)
def test_text_of_one_script_is_not_mixed(script: Script) -> None:
    for text in (script.name, script.other, script.sentence):
        assert mixed_word(unicodedata.normalize("NFC", text)) is None


@pytest.mark.parametrize(
    "text",
    [
        "Ada 9",
        "Ada \u0410\u0434\u0430",  # Each word has its own script.
        "\u5c71\u7530\u3055\u3093",
        "J\u592a\u90ce",
        "\u5c71\u30fc\u3059A",
        "\uae40\u91d1K",
        "A\u3105\u6f22",
        "T-\u6064",
        "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627",
        "\u0928\u093e\u092e\u0967",  # A digit of its own script
        "\U00011fc0\U00011fc1",
        "\U0001f33b\u0410\u0434\u0430",
    ],
)
def test_scripts_that_are_written_together_are_not_mixed(text: str) -> None:
    assert mixed_word(text) is None


@pytest.mark.parametrize(
    ("text", "word", "letters"),
    [
        ("Dear \u0410da", "\u0410da", {"Cyrillic": "\u0410", "Latin": "d"}),
        ("Ad\u0430", "Ad\u0430", {"Latin": "A", "Cyrillic": "\u0430"}),
        ("\u0392o", "\u0392o", {"Greek": "\u0392", "Latin": "o"}),
        ("Ada\u3042\uac00", "Ada\u3042\uac00", {"Latin": "A", "Hiragana": "\u3042", "Hangul": "\uac00"}),
        ("\u6f22\u0430", "\u6f22\u0430", {"Han": "\u6f22", "Cyrillic": "\u0430"}),
        # Invisible: a joiner, a mark of a direction and a tag.
        ("P\u200d\u0430\u200ey\U000e0061p", "P\u0430yp", {"Latin": "P", "Cyrillic": "\u0430"}),
        ("a\u0967", "a\u0967", {"Latin": "a"}),
    ],
)
def test_word_that_mixes_scripts_is_found(text: str, word: str, letters: dict[str, str]) -> None:
    assert mixed_word(text) == (word, letters)
