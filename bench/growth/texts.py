"""Posts of words that are said as often as those of a natural language, with what Parley makes of their Markdown.

A post is rendered by Parley's own renderer once for each shape that posts have, with stand-ins for its words; the words
are put in afterwards. Rendering each of a million posts would take most of the time.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import accumulate, islice, product
from random import Random
from typing import NamedTuple

from text import attribution, markdown
from text.links import LinkedUser, Targets

VOCABULARY = 50_000
_CONSONANTS, _VOWELS = "bdfgklmnprstvz", "aeiou"
_ENDS = ("", "n", "s", "r", "l")
_SENTENCE_WORDS = (4, 6, 7, 8, 9, 11, 14)
_SHAPES = ((1,), (2,), (3,), (1, 1), (2, 1), (2, 2), (1, 3), (2, 2, 2))
"""How many sentences each paragraph of a post has."""


def _words() -> list[str]:
    random = Random("words")
    syllables = [consonant + vowel for consonant, vowel in product(_CONSONANTS, _VOWELS)]
    short = [syllable + end for end in _ENDS for syllable in syllables]
    middling = [first + second for first, second in product(syllables, short)]
    long = ["".join(parts) for parts in product(syllables, repeat=3)]
    random.shuffle(middling)
    return [*short, *middling, *random.sample(long, VOCABULARY - len(short) - len(middling))]


WORDS = _words()
"""By rank: the word at rank r is said as often as 1/r (Zipf's law). The most common are the shortest."""
_WEIGHTS = list(accumulate(1 / rank for rank in range(1, VOCABULARY + 1)))


class Words(NamedTuple):
    """What a post says, and what goes with it."""

    paragraphs: Sequence[str]
    quoted_name: str = ""
    """Whose words it quotes; empty if it quotes nobody."""
    quoted: str = ""
    """One sentence."""
    quote_id: int = 0
    mentioned: str = ""
    """The handle of the person it begins with; empty if it mentions nobody."""
    mentioned_id: int = 0


class Content(NamedTuple):
    """The columns of a post that hold what it says."""

    body: str
    html: str
    text: str
    said: str


def paragraphs(random: Random) -> list[str]:
    """Some paragraphs of plain sentences, 4 to 84 words."""
    shape = random.choice(_SHAPES)
    lengths = random.choices(_SENTENCE_WORDS, k=sum(shape))
    words = iter(random.choices(WORDS, cum_weights=_WEIGHTS, k=sum(lengths)))
    sentences = iter([" ".join(islice(words, length)).capitalize() + "." for length in lengths])
    return [" ".join(islice(sentences, count)) for count in shape]


def sentence(random: Random) -> str:
    """One sentence."""
    words = random.choices(WORDS, cum_weights=_WEIGHTS, k=random.choice(_SENTENCE_WORDS))
    return " ".join(words).capitalize() + "."


def first_sentence(paragraph: str) -> str:
    """The first sentence of a paragraph, the one that others quote."""
    return paragraph[: paragraph.index(".") + 1]


def content(words: Words) -> Content:
    """What Parley would store of a post with these words."""
    shape = _shape(len(words.paragraphs), bool(words.quoted), bool(words.mentioned))
    values: dict[str, object] = {f"part{at}": part for at, part in enumerate(words.paragraphs)}
    values |= words._asdict()
    folded = {name: value.lower() for name, value in values.items() if isinstance(value, str)}
    return Content(
        shape.body.format_map(values),
        shape.html.format_map(values),
        shape.text.format_map(values),
        shape.said.format_map(folded),
    )


def quote_html(quoted: str) -> str:
    """The HTML of what is inside a quote, without its attribution."""
    return _inner_quote().format_map({"quoted": quoted})


@cache
def _shape(paragraph_count: int, quotes: bool, mentions: bool) -> Content:
    """A post of this shape, with the fields of `Words` in braces where its words belong."""
    stand_ins = {f"part{at}": f"xpart{at}x" for at in range(paragraph_count)}
    body = "\n\n".join(stand_ins.values())
    if mentions:
        stand_ins |= {"mentioned": "xmentionedx", "mentioned_id": "9007199254740991"}
        body = f"@xmentionedx {body}"
    if quotes:
        stand_ins |= {"quoted_name": "xnamex", "quoted": "xquotedx", "quote_id": "9007199254740993"}
        body = f"{attribution.attribute('xnamex', 'xquotedx')}\n{body}"
    document = markdown.read(body)
    users = {0: LinkedUser("U_9007199254740991", "xmentionedx", "xmentionedx")} if mentions else {}
    html = document.html(["Q_9007199254740993"] if quotes else [], Targets(users, {}, 1))
    return Content(*(_with_fields(part, stand_ins) for part in (body, html, document.text, document.said)))


@cache
def _inner_quote() -> str:
    return _with_fields(
        markdown.read(attribution.attribute("xnamex", "xquotedx")).blockquotes[0].html, {"quoted": "xquotedx"}
    )


def _with_fields(made: str, stand_ins: Mapping[str, str]) -> str:
    for name, stand_in in stand_ins.items():
        made = made.replace(stand_in, f"{{{name}}}")
    return made


def search_entry(title: str, text: str) -> tuple[str, str, str]:
    """What the search index keeps of a post: title, body and tsvector, as `db.search.entry` makes them."""
    titled, said = _plain(title), _plain(text)
    positions: dict[str, list[str]] = {}
    for at, word in enumerate(titled, 1):
        positions.setdefault(word, []).append(f"{at}A")
    # No phrase reaches from the title into the body.
    for at, word in enumerate(said, len(titled) + 2):
        positions.setdefault(word, []).append(str(at))
    return " ".join(titled), " ".join(said), " ".join(f"'{word}':{','.join(at)}" for word, at in positions.items())


_SEPARATORS = str.maketrans(dict.fromkeys(".:@-", " "))


def _plain(text: str) -> list[str]:
    """The words of a text that has no others than those of this module, as `text.search.words` finds them."""
    return text.lower().translate(_SEPARATORS).split()
