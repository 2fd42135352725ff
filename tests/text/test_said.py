"""A quote is compared with its source as a reader sees both."""

import unicodedata

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from text import markdown, said
from text.attribution import attribute
from text.said import Comparison

VERBATIM, ABRIDGED, NOT_SAID = Comparison.VERBATIM, Comparison.ABRIDGED, Comparison.NOT_SAID


def compared(source: str, quote: str) -> Comparison:
    """Compares a body with what a blockquote of this Markdown shows."""
    quoted = "".join(f"> {line}\n" for line in f"**Ada said:**\n\n{quote}".split("\n"))
    return said.compare(markdown.read(source).said, markdown.read(quoted).blockquotes[0].said)


@pytest.mark.parametrize(
    ("source", "quote"),
    [
        ("Take the lead, Ada.", "the LEAD"),
        ("Take the lead, Ada.", "lead, ada."),
        ("\u201cIt\u2019s\u201d late", '"it\'s" *late*'),
        ("He came\u2014I left", "I left"),
        ("Stop \u2014 now", "stop - now"),
        ("(see below)", "see"),
        ("\u00bfQu\u00e9? \u00a1Nada!", "Nada"),
        ("so\u00adft zero\u200bwidth", "soft zerowidth"),
        ("cafe\u0301", "caf\u00e9"),
        ("\u2764\ufe0f you", "\u2764 you"),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u062e\u0648\u0627\u0647\u0645"),
        ("Stra\u00dfe", "STRA\u1e9eE"),
        ("\u039f\u03a3 \u03bf\u03c2", "\u03bf\u03c2"),
        ("12 000 Euro", "12\u00a0000 euro"),
        ("In 2010 500 came", "500 came"),
        ("See https://e.com/AbC there", "see https://e.com/AbC"),
        ("See HTTPS://E.com/AbC there", "see https://e.com/AbC"),
        ("\u4f60\u597d\u4e16\u754c\u3002", "\u4e16\u754c"),
        ("\u3053\u3093\u306b\u3061\u306fAda\u3055\u3093", "Ada"),
        ("wait...what", "what"),
        ("So \u2026 yes", "so ... yes"),
        ("one\n\ntwo", "one two"),
        ("- one\n- two", "one two"),
        ("1986. What a season.", "1986\\. What a season."),
        ("1986. What a season.", "What a season."),
        ("3. a\n4. b", "4. b"),
        ("| a | b |\n|---|---|\n| c | d |", "b c"),
        ("```\nrm -rf /tmp\n```", "`rm -rf /tmp`"),
        ("See [the page](https://e.com/a) there", "the page there"),
        ("See [the page](https://e.com/a) there", "see [the page](https://e.com/a)"),
        ("See https://e.com/a there", "[https://e.com/a](https://e.com/a) there"),
        ("See https://e.com/a/long/path there", "[e.com/a/lo\u2026](https://e.com/a/long/path) there"),
        ("Red ![a hat](https://e.com/h.png) it is", "a hat it is"),
        ("Red ![a hat](https://e.com/h.png) it is", "red ![a hat](https://e.com/h.png)"),
        ("I ~~agree~~ disagree", "I disagree"),
        ("I ~~agree~~ disagree", "I ~~agree~~ disagree"),
        ("one\n\n> Ada: x\n\ntwo", "one two"),
        ("one\n\n> Ada said:\n> x\n\ntwo", "one\n\n> **Ada said:**\n>\n> x\n"),
        ("one\n\n> a\n>\n> > b\n\ntwo", "one\n\n> a\n>\n> > b\n\ntwo"),
        ("one\n\n---\n\ntwo", "one two"),
        ("one\n\n---\n\ntwo", "one\n\n---\n\ntwo"),
        ("\U0001f44d\U0001f3fd", "\U0001f44d\U0001f3fd"),
        ("x\u00b2 = 4", "x\u00b2 = 4"),
        ("a \x01 b \x05 c", "a b c"),
        ("\u2067\u05d0 3\u2069 said", "\u05d0 3 said"),
        ("\u0e1a\u0e32\u0e17 \u0e51\u0e52,\u0e50\u0e50", "\u0e51\u0e52,\u0e50\u0e50"),
        ("\u4e00\u767e\u4e8c\u5341\u4eba", "\u4e00\u767e\u4e8c\u5341"),
        ("[x](https://e.com/AbC)", "[x](https://e.com/AbC)"),
        ("| a | b |\n|---|---|\n| | 2 |", "| a | b |\n|---|---|\n| | 2 |"),
        ("| a | b |\n|---|---|\n| | 2 |", "a b 2"),
    ],
)
def test_words_that_the_source_says(source: str, quote: str) -> None:
    assert compared(source, quote) is VERBATIM


