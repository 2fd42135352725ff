"""Ning's HTML as Markdown: it reads as it did, and its quotes are where the reader of Markdown finds them."""

import html
import random
import re
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from importers.ning.html import Converted, to_markdown
from text import attribution, grammar, markdown, normal

NAMES = [
    "Ada",
    "Ada Lovelace",
    "B*b_",
    "[x]",
    "a: b",
    "1. One",
    "# no",
    "`q`",
    "O'Neil",
    "<i>",
    "&amp;",
    "@ada",
    "said",
    "-",
    "!",
]
WORDS = [
    "one",
    "*two*",
    "_x_",
    "# three",
    "> four",
    "1. five",
    "`six`",
    "@ada",
    "http://a.b/c_d_*",
    "[x](y)",
    "![z]",
    "&copy;",
    "<b>",
]


def named(converted: Converted) -> list[tuple[int, int | None, int, str | None]]:
    return [(quote.index, quote.parent, quote.depth, quote.name) for quote in converted.quotes]


def found(converted: Converted) -> list[tuple[int, int | None, int, str | None]]:
    return [
        (quote.index, quote.parent, quote.depth, (quote.attribution.name or None) if quote.attribution else None)
        for quote in markdown.read(converted.markdown).blockquotes
    ]


def words(text: str) -> str:
    return normal.normalised(text)


def test_a_quote_button_s_quote_is_an_attributed_blockquote() -> None:
    converted = to_markdown(
        "<p>I agree.</p><cite>Ada Lovelace said:</cite>"
        '<blockquote cite="http://old.example/forum/topics/x?commentId=7%3AComment%3A12#7Comment12"><div><p>Yes.</p>'
        "<cite>Bob said:</cite><blockquote><div><p>No?<br>Why?</p></div></blockquote></div></blockquote>"
    )
    assert converted.markdown == (
        "I agree.\n\n> **Ada Lovelace said:**\n>\n> Yes.\n>\n> > **Bob said:**\n> >\n> > No?\n> > Why?"
    )
    assert [(quote.name, quote.parent, quote.depth, quote.cited) for quote in converted.quotes] == [
        ("Ada Lovelace", None, 0, "7:Comment:12"),
        ("Bob", 0, 1, None),
    ]
    assert named(converted) == found(converted)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Ada said:", "Ada"),
        ("<a href='/profile/Ada'>Ada B</a> said:", "Ada B"),
        ("Ada a dit\u00a0:", "Ada"),
        ("Ada dijo:", "Ada"),
        ("Ada sagte:", "Ada"),
        ("Adaさんの発言:", "Ada"),
        ("Ada has this to say:", "Ada has this to say"),
        ("Ada said: said:", "Ada said:"),
        ("  Ada\n Lovelace said: ", "Ada Lovelace"),
        ("@ada said:", "ada"),
        (":", None),
        ("", None),
    ],
)
def test_who_said_it_is_told_in_many_languages(said: str, name: str | None) -> None:
    converted = to_markdown(f"<cite>{said}</cite> <br/><blockquote>it</blockquote>")
    assert [quote.name for quote in converted.quotes] == [name]
    assert named(converted) == found(converted)


def test_a_cite_without_a_blockquote_stays_where_it_was() -> None:
    assert to_markdown("<p>See <cite>The Book</cite> for it.</p>").markdown == "See *The Book* for it."
    assert to_markdown("<p><cite>The Book</cite></p><p>more</p>").markdown == "*The Book*\n\nmore"
    assert to_markdown("<cite>A said:</cite><cite>B said:</cite><blockquote>x</blockquote>").markdown == (
        "*A said:*\n\n> **B said:**\n>\n> x"
    )
    assert to_markdown("<cite>Ada said:").markdown == "*Ada said:*"


def test_a_blockquote_that_attributes_itself_has_that_name() -> None:
    converted = to_markdown(
        "<blockquote><p><strong>Ada</strong> wrote:</p><p>hi</p></blockquote><blockquote>x</blockquote>"
    )
    assert [quote.name for quote in converted.quotes] == ["Ada", None]
    assert named(converted) == found(converted)


# Made once: a strategy that is built for each draw takes longer than the test itself.
KINDS = st.sampled_from(["words", "p", "b", "list", "table", "code", "quote", "quote", "quote", "link", "h", "pre"])
SPOKEN = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join).map(html.escape)
HOLDERS = {"b", "list", "table", "h", "quote"}
CITED = st.sampled_from(["<cite>{} said:</cite>", "<p><cite>{} said:</cite></p>", ""])
CALLED = st.sampled_from(NAMES) | st.text(max_size=90)


