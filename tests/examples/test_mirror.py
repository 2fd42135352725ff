"""The reducer of examples/mirror, by the test vectors of docs/reference/mirroring.md."""

import json
import random
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from examples.mirror import __main__, reducer
from examples.mirror.reducer import Discussion, Known, Mirror, reduce, shown, to_fetch

ROOT = Path(__file__).resolve().parents[2]
VECTORS = json.loads((ROOT / "docs" / "reference" / "mirroring-vectors.json").read_text())["vectors"]
ORDERS = 120
"""How many orders of one vector are tried."""


def outcome(given: list[Any]) -> tuple[dict[str, Any], list[str]]:
    mirror = Mirror()
    for each in given:
        mirror = reduce(mirror, each)
    return shown(mirror), to_fetch(mirror)


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_vector_holds(vector: dict[str, Any]) -> None:
    assert outcome(vector["given"]) == (vector["shown"], vector["toFetch"])


@pytest.mark.parametrize(
    "vector", [vector for vector in VECTORS if vector["order"] == "any"], ids=lambda vector: str(vector["name"])
)
def test_vector_holds_in_any_order_and_with_doubles(vector: dict[str, Any]) -> None:
    chance = random.Random(vector["name"])
    orders = [list(each) for each in permutations(vector["given"])]
    for order in orders if len(orders) <= ORDERS else chance.sample(orders, ORDERS):
        assert outcome(order) == (vector["shown"], vector["toFetch"]), order
        again = [*order, *chance.sample(order, chance.randint(1, len(order)))]
        assert outcome(again) == (vector["shown"], vector["toFetch"]), again


def last_wins(known: Known, value: Any, *number: int) -> Known:
    return Known(number, value)


def first_wins(known: Known, value: Any, *number: int) -> Known:
    return Known(number, value) if number > known.number else known


def forgets_nothing(known: Discussion, _number: int) -> Discussion:
    return known


def forgets_everything(known: Discussion, number: int) -> Discussion:
    return Discussion(known.content, known.counts, floor=number)


def remembers_nobody(mirror: Mirror, _person: str) -> Mirror:
    return mirror


def counts_nothing(_copy: Any) -> dict[str, Any]:
    return {}


def lists_all(known: Discussion, copy: Any, number: int, *, listed: bool | None = None) -> Discussion:
    return placed(known, copy, number, listed=listed or None)


def lists_as_it_comes(known: Discussion) -> Any:
    return ({**reply.content.value, **(reply.counts.value or {})} for reply in known.replies.values())


def takes_copies_of_the_erased(content: Any, _erased: Any) -> Any:
    return content


placed = reducer._placed
BUGS: dict[str, tuple[object, str, object]] = {
    "the last copy wins": (Known, "merged", last_wins),
    "of equal copies the first wins": (Known, "merged", first_wins),
    "a deletion drops nothing": (reducer, "_dropped", forgets_nothing),
    "a deletion drops what is newer": (reducer, "_dropped", forgets_everything),
    "nobody is erased": (reducer, "_without_person", remembers_nobody),
    "the erased come back": (reducer, "_without", takes_copies_of_the_erased),
    "nothing is counted": (reducer, "_counts", counts_nothing),
    "nothing is unlisted": (reducer, "_placed", lists_all),
    "replies are where they came": (reducer, "_thread", lists_as_it_comes),
    "a restored thread is not fetched": (reducer, "COMPLETE", {*reducer.COMPLETE, "RESTORED"}),
    "unknown changes are passed over": (reducer, "COMPLETE", {*reducer.COMPLETE, "SOMETHING_OF_A_LATER_RELEASE"}),
}


@pytest.mark.parametrize("bug", BUGS)
def test_a_reducer_with_a_bug_fails_a_vector(monkeypatch: pytest.MonkeyPatch, bug: str) -> None:
    monkeypatch.setattr(*BUGS[bug])

    def holds(vector: dict[str, Any], given: list[Any]) -> bool:
        try:
            return outcome(given) == (vector["shown"], vector["toFetch"])
        except (KeyError, TypeError):
            return False

    orders = [
        (vector, order)
        for vector in VECTORS
        for order in (vector["given"], vector["given"][::-1])
        if vector["order"] == "any" or order is vector["given"]
    ]
    assert not all(holds(vector, order) for vector, order in orders)


def test_the_mirror_before_is_left_as_it_was() -> None:
    for vector in VECTORS:
        mirror = Mirror()
        for each in vector["given"]:
            before = json.dumps(shown(mirror))
            after = reduce(mirror, each)
            assert json.dumps(shown(mirror)) == before
            mirror = after


def test_the_mirror_waits_for_its_next_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[tuple[str | None, dict[str, Any]]] = [
        ("0", {"errors": [{"message": "This costs too much until the reset."}]}),
        (None, {"data": {"feedCursor": "here"}}),
        (None, {"errors": [{"message": "The cursor can't be read."}]}),
    ]

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            retry_after, answer = answers.pop(0)
            self.send_response(200)
            if retry_after is not None:
                self.send_header("Retry-After", retry_after)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

    server = HTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("PARLEY_URL", f"http://127.0.0.1:{server.server_port}")
    try:
        assert __main__.asked("{ feedCursor }", {}) == {"feedCursor": "here"}
        with pytest.raises(SystemExit, match="can't be read"):
            __main__.asked("{ feedCursor }", {})
    finally:
        server.shutdown()
        server.server_close()
