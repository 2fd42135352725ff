"""Sentences, names and posts as a forum might hold them, drawn by a given generator."""

from random import Random

_GIVEN = (
    "Ada Alan Barbara Claude Donald Edsger Frances Grace Hedy Ivan Jean Ken Leslie Margaret Niklaus Ole Peter Radia"
)
_FAMILY = "Abel Berg Castillo Dietrich Eriksen Fontaine Grünwald Haddad Ito Jensen Kowalska Lindqvist"
GIVEN, FAMILY = _GIVEN.split(), _FAMILY.split()
MOST_PEOPLE = len(GIVEN) * len(FAMILY)

_SUBJECTS = (
    *("The old bridge", "My neighbour", "Half of the council", "That timetable", "The night train", "Our bakery"),
    *("Every second lamp", "The new library", "Nobody on our street", "The school garden", "A friend of mine"),
    *("The whole market square", "The ferry", "Their workshop", "The footpath by the mill", "The swimming pool"),
)
_VERBS = (
    *("needs", "has been promised", "could do with", "was never meant for", "lives on", "will not survive"),
    *("has finally got", "pays for", "is waiting for", "would be nothing without", "keeps asking for", "lost"),
)
_OBJECTS = (
    *("a second look", "another winter like this", "more light in the evening", "people who care about it"),
    *("a roof that holds", "what was agreed in spring", "the money from the fair", "a plan with dates in it"),
    *("twice as many visitors", "fewer cars on Sundays", "the ten o'clock connection", "somebody with a key"),
)
_TAILS = (
    *("as far as I can tell.", "and everybody knows it.", "at least until the autumn.", "which is why I ask here."),
    *("if you believe the minutes.", "or did I read that wrong?", "no matter what the letter says.", "so be it."),
    *("and that has been so for years.", "though I would gladly be wrong.", "according to the last survey."),
)
_MARKED = (
    "See [the minutes of the last meeting](https://example.org/minutes) for **all** the figures.",
    "- first the roof\n- then the windows\n- the *rest* in spring",
    "The short version: `open` from nine to five, and ~~never~~ rarely on Mondays.",
    "1. Ask the owner.\n2. Write it down.\n3. Ask again.",
)


def name(number: int) -> str:
    """The full name of person `number`, from 0 to below MOST_PEOPLE: no two are the same."""
    return f"{GIVEN[number % len(GIVEN)]} {FAMILY[number // len(GIVEN)]}"


def sentence(random: Random) -> str:
    """A plain sentence of some 80 characters, without Markdown."""
    return " ".join(random.choice(words) for words in (_SUBJECTS, _VERBS, _OBJECTS, _TAILS))


def paragraphs(random: Random) -> list[list[str]]:
    """The plain sentences of a post, by paragraph: some 300 to 600 characters."""
    return [[sentence(random) for _ in range(random.choice((2, 3)))] for _ in range(random.choice((2, 2, 3)))]


def body(random: Random, written: list[list[str]]) -> str:
    """Markdown of these paragraphs; one post in four has a list, a link or the like between them."""
    blocks = [" ".join(sentences) for sentences in written]
    if random.random() < 0.25:
        blocks.insert(1, random.choice(_MARKED))
    return "\n\n".join(blocks)
