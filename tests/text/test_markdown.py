"""Markdown becomes safe HTML, in bounded time, with the ids of quotes where they belong."""

import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from text import grammar, markdown, work
from text.links import LinkedUser, Targets


def html(body: str) -> str:
    """The HTML without the directions of blocks, which tests/text/test_directions.py has."""
    return without_directions(markdown.read(body).html())


def without_directions(rendered: str) -> str:
    return re.sub(' dir="(?:auto|ltr|rtl)"', "", rendered)


def tags(rendered: str) -> list[tuple[str, dict[str, str | None]]]:
    """The elements that a browser makes of it, with their attributes."""
    found = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append((tag, dict(attrs)))

    Parser().feed(rendered)
    return found


@pytest.mark.parametrize(
    ("body", "rendered"),
    [
        ("one\ntwo", "<p>one<br>\ntwo</p>\n"),
        ("~~no~~ **yes** `x<y`", "<p><s>no</s> <strong>yes</strong> <code>x&lt;y</code></p>\n"),
        ("``` c++ \n<x>\n```", '<pre><code class="language-c++">&lt;x&gt;\n</code></pre>\n'),
        ("~~~\"><script>\nx\n~~~", '<pre><code>"&gt;&lt;script&gt;\nx\n</code></pre>\n'),
        ("```def f():\n  pass", '<pre><code>def f():\n  pass</code></pre>\n'),
        ("3. x\n4. y", '<ol start="3">\n<li>x</li>\n<li>y</li>\n</ol>\n'),
        ("example.py, www.e.com", '<p>example.py, <a href="http://www.e.com" rel="REL">www.e.com</a></p>\n'),
        ("a@b.com mailto:a@b.com <a@b.com>", "<p>a@b.com mailto:a@b.com &lt;a@b.com&gt;</p>\n"),
        ("[x](mailto:a@b.com)", '<p><a href="mailto:a@b.com" rel="REL">x</a></p>\n'),
        ("<https://example.com>", '<p><a href="https://example.com" rel="REL">https://example.com</a></p>\n'),
        ("[x](https://example.com 'T')", '<p><a href="https://example.com" title="T" rel="REL">x</a></p>\n'),
        ("[x](/d/12#reply-3)", '<p><a href="/d/12#reply-3" rel="REL">x</a></p>\n'),
        ("http://b\u00fc.de/%20", '<p><a href="http://xn--b-eha.de/%20" rel="REL">http://b\u00fc.de/%20</a></p>\n'),
        ("![a *b*](https://example.com/i.png)", '<p><img src="https://example.com/i.png" alt="a b"></p>\n'),
        ("a [](/d/1?a&b) [\u200b](//b.c)", '<p>a <a href="/d/1?a&amp;b" rel="REL">/d/1?a&amp;b</a> '
         '<a href="https://b.c" rel="REL">\u200b//b.c</a></p>\n'),
        ("a ![](i.png)", "<p>a i.png</p>\n"),
        ("[![](i.png)](/x) ![](https://b.c/i.png)",
         '<p><a href="/x" rel="REL">i.png</a> <img src="https://b.c/i.png" alt=""></p>\n'),
        ("![a <b>](/i.png)![](data:image/png;base64,AA)", "<p>a &lt;b&gt;![](data:image/png;base64,AA)</p>\n"),
        ("|a|\n|:-:|", '<table>\n<thead>\n<tr>\n<th class="align-center">a</th>\n</tr>\n</thead>\n</table>\n'),
        ("&lt;i&gt; &quot;", '<p>&lt;i&gt; "</p>\n'),
    ],
)  # fmt: skip
def test_rendering(body: str, rendered: str) -> None:
    assert html(body) == rendered.replace("REL", "nofollow noopener ugc")


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt&colon;alert(1))",
        "[x](  \x01javascript:alert(1))",
        "<javascript:alert(1)>",
        "[x](data:text/html,x)",
        "![x](javascript:alert(1))",
        "[x]: vbscript:x\n\n[x]",
        "[x](ftp://example.com/)",
        '```" onclick="x\n```',
        "<!-- x --> <?php ?> <![CDATA[x]]>",
    ],
)
def test_nothing_acts(body: str) -> None:
    for tag, attributes in tags(html(body)):
        assert tag in ("p", "pre", "code", "br")
        assert not attributes


