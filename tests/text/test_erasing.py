"""Somebody's words and names leave the posts of others, and nothing else does."""

import re
import unicodedata
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.scripts import SCRIPTS, Script
from text import markdown
from text.erasing import ERASED, erased, passage, without_names
from text.handles import handle_of
from text.naming import Names
from text.quotes import Blockquote

NAMES = Names(["ada-l", "Ada Lovelace"])


def theirs(block: Blockquote) -> bool:
    return block.attribution is not None and NAMES.names(block.attribution.name)


def without(body: str, *called: str, of_others: list[str] | None = None) -> str:
    """The body without these names."""
    return erased(body, Names(called, of_others=of_others or []), lambda _: False).text


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ("Nothing of anybody's.", "Nothing of anybody's."),
        ("> **Ada Lovelace said:**\n>\n> Words.\n\nMine.", "> [erased]\n\nMine."),
        ("> **Ada Lovelace said:**\n>\n> Words.\nMine.", "> [erased]\n\nMine."),
        ("Well.\n@ada-l wrote:\n\n> Words.\n\nMine.", "Well.\n[erased] wrote:\n\n> [erased]\n\nMine."),
        ("> Ada Lovelace wrote:\r\n> Words.\r\n\r\nMine.", "> [erased]\r\n\r\nMine."),
        ("> @ada-l said:\n> Words.\n# Mine", "> [erased]\n\n# Mine"),
        ("1. > **@ada-l said:**\n   >\n   > Words.\n2. Mine.", "1. > [erased]\n\n2. Mine."),
        # What others say around a quote of theirs, and what they themselves quoted of others, stays as it is.
        (
            "> **Bo said:**\n>\n> Well: *this*.\n>\n> > **Ada Lovelace said:**\n> > Words.\n\n> **Cy said:**\n> Hm.",
            "> **Bo said:**\n>\n> Well: *this*.\n>\n> > [erased]\n\n> **Cy said:**\n> Hm.",
        ),
        (
            "> **Ada Lovelace said:**\n>\n> Words.\n>\n> > **Bo said:**\n> > *His* `words`\n>\n> More.\n\nMine",
            "> [erased]\n>\n> > **Bo said:**\n> > *His* `words`\n\nMine",
        ),
        (
            "1. > **Ada Lovelace said:**\n   >\n   > 10. Words.\n   >     > Bo wrote:\n   >     > b\n2. c",
            "1. > [erased]\n   >\n   > > Bo wrote:\n   > > b\n\n2. c",
        ),
        ("> > **Ada Lovelace said:**\n> > Words.", "> > [erased]"),
        # Names.
        ("Hi @ada-l, @Ada  Lovelace and @Bo!", "Hi [erased], [erased] and @Bo!"),
        ("As ada lovelace says, Ada is @ada-lx.", "As [erased] says, Ada is @ada-lx."),
        ("\U0001f40b\U0001f40b @ÀDA-L? No: @\uff21\uff24\uff21-l!", "\U0001f40b\U0001f40b @ÀDA-L? No: [erased]!"),
        ("Ada\nLovelace, Ada&nbsp;Lovelace, Ada\\\nLovelace", "[erased], [erased], [erased]"),
        ("> Bo: Ada\n> Lovelace is here", "> Bo: [erased] is here"),
        ("Ada **Lovelace**, *Ada* Lovelace, **Ada Lovelace**", "[erased], [erased], **[erased]**"),
        ("**Ada Love**lace is *great*, Ada **Lovelace is great**", "[erased] is *great*, [erased] is great"),
        (
            "[Ada](http://a.b/ada) Lovelace, Ada [L](http://l.m)ovelace",
            "[[erased]](http://a.b/ada), [[erased]](http://l.m)",
        ),
        ('[x](http://a.b "by Ada Lovelace")', '[x](http://a.b "by \\[erased\\]")'),
        ("[x][Ada Lovelace]\n\n[Ada Lovelace]: http://a.b", "[x][\\[erased\\]]\n\n[\\[erased\\]]: http://a.b"),
        ("![Ada Lovelace](http://a.b/c.png)", "![[erased]](http://a.b/c.png)"),
        ("a | Ada **Lovelace**\n-|-\n b\\|c | @ada-l\\|d", "a | [erased]\n-|-\n b\\|c | [erased]\\|d"),
        ("## Ada Lovelace ##\n\nAda Lovelace\n===", "## [erased] ##\n\n[erased]\n==="),
        # A definition that nothing uses is text.
        ("@ada-l: yes", "[erased]: yes"),
        # What would make a link of what follows.
        ("@ada-l(see)", "\\[erased\\](see)"),
    ],
)
def test_their_words_and_names_are_gone(body: str, left: str) -> None:
    done = erased(body, NAMES, theirs).text
    assert done == left
    # Done once, there is nothing left to do.
    assert erased(done, NAMES, lambda _: False).text == done


