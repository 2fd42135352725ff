"""Whatever is typed, each letter and digit of it is shown, outside of what names an address or a language."""

import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.scripts import SCRIPTS
from text import characters, markdown

WORDS = [script.word for script in SCRIPTS] + [script.sentence for script in SCRIPTS] + ["word", "\u0660\u0661", "42"]
SIGNS = r"""* ** _ __ ~~ || ` `` [ ] [^ ]: ! ![ < > & \ | |-| # - + ( ) " ' : @"""
MARKS = [
    *SIGNS.split(" "),
    *("] :", "[ ] ", "[x] ", "> ", "- ", "# ", "    ", "\t", "  \n", "\n", "\n\n", "---", "===", "\n---\n"),
    *("|\n|-|\n|", "~~~~", "~~~~\n", "\u3002", "\uff08", "\u0964", "\u060c", "\u200b", "\u202e", "\u2068"),
]
BODIES = st.lists(st.sampled_from(WORDS) | st.sampled_from(MARKS), max_size=25).map("".join)


def letters(text: str) -> Counter[str]:
    return Counter(character for character in text if character.isalnum())


@settings(deadline=None, max_examples=200)
@given(BODIES)
def test_every_letter_and_digit_is_in_the_text(body: str) -> None:
    shown = letters(markdown.read(body).text)
    # The address after a used label and after ](, and the language after a fence, are no text; a box is [x].
    typed = letters(re.sub(r"(?m)\]\([^\n]*|^.*\]:.*$|(?:~~~|```)[ \t]*[\w.+#-]+[ \t]*$", " ", body))
    assert not typed - shown, dict(typed - shown)


@pytest.mark.parametrize(
    "construct",
    [
        *("{}", "# {}", "- {}", "2. {}", "> {}", "**{}**", "_{}_", "~~{}~~", "||{}||", "`{}`", "\\{}", "<{}>"),
        *("```\n{}\n```", "    {}", "[{}]: {}", "[{}]: x\n[y]: {}", "[^{}]: {}", "x[^1]\n\n[^1]: {}", "- [ ] {}"),
        *("| {} |\n|---|\n| x | {} |", "![{}](/x)", "[{}](/x)", "{}\n===", "{}\u2029{}", "{}\n> {}\n{}", "**{}**{}"),
        *("({})[{}]", "| {} |", "1. {}\n1. {}", "```{}, {}\n```", "~~~ {} {}"),
    ],
)
def test_no_construct_loses_words_of_any_script(construct: str) -> None:
    for script in SCRIPTS:
        document = markdown.read(construct.format(*[script.word] * 3))
        assert document.text.count(script.word) == construct.count("{}"), script.called
        assert not document.is_empty


@settings(deadline=None, max_examples=150)
@given(BODIES)
def test_a_body_that_shows_a_letter_is_not_empty(body: str) -> None:
    document = markdown.read(body)
    if document.is_empty:
        assert document.blockquotes == ()
        assert letters(document.text) == letters(body)
    elif not re.search(r"(?m)^[\s>*+-]*(?:[*_-]\s*){3,}$|!\[", body):
        assert characters.is_visible(document.text)