@st.composite
def pieces(draw: st.DrawFn, inner: st.SearchStrategy[list[str]]) -> str:
    """HTML of one kind or another, which holds what `inner` draws."""
    kind = draw(KINDS)
    spoken = draw(SPOKEN)
    inside = ("".join(draw(inner)) if kind in HOLDERS else "") or spoken
    match kind:
        case "p":
            return f"<p>{spoken}<br>{spoken}</p>"
        case "b":
            return f"a<b>{spoken}</b>b <i>{inside}</i>"
        case "list":
            return f"<ul><li>{inside}<li>{spoken}</li></ul>"
        case "table":
            return f"<table><tr><td>{inside}</td><td>{spoken}</td></tr><tr><td>x</table>"
        case "code":
            return f"<code>{spoken}</code>"
        case "pre":
            return f"<pre>{spoken}\n  {spoken}</pre>"
        case "link":
            return f"<a href='http://a.b/c?d=(e)&amp;f=g h'>{spoken}<img src=x.png alt='y]'></a>"
        case "h":
            return f"<h2>{inside}</h2>"
        case "quote":
            cite = draw(CITED).format(html.escape(draw(CALLED)))
            return f"{cite}<blockquote><div>{inside}</div></blockquote>"
        case _:
            return spoken


def nested(depth: int) -> st.SearchStrategy[list[str]]:
    """Up to three pieces, of which each holds up to three, and so on `depth` times."""
    return st.lists(pieces(nested(depth - 1)), max_size=3) if depth else st.just([])


@settings(max_examples=200, deadline=None)
@given(html=st.lists(pieces(nested(4)), max_size=5).map("".join))
@example(
    html="<ul><li><blockquote></blockquote></ul><ol><li><hr></ol><blockquote><blockquote></blockquote></blockquote>"
)
def test_markdown_has_the_same_quotes_in_the_same_order(html: str) -> None:
    converted = to_markdown(html)
    assert named(converted) == found(converted)


TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@settings(max_examples=200, deadline=None)
@given(
    depth=st.integers(1, 25),
    # What turns the direction of text is balanced, so a name may lose it.
    name=st.text(st.characters(exclude_characters=TURNING), min_size=1, max_size=100) | st.sampled_from(NAMES),
)
def test_names_of_all_characters_come_back(depth: int, name: str) -> None:
    begin, end = f"<cite>{html.escape(name)} said:</cite><blockquote>a", "z</blockquote>"
    converted = to_markdown(begin * depth + end * depth)
    assert len(converted.quotes) == min(depth, grammar.NESTING)
    assert named(converted) == found(converted)
    shown = " ".join(re.sub(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]", "", name.replace("\r", " ")).split())
    if shown.isalnum() and len(shown) <= attribution.NAME_CHARACTERS:
        assert converted.quotes[0].name == shown


LOOKS = st.text(st.sampled_from("ab1 *_`~#>+-.|:=&<>[]()!\\\n@\"'/;é\u00a0"), min_size=1, max_size=30)


@settings(max_examples=500, deadline=None)
@given(runs=st.lists(st.tuples(st.sampled_from(["", "b", "i", "s", "a", "b><i", "br/", "p"]), LOOKS), max_size=6))
@example(runs=[("i", "1"), ("b><i", "1"), ("b", "1")])
@example(runs=[("", "1"), ("b", ":"), ("b><i", "1"), ("i", "1")])
@example(runs=[("", "Wow!"), ("a", "x")])
@example(runs=[("", "a"), ("b", ":b:"), ("", "c"), ("b", "d"), ("i", "e")])
@example(runs=[("", "x"), ("br/", "---|"), ("br/", "a|b"), ("br/", "-|-")])
def test_what_looks_like_markdown_reads_as_it_did(runs: list[tuple[str, str]]) -> None:
    opened = [
        (
            f"<{tag}{' href=http://x.y' if tag == 'a' else ''}>",
            "".join(f"</{each}>" for each in reversed(tag.split("><"))),
        )
        if tag
        else ("", "")
        for tag, _ in runs
    ]
    source = "".join(f"{begin}{html.escape(text)}{end}" for (begin, end), (_, text) in zip(opened, runs, strict=True))
    shown = "".join(f" {text}" if tag in ("br/", "p") else text + " " * (tag == "p") for tag, text in runs)
    document = markdown.read(to_markdown(source).markdown)
    assert words(document.text).replace(" ", "") == words(shown).replace(" ", "")
    assert document.blockquotes == ()


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ("a<br/>b<br/><br/>c", "a\nb\n\nc"),
        ("<p>a&nbsp;b</p><p>&nbsp;</p><p>c</p>", "a\u00a0b\n\nc"),
        ("line one\nline two", "line one line two"),
        ("<b>bold </b>and<em> it</em>, <s>gone</s>", "**bold** and *it*, ~~gone~~"),
        ("<b>a</b><strong>b</strong>", "**ab**"),
        ("<ul><li>a<li>b</ul><ul><li>c</ul>", "- a\n- b\n\n* c"),
        ("<ol start=3><li>a</li><li><p>b</p><ul><li>c</ul></ol>", "3. a\n\n4. b\n\n   - c"),
        ("<li>alone", "- alone"),
        ("<h1>Title #</h1>text", "# Title \\#\n\ntext"),
        ("a<hr>b", "a\n\n___\n\nb"),
        ("<pre>a\n ```\n  b</pre>", "````\na\n ```\n  b\n````"),
        ("<code>a`b</code>", "``a`b``"),
        ('<a href="http://a.b/(c) d">x</a>', "[x](http://a.b/%28c%29d)"),
        ('<a href="http://a.b/c">http://a.b/c</a>', "<http://a.b/c>"),
        ('<a href="http://a.b/cde">http://a.b/c...</a>', "[http://a.b/c...](http://a.b/cde)"),
        ('<a href="javascript:x()">y</a>', "y"),
        ('<a href="tel:123">call</a>', "call (tel:123)"),
        ('<a href="/big.png"><img src="/s.png" alt="A [cat]"></a>', "[![A \\[cat\\]](/s.png)](/big.png)"),
        ("<img src='data:image/png;base64,xx' alt='dot'>", "dot"),
        ("<object><param name=movie value=//v.x/1><embed src=//v.x/1></object>", "<https://v.x/1>"),
        ("<iframe src='http://v.x/2'></iframe>after", "<http://v.x/2>\n\nafter"),
        ("<table><tr><th>a<th>b<tr><td>1|2<td></table>", "| a | b |\n| --- | --- |\n| 1\\|2 |  |"),
        ("<table><tr><td><p>a</p><p>b</p></td></tr></table>", "a\n\nb"),
        ("a<script>evil()</script>b<style>x{}</style><!-- c -->d", "abd"),
        ("1 < 2 and a<b", "1 < 2 and a\\<b"),
        ("hello @ada and @ Ada", "hello @ada and @ Ada"),
        ("</p></div></blockquote>x</td>", "x"),
        ("<b>open <i>both", "**open *both***"),
        ("nul\x00 and \ud800", "nul and \ufffd"),
        ("", ""),
        ("<p>  </p><br><blockquote> <br></blockquote>", ""),
    ],
)
def test_html_has_its_markdown(source: str, written: str) -> None:
    assert to_markdown(source).markdown == written