@pytest.mark.parametrize(
    ("source", "quote"),
    [
        ("one two three four", "one \u2026 four"),
        ("one two three four", "one [...] three"),
        ("one two three four", "one (\u2026) two"),
        ("one two three four", "...two three..."),
        ("I do not think he is guilty.", "I do \u2026 think he is guilty"),
        ("one ... two three four", "one ... two ... four"),
        ("Look: http://www.example.com/long/path?x=1", "http://www.example.com/lo\u2026"),
        ("Look: http://www.example.com/long/path?x=1 there", "http://www.example.com/lo... there"),
        ("Look: http://www.example.com/long/path there", "http://www.exam...ng/path there"),
        ("Look: http://www.example.com/long/path", "http://www.exam...ng/path"),
        ("See https://e.com/a and [this](/b) there", "see ... [this](/b)"),
        ("one\n\n> x\n\ntwo three", "one\n\n> x\n\n... three"),
        ("\u4f60\u597d\u4e16\u754c", "\u4f60\u2026\u754c"),
    ],
)
def test_words_with_parts_left_out(source: str, quote: str) -> None:
    assert compared(source, quote) is ABRIDGED


@pytest.mark.parametrize(
    ("source", "quote"),
    [
        ("mislead", "lead"),
        ("3 - 1", "\u202e3 - 1"),
        ("3 - 1", "\u2067\u202d3 - 1"),
        ("France - Germany 3 - 1", "\u202bFrance - Germany 3 - 1"),
        ("\u0e51\u0e52\u0e50\u0e50 \u0e1a\u0e32\u0e17", "\u0e51\u0e52"),
        ("\u1041\u1042,\u1040\u1040\u1040", "\u1041\u1042"),
        ("\u4e00\u767e\u4e8c\u5341\u4eba", "\u4e8c\u5341\u4eba"),
        ("[x](https://e.com/AbC)", "[x](https://e.com/abc)"),
        ("Red ![x](http://e.com/A.png)", "Red ![x](http://e.com/a.png)"),
        ("| Income | Loss |\n|---|---|\n| | 5 |", "| Income | Loss |\n|---|---|\n| 5 | |"),
        ("one. two", "one two"),
        ("one two three", "three ... one"),
        ("one two", "two ... two"),
        ("shown", "sho ..."),
        ("never", "n\u2026r"),
        ("http://www.example.com/path", "\u2026mple.com/path"),
        ("Look: http://www.example.com/a http://e.com/path", "http://www.exam...m/path"),
        ("12,000", "12"),
        ("12 000 Euro", "12"),
        ("12 000 Euro", "000 Euro"),
        ("12\u00a0000 Euro", "000 Euro"),
        ("1\u202f012\u202f000,50 Euro", "012 000,50 Euro"),
        ("1\u202f012\u202f000,50 Euro", "1 012"),
        ("in Ma\u00dfen", "in Massen"),
        ("in Massen", "in Ma\u00dfen"),
        ("See https://e.com/AbC there", "See https://e.com/abc there"),
        ("See www.e.com/AbC there", "See www.e.com/abc there"),
        ("12,000", "000"),
        ("0.5", "5"),
        (".5", "5"),
        ("-5", "5"),
        ("\u22125", "5"),
        ("5% off", "5 off"),
        ("C++", "C"),
        ("rm -rf /tmp", "rm -rf /"),
        ("user@example.com", "example.com"),
        ("1/2", "1"),
        ("un(happy)", "happy)"),
        ("(un)happy", "happy"),
        ("12,000\u5143", "12"),
        ("\u0e01\u0e34", "\u0e01"),
        ("x\u00b2 = 4", "x2 = 4"),
        ("\u2460", "1"),
        ("\uff11\uff12", "12"),
        ("\u00bd", "1/2"),
        ("\U0001f44d\U0001f3fd", "\U0001f44d"),
        ("\U0001f469\u200d\U0001f52c", "\U0001f469"),
        ("\U0001f469\u200d\U0001f52c", "\U0001f469\U0001f52c"),
        ("\U0001f1e9\U0001f1ea", "\U0001f1e9"),
        ("1987. What a season.", "1999. What a season."),
        ("3. a\n4. b", "7. a\n8. b"),
        ("I agree.", "I agree. ![](http://evil.example/fake.png)"),
        ("I agree. ![x](http://e.com/a.png)", "I agree. ![x](http://evil.example/a.png)"),
        ("I agree. ![x](http://e.com/a.png)", "I agree. ![y](http://e.com/a.png)"),
        ("Red text", "Red [text](http://evil.example)"),
        ("Red [text](http://e.com)", "Red [text](http://evil.example)"),
        ("Red [text](http://e.com)", "Red [text](http://e.com 'no')"),
        ("Red http://e.com", "Red [http://e.com](http://evil.example)"),
        ("Red text", "~~Red text~~"),
        ("Red text", "Red ~~text~~"),
        ("I ~~agree~~ disagree", "I agree"),
        ("I ~~agree~~ disagree", "agree"),
        ("I ~~agree~~ disagree", "I agree disagree"),
        ("Plain words.", "Plain words.\n\n> I stole the money."),
        ("Plain words.", "Plain words.\n\n---"),
        ("I\n\n> I resign.\n\nhm", "I resign."),
        ("I\n\n> I resign.\n\nhm", "> I resign."),
        ("I\n\n> I resign.\n\nhm", "hm \u2026\n\n> I resign."),
        ("I\n\n> I resign.\n\nhm", "I\n\n> I re...\n\nhm"),
        ("I\n\n> a\n>\n> > b", "a\n\n> b"),
        ("I\n\n> Ada said:\n> a", "I\n\n> Bob said:\n> a"),
        ("anything", ""),
        ("anything", "\u2026"),
        ("anything", "[\u2026]\n\n(...)"),
        ("![x](http://e.com/a.png)", "![x](http://e.com/a.png)"),
        ("one\n\n---", "---"),
        ("[]()", "[]()"),
    ],
)
def test_words_that_the_source_does_not_say(source: str, quote: str) -> None:
    assert compared(source, quote) is NOT_SAID


