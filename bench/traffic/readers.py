"""What readers ask for: pages of threads and the list of discussions, some readers signed in."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import accumulate, cycle
from random import Random

from access.tokens import Tokens
from bench import page
from tests.support.processes import HOST

THREAD, LIST = 50, 30
"""How many replies a page of a thread shows, and how many discussions the list."""
LISTS, SIGNED_IN = 0.2, 0.1
"""Of all requests, those for the list, and those of readers who are signed in."""
READERS = 20
SIGNING_KEY = "the key of the tokens of scripts/bench"
_REQUESTS = 20_000
"""After so many the same ones come again."""


def ranked(discussions: int) -> list[int]:
    """The discussions, the most popular first."""
    numbers = list(range(1, discussions + 1))
    Random("popularity").shuffle(numbers)
    return numbers


def zipf(discussions: int) -> list[float]:
    """How popular each rank is, added up: rank r is chosen 1/r times as often as the first (Zipf's law)."""
    return list(accumulate(1 / rank for rank in range(1, discussions + 1)))


def tokens() -> list[str]:
    """The tokens of the readers who are signed in."""
    signing = Tokens(SIGNING_KEY.encode())
    return [signing.write(user, timedelta(days=1)) for user in range(1, READERS + 1)]


class Readers:
    """The requests of many readers."""

    def __init__(self, discussions: int) -> None:
        self._numbers, self._weights = ranked(discussions), zipf(discussions)
        self._tokens = tokens()
        self._threads = {number: page.body(THREAD, number=number) for number in self._numbers}
        self._list = page.list_body(LIST)

    @property
    def bodies(self) -> list[bytes]:
        """What is asked for, each once, the most popular first."""
        return [self._list, *self._threads.values()]

    def of_all(self, port: int) -> Iterator[bytes]:
        """Endless requests for pages of all discussions and for the list."""
        random = Random("readers")
        chosen = random.choices(self._numbers, cum_weights=self._weights, k=_REQUESTS)
        bodies = [self._list if random.random() < LISTS else self._threads[number] for number in chosen]
        return cycle([self._request(random, port, body) for body in bodies])

    def of_one(self, port: int, number: int) -> Iterator[bytes]:
        """Endless requests for the page of one discussion."""
        random = Random("readers")
        return cycle([self._request(random, port, self._threads[number]) for _ in range(_REQUESTS // 100)])

    def of_each(self, port: int) -> list[bytes]:
        """A request for each page, signed in and not."""
        return [
            page.request(HOST, port, body, token=token) for body in self.bodies for token in (None, self._tokens[0])
        ]

    def _request(self, random: Random, port: int, body: bytes) -> bytes:
        token = random.choice(self._tokens) if random.random() < SIGNED_IN else None
        return page.request(HOST, port, body, token=token)


def sample(bodies: Sequence[bytes], count: int) -> list[bytes]:
    """The list, the most popular pages, and some of the others."""
    first = list(bodies[: count // 2])
    return first + Random("sample").sample(
        list(bodies[count // 2 :]), min(count - len(first), len(bodies) - len(first))
    )