TAGS = [
    "p",
    "b",
    "i",
    "a",
    "ul",
    "li",
    "table",
    "tr",
    "td",
    "blockquote",
    "cite",
    "pre",
    "object",
    "param",
    "div",
    "h1",
    "q",
]


@settings(max_examples=500, deadline=None)
@given(
    st.lists(
        st.sampled_from([f"<{tag}>" for tag in TAGS] + [f"</{tag}>" for tag in TAGS])
        | st.sampled_from(
            ["x", " ", "Ada said:", "<br>", "<", ">", "<!--", "-->", "<![", "<?", "&#0;", "&#xd800;", "<a href='"]
        )
        | st.text(max_size=3),
        max_size=30,
    ).map("".join)
)
@example("<blockquote>\U00018cdb")
@example("<blockquote>\u00ad<blockquote>\u2800")
def test_broken_html_never_raises_and_keeps_its_quotes(source: str) -> None:
    converted = to_markdown(source)
    assert named(converted) == found(converted)


@pytest.mark.parametrize(
    "unit",
    [
        *(
            "<div>",
            "<blockquote>",
            "<cite>a said:</cite><blockquote>b",
            "<ul><li>",
            "<table><tr><td>",
            "<b>",
            "<b><p>x",
        ),
        *(
            "</li>",
            "</blockquote>",
            "<li>",
            "<td>",
            "<a href='x'>",
            "<a '<a \"",
            "<!--",
            "<![",
            "&",
            "&#",
            "*",
            "_",
            "[",
            "`",
        ),
        *(
            "\\",
            "<",
            "<br>",
            "<p>x",
            "<i>a</i>b",
            "x ",
            "http://a_",
            "<object>",
            "<embed src=x>",
            "<cite>",
            "<pre>",
            "- ",
            "~",
        ),
    ],
)
def test_long_and_deep_posts_stay_quick(unit: str) -> None:
    begin = time.thread_time()
    to_markdown(unit * (100_000 // len(unit)))
    # On a busy machine; quadratic work would take minutes.
    assert time.thread_time() - begin < 10


def test_random_tags_stay_quick() -> None:
    chance = random.Random(3)
    source = "".join(chance.choices([f"<{'/' * (each % 2)}{tag}>x" for tag in TAGS for each in (0, 1)], k=20_000))
    begin = time.thread_time()
    converted = to_markdown(source)
    assert time.thread_time() - begin < 10
    assert len(converted.quotes) > 100
