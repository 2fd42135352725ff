"""A number that begins a sentence is no list."""

import pytest

from text import markdown


@pytest.mark.parametrize(
    ("body", "text", "is_list"),
    [
        ("1986. What a season.", "1986. What a season.", False),
        ("007. Bond", "007. Bond", False),
        ("1986.  What\na season.", "1986.  What\na season.", False),
        ("> 1986. What", "1986. What", False),
        ("- 1986. What", "1986. What", True),
        ("1986. What\n\nmore\n\n1987. Less", "1986. What\n\nmore\n\n1987. Less", False),
        ("12.", "12.", False),
        ("1.", "1.", False),
        ("1. x", "1. x", True),
        ("0. x", "0. x", True),
        ("3) x", "3. x", True),
        ("3. x\n4. y", "3. x\n4. y", True),
        ("5. ```\n   x\n   ```", "5. x", True),
        ("1986. a\n\n      b", "1986. a\n\nb", False),
        ("5. [x] y", "5. [x] y", True),
        ("\u0661\u0669. x", "\u0661\u0669. x", False),
    ],
)
def test_numbers_are_kept(body: str, text: str, is_list: bool) -> None:
    document = markdown.read(body)
    assert document.text == text
    assert ("<li" in document.html()) is is_list
    assert document.said.replace("\x01 ", "").replace(" \x02", "").split() == text.casefold().split()


def test_people_are_mentioned_after_a_number() -> None:
    (mention,) = markdown.read("1986. Thanks @ada").mentions
    assert (mention.candidates[-1].name, mention.candidates[-1].start) == ("ada", 13)


def test_tasks_have_boxes_in_html_and_brackets_in_text() -> None:
    document = markdown.read("- [x] done\n- [ ] open\n- [y] neither")
    assert document.text == "[x] done\n[ ] open\n[y] neither"
    assert document.said == "[x] done [ ] open [y] neither"
    assert document.html().count('<input type="checkbox" disabled=""') == 2
