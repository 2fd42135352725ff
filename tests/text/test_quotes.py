"""A blockquote says who is quoted, in which words, and where it stands."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from text import attribution, markdown
from text.attribution import Attribution, attribute


def quoted(body: str) -> Attribution | None:
    return markdown.read(body).blockquotes[0].attribution


LINK = "https://forum.example/d/12/x#reply-17"


@pytest.mark.parametrize(
    ("line", "name", "handle", "link"),
    [
        ("**Ada said:**", "Ada", False, None),
        ("**Ada wrote:**", "Ada", False, None),
        ("**Ada said**:", "Ada", False, None),
        ("*Ada said:*", "Ada", False, None),
        ("Ada said:", "Ada", False, None),
        ("ada said:", "ada", False, None),
        ("Ada King Lovelace said:", "Ada King Lovelace", False, None),
        ("Ludwig van Beethoven schrieb:", "Ludwig van Beethoven", False, None),
        ("Dr. J. R. Smith said:", "Dr. J. R. Smith", False, None),
        ("@ada wrote:", "ada", True, None),
        ("**@ada said:**", "ada", True, None),
        ("[@ada](/u/ada) wrote:", "ada", True, None),
        ("@ Ada wrote:", "Ada", False, None),
        ("@Ada Lovelace wrote:", "Ada Lovelace", False, None),
        (f"[Ada said]({LINK}):", "Ada", False, LINK),
        ("**[Ada](/d/12#reply-3) said:**", "Ada", False, "/d/12#reply-3"),
        ("[Ada](https://example.com/people/ada) wrote:", "Ada", False, None),
        ("[Ada](/d/12#reply-3):", "Ada", False, "/d/12#reply-3"),
        ("[Ada](#reply-3)", "Ada", False, "#reply-3"),
        ("[@ada](/d/12)", "ada", True, "/d/12"),
        (LINK, "", False, LINK),
        (f"<{LINK}>", "", False, LINK),
        (f"{LINK}:", "", False, LINK),
        ("/d/12#reply-3", "", False, "/d/12#reply-3"),
        ("**Ada schrieb:**", "Ada", False, None),
        ("**Ada a \u00e9crit\u00a0:**", "Ada", False, None),
        ("**Ada a dit :**", "Ada", False, None),
        ("**Ada dijo:**", "Ada", False, None),
        ("**Ada ha scritto:**", "Ada", False, None),
        (
            "**\u0410\u0434\u0430 \u043d\u0430\u043f\u0438\u0441\u0430\u043b(\u0430):**",
            "\u0410\u0434\u0430",
            False,
            None,
        ),
        ("**\u963f\u8fbe\u5199\u9053\uff1a**", "\u963f\u8fbe", False, None),
        ("**What: a \\*name\\* said:**", "What: a *name*", False, None),
        ("**Ada said said:**", "Ada said", False, None),
    ],
)
def test_attributions(line: str, name: str, handle: bool, link: str | None) -> None:
    own_paragraph = f"> {line}\n>\n> Engines weave."
    first_line = f"> {line}\n> Engines weave."
    for body in (own_paragraph, first_line):
        (quote,) = markdown.read(body).blockquotes
        assert quote.attribution == Attribution(name, handle, link)
        assert quote.text == quote.own_text == "Engines weave."
        assert quote.html == "<p>Engines weave.</p>\n"


@pytest.mark.parametrize(
    "quote",
    [
        "Then he said:",
        "Then he said: come here",
        "Then he said the words that go on and on:",
        "Ada said: come here.",
        "Ada said",
        "What the old people of the town in the valley said:",
        "Nobody knows what was said:",
        "Wait! Ada said:",
        "*Then* somebody said",
        "Then **he** said:",
        "said:",
        "**said:**",
        "**Ada:**",
        "@ada:",
        "@ada I agree",
        "[a page](https://example.com/)",
        "[Ada](/d/12#reply-3) is right",
        "`Ada said:`",
        "# Ada said:",
        "- Ada said:",
        "**Ada said:\n> all in bold**",
        f"**{'x' * 81} said:**",
        "![Ada](https://example.com/a.png) said:",
    ],
)
def test_lines_that_attribute_nothing(quote: str) -> None:
    (found,) = markdown.read(f"> {quote}\n>\n> More.").blockquotes
    assert found.attribution is None
    assert "More." in found.text and found.text != "More."


NESTED = """\
Before.

