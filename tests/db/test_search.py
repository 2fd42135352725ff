"""The index: both databases find the same words and phrases, and no text makes a search slow."""

import random
from collections.abc import Sequence

import pytest
from sqlalchemy import text

import db.search
from db import drivers
from db.database import Database
from db.search import entry
from db.statements import WriteStatement
from tests.db.searching import found
from tests.support.backends import Backend
from text.search import MAX_PHRASE_WORDS, MAX_TERMS, terms

pytestmark = pytest.mark.anyio


async def kept(database: Database, texts: Sequence[str]) -> None:
    """Puts texts into the index alone, numbered from 1."""
    async with database.transaction() as tx:
        if isinstance(tx._connection, drivers._PostgreSQLConnection):
            await tx.run(WriteStatement(text("ALTER TABLE post_search DROP CONSTRAINT fk_post_search_post_id")))
        for number, said in enumerate(texts, 1):
            await db.search.put(tx, {number: entry("", said)})


def says(said: str, phrase: str) -> bool:
    """Whether a text has the words of a phrase, as far as their positions are kept."""
    words, wanted = said.split(), phrase.split()
    seen: dict[str, int] = {}
    placed: list[str | None] = []
    for at, word in enumerate(words):
        seen[word] = seen.get(word, 0) + 1
        placed.append(word if seen[word] <= 256 and at < 16_381 else None)
    if len(wanted) == 1:
        return wanted[0] in words
    return any(placed[at : at + len(wanted)] == wanted for at in range(len(placed)))


async def test_both_databases_find_the_phrases_whose_positions_are_kept(database: Database) -> None:
    chance = random.Random(7)
    texts = ["a " * 20_000, "a b " * 10_000, "b " + "a " * 300 + "c a a", "a " * 255 + "b a c", "a " * 256 + "b a c"]
    texts += [f"{'x ' * 16_378}b c a d", f"{'x ' * 16_379}b c a d", f"{'x y ' * 9_000}c d"]
    for size in (5, 50, 600, 600, 3_000):
        texts.append(" ".join(chance.choice("abc") for _ in range(size)))
    await kept(database, texts)
    phrases = ["a", "b", "c", "d", "a a", "a b", "b a", "c d", "b c", "c a", "b a c", "a b a", "b a a", "a d", "c a a"]
    phrases += [" ".join(chance.choice("abc") for _ in range(chance.randint(2, 6))) for _ in range(40)]
    for phrase in phrases:
        expected = {number for number, said in enumerate(texts, 1) if says(said, phrase)}
        assert set(await found(database, f'"{phrase}"', top=len(texts))) == expected, phrase


async def test_phrases_of_one_repeated_word_are_found(backend: Backend) -> None:
    async with Database(backend.migrated_database(), read_seconds=5) as database:
        await kept(database, ["a " * 10_000] * 100)
        query = " ".join(f'"{"a " * length}"' for length in range(1, MAX_TERMS + 1))
        # 16 s of CPU with all positions, far below the deadline with those that are kept.
        assert len(await found(database, query, top=100)) == 100
        assert len(await found(database, f'"{"a " * 200}"', top=100)) == 100


@pytest.mark.parametrize(
    ("query", "begins"),
    [
        ("a", False),
        ("ab", True),
        ("x a", False),
        ("서", True),
        ("한글", True),
        ("東", False),
        ("ö", False),
        ("ß", True),
    ],
)
def test_a_single_letter_is_no_prefix(query: str, begins: bool) -> None:
    assert terms(query)[-1].begins == begins


def test_a_phrase_has_only_so_many_words() -> None:
    (term,) = terms(f'"{"a " * 300}"')
    assert term.words == ("a",) * MAX_PHRASE_WORDS
