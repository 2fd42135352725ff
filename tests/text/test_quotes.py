"""A blockquote says who is quoted, in which words, and where it stands."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from text import attribution, characters, markdown
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
        assert quote.html == '<p dir="auto">Engines weave.</p>\n'


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


MAIL = "Ada Lovelace <ada@example.com>"
BEFORE = {
    **dict.fromkeys(
        [
            f"On Mon, 3 May 2021 at 10:00, {MAIL} wrote:",
            f"On Mon, May 3, 2021 at 10:00 AM {MAIL} wrote:",
            "On 5/3/21 10:00 AM, Ada Lovelace wrote:",
            f"Am 03.05.2021 um 10:00 schrieb {MAIL}:",
            f"Am Mo., 3. Mai 2021 um 10:00 Uhr schrieb {MAIL}:",
            f"Le lun. 3 mai 2021 \u00e0 10:00, {MAIL} a \u00e9crit :",
            "El lun, 3 may 2021 a las 10:00, Ada Lovelace (<ada@example.com>) escribi\u00f3:",
            f"Il giorno lun 3 mag 2021 alle ore 10:00 {MAIL} ha scritto:",
            f"Op ma 3 mei 2021 om 10:00 schreef {MAIL}:",
            f"Em seg., 3 de mai. de 2021 \u00e0s 10:00, {MAIL} escreveu:",
            f"Den m\u00e5n 3 maj 2021 kl 10:00 skrev {MAIL}:",
            f"pon., 3 maj 2021 o 10:00 {MAIL} napisa\u0142(a):",
            f"\u043f\u043d, 3 \u043c\u0430\u044f 2021 \u0433. \u0432 10:00, {MAIL}:",
            f"po 3. 5. 2021 v 10:00 odes\u00edlatel {MAIL} napsal:",
            f"{MAIL} \u4e8e2021\u5e745\u67083\u65e5\u5468\u4e00 10:00\u5199\u9053\uff1a",
            f"2021\u5e745\u67083\u65e5(\u6708) 10:00 {MAIL}:",
            f"{MAIL} ezt \u00edrta (id\u0151pont: 2021. m\u00e1j. 3., H, 10:00):",
            f"{MAIL}, 3 May 2021 Pzt, 10:00 tarihinde \u015funu yazd\u0131:",
            f"{MAIL} writes:",
            '"Ada Lovelace" <ada@example.com> wrote:',
            "On Mon, 3 May 2021 at 10:00, Ada Lovelace <ada7@example.com> wrote:",
            "Ada Lovelace wrote: \u2191Mon May 03, 2021 10:00 am",
            "Ada Lovelace schrieb am 3. Mai 2021 um 10:00:",
            "Ada Lovelace hat geschrieben:",
            "Originally posted by Ada Lovelace",
            "**Originally Posted by Ada Lovelace:**",
            "Quote from: Ada Lovelace on May 03, 2021, 10:00:00 AM",
            "Zitat von Ada Lovelace",
            "**Ada Lovelace said:**",
        ],
        Attribution("Ada Lovelace", False, None),
    ),
    "@ada said in [A winter](/d/1#reply-2):": Attribution("ada", True, "/d/1#reply-2"),
    "@ada-l sagte in [Kalt: sehr](/d/1#reply-2):": Attribution("ada-l", True, "/d/1#reply-2"),
    "@ada a dit dans [A winter](/d/1) :": Attribution("ada", True, "/d/1"),
    "[Ada](/d/1#reply-2):": Attribution("Ada", False, "/d/1#reply-2"),
    "\u963f\u8fbe\u8bf4\uff1a": Attribution("\u963f\u8fbe", False, None),
}


@pytest.mark.parametrize("line", BEFORE)
@pytest.mark.parametrize(
    "body", ["{}\n> Engines weave.", "Mine.\n\n{}\n\n> Engines weave.", "Mine.\n{}\n> Engines weave."]
)
@pytest.mark.parametrize("mark", ["", "- ", "> "])
def test_the_line_before_a_quote_attributes_it(line: str, body: str, mark: str) -> None:
    lines = f"{body.format(line)}\n\nNo.".split("\n")
    rest = {"- ": "  "}.get(mark, mark)
    document = markdown.read("\n".join((mark if at == 0 else rest) + each for at, each in enumerate(lines)))
    quote = document.blockquotes[-1]
    if mark != "> " or "Mine" in body:
        assert quote.attribution == BEFORE[line]
        assert (quote.text, quote.html) == ("Engines weave.", '<p dir="auto">Engines weave.</p>\n')
    if mark != "> ":
        assert document.own_text == ("Mine.\n\nNo." if "Mine" in body else "No.")
        assert markdown.read(line).text in document.text
    assert document.mentions == ()
    assert "mailto:" not in document.html()


@pytest.mark.parametrize(
    "line",
    [
        "In 3 words, Ada said:",
        "Then he said:",
        "He wrote in 2021:",
        "On 3 May 2021 I wrote:",
        "The year 2021 was what I said:",
        "I bought 3 of them in 2021, and Ada:",
        "In May 2021 the old people of the town said:",
        "Look at this:",
        "ada@example.com:",
        "See /d/12#reply-3",
        "[Ada](/d/12#reply-3)",
        "# Ada said:",
        "- Ada said:",
        "Ada said:\n\n---",
        "Ada said:\nMine.",
        "    Ada said:",
    ],
)
def test_lines_before_a_quote_that_attribute_nothing(line: str) -> None:
    document = markdown.read(f"{line}\n\n> Engines weave.")
    assert document.blockquotes[0].attribution is None
    assert document.own_text == markdown.read(line).text


def test_a_quote_has_one_attribution() -> None:
    inside = markdown.read("Bo said:\n\n> **Ada said:**\n>\n> Engines weave.")
    assert inside.blockquotes[0].attribution == Attribution("Ada", False, None)
    assert inside.own_text == "Bo said:"
    around = markdown.read("> **Ada said:**\n>\n> > Engines weave.").blockquotes
    assert [quote.attribution and quote.attribution.name for quote in around] == ["Ada", None]
    after = markdown.read("Ada said:\n> Engines weave.\n\n> Looms too.").blockquotes
    assert [quote.attribution and quote.attribution.name for quote in after] == ["Ada", None]


def test_an_attribution_before_a_quote_is_shown_like_one_inside() -> None:
    before = markdown.read("Mine.\n\n@ada said:\n> Engines weave.")
    inside = markdown.read("Mine.\n\n> @ada said:\n> Engines weave.")
    assert before.said == inside.said
    assert before.blockquotes[0].said == inside.blockquotes[0].said


QUOTED = ("> Cast iron.", "> - item", "> > Inner.", "> 1. > Inner.", "> a\n> b")


@pytest.mark.parametrize("mark", ["", "- ", "1. ", "> ", "> - "])
@pytest.mark.parametrize("quoted", QUOTED)
@pytest.mark.parametrize("attributed", ["> **Ada said:**\n>\n", "> Ada said:\n", "Ada said:\n\n", "Ada said:\n"])
def test_a_quote_with_an_attribution_ends_where_its_markers_end(attributed: str, quoted: str, mark: str) -> None:
    lines = f"{attributed}{quoted}\nI disagree, @bo.".split("\n")
    rest = mark.replace("-", " ").replace("1.", "  ")
    for last in {rest, rest.replace(" ", "")}:
        body = "\n".join([mark + lines[0], *(rest + each for each in lines[1:-1]), last + lines[-1]])
        document = markdown.read(body)
        assert "disagree" not in document.blockquotes[-1].text
        if not mark.startswith(">"):
            named = next(quote for quote in document.blockquotes if quote.attribution)
            assert "disagree" not in named.text
            assert document.own_text.endswith("I disagree, @bo.")
            assert [mention.candidates[0].name for mention in document.mentions] == ["bo"]


@pytest.mark.parametrize("quoted", QUOTED)
def test_a_quote_without_an_attribution_goes_on_lazily(quoted: str) -> None:
    document = markdown.read(f"{quoted}\nand on, @bo.")
    assert document.own_text == "" and document.mentions == ()


def test_an_inner_quote_ends_where_its_markers_end() -> None:
    castle = markdown.read("> Stefan said:\n> > I would like to visit a castle\n> But my home is my castle")
    assert castle.blockquotes[0].own_text == "But my home is my castle"
    assert castle.blockquotes[1].text == "I would like to visit a castle"
    two = markdown.read("> Look:\n>\n> > **Ada said:**\n> >\n> > Iron.\nMine.\n> Back.")
    assert [quote.text for quote in two.blockquotes] == ["Look:\n\nAda said:\n\nIron.", "Iron.", "Back."]
    assert two.own_text == "Mine."


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
        '<blockquote dir="ltr">\n<p dir="auto"><strong>Bob said:</strong><br>\nLooms weave.</p>\n</blockquote>\n'
        '<p dir="auto">Engines weave.</p>\n<blockquote dir="ltr">\n<p dir="auto">third</p>\n</blockquote>\n'
    )


def test_an_empty_quote_is_a_quote() -> None:
    (quote,) = markdown.read("Mine.\n\n>").blockquotes
    assert (quote.attribution, quote.html, quote.text) == (None, "", "")
    # A body that shows nothing else is shown as typed, and refused where it is written.
    assert (markdown.read(">").blockquotes, markdown.read(">").is_empty) == ((), True)


# Directions that a text leaves open are closed, so their controls are tested apart.
_TURNING = re.compile(f"[{characters.BIDI_CONTROLS}]")
printable = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60).map(
    lambda text: _TURNING.sub("", characters.without_forbidden(text))
)
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


def test_digits_in_a_name_of_a_mail_are_no_date() -> None:
    (quote,) = markdown.read("On Mon, 3 May 2021 at 10:00, Ada 77 <ada@example.com> wrote:\n\n> Words.").blockquotes
    assert quote.attribution is not None
    assert quote.attribution.name == "Ada 77"