QUOTES = "> one\n> > two\n\nthree\n\n> four\n"


def test_quotes_carry_the_ids_they_are_given() -> None:
    document = markdown.read(QUOTES)
    assert without_directions(document.html({1: "Q_9", 2: "Q_8"})) == (
        '<blockquote>\n<p>one</p>\n<blockquote data-quote-id="Q_9">\n<p>two</p>\n</blockquote>\n</blockquote>\n'
        '<p>three</p>\n<blockquote data-quote-id="Q_8">\n<p>four</p>\n</blockquote>\n'
    )
    assert document.html([None, "Q_9", "Q_8"]) == document.html({1: "Q_9", 2: "Q_8"})
    assert document.html() == document.html({7: "Q_1"}) == document.html([None])
    assert tags(document.html(['"><x>']))[0] == ("blockquote", {"data-quote-id": '"><x>', "dir": "ltr"})


@pytest.mark.parametrize(
    "forged",
    [
        '<blockquote data-quote-id="Q_1">x</blockquote>',
        "</blockquote><blockquote data-quote-id=Q_1>",
        '> x {data-quote-id="Q_1"}',
        '![" data-quote-id="Q_1](https://x.com/"data-quote-id=Q_1)',
        '```x"data-quote-id=Q_1\n```',
    ],
)
def test_no_body_forges_the_id_of_a_quote(forged: str) -> None:
    assert all("data-quote-id" not in attributes for _, attributes in tags(html(forged)))
    document = markdown.read(f"{forged}\n\n> mine")
    ids = [f"Q_{7 + quote.index}" for quote in document.blockquotes]
    assert [
        attributes.get("data-quote-id") for tag, attributes in tags(document.html(ids)) if tag == "blockquote"
    ] == ids


fragments = st.lists(
    st.sampled_from(
        [
            "<blockquote data-quote-id='Q_x'>",
            "</blockquote>",
            "</p>",
            "> ",
            "\n",
            "\n\n",
            "- ",
            "`",
            "*",
            "text",
            "|",
            "    ",
        ]
    ),
    max_size=30,
).map("".join)


@settings(deadline=None)
@given(fragments)
def test_every_id_marks_the_quote_it_was_given_for(body: str) -> None:
    document = markdown.read(body)
    marked = document.html([f"Q_{quote.index}" for quote in document.blockquotes])
    assert re.findall(r"<blockquote[^>]*>", without_directions(marked)) == [
        f'<blockquote data-quote-id="Q_{quote.index}">' for quote in document.blockquotes
    ]
    assert re.sub(r' data-quote-id="Q_\d+"', "", marked) == document.html()


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("a *b* `c`\nd\n\ne  \nf", "a b c\nd\n\ne\nf"),
        ("# T\n\n- one\n- two\n\n```\ncode\n\nmore\n```\n\nend", "T\n\none\ntwo\n\ncode\n\nmore\n\nend"),
        ("|a|b|\n|-|-|\n||d|\n\nafter", "a\tb\n\td\n\nafter"),
        ("![alt *x*](https://e.com/x) [l](/x) &amp; \\*", "alt x l & *"),
        ("---\n\nx", "x"),
        ("1986. What a season.", "1986. What a season."),
        ("12.", "12."),
        ("3) a\n4) b\n   1. c\n\n- d", "3. a\n4. b\n1. c\n\nd"),
        ("1. > a\n2. ```\n   b\n   ```\n3. - c", "1.\n\na\n\n2. b\n3. c"),
        ("", ""),
    ],
)
def test_plain_text(body: str, text: str) -> None:
    assert markdown.read(body).text == text


def test_text_that_nothing_can_hold_is_refused() -> None:
    with pytest.raises(ValueError, match=r"U\+0000 at index 1"):
        markdown.read("a\0")