> **Ada said:**
>
> > **Bob said:**
> > Looms weave.
>
> Engines weave.
> > third

- listed
  > @cleo wrote:
  > in a list

After.
"""


def test_nested_quotes_come_outer_before_inner() -> None:
    document = markdown.read(NESTED)
    assert [(quote.index, quote.parent, quote.depth) for quote in document.blockquotes] == [
        (0, None, 0),
        (1, 0, 1),
        (2, 0, 1),
        (3, None, 0),
    ]
    assert [quote.attribution and quote.attribution.name for quote in document.blockquotes] == [
        "Ada",
        "Bob",
        None,
        "cleo",
    ]


def test_the_texts_of_a_post_and_its_quotes() -> None:
    document = markdown.read(NESTED)
    ada, bob, third, cleo = document.blockquotes
    assert document.text == (
        "Before.\n\nAda said:\n\nBob said:\nLooms weave.\n\nEngines weave.\n\nthird\n\n"
        "listed\n\n@cleo wrote:\nin a list\n\nAfter."
    )
    assert document.own_text == "Before.\n\nlisted\n\nAfter."
    assert ada.text == "Bob said:\nLooms weave.\n\nEngines weave.\n\nthird"
    assert ada.own_text == "Engines weave."
    assert (bob.text, third.text, cleo.text) == ("Looms weave.", "third", "in a list")


def test_the_html_of_a_quote_holds_the_quotes_inside_and_no_attribution_of_its_own() -> None:
    ada = markdown.read(NESTED).blockquotes[0]
    assert ada.html == (
        "<blockquote>\n<p><strong>Bob said:</strong><br>\nLooms weave.</p>\n</blockquote>\n"
        "<p>Engines weave.</p>\n<blockquote>\n<p>third</p>\n</blockquote>\n"
    )


def test_an_empty_quote_is_a_quote() -> None:
    (quote,) = markdown.read(">").blockquotes
    assert (quote.attribution, quote.html, quote.text) == (None, "", "")


printable = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
markup = st.lists(
    st.sampled_from(
        [*"\\`*_[]<>&~|#+-=:.!()@1 \n\t\"'", "http://x.com/a_b_c?d=%20&e", "www.x.com/*a*", "a@b.com", "&amp;"]
    )
    | st.sampled_from(
        ["mailto:x@y.com ", "http://x.com/_y_ ", "://", "1. ", "said:", "~~~", "```", "Ada said:\n", "\u2028"]
    ),
    max_size=30,
).map("".join)


def lines(text: str) -> str:
    """The text with what attribute() keeps of its white space."""
    paragraphs: list[list[str]] = [[]]
    for line in text.splitlines():
        if line.strip():
            paragraphs[-1].append(line.strip())
        else:
            paragraphs.append([])
    return "\n\n".join("\n".join(paragraph) for paragraph in paragraphs if paragraph)


@settings(deadline=None)
@given(printable | markup, printable | markup)
def test_an_attributed_quote_reads_as_it_was_written(name: str, text: str) -> None:
    called = " ".join(name.split())[: attribution.NAME_CHARACTERS].strip()
    if not called.strip("@ "):
        with pytest.raises(ValueError, match="attribution is blank"):
            attribute(name, text)
        return
    (quote,) = markdown.read(attribute(name, text)).blockquotes
    assert quote.attribution is not None
    assert quote.attribution.link is None
    assert quote.attribution.name == (called[1:].strip() if called.startswith("@") else called)
    assert quote.text == lines(text)


def test_the_markdown_of_a_quote_is_what_a_person_would_write() -> None:
    assert attribute("Ada", "Looms weave.\nSo do engines!\n\n\nSee https://x.com/a_b?c=1.\n* no list") == (
        "> **Ada said:**\n>\n> Looms weave.\n> So do engines!\n>\n> See https://x.com/a_b?c=1.\n> \\* no list\n"
    )
    assert attribute("@ada", "") == "> **@ada said:**\n"
    assert quoted(attribute("@ada", "")) == Attribution("ada", True, None)
