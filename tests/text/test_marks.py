"""Mentions and numbers of posts become links where people write them, and nowhere else."""

import re
from html import unescape

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.support.scripts import SCRIPTS, Script
from tests.text.test_mentions import pieces
from text import markdown, marks, safety
from text.handles import handle_of
from text.links import LinkedUser, Targets
from text.mentions import MAX_SIGNS


def linked(body: str, *, posts: range = range(1, 1_000)) -> str:
    """The HTML of a body in discussion 3, whose mentions all mean somebody: the longest name of each."""
    document = markdown.read(body)
    users = {at: LinkedUser(f"U_{at}", "ada", each.candidates[0].name) for at, each in enumerate(document.mentions)}
    here = {f"/d/#reply-{number}": f"R_{number}" for number in posts}
    return document.html((), Targets(users, {each: here[each] for each in document.post_links if each in here}, 3))


LINK = re.compile('<a [^>]*class="(?:mention|post-reference)"[^>]*>(.*?)</a>')


def texts(html: str) -> list[str]:
    """The texts of all links that the server made."""
    return [unescape(text) for text in LINK.findall(html)]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("@ada", ["@ada"]),
        ("@Ada\u00a0Lovelace, @ Ada; **@ada** _@ada_ # @ada", ["@Ada\u00a0Lovelace", "@ Ada", "@ada", "@ada", "@ada"]),
        ("# @ada #3\n\n- #4\n\n| #5 | @ada |\n|-|-|\n| #6 | @ada |", ["@ada", "#3", "#4", "#5", "@ada", "#6", "@ada"]),
        ("#12, (#13) #14: #15's **#16** #17.", ["#12", "#13", "#14", "#15", "#16", "#17"]),
        ("\u89c1#12\u697c \u3053\u308c#3\u3060", ["#12", "#3"]),
        ("#0 #01 ##1 #1.5 #1,000 #12ab #a1 x#1 1#1 /#1 #1/x &#49; #1-2 #1_ #999999999999", []),
        ("\\#12 &#35;12 \\@ada &#64;ada", []),
        ("`#1 @ada` `` #1 ``\n\n    #1 @ada\n\n```\n#1 @ada\n```", []),
        ("[#1 @ada](/x) [**#1**](/x) <http://x.example/#1> http://x.example/#2 www.x.example/(#3", []),
        ("![#1 @ada](https://x.example/#2)", []),
        ("> #1 @ada\n\n- > #2", []),
        ("@ada in #3 said:\n\n> x", []),
        ("www.x.example @ada www.y.example #3", ["@ada", "#3"]),
        ("#1000", []),
    ],
)
def test_links_are_made_in_running_text(body: str, found: list[str]) -> None:
    assert texts(linked(body)) == found


def test_signs_beyond_the_limits_are_text() -> None:
    assert len(texts(linked("#1 " * (marks.MAX_REFERENCES + 9)))) == marks.MAX_REFERENCES
    assert texts(linked("#1\n\n" * marks.MAX_REFERENCES + "#1 @ada\n\n#1 @kim")) == [
        *["#1"] * marks.MAX_REFERENCES,
        "@ada",
        "@kim",
    ]
    assert texts(linked("@a " * (MAX_SIGNS - 1) + "@ada @kim #1\n\n@kim #1")) == ["@ada", "#1", "#1"]


def test_links_say_whom_and_what_they_lead_to() -> None:
    assert linked("@ada #12") == (
        '<p dir="auto"><a href="/u/ada" class="mention" data-user-id="U_0" rel="nofollow noopener ugc">@ada</a> '
        '<a href="/d/3#reply-12" class="post-reference" data-post-id="R_12" rel="nofollow noopener ugc">#12</a></p>\n'
    )
    assert linked("[x](#reply-12 'T') [y](/d/4#reply-12)") == (
        '<p dir="auto"><a href="/d/3#reply-12" data-post-id="R_12" title="T" rel="nofollow noopener ugc">x</a> '
        '<a href="/d/4#reply-12" rel="nofollow noopener ugc">y</a></p>\n'
    )


def test_who_and_what_is_not_there_stays_text() -> None:
    document = markdown.read("@ada #12 [x](#reply-12)")
    assert document.html() == '<p dir="auto">@ada #12 <a href="/d/#reply-12" rel="nofollow noopener ugc">x</a></p>\n'


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.called)
def test_names_of_any_script_are_links(script: Script) -> None:
    handle = handle_of(script.name)
    html = linked(f"{script.sentence} @{handle}, @{script.name.split()[0]}! #12")
    assert texts(html) == [f"@{handle}", f"@{script.name.split()[0]}", "#12"]


def test_a_user_is_taken_out_of_links() -> None:
    html = linked("@ada *@bob* @cleo")
    assert texts(marks.without_user(html, "U_1")) == ["@ada", "@cleo"]
    assert "@bob" in marks.without_user(html, "U_1")


def test_a_post_refers_to_at_most_fifty_posts() -> None:
    body = " ".join(f"#{number}" for number in range(1, 200))
    assert texts(linked(body)) == [f"#{number}" for number in range(1, markdown.MAX_POST_LINKS + 1)]


@settings(deadline=None)
@given(
    st.lists(
        pieces
        | st.sampled_from(["#12", "\\#3", "#4 ", "\x02", "\x03", "\x021\x03@ada", "||", "[^1]", "\\_", "'"])
        | st.sampled_from(["\u202a", "\u202c", "\u2069"])
    ).map("".join)
)
@example("@𠀀𠀁http://x.com/@z ")
@example("@\u00e9\u00e9www.x.com @x\\_www.x.com @_\u7530www.x.com_")
@example("_@ada_")
@example("\u202c@ada \u2069#12")
def test_links_change_no_text_and_are_what_the_sanitizer_leaves(body: str) -> None:
    html, plain = linked(body), markdown.read(body).html()
    assert safety.sanitised(html) == html
    assert not re.search("[\x01-\x03]", html + plain)
    without = re.sub(' data-post-id="[^"]*"', "", LINK.sub(r"\1", html))
    assert without == plain.replace('<a href="/d/#', '<a href="/d/3#')
    found = [each.candidates[0].name for each in markdown.read(body).mentions]
    assert found == [each[1:].strip().replace("\u00a0", " ") for each in texts(html) if each.startswith("@")]
