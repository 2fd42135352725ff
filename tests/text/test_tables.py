"""Tables keep every cell, and are aligned by classes."""

import pytest

from text import markdown


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("| a |\n|---|\n| b | c | d |", "a\nb\tc\td"),
        ("> | a |\n> |---|\n> | b | c \\| d |", "a\nb\tc | d"),
        ("- | a | b |\n  |---|---|\n  | c |\n  | d | e | f |", "a\tb\nc\t\nd\te\tf"),
        ("a | b\n-|-\n1 | 2 | 3", "a\tb\n1\t2\t3"),
    ],
)
def test_cells_beyond_the_head_stay(body: str, text: str) -> None:
    assert markdown.read(body).text == text


def test_alignment_is_a_class() -> None:
    html = markdown.read("|a|b|c|d|\n|:-|-:|:-:|-|\n|1|2|3|4|").html()
    assert "style" not in html
    for name in ("left", "right", "center"):
        assert html.count(f'class="align-{name}"') == 2


def test_people_are_mentioned_beyond_the_head() -> None:
    document = markdown.read("| a |\n|---|\n| @ada | @bo |\n\n@cleo")
    assert [mention.candidates[-1].name for mention in document.mentions] == ["ada", "bo", "cleo"]
