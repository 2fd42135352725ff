"""The rows that a discussion leaves in the tables, write by write, and its counts once it gets no more replies."""

from collections import Counter, defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from bench.data import Rows
from bench.growth import people, texts
from bench.growth.texts import Content, Words
from db import paths
from db.database import EPOCH_BYTES
from text.markdown import RENDERER

_RECENT = 30
"""How many replies, the latest, are answered and quoted."""
_SOON = timedelta(minutes=1)
"""After so long somebody edits or deletes a reply, before anybody has answered it."""


class Written:
    """The rows of the writes since they were last taken, and the end of the feed."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.rows: Rows = defaultdict(list)
        self.fed = 0
        """How many events are in the feed."""

    def add(self, table: str, **values: Any) -> None:
        """Adds a row; the rows of a table all give the same columns."""
        self.rows[table].append(values)

    def take(self) -> Rows:
        """The rows so far, which are then gone."""
        taken, self.rows = self.rows, defaultdict(list)
        return taken

    def epoch(self) -> bytes:
        """One of a log or an event."""
        return self.random.randbytes(EPOCH_BYTES)

    def event(self, log: int, number: int, **values: Any) -> None:
        """Adds an event to a log and to the feed."""
        epoch = self.epoch()
        self.add("events", log_id=log, number=number, epoch=epoch, **values)
        self.fed += 1
        self.add("feed", position=self.fed, log_id=log, number=number, epoch=epoch)

    def head(self, log: int, *, events: int, replies: int) -> None:
        """Adds the end of a log, whose writes had an event each."""
        values = {"last_event": events, "last_reply": replies, "revision": events}
        self.add("log_heads", log_id=log, epoch=self.epoch(), last_epoch=self.epoch(), **values)


@dataclass(frozen=True, slots=True)
class Post:
    """What later replies need of a post to answer and quote it."""

    id: int
    sequence: int
    path: bytes
    author: int
    said: str
    """Its first sentence."""
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A reply that is about to be written."""

    id: int
    author: int
    at: datetime
    answered: Post
    quoted: Post | None
    mentioned: int | None
    is_edited: bool
    is_deleted: bool
    """Not if it quotes or mentions."""


