"""Reference definitions that nothing uses stay what somebody wrote."""

import pytest

from text import markdown


@pytest.mark.parametrize(
    "body",
    [
        "[Note]: important",
        "I tried it.\n\n[Note]: important",
        "[Ada]: yes\n[Bo]: no",
        "[TODO]: done\n\nmore",
        "- [a]: b\n- [c]: d",
        "[a]: /x\n[a]: /y",
        "`[a]`\n\n[a]: /x",
        "[a\nb]: /x",
        "[^1]: @ada",
        "\u0928\u094b\u091f\n\n[\u0928\u094b\u091f]: \u0939\u093e\u0901",
    ],
)
def test_what_no_link_uses_is_text(body: str) -> None:
    shown = body.replace("- ", "").replace("`", "")
    assert markdown.read(body).text.split() == shown.split()


def test_what_a_link_uses_is_a_definition() -> None:
    document = markdown.read("[x][a], [b], ![c]\n\n[a]: /1\n[b]: /2\n[unused]: /3\n[c]: https://e.com/4.png\n[A]: /5")
    assert document.text == "x, b, c\n\n[unused]: /3\n\nA: /5"


def test_a_definition_that_a_shown_one_uses_is_one() -> None:
    document = markdown.read("[note]: [b]\n\n[b]: /2")
    assert document.text == "[note]: b"
    assert "/2" in document.html()


def test_people_are_mentioned_in_what_is_text() -> None:
    document = markdown.read("[Review]: @ada\n\n[^1]: @bo\n\n@cleo")
    assert [mention.candidates[-1].name for mention in document.mentions] == ["ada", "bo", "cleo"]
    assert [mention.candidates[-1].start for mention in document.mentions] == [10, 22, 27]


def test_the_quote_that_holds_one_holds_its_words() -> None:
    (quote,) = markdown.read("> **Ada said:**\n>\n> Yes.\n>\n> [Note]: important\n\nNo.").blockquotes
    assert quote.text == "Yes.\n\n[Note]: important"
