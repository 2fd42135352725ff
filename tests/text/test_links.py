"""Addresses of posts are recognised, and those of this site are kept without its own and read with it."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from text import markdown, safety
from text.links import PostReference, absolute, addresses, in_discussion, post_reference, rooted


@pytest.mark.parametrize(
    ("link", "number", "sequence"),
    [
        ("https://forum.example/d/12/on-engines#reply-17", 12, 17),
        ("https://forum.example/base/d/12#reply-17", 12, 17),
        ("http://localhost:8000/d/12?page=2#reply-3", 12, 3),
        ("//forum.example/d/12/", 12, 0),
        ("/d/12", 12, 0),
        ("/d/12/caf%C3%A9#reply-0", 12, 0),
        ("d/12#reply-17", 12, 17),
        ("#reply-17", None, 17),
    ],
)
def test_posts(link: str, number: int | None, sequence: int) -> None:
    assert post_reference(link) == PostReference(number, sequence)


@pytest.mark.parametrize(
    "link",
    ["", "/d/", "/d/x", "/d/12#comments", "/d/12/slug/edit", "/bad/12", "/d/12 x", "https://d/12", "#reply-", "/d/1²"],
)
def test_other_addresses(link: str) -> None:
    assert post_reference(link) is None


def test_a_long_address_is_refused_quickly() -> None:
    assert post_reference("/d/1" * 25_000 + "!") is None


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("/d/1#reply-2", "/d/1#reply-2"),
        ("d/1", "/d/1"),
        ("a.html", "/a.html"),
        ("./a/../b.html?x=//y#z", "/b.html?x=//y#z"),
        ("../../etc", "/etc"),
        ("/../..//evil.example/a", "/evil.example/a"),
        ("..//evil.example", "/evil.example"),
        ("?q=1", "/?q=1"),
        ("#reply-3", "/d/#reply-3"),
        ("#", "/d/#"),
        ("", "/d/#"),
        ("//evil.example/a", "https://evil.example/a"),
        ("////evil.example/a", "https://evil.example/a"),
        ("www.example.com/a", "https://www.example.com/a"),
        ("WWW.example.com", "https://WWW.example.com"),
        ("http://a.example", "http://a.example"),
        ("https:a.example/b", "https://a.example/b"),
        ("HTTP:/a.example", "HTTP://a.example"),
        ("https:///a.example", "https://a.example"),
        ("mailto:a@b.example", "mailto:a@b.example"),
    ],
)
def test_an_address_is_kept_by_the_site_that_it_leads_to(address: str, kept: str) -> None:
    assert rooted(address) == kept


parts = st.sampled_from([*"/.#?:&;%\\@ x1\t\u3000", "..", "//", "d/1", "http", "www", "#reply-2", "&#47;"])


@settings(deadline=None)
@given(st.lists(parts, max_size=12).map("".join))
def test_every_link_that_anybody_writes_is_absolute_for_readers(address: str) -> None:
    for body in (f"[x](<{address}>)", f"[x]({address})", f"> [Ada said:]({address})\n>\n> [x]({address})"):
        document = markdown.read(body)
        for html in (document.html(), *(quote.html for quote in document.blockquotes)):
            assert safety.sanitised(html) == html
            for link in addresses(absolute(in_discussion(html, 3), "https://talk.example")):
                assert re.match("(?:https?://[^/]|mailto:)", link, re.IGNORECASE), (body, link)
                assert link.startswith("https://talk.example/") or rooted(link) == link


def test_only_links_on_this_site_get_its_address() -> None:
    body = '`<a href="/x">` "<a href="/x">" [/x](/x \'<a href="/x">\') [y](https://a.example/<a)'
    html = absolute(markdown.read(body).html(), "https://talk.example/a&b")
    assert html.count("talk.example") == html.count('href="https://talk.example/a&amp;b/x"') == 1


def test_a_fragment_leads_to_the_discussion_of_its_post() -> None:
    html = in_discussion(markdown.read("[a](#reply-3) [b](/d/1#reply-3) [c]()").html(), 12)
    assert addresses(html) == ["/d/12#reply-3", "/d/1#reply-3", "/d/12#"]