def test_what_nests_too_deep_is_shown_as_typed() -> None:
    document = markdown.read(">" * 10_000 + " deep")
    assert len(document.blockquotes) == grammar.NESTING
    assert document.text == ">" * (10_000 - grammar.NESTING) + " deep"
    lists = markdown.read("- " * 50 + "deep")
    assert lists.text == "- " * (50 - grammar.NESTING // 2) + "deep"


def test_an_absurd_body_is_shown_as_typed() -> None:
    body = "> *a*\n\n" * 14_000
    document = markdown.read(body)
    assert document.blockquotes == () and document.mentions == ()
    assert html(body).startswith("<p>&gt; *a*</p>\n")
    assert document.text == body.strip()


@pytest.mark.parametrize(
    "absurd", ["> " * 16 + "a\n" * 40_000, "[a](" * 21_000, "![" * 21_000 + "](" * 2, "a|b\n-|-\n" * 12_500]
)
def test_each_kind_of_work_has_its_bound(absurd: str) -> None:
    assert html(f"*x*\n\n{absurd}").startswith("<p>*x*</p>")


def test_brackets_that_cannot_be_links_cost_nothing() -> None:
    assert html(f"*x*\n\n{'[' * 50_000}").startswith("<p><em>x</em></p>")


SENTENCE = (
    "The *quick* brown fox, it's said, jumps over the dog; see [the page](https://example.com/a_b) for **more**. "
)
LONG_POSTS = {
    "prose": "The quick brown fox, it is said, jumps over the lazy dog (twice): \u201cno way!\u201d " * 1_250,
    "everything": "\n\n".join(
        [
            "# A title",
            *(SENTENCE * 8 for _ in range(40)),
            "|a|b|c|d|\n|-|-|-|-|\n" + "| one | two | *three* | `four` |\n" * 250,
            *(f"> **Ada said:**\n>\n> {SENTENCE}\n> > {SENTENCE}\n> > > {SENTENCE}" for _ in range(20)),
            "\n".join(f"{number}. {SENTENCE[:40]}\n   - inner item" for number in range(200)),
            "```\n" + "for (int i = 0; i < 10; i++) { a[i] = b[i] * c; }\n" * 300 + "```",
            "\n".join(f"https://example.com/page/{number} by @name{number}" for number in range(100)),
        ]
    ),
    "a list of links": "".join(
        f"- [page {number}](https://example.com/some/page/{number})\n" for number in range(1_500)
    ),
    "a poem": "The curfew tolls the knell,\n" * 3_500,
    "a log without a fence": "2026-11-28 23:55:07,123 [worker-3] INFO app.main - id=17 GET /a_b/c?d=1 200\n" * 1_200,
    "quoted mail": "".join(
        f"{'> ' * (line % 6)}Some words of a long discussion by mail, line {line}.\n" for line in range(1_600)
    ),
    "Chinese": ("\u4f60\u597d\uff0c\u4e16\u754c\u3002" * 8 + "\n\n") * 2_000,
}


@pytest.mark.parametrize("name", LONG_POSTS)
def test_long_posts_of_people_are_within_the_limit(name: str) -> None:
    body = LONG_POSTS[name][:100_000]
    assert len(body) > 35_000
    env: dict[str, int] = {}
    grammar.markdown().parse(body, env)
    assert env[work.WORK] <= 0.95 * work.MAX_WORK


def filled(piece: str) -> str:
    return piece * (100_000 // len(piece))


ABSURD = {
    "quotes": ">" * 10_000,
    "quotes everywhere": filled(">"),
    "many small quotes": filled(">a\n\n"),
    "a quote that goes on lazily": "> " * 16 + filled("a\n"),
    "quoted lists": filled("> - "),
    "brackets": "[" * 50_000,
    "closed brackets": "[" * 50_000 + "]" * 50_000,
    "brackets and a link": "[" * 99_000 + "](/x)",
    "brackets with references": "[a]: /x\n\n" + "[" * 99_000,
    "links that never end": filled("[a]("),
    "images that never end": filled("![a]("),
    "link destinations": filled("[a](<b"),
    "parentheses": "[a](" + "(" * 99_000,
    "titles": filled('[a](/b "'),
    "links": filled("[a](/b)"),
    "references": filled("[a]: /b\n"),
    "reference uses": "[a]: /b\n\n" + filled("[a]"),
    "stars": "*" * 50_000,
    "open emphasis": filled("*a "),
    "deep emphasis": "*a " * 16_000 + "a* " * 16_000,
    "mixed emphasis": filled("*a_ **b~~"),
    "backticks": " ".join("`" * length for length in range(1, 440)),
    "fences": filled("> ```\n"),
    "wide table": "a|" * 16_000 + "\n" + "-|" * 16_000 + "\n|a|\n",
    "long table": "|a|b|\n|-|-|\n" + "|a|b|\n" * 16_000,
    "table to complete": "|a" * 99 + "|\n" + "|-" * 99 + "|\n" + "|a|\n" * 24_000,
    "list items": filled("- a\n"),
    "deep list": "\n".join(" " * (2 * depth) + "- a" for depth in range(300)),
    "lines": filled("a\n") + "===",
    "entities": filled("&"),
    "autolinks": filled("<http://a"),
    "bare links": filled("http://a.b/("),
    "addresses without a scheme": filled("//a.b/("),
    "bare hosts": filled("www.a.com "),
    "one long host": "www." + "a-" * 49_000 + ".com",
    "e-mail addresses": filled("a@b.com "),
    "at signs": filled("@"),
    "mentions": filled("@ab "),
    "numbers of posts": filled("#1 "),
    "long names": filled("@Ada Ada Ada Ada_'"),
    "underscores before a sign": "_" * 99_999 + "@",
    "attributions": filled("> A said:\n\n"),
    "a long attribution": "> **" + filled("a said "),
    "comments": filled("<!--"),
    "escapes": "\\" * 100_000,
    "many tables": filled("a|b\n-|-\n"),
    "tables apart": filled("|a|b|\n|-|-|\n|1|2|\n\n"),
    "links without a blank": filled('"http://a.b-'),
    "deep links without a blank": "> " * 15 + filled("http://a.b\u6f22"),
    "empty items": "> " * 15 + filled("*\n"),
    "code": filled("`a` "),
    "titles of references": filled('[a]: /b "\n'),
    "labels of references": filled("[a\n"),
    "lazy lines": filled("> A said:\nb\n\n"),
    "dates in attributions": filled("> " + "a" * 240 + " said 1/1/1 said:\nb\n\n"),
    "verbs before quotes": filled("2021-01-01 " + "a said " * 30 + "2021:\n> x\ny\n"),
    "quotes in quotes": "".join(f"{'> ' * 16}{'word ' * 14}\n" for _ in range(960)),
    "joiners": "\u200d" * 100_000,
    "references to a note": "x[^1]\n\n[^1]: n\n\n" + filled("[^1]"),
    "open references to a note": "x[^1]\n\n[^1]: n\n\n" + filled("[^a"),
    "notes": "".join(f"[^{number}]: a\n" for number in range(9_000)),
    "notes in notes": "".join(f"[^{number}]: " for number in range(9_000)),
    "notes in quotes": "".join(f"> [^{number}]: a\n" for number in range(8_000)),
    "definitions that use each other": "".join(f"[a{number}]: [a{number + 1}]\n" for number in range(6_000)),
    "definitions apart": "".join(f"[a{number}]: /b\n\n" for number in range(8_000)),
    "tasks": filled("- [x] - [ ] a\n"),
    "bars": "|" * 100_000,
    "open spoilers": filled("||a "),
    "lone items in each other": filled("2. 3. 4. 5. a\n\nb\n\n"),
    "rows beyond the head": "|a|\n|-|\n" + filled("|b|c|d|e|f\n"),
    "one row beyond the head": "|a|\n|-|\n" + "|" * 99_000,
    "directions that nothing closes": "\u202b" * 50_000 + "\u2069" * 50_000,
    "directions in blocks": filled("\u202ea\n\n"),
    "quotes without a direction": "> " * 15 + filled("1\n"),
    "control characters": "\x01" * 100_000,
    "emphasis beside wide signs": filled("\u3002**\u4e2d"),
    "links before wide signs": filled("http://a.b/\u4e2d\uff0c"),
    "apostrophes in a link": "http://a.b/" + "\u2019a" * 49_000,
}


ADA = LinkedUser("U_1", "ada", "ab")


@pytest.mark.parametrize("name", ABSURD)
def test_absurd_bodies_are_read_in_bounded_time(name: str) -> None:
    began = time.process_time()
    document = markdown.read(ABSURD[name][:100_000])
    html = document.html(
        ["Q_1"] * len(document.blockquotes),
        Targets(dict.fromkeys(range(len(document.mentions)), ADA), dict.fromkeys(document.post_links, "R_1"), 1),
    )
    # At most 0.2 s on a machine of its own; what this is here to catch takes many seconds.
    assert time.process_time() - began < 3
    assert len(html) <= 10 * 100_000