@pytest.mark.parametrize(
    "body",
    [
        "@kim-2, @kim.lee, @kim_x, @kim\u0301, @kim\u093e, @kim7, @kimono, @Kim Lee Smith, @kim\u20102, @kim\u00ad-2",
        "kim@kim.example, <kim@kim.example>, mailto:kim@x.example, x/@kim, https://social.example/@kim, @kim@x.example",
        "[profile](https://social.example/@kim-lee) ![](https://x.example/kim-lee.png) <https://x.example/@kim>",
        "@kim/core, `@kim`, npm i @kim/core\n\n    @kim\n\n```\n@kim and Kim Lee\n```",
        "Kim Lee-Jones, Mary-Kim Lee, Kim Leeds, Akim Lee, Kim Lee Smith",
        "www.kim-lee.example/kim-lee, u/kim-lee, kim and Kim",
        "@kim:matrix.org, @Kim-Lee:x.example, kim-lee==1.0, pip install kim-lee>=2, kim-lee@1, kim-lee/core",
    ],
)
def test_what_is_nobodys_name_or_somebody_elses_stays(body: str) -> None:
    assert without(body, "kim", "Kim Lee", of_others=["Kim Lee Smith", "Mary-Kim Lee", "kim-2"]) == body


def test_a_name_that_may_be_a_word_counts_after_an_at_sign_and_as_an_attribution() -> None:
    assert without("Will you, @Will?", "will", "Will") == "Will you, [erased]?"
    assert without("A rose is a @Rose. Rose 7", "rose", "Rose") == "A rose is a [erased]. Rose 7"
    # The source may be known to be somebody else's, although the text names the erased person.
    assert without("> **Rose said:**\n>\n> A rose", "rose") == "> **[erased] said:**\n>\n> A rose"
    assert without("A rose\nRose wrote:\n\n> A rose", "rose") == "A rose\n[erased] wrote:\n\n> A rose"


def test_a_name_that_goes_on_with_a_capital_after_an_at_sign_is_left_and_told() -> None:
    done = erased("Ask @Ada Lovelace Byron. Or @Ada Lovelace, @ada-l Please", NAMES, theirs)
    assert done.text == "Ask @Ada Lovelace Byron. Or [erased], [erased] Please"
    assert done.doubtful == ("Ask @Ada Lovelace Byron. Or @Ada Lovelace, @ada-l Please",)


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ("김 민수가 말했다. 김 민수는, 김 민수에게!", "[erased]가 말했다. [erased]는, [erased]에게!"),
        ("김 민수진은 @김 민수가 아니다", "김 민수진은 @김 민수가 아니다"),
        ("김 민수진이 김 민수를", "김 민수진이 [erased]를"),
        ("그김 민수, 김 민수2, 김 민숙", "그김 민수, 김 민수2, 김 민숙"),
        (unicodedata.normalize("NFD", "김 민수가 김 민숙을"), unicodedata.normalize("NFD", "[erased]가 김 민숙을")),
    ],
)
def test_particles_of_korean_are_no_part_of_a_name(body: str, left: str) -> None:
    assert without(body, "minsu", "김 민수", of_others=["김 민수진", "김 민숙"]) == left


@pytest.mark.parametrize(
    ("body", "left"),
    [
        (
            "On 1 May 2020, Ada Lovelace <ada.lovelace@x.example> wrote:\n\n> Hm",
            "On 1 May 2020, [erased] <[erased]> wrote:\n\n> Hm",
        ),
        (
            "> On 1 May 2020, Ada Lovelace [mailto:al@x.example] wrote:\n> Hm al@x.example",
            "> On 1 May 2020, [erased] [mailto:[erased]] wrote:\n> Hm al@x.example",
        ),
        (
            "On 1 May 2020, Bo <bo@x.example> wrote:\n\n> al@x.example",
            "On 1 May 2020, Bo <bo@x.example> wrote:\n\n> al@x.example",
        ),
    ],
)
def test_the_address_beside_the_name_that_is_quoted_goes_with_it(body: str, left: str) -> None:
    assert without(body, "ada-l", "Ada Lovelace") == left


@pytest.mark.parametrize(
    "body",
    [
        "Write to ada.lovelace@x.example",
        "See [her](https://x.example/ada-lovelace)",
        "`AdaLovelace77` is free",
        "adalovelace",
        "pip install ada-lovelace==1.0",
        "npm i ada-lovelace@1",
        "김민수가 말했다",
        "山田太郎さん",
    ],
)
def test_what_resembles_a_name_stays_and_is_told(body: str) -> None:
    done = erased(body, Names(["ada-l", "Ada Lovelace", "김 민수", "김민수", "山田太郎"]), lambda _: False)
    assert (done.text, done.doubtful) == (body, (body,))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.called)