PIECES = (
    *(
        "ada",
        "Never",
        "12,000",
        "-5",
        "it's",
        "C++",
        "\u4e16\u754c",
        "(so)",
        "\u201cyes\u201d",
        "na\u00efve",
        "stop!",
        "&",
        "1.",
    ),
    *(
        "https://e.com/a_b",
        "*bold*",
        "`code x`",
        "[page](/d/1)",
        "![hat](https://e.com/h.png)",
        "a_b",
        "\U0001f44d\U0001f3fd",
    ),
)
words = st.sampled_from(PIECES)
paragraphs = st.lists(words, min_size=1, max_size=8).map(" ".join)
blocks = st.builds(
    lambda mark, text: f"{mark}{text}", st.sampled_from(["", "# ", "- ", "7. ", "> ", "> > ", "- 3. "]), paragraphs
)
sources = st.lists(blocks | st.just("---"), min_size=1, max_size=5).map("\n\n".join)


@st.composite
def excerpts(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A source, and the words of an excerpt of its own text."""
    source = draw(sources)
    own = markdown.read(source).own_text.split()
    assume(own)
    begin = draw(st.integers(0, len(own) - 1))
    return source, own[begin : draw(st.integers(begin + 1, len(own)))]


def said_by(source: str, text: str) -> Comparison:
    """Compares a body with a text that a button quotes."""
    return said.compare(markdown.read(source).said, markdown.read(attribute("Ada", text)).blockquotes[0].said)


@settings(deadline=None)
@given(excerpts(), st.sampled_from([" ", "\n"]))
def test_an_excerpt_of_whole_words_is_verbatim(excerpt: tuple[str, list[str]], blank: str) -> None:
    source, quoted = excerpt
    assert said_by(source, blank.join(quoted)) is VERBATIM


@settings(deadline=None)
@given(excerpts(), st.data())
def test_an_excerpt_with_words_left_out_is_abridged(excerpt: tuple[str, list[str]], data: st.DataObject) -> None:
    source, quoted = excerpt
    begin = data.draw(st.integers(0, len(quoted) - 1))
    end = data.draw(st.integers(begin + 1, len(quoted)))
    assume(end - begin < len(quoted))
    assert said_by(source, " ".join([*quoted[:begin], "\u2026", *quoted[end:]])) is ABRIDGED


@settings(deadline=None)
@given(excerpts(), st.sampled_from(["not", "13", "+", "\U0001f44d"]), st.data())
def test_an_excerpt_with_a_word_changed_or_added_is_not_said(
    excerpt: tuple[str, list[str]], other: str, data: st.DataObject
) -> None:
    source, quoted = excerpt
    at = data.draw(st.integers(0, len(quoted) - 1))
    for forged in ([*quoted[:at], other, *quoted[at + 1 :]], [*quoted[:at], other, *quoted[at:]]):
        assert said_by(source, " ".join(forged)) is NOT_SAID
    glued = [*quoted[:at], quoted[at] + "x", *quoted[at + 1 :]]
    assert said_by(source, " ".join(glued)) is NOT_SAID


@settings(deadline=None)
@given(
    excerpts(),
    st.sampled_from(
        [
            "[{}](https://evil.example)",
            "~~{}~~",
            "{} ![](https://e.com/fake.png)",
            "{}\n>\n> > ada",
            "{}\n>\n> > Bo said:\n> > ada",
        ]
    ),
)
def test_an_excerpt_with_something_added_is_not_said(excerpt: tuple[str, list[str]], added: str) -> None:
    source, quoted = excerpt
    lines = attribute("Ada", " ".join(quoted)).splitlines()
    forged = "\n".join([*lines[:-1], f"> {added.format(lines[-1].removeprefix('> '))}"])
    assert said.compare(markdown.read(source).said, markdown.read(forged).blockquotes[0].said) is NOT_SAID


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_composed_and_decomposed_letters_are_the_same(text: str) -> None:
    once = said.normalised(text)
    assert said.normalised(once) == once
    assert said.normalised(unicodedata.normalize("NFD", text)) == once
    assert not any(character in once for character in map(chr, range(0x20)))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("one \u2026 two", [(4, 1)]),
        ("\U0001f600... [\u2026] (...) [ ... ]\u2026\u2026", [(2, 3), (6, 3), (10, 5), (16, 7), (23, 2)]),
        ("one.. two. (three)", []),
    ],
)
def test_omissions_are_where_the_ellipses_are(text: str, found: list[tuple[int, int]]) -> None:
    assert said.omissions(text) == found
    for start, length in found:
        assert "." in said.normalised(text.encode("utf-16-le")[2 * start : 2 * (start + length)].decode("utf-16-le"))


def test_comparing_takes_linear_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each part is searched once, from where the part before it ended."""
    searched: list[int] = []

    class Counted(str):
        __slots__ = ()

        def find(self, *args: object) -> int:
            searched.append(1)
            return str.find(self, *args)  # type: ignore[arg-type]

    edged = said._edged
    monkeypatch.setattr(said, "_edged", lambda text: Counted(edged(text)))
    for source, quoted in [("a" * 100_000, "a\u2026" * 25_000), ("a " * 50_000, "a \u2026 " * 12_500 + "b")]:
        searched.clear()
        assert said.compare(said.normalised(source), said.normalised(quoted)) is NOT_SAID
        assert len(searched) <= 25_001
