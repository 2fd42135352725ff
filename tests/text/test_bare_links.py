"""Bare links end where the sentence around them goes on, in every script."""

import re
import unicodedata

import pytest

from text import bare_links, markdown

SCHEMES = ("https://example.com", "http://example.com/a", "www.example.com/a")
CLOSING = (
    "\uff08\uff09\uff02\uff1d\uff5e\u2014\u2e02\u300c\u300d\u300a\u300b\u3010\u3011\uff0c\u3002\u3001\uff1b\uff1a\uff01\uff1f\u2026\u201d\u00bb\u2019\u3009\u300f\u3015\uff3d\uff5d\uff63\uff61\uff64\ufe12\u203a"
    "\u060c\u061b\u061f\u06d4\u0964\u0965\u0589\u1362\u104b\u17d4\u0f0d\u2e41\ua9c8"
    "\u200b\u200e\u200f\u202a\u202b\u202c\u202e\u2066\u2069\u2060\ufeff\u00ad\u3000\u00a0\u2028"
)


def links(body: str) -> list[str]:
    return re.findall(r"<a [^>]*>([^<]*)</a>", markdown.read(body).html())


@pytest.mark.parametrize("address", SCHEMES)
@pytest.mark.parametrize("sign", CLOSING)
def test_a_link_ends_before_what_ends_a_clause(sign: str, address: str) -> None:
    body = f"x {address}{sign}y"
    if sign == "\u2019":
        body = f"x {address}{sign} y"
    assert links(body) == [address], unicodedata.name(sign, hex(ord(sign)))
    assert [each.text for each in bare_links.addresses(body)] == [address]


@pytest.mark.parametrize(
    "address",
    [
        "https://ja.wikipedia.org/wiki/\u30b5\u30af\u30e9_(\u66d6\u6627\u3055\u56de\u907f)",
        "https://ja.wikipedia.org/wiki/\u30ec\u30aa\u30ca\u30eb\u30c9\u30fb\u30c0\u30fb\u30f4\u30a3\u30f3\u30c1",
        "https://fr.wikipedia.org/wiki/L\u2019\u00c9quipe",
        "https://ca.wikipedia.org/wiki/Col\u00b7legi",
        "https://en.wikipedia.org/wiki/Bose\u2013Einstein",
        "https://fa.wikipedia.org/wiki/\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "https://he.wikipedia.org/wiki/\u05e6\u05d4\u05f4\u05dc",
        "https://hi.wikipedia.org/wiki/\u0939\u093f\u0928\u094d\u0926\u0940",
        "https://bo.wikipedia.org/wiki/\u0f51\u0f56\u0f44\u0f0b\u0f55\u0fb1\u0f74\u0f42",
        "https://th.wikipedia.org/wiki/\u0e44\u0e17\u0e22",
        "https://example.com/a_(b)?c=(d)#e",
    ],
)
def test_addresses_with_words_of_all_scripts_stay_whole(address: str) -> None:
    for body in (address, f"({address})", f"\uff08{address}\uff09\u3067", f"\u8bbf {address}\uff0c\u8be6"):
        assert links(body) == [address]


def test_a_host_after_a_letter_of_a_script_without_blanks_is_found() -> None:
    assert links("\u8bbf\u95eewww.example.com\uff0c\u8be6\u89c1") == ["www.example.com"]
    assert links("xwww.example.com") == []