def test_addresses_of_their_page_lose_the_handle(script: Script) -> None:
    handle, other = handle_of(script.name), handle_of(script.other)
    assert handle != other
    names = Names([handle], of_others=[other], handle=handle, host="forum.example:8000")
    for form in (handle, quote(handle), quote(handle).lower(), quote(unicodedata.normalize("NFD", handle))):
        for body in (
            "[x](/u/{})",
            "Look: https://forum.example:8000/u/{}.",
            "(//FORUM.example:8000/u/{}/), <http://forum.example:8000/u/{}?a=1>",
            "`forum.example:8000/u/{}`\r\n\r\n[a]: /u/{}#b",
        ):
            done = erased(body.replace("{}", form), names, lambda _: False)
            assert (done.text, done.doubtful) == (body.replace("{}", "erased"), ())
        # Of somebody else, or elsewhere.
        kept = f"[x](/u/{quote(other)}) https://x.example/u/{form} [y](/d/u/{form})"
        assert erased(kept, names, lambda _: False).text == kept


@pytest.mark.parametrize("body", ["Hi adal and madalovelaces", "山田さん", "김민", "Ada loves lace"])
def test_what_does_not_resemble_a_name_is_not_told(body: str) -> None:
    assert erased(body, Names(["ada-l", "Ada Lovelace", "김민수", "山田太郎"]), lambda _: False).doubtful == ()


def test_a_mention_that_is_known_to_mean_somebody_else_stays() -> None:
    body = "\U0001f40b @Ada Lovelace and @Ada Lovelace"
    assert erased(body, NAMES, theirs, of_others=[21]).text == "\U0001f40b [erased] and @Ada Lovelace"


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ("a \\Ada Lovelace b", "a \\\\[erased\\] b"),
        ("**(**Ada Lovelace: x**", "**(**erased: x**"),
        ("*a\n[ Ada Lovelace**# b*", "*a\n[ erased**# b*"),
    ],
)
def test_what_others_wrote_is_shown_as_before_also_beside_a_name(body: str, left: str) -> None:
    done = erased(body, NAMES, theirs)
    assert (done.text, done.doubtful) == (left, ())
    shown = markdown.read(left).text.replace("[erased]", "erased")
    assert shown == markdown.read(body.replace("Ada Lovelace", "erased")).text


def test_where_no_form_is_shown_as_it_should_be_the_paragraph_goes_and_is_told() -> None:
    body = "A\n\n<: https://x.e/a[<_>Ada Lovelace_***]\n\n> B"
    done = erased(body, NAMES, theirs)
    assert markdown.read(done.text).text == "A\n\n[erased]\n\nB"
    assert done.doubtful != ()


def test_the_quotes_that_stay_keep_their_places() -> None:
    quotes = [
        "> Bo wrote:\n> One.",
        "> Ada Lovelace wrote:\n> Two.\n>\n> > Cy wrote:\n> > Three.",
        "> Cy wrote:\n> Four.",
    ]
    done = erased("\n\n".join(quotes), NAMES, theirs).text
    assert [block.own_text for block in markdown.read(done).blockquotes] == ["One.", "[erased]", "Three.", "Four."]


def test_a_passage_shows_what_differs_in_one_line() -> None:
    before = "a " * 40 + "Ada\nLovelace" + " b" * 40
    was, left = passage(before, without_names(before, NAMES).text)
    assert was == f"…{'a ' * 20}Ada Lovelace{' b' * 20}…"
    assert left == f"…{'a ' * 20}[erased]{' b' * 20}…"


@given(st.text(alphabet=st.sampled_from("> -1.\n@ad`*[]()Ada Lovelace said:")))
def test_whatever_the_body_every_quote_of_theirs_is_gone(body: str) -> None:
    done = erased(body, NAMES, theirs).text
    assert not any(theirs(block) for block in markdown.read(done).blockquotes)


CALLED = [
    *(
        "Ada Lovelace",
        "Élodie Ünal-Dupré",
        "Łukasz Żak",
        "Øystein Berg",
        "İpek Öz",
        "I\u015f\u0131k Ağa",
        "Straße Groß",
    ),
    *("Анна Иванова", "Σίσυφος Σοφός", "Հայկ Արամ", "გიორგი ბერი", "محمد علي", "דוד לוי", "अमिता देवी"),
    *("ณัฐ วงศ์", "山田 太郎", "김 민수", "O\u2019Hara Quinn", "Kanarie77", "Nguyễn Văn A", "கமலா தேவி", "Mary-Ann Jones"),
]
"""Names of several words, or with a digit: they count wherever they stand."""

SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": lambda name: name,
    "in capitals": lambda name: name.upper(),
    "in small letters": lambda name: name.lower(),
    "decomposed": lambda name: unicodedata.normalize("NFD", name),
    "with two blanks": lambda name: name.replace(" ", "  "),
    "over two lines": lambda name: name.replace(" ", "\n"),
    "over two lines with a backslash": lambda name: name.replace(" ", "\\\n"),
    "with a hard break": lambda name: name.replace(" ", "  \n"),
    "with U+00A0": lambda name: name.replace(" ", "\u00a0"),
    "with an entity for a blank": lambda name: name.replace(" ", "&nbsp;"),
    "with a numbered entity": lambda name: name.replace(" ", "&#32;"),
    "with an entity for a letter": lambda name: f"&#x{ord(name[0]):x};{name[1:]}",
    "with an underscore": lambda name: name.replace(" ", "_"),
    "with a hyphen": lambda name: name.replace(" ", "-"),
    "with zero-width spaces": "\u200b".join,
    "with soft hyphens": lambda name: name[:2] + "\u00ad" + name[2:],
    "with an invisible entity": lambda name: name[:-1] + "&shy;" + name[-1],
    "with a strong word": lambda name: re.sub(r" (\w.*)$", r" **\1**", name),
    "with an emphasised word": lambda name: re.sub(r"^(\S+) ", r"*\1* ", name),
    "with an emphasised part": lambda name: f"*{name[:1]}*{name[1:]}",
    "struck": lambda name: f"~~{name}~~",
    "with a struck word": lambda name: re.sub(r"^(\S+) ", r"~~\1~~ ", name),
    "with a struck part": lambda name: f"~~{name[:1]}~~{name[1:]}",
    "as a link": lambda name: f"[{name}](https://x.example/a)",
    "with a link in it": lambda name: f"[{name[:3]}](https://x.example/a){name[3:]}",
    "mentioned": lambda name: f"@{name}",
    "mentioned in bold": lambda name: f"**@{name}**",
}
AROUND = [
    ("", ""),
    ("I met ", " today."),
    ("(", ")"),
    ("\u201e", "\u201c"),
    ("d'", "'s"),
    ("- ", "\n- b"),
    ("> a ", "\n> b\n\nc"),
    ("# ", "\n\na"),
    ("a ", ", \U0001f40b"),
    ("1. > ", "\n   > b"),
    ("a | ", " | b\n-|-|-\nc | d | e"),
    ("Well: ", ": yes"),
    ("kim@x.example `c` ", "! [d](https://x.example/@e) *f* \\* &amp; g"),
    ("a\r\n", "\r\nb"),
]


def letters(text: str) -> str:
    """What a reader reads, without case, marks, blanks and signs."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()).replace("\u0131", "i")
    return "".join(character for character in folded if character.isalnum())


@settings(max_examples=400)
@given(st.sampled_from(CALLED), st.sampled_from(sorted(SPELLINGS)), st.sampled_from(AROUND), st.booleans())
def test_a_name_is_gone_however_it_is_written_and_the_rest_stays(
    name: str, spelling: str, around: tuple[str, str], is_composed: bool
) -> None:
    written = SPELLINGS[spelling](name)
    before, after = around
    one_line = "|" in after or before == "# "
    if ("\n" in written and (one_line or ">" in before or before.startswith("- "))) or (
        "*" in written and "*" in after
    ):
        return
    if before == "d'" and spelling in ("with an emphasised part", "with a struck part"):
        return
    body = f"{before}{written}{after}"
    called = unicodedata.normalize("NFC" if is_composed else "NFD", name)
    done = without(body, called)
    document = markdown.read(done)
    assert letters(name) not in letters(document.text), done
    assert letters(name) not in letters(document.html()), done
    kept = done.replace("\\[erased\\]", ERASED)
    assert kept.startswith(before)
    assert kept.endswith(after)
    # Between them is nothing but the replacement, and the markers and addresses that the name was in.
    middle = kept[len(before) : len(kept) - len(after)]
    assert re.sub(r"\(https://x\.example/a\)|[*~\[\]\r\n ]", "", middle.replace(ERASED, "", 1)) == "", done
    assert ERASED in middle
    assert without(done, called) == done


def test_line_ends_stay_as_they_are() -> None:
    assert without("a\nb zz7\r\nc\rd", "zz7") == "a\nb [erased]\r\nc\rd"


def test_a_name_of_single_letters_is_words_of_everybody() -> None:
    assert without("plan a b c", "a b") == "plan a b c"
    assert without("Ask @a b!", "a b") == "Ask [erased]!"


@given(
    st.lists(
        st.sampled_from(
            [*"abé \n>-*_`[]()|#@&\\~:.", "@bo", "bo@x.example", "https://x.example/@b", "\n\n", "&amp;", "अ", "\u200b"]
        )
    ).map("".join)
)
def test_a_body_without_a_name_is_the_same_to_the_byte(body: str) -> None:
    assert without(body, "zz-top", "Zoë Quill", "Юрий Щ", "zz7") == body
