"""Somebody's words and names leave the posts of others, and nothing else does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from text import markdown
from text.erasing import Names, erased
from text.quotes import Blockquote

NAMES = Names("ada-l", "Ada Lovelace")


def theirs(block: Blockquote) -> bool:
    return block.attribution is not None and NAMES.names(block.attribution.name)


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ("Nothing of anybody's.", "Nothing of anybody's."),
        ("> **Ada Lovelace said:**\n>\n> Words.\nMine.", "> [erased]\n\nMine."),
        ("> Ada Lovelace wrote:\r\n> Words.\r\n\r\nMine.", "> [erased]\n\nMine."),
        ("> @ada-l said:\n> Words.\n# Mine", "> [erased]\n\n# Mine"),
        ("1. > **@ada-l said:**\n   >\n   > Words.\n2. Mine.", "1. > [erased]\n\n2. Mine."),
        (
            "> **Bo said:**\n>\n> Well: *this*.\n>\n> > **Ada Lovelace said:**\n> > Words.\n\n> **Cy said:**\n> Hm.",
            "> **Bo said:**\n>\n> Well: this.\n\n> **Cy said:**\n> Hm.",
        ),
        ("> > **Ada Lovelace said:**\n> > Words.", "> [erased]"),
        ("Hi @ada-l, @Ada  Lovelace and @Bo!", "Hi [erased], [erased] and @Bo!"),
        ("As ada lovelace says, Ada is @ada-lx.", "As [erased] says, Ada is @ada-lx."),
        ("\U0001f40b\U0001f40b @ÀDA-L? No: @\uff21\uff24\uff21-l!", "\U0001f40b\U0001f40b @ÀDA-L? No: [erased]!"),
    ],
)
def test_their_words_and_names_are_gone(body: str, left: str) -> None:
    done = erased(body, NAMES, theirs)
    assert done.body == left
    # Done once, there is nothing left to do.
    assert erased(done.body, NAMES, theirs).body == done.body


def test_a_name_that_may_be_a_word_counts_after_an_at_sign_alone() -> None:
    will = Names("will", "Will")
    assert erased("Will you, @Will?", will, lambda _: False).body == "Will you, [erased]?"


def test_the_quotes_that_stay_are_known_by_their_places() -> None:
    quotes = [
        "> Bo wrote:\n> One.",
        "> Ada Lovelace wrote:\n> Two.\n>\n> > Cy wrote:\n> > Three.",
        "> Cy wrote:\n> Four.",
    ]
    done = erased("\n\n".join(quotes), NAMES, theirs)
    assert done.moved == {0: 0, 1: 1, 3: 2}
    texts = [block.own_text for block in markdown.read(done.body).blockquotes]
    assert texts == ["One.", "[erased]", "Four."]


@given(st.text(alphabet=st.sampled_from("> -1.\n@ad`*[]()Ada Lovelace said:")))
def test_whatever_the_body_every_quote_of_theirs_is_gone(body: str) -> None:
    done = erased(body, NAMES, theirs)
    assert not any(theirs(block) for block in markdown.read(done.body).blockquotes if block.depth == 0)