@dataclass(slots=True)
class Discussion:
    """A discussion that still gets replies."""

    id: int
    category: int | None
    left: int
    """How many replies are still to come."""
    written: Written
    opening: Post = field(init=False)
    recent: deque[Post] = field(default_factory=lambda: deque(maxlen=_RECENT))
    """The latest replies that can be answered."""
    _answered: list[int] = field(default_factory=list)
    """The sequences of what the replies answer, in the order of theirs."""
    _deleted: set[int] = field(default_factory=set)
    _authors: Counter[int] = field(default_factory=Counter)
    _events: int = 0
    _latest: datetime = field(init=False)

    @property
    def next_sequence(self) -> int:
        """That of its next reply."""
        return len(self._answered) + 1

    def start(self, post: int, author: int, at: datetime) -> None:
        """Adds the opening post."""
        title, parts = texts.sentence(self.written.random).rstrip("."), texts.paragraphs(self.written.random)
        content = texts.content(Words(parts))
        self.opening = Post(post, 0, b"", author, texts.first_sentence(parts[0]))
        self._latest = at
        self._authors[author] += 1
        self.written.add("discussions", id=self.id, category_id=self.category, title=title, created_at=at)
        self._event("DiscussionStarted", self.opening, at, answered=None)
        self._insert(self.opening, None, content, created_at=at)
        self._index(post, title, content)

    def add(self, reply: Reply) -> Post:
        """Adds a reply, which its author may edit or delete at once. Returns it as it is then."""
        self.left -= 1
        sequence, parts = self.next_sequence, texts.paragraphs(self.written.random)
        words = self._words(reply, parts)
        first = content = texts.content(words)
        path = paths.child(reply.answered.path, sequence)
        post = Post(reply.id, sequence, path, reply.author, texts.first_sentence(parts[0]))
        named = dict.fromkeys([reply.quoted.author if reply.quoted else None, reply.mentioned])
        event = partial(
            self._event, answered=reply.answered.author, people=[person for person in named if person is not None]
        )
        event("ReplyAdded", post, reply.at)
        self._answered.append(reply.answered.sequence)
        self._latest = reply.at
        soon = reply.at + _SOON
        if reply.is_edited or reply.is_deleted:
            self._keep(post, first, reply.at)
            post = Post(post.id, sequence, path, reply.author, post.said, version=2)
            event("ReplyDeleted" if reply.is_deleted else "ReplyEdited", post, soon)
        if reply.is_edited:
            content = texts.content(words._replace(paragraphs=[*parts, texts.sentence(self.written.random)]))
        if reply.is_deleted:
            self._deleted.add(sequence)
            self._insert(post, reply.answered, None, created_at=reply.at, deleted_at=soon)
            self._delete(post, soon)
            return post
        self._authors[reply.author] += 1
        self.recent.append(post)
        edited_at = soon if reply.is_edited else None
        self._insert(post, reply.answered, content, created_at=reply.at, last_edited_at=edited_at)
        self._index(post.id, "", content)
        if reply.quoted is not None:
            self._quote(post, reply.quoted, words)
        if reply.mentioned is not None:
            self._mention(post, reply.mentioned, content)
        return post

    def close(self) -> None:
        """Adds the counts of what is in it."""
        add, replies = self.written.add, len(self._answered)
        direct, below = [0] * (replies + 1), [0] * (replies + 1)
        for sequence in range(replies, 0, -1):
            above, is_listed = self._answered[sequence - 1], sequence not in self._deleted
            direct[above] += is_listed
            below[above] += below[sequence] + is_listed
        for sequence, counts in enumerate(zip(direct, below, strict=True)):
            of_post = {"reply_count": counts[0], "descendant_count": counts[1]}
            add("reply_counts", discussion_id=self.id, sequence=sequence, **of_post)
        for person in sorted(self._authors):
            add("participants", discussion_id=self.id, user_id=person, post_count=self._authors[person])
        counted = {"reply_count": below[0], "participant_count": len(self._authors)}
        add("discussion_counts", discussion_id=self.id, **counted, last_activity_at=self._latest)
        self.written.head(self.id, events=self._events, replies=replies)

    def _words(self, reply: Reply, parts: list[str]) -> Words:
        words = Words(parts)
        if reply.mentioned is not None:
            words = words._replace(mentioned=people.handle(reply.mentioned), mentioned_id=reply.mentioned)
        if reply.quoted is not None:
            words = words._replace(
                quoted_name=people.name(reply.quoted.author),
                quoted=reply.quoted.said,
                quote_id=self.written.random.getrandbits(52) + 1,
            )
        return words

    def _event(self, kind: str, post: Post, at: datetime, *, answered: int | None, people: Sequence[int] = ()) -> None:
        self._events += 1
        acted = {"actor_id": post.author, "author_id": post.author, "answered_id": answered}
        place = {"kind": kind, "post_id": post.id, "version": post.version, "category_id": self.category}
        self.written.event(self.id, self._events, **place, **acted, at=at)
        for person in people:
            self.written.add("event_people", log_id=self.id, number=self._events, user_id=person)

    def _insert(
        self,
        post: Post,
        answered: Post | None,
        content: Content | None,
        *,
        created_at: datetime,
        last_edited_at: datetime | None = None,
        deleted_at: datetime | None = None,
    ) -> None:
        """Adds the row of a post; without content, of a tombstone that nobody has answered."""
        shown = content or Content("", "", "", "")
        self.written.add(
            "posts",
            id=post.id,
            discussion_id=self.id,
            sequence=post.sequence,
            reply_to_id=answered.id if answered and answered.sequence else None,
            path=post.path,
            newest_path=paths.newest(post.path),
            depth=paths.depth(post.path),
            author_id=post.author if content else None,
            body=shown.body,
            body_html=shown.html,
            body_text=shown.text,
            said=shown.said if content else None,
            renderer=RENDERER,
            version=post.version,
            last_event=self._events,
            created_at=created_at,
            last_edited_at=last_edited_at,
            deleted_at=deleted_at,
            listed=content is not None,
        )

    def _index(self, post: int, title: str, content: Content) -> None:
        titled, body, vector = texts.search_entry(title, content.text)
        self.written.add("post_search", post_id=post, title=titled, body=body, vector=vector)

    def _keep(self, post: Post, content: Content, at: datetime) -> None:
        """Adds the first version of a post."""
        self.written.add(
            "revisions",
            post_id=post.id,
            version=1,
            editor_id=post.author,
            body=content.body,
            body_html=content.html,
            said=content.said,
            renderer=RENDERER,
            created_at=at,
        )

    def _delete(self, post: Post, at: datetime) -> None:
        act = {"act": self._events, "by": "AUTHOR", "by_user_id": post.author, "at": at, "author_id": post.author}
        self.written.add("deleted_posts", post_id=post.id, **act, is_kept=True, quotes="[]", mentions="[]")

    def _quote(self, post: Post, source: Post, words: Words) -> None:
        self.written.add(
            "quotes",
            id=words.quote_id,
            post_id=post.id,
            ordinal=0,
            depth=0,
            source_id=source.id,
            source_version=source.version,
            attributed_name=words.quoted_name,
            body_html=texts.quote_html(words.quoted),
            body_text=words.quoted,
            said=words.quoted.lower(),
            comparison="VERBATIM",
            notified_version=source.version,
        )

    def _mention(self, post: Post, person: int, content: Content) -> None:
        handle = people.handle(person)
        named = {"attributed_name": handle, "start": content.body.index("@"), "length": len(handle) + 1}
        self.written.add("mentions", post_id=post.id, ordinal=0, user_id=person, **named)
