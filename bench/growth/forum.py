"""A forum of any size: the rows that Parley's own writes would have left, in the order of those writes.

What happens goes through many discussions at a time, as in a forum that is in use, so that ids, moments and places in
the feed run alike. Only the discussions that still get replies are in memory. Every row follows from the size alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from bench.data import Rows
from bench.growth import texts
from bench.growth.discussions import Discussion, Post, Reply, Written
from bench.growth.people import handle, name
from db import paths
from db.logs import FEED, SITE
from text.confusables import skeleton
from text.normal import normalised
from text.search import name_keys

LONG = 1
"""The id of the longest discussion."""
PROLIFIC, EARLY = 2, 3
"""The ids of a person who writes much all the time, and of one who did so at the beginning and then left."""
CATEGORIES = 12
CLOSED = CATEGORIES
"""The id of a category that has been used at the beginning alone."""
QUOTED_SEQUENCE = 3
"""The sequence of the reply that is quoted most, in the longest discussion."""
CHAIN = range(200, 300)
"""The sequences of replies in the longest discussion that answer each the one before."""
_END = datetime(2026, 1, 1, tzinfo=UTC)
_BETWEEN = timedelta(minutes=5)
_BEGINNING = 0.05
"""Of what is written, the part that is the beginning."""
_ANSWERING, _QUOTING, _MENTIONING, _EDITED, _DELETED = 0.65, 0.3, 0.05, 0.04, 0.01
"""Of all replies, those that answer a reply, quote, mention somebody, were edited and deleted."""
_DEEPEST = 8
"""Outside of the chain."""
_POSTS_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Size:
    """How large a forum is."""

    replies: int
    discussions: int
    longest: int
    """Replies of the longest discussion."""
    people: int
    prolific: int
    """Posts of PROLIFIC."""
    quotes: int
    """Of the reply that is quoted most."""

    @classmethod
    def of(cls, replies: int) -> "Size":
        """The size of a forum of so many replies: all other numbers are fixed parts of this one."""
        return cls(replies, replies // 50, replies // 10, replies // 100, replies // 20, replies // 200)


def batches(size: Size) -> Iterator[Rows]:
    """The rows of a forum by table, some thousand posts at a time, in the order of their writes."""
    return _Course(size).batches()


class _Course:
    """What happens in a forum, from its first day on."""

    def __init__(self, size: Size) -> None:
        self._size = size
        self._random = Random(2009)
        self._written = Written(self._random)
        self._posts = 0
        self._all_posts = size.replies + size.discussions
        self._prolific_left, self._quotes_left = size.prolific, size.quotes
        self._most_quoted: Post | None = None
        self._begin = _END - _BETWEEN * self._all_posts

    def batches(self) -> Iterator[Rows]:
        self._add_people()
        self._add_categories()
        planned = iter(self._planned())
        long = self._start(*next(planned))
        open_now: list[Discussion] = []
        most_open = max(3, self._size.discussions // 100)
        for left in range(self._size.replies, 0, -1):
            while len(open_now) < most_open and (plan := next(planned, None)):
                self._open(plan, open_now)
            if self._random.random() * left < long.left:
                self._reply(long)
            else:
                at = self._random.randrange(len(open_now))
                self._reply(open_now[at])
                if not open_now[at].left:
                    open_now.pop(at).close()
            if len(self._written.rows["posts"]) >= _POSTS_AT_ONCE:
                yield self._written.take()
        for plan in planned:
            self._open(plan, open_now)
        long.close()
        self._written.head(FEED, events=self._written.fed, replies=0)
        yield self._written.take()

    def _planned(self) -> list[tuple[int, int]]:
        """The ids of the discussions, each with its number of replies: most get a few, some get many."""
        others, replies = self._size.discussions - 1, self._size.replies - self._size.longest
        weights = [self._random.paretovariate(1.2) - 0.8 for _ in range(others)]
        share = replies / sum(weights)
        counts = [min(self._size.longest // 2, int(share * weight)) for weight in weights]
        for at in self._random.choices(range(others), k=replies - sum(counts)):
            counts[at] += 1
        return list(enumerate([self._size.longest, *counts], start=LONG))

    def _add_people(self) -> None:
        for number in range(1, self._size.people + 1):
            called, as_handle = name(number), handle(number)
            self._written.add(
                "users",
                id=number,
                handle=as_handle,
                name=called,
                name_key=normalised(called),
                handle_skeleton=skeleton(as_handle),
                name_skeleton=skeleton(called),
                is_guest=False,
                created_at=self._begin - timedelta(hours=self._size.people + 1 - number),
            )
            for key in name_keys(as_handle, called):
                self._written.add("user_search_keys", user_id=number, key=key)

    def _add_categories(self) -> None:
        for number in range(1, CATEGORIES + 1):
            called = texts.WORDS[5_000 + number].capitalize()
            self._written.add(
                "categories", id=number, slug=called.lower(), name=called, description=f"All about {called}."
            )
            nobody = dict.fromkeys(("post_id", "actor_id", "author_id", "answered_id"))
            about = {"kind": "CategoryChanged", "version": 0, "category_id": number, "at": self._begin}
            self._written.event(SITE, number, **about, **nobody)
        self._written.head(SITE, events=CATEGORIES, replies=0)

    def _next(self) -> tuple[int, datetime]:
        """The id and the moment of the next post."""
        self._posts += 1
        return self._posts, self._begin + _BETWEEN * self._posts

    @property
    def _is_beginning(self) -> bool:
        return self._posts < _BEGINNING * self._all_posts

    def _author(self) -> int:
        if self._random.random() * (self._all_posts - self._posts + 1) < self._prolific_left:
            self._prolific_left -= 1
            return PROLIFIC
        if self._is_beginning and self._random.random() < 0.2:
            return EARLY
        # Some write much, and most a little.
        number = 1 + int((self._size.people - 2) * self._random.random() ** 3)
        return number if number < PROLIFIC else number + 2

    def _category(self) -> int | None:
        lot = self._random.random()
        if lot < 0.1:
            return None
        if self._is_beginning and lot < 0.4:
            return CLOSED
        in_use = range(1, CLOSED)
        return self._random.choices(in_use, [1 / rank for rank in in_use])[0]

    def _start(self, number: int, replies: int) -> Discussion:
        category = 1 if number == LONG else self._category()
        discussion = Discussion(number, category, replies, self._written)
        post, at = self._next()
        discussion.start(post, self._author(), at)
        return discussion

    def _open(self, plan: tuple[int, int], open_now: list[Discussion]) -> None:
        discussion = self._start(*plan)
        if discussion.left:
            open_now.append(discussion)
        else:
            discussion.close()

    def _reply(self, discussion: Discussion) -> None:
        random, sequence = self._random, discussion.next_sequence
        is_first_of_chain = discussion.id == LONG and sequence == CHAIN[0]
        in_chain = discussion.id == LONG and sequence in CHAIN
        answered = discussion.opening
        if in_chain and not is_first_of_chain:
            answered = discussion.recent[-1]
        elif discussion.recent and not in_chain and random.random() < _ANSWERING:
            chosen = random.choice(discussion.recent)
            answered = chosen if paths.depth(chosen.path) < _DEEPEST else discussion.opening
        quoted = self._quoted(discussion, answered)
        author, lot = self._author(), random.random()
        mentioned = self._mentioned(author) if random.random() < _MENTIONING else None
        is_kept = in_chain or quoted is not None or mentioned is not None or sequence <= QUOTED_SEQUENCE
        post, at = self._next()
        written = discussion.add(
            Reply(
                id=post,
                author=author,
                at=at,
                answered=answered,
                quoted=quoted,
                mentioned=mentioned,
                is_edited=lot < _EDITED,
                is_deleted=_EDITED <= lot < _EDITED + _DELETED and not is_kept,
            )
        )
        if discussion.id == LONG and sequence == QUOTED_SEQUENCE:
            self._most_quoted = written

    def _quoted(self, discussion: Discussion, answered: Post) -> Post | None:
        is_long = discussion.id == LONG and self._most_quoted is not None
        if is_long and self._random.random() * discussion.left < self._quotes_left:
            self._quotes_left -= 1
            return self._most_quoted
        if not discussion.recent or self._random.random() >= _QUOTING:
            return None
        return answered if answered.sequence else self._random.choice(discussion.recent)

    def _mentioned(self, author: int) -> int | None:
        number = 1 + int(self._size.people * self._random.random() ** 2)
        return number if number != author else None
