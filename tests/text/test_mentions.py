"""Mentions are found where people make them, with exact positions."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.scripts import SCRIPTS, Script
from text import markdown, mentions
from text.handles import handle_of


def names(body: str) -> list[list[str]]:
    return [[candidate.name for candidate in mention.candidates] for mention in markdown.read(body).mentions]


def cut(body: str, start: int, length: int) -> str:
    return body.encode("utf-16-le")[2 * start : 2 * (start + length)].decode("utf-16-le")


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("@ada", [["ada"]]),
        ("Thanks @ada, and @Bob.", [["ada"], ["Bob"]]),
        ("(@ada) \u2014@bob: **@cleo** ~~@dora~~", [["ada"], ["bob"], ["cleo"], ["dora"]]),
        ("_@ada_ __@Ada Lovelace__", [["ada"], ["Ada Lovelace", "Ada"]]),
        ("@ada_ @_ada_", [["ada_", "ada"]]),
        ("@Andr\u00e9http://x.com @\u7530\u4e2dwww.x.com/z", [["Andr\u00e9"], ["\u7530\u4e2d"]]),
        ("- @ada\n  1. @bob", [["ada"], ["bob"]]),
        ("# @ada\n\n@bob\n===", [["ada"], ["bob"]]),
        ("signed,\n-@ada", [["ada"]]),
        ("@ada.lovelace_1-x.", [["ada.lovelace_1-x"]]),
        ("@ada's hat", [["ada's", "ada"]]),
        ("@Flann O'Brien", [["Flann O'Brien", "Flann O", "Flann"]]),
        ("@O'Brien", [["O'Brien"]]),
        ("@\u00c9milie @\u7530\u4e2d", [["\u00c9milie"], ["\u7530\u4e2d"]]),
        ("@ Ada said so", [["Ada"]]),
        ("@ Ada Lovelace, @Grace Brewster Murray Hopper Day", None),
        ("@Ludwig van Beethoven plays", [["Ludwig van Beethoven", "Ludwig"]]),
        ("@ada Lovelace", [["ada"]]),
        ("@ada\\_b", [["ada_b"]]),
        ("[@ada] and [x](/@bob)", [["ada"]]),
        ("@ada/@bob, @ada / @cleo", [["ada"], ["ada"], ["cleo"]]),
        ("@ada (who knows), @ada: see @bob;", None),
        ("@ada =) @bob -> @cleo", [["ada"], ["bob"], ["cleo"]]),
        ("@ada;\n@bob;", [["ada"], ["bob"]]),
        ("\u8c22\u8c22@ada\u8c22\u8c22", [["ada\u8c22\u8c22", "ada"]]),
        ("@\u7530\u4e2d\u3055\u3093", [["\u7530\u4e2d\u3055\u3093", "\u7530\u4e2d"]]),
        ("@\u0639\u0644\u06cc\u200c\u0631\u0636\u0627", [["\u0639\u0644\u06cc\u200c\u0631\u0636\u0627"]]),
        ("| @ada | @bob |\n|---|---|\n| @cleo \\| @dora | `@x` | @gone |\n\n@eve", None),
        ("a\u0301 @Ame\u0301lie", [["Ame\u0301lie"]]),
        ("&amp;@ada &#64;bob @cleo", [["ada"], ["cleo"]]),
        ("<b>@ada</b>", [["ada"]]),
        ("\x0c\n@ada", [["ada"]]),
    ],
)
def test_people_are_found_as_they_are_written(body: str, found: list[list[str]] | None) -> None:
    expected = {
        "@ada (who knows), @ada: see @bob;": [["ada"], ["ada"], ["bob"]],
        "@ Ada Lovelace, @Grace Brewster Murray Hopper Day": [
            ["Ada Lovelace", "Ada"],
            ["Grace Brewster Murray Hopper", "Grace Brewster Murray", "Grace Brewster", "Grace"],
        ],
        "| @ada | @bob |\n|---|---|\n| @cleo \\| @dora | `@x` | @gone |\n\n@eve": [
            ["ada"],
            ["bob"],
            ["cleo"],
            ["dora"],
            ["gone"],
            ["eve"],
        ],
    }.get(body, found)
    assert names(body) == expected


@pytest.mark.parametrize(
    "body",
    [
        "`@ada`",
        "    @ada",
        "```\n@ada\n```",
        "ada@example.com",
        "ada.@example.com, <ada@example.com>, mailto:ada@example.com",
        "https://example.com/@ada http://ada@example.com/x?y=@bob",
        "www.example.com/(@ada)",
        "[x](/@ada '@ada')\n\n[y]: /@bob",
        "![@ada](https://example.com/x.png)",
        "> @ada\n> @bob wrote:\n> - @cleo",
        "\\@ada",
        "@@ada",
        "@ada@example.social",
        "@kim:matrix.org, @Kim:x.example:8448",
        "lunch @ noon, 5 @ $3, @ 5pm",
        "@",
        "@a",
        "@ \n@",
        f"@{'a' * 41}",
        "@__",
        "&#64;ada",
        "andre\u0301@example.com",
        # In the texts of links, whatever makes them.
        "[@ada](https://example.com)",
        "[**@ada** and @bob][x]\n\n[x]: /y",
        "<https://example.com/@ada>",
        # Packages and paths.
        "@types/node",
        "(@types/node), \"@types/node\", '@types/node', **@types/node**",
        "@types\\/node @types&#47;node @types&sol;node",
        "@Types/node @\u0bae\u0ba3\u0bbf/\u0bae",
        "- @scope/package-name@1.2.3",
        # Decorators, rules and variables.
        "@cache(60) @app.route('/')",
        "@param {x} @returns{y}",
        "@font-face {",
        "@media (max-width: 60em), (@media (print))",
        "@supports (display: grid) @if (x) @for (a of b)",
        "@media screen and (min-width: 60em) {\n}",
        "  @import url('x');\n@charset \"utf-8\";\r\n@include shadow($x);  ",
        '@click="go" @count += 1 @count = 2',
        "@Test::Unit @self->name @self=>name",
    ],
)
def test_nobody_is_meant(body: str) -> None:
    assert names(body) == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.called)
def test_a_name_of_any_script_is_found_up_to_its_last_mark(script: Script) -> None:
    for name in (script.name, script.other):
        handle = handle_of(name)
        for form in (name.split()[0], handle, *(unicodedata.normalize(form, handle) for form in ("NFC", "NFD"))):
            for body in (f"@{form}", f"@{form}.", f"({script.sentence} @{form}, x)", f"**@{form}**\u3002"):
                (mention,) = markdown.read(body).mentions
                longest = mention.candidates[0]
                assert longest.name == form, body
                assert cut(body, longest.start, longest.length) == f"@{form}"
        assert names(f"@{handle}/x @{handle}(x) [@{handle}](/x)") == []


def test_a_post_has_at_most_fifty_mentions() -> None:
    body = " ".join(f"@name{number}" for number in range(2 * mentions.MAX_MENTIONS))
    assert names(body) == [[f"name{number}"] for number in range(mentions.MAX_MENTIONS)]


pieces = st.sampled_from(
    [
        "@ada",
        "@ Ada Lovelace",
        "@Bob_",
        "😀",
        "\r\n",
        "\n",
        "\r",
        "\n\n",
        "\t",
        " ",
        "- ",
        "  - ",
        "1. ",
        "> ",
        "`",
        "```\n",
        "a@b.com",
        "| @x1 | \\| @y2 |\n|-|-|\n",
        "www.x.com ",
        "http://x.com/@z ",
        "*",
        "_",
        "# ",
        "\x0c",
        "[",
        "](/@u)",
        "\\",
        "![",
        "é",
        "&#64;",
        "\n===\n",
        "[a]: /@v\n",
        "\u2028",
        "~~",
        "<b @c>",
        "@𠀀𠀁",
    ]
)


@settings(deadline=None)
@given(st.lists(pieces, max_size=30).map("".join))
def test_positions_are_exact(body: str) -> None:
    last = 0
    for mention in markdown.read(body).mentions:
        lengths = [candidate.length for candidate in mention.candidates]
        assert lengths == sorted(set(lengths), reverse=True)
        for candidate in mention.candidates:
            # An escaped underscore is two characters of the body and one of the name.
            said = cut(body, candidate.start, candidate.length).replace("\\_", "_")
            assert said in (f"@{candidate.name}", f"@ {candidate.name}")
        assert mention.candidates[0].start >= last
        last = mention.candidates[0].start + lengths[-1]


@settings(deadline=None)
@given(st.lists(pieces.filter(lambda piece: "@" not in piece and piece[0] not in "`~"), max_size=20).map("".join))
def test_what_stands_before_moves_a_mention_by_its_utf_16_units(before: str) -> None:
    body = f"{before}\r\n\r\n@zoe"
    (mention,) = markdown.read(body).mentions
    assert mention.candidates[0].start == len(body.encode("utf-16-le")) // 2 - 4
