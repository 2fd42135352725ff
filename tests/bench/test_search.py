"""The bench of searches looks for the same in both databases, and takes the index away where it says so."""

import asyncio
from pathlib import Path

import pytest

from bench import search
from tests.support.servers import PostgreSQL

POSTS = 1_000


def test_both_databases_find_the_same_and_the_index_costs_something(
    postgresql: PostgreSQL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "WRITES", 20)
    monkeypatch.setattr(search, "TURNS", 2)
    urls = {"PostgreSQL": postgresql.new_database(), "SQLite": f"sqlite:///{tmp_path}/parley.db"}
    found = {name: asyncio.run(search.measure(name, url, POSTS, lambda _: None)) for name, url in urls.items()}
    hits = [{row.looked_for: row.hits for row in rows} for _, rows in found.values()]
    assert hits[0] == hits[1]
    assert hits[0][search.BY_OTHER] <= 3
    # Half of what was written in turn is in the index, besides all that was there before.
    assert POSTS / 2 < hits[0]["a word of most posts"] <= POSTS + 20
    assert 0 < hits[0]["a phrase"] < hits[0]["two words"] < hits[0]["a word of some posts"]
    table = search.table([row for _, rows in found.values() for row in rows])
    assert table.count("\n") == 1 + 14
    assert len(list(search.comparisons([writing for writing, _ in found.values()]))) == 2
