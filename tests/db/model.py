"""A plain model of discussions, to compare the databases with: lists and dicts, and every rule written out once more.

Words are sentences, no two alike, so that what a post says is a set of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field


@dataclass
class Quote:
    """A quote: the sentence, whom the text names, and the source with what was true of it when it was quoted."""

    sentence: str
    name: str
    source: "Post | None"
    source_version: int | None
    verbatim: bool
    notified_version: int
    misattributed: bool = False
    """Whether the text named somebody else than the author, although the source said it."""
    id: int = 0
    """The database's, filled in when it is first seen."""

    @property
    def status(self) -> str:
        if self.source is None:
            return "UNRESOLVED"
        if self.source.deleted:
            return "SOURCE_DELETED"
        if self.misattributed:
            return "ALTERED"
        if self.source_version != self.source.version and self.sentence in self.source.said:
            return "VERBATIM"
        if self.source_version == self.source.version:
            return "VERBATIM" if self.verbatim else "ALTERED"
        return "SOURCE_EDITED" if self.verbatim else "ALTERED"


@dataclass
class Deletion:
    """How a post was deleted, and what comes back of it. Its words are in the version before the tombstone."""

    act: int
    """The number of the event: posts of one act come back together."""
    by_author: bool
    author: str | None
    body: str
    quotes: list[Quote]
    title: str = ""
    """That of the discussion, which an opening post brings back."""
    raised: bool = False


@dataclass
class Post:
    """An opening post (sequence 0) or a reply; `versions[n - 1]` is what version n says of its own."""

    discussion: "Discussion"
    sequence: int
    parent: "Post | None"
    author: str | None
    versions: list[Sequence[str]]
    quotes: list[Quote] = field(default_factory=list)
    body: str = ""
    deletion: Deletion | None = None
    last_event: int = 0
    """The number of the last event with which it shows something else."""
    id: int = 0

    @property
    def deleted(self) -> bool:
        return self.deletion is not None

    @property
    def tombstones(self) -> set[int]:
        """The versions in which it was deleted: only they say nothing."""
        return {number for number, said in enumerate(self.versions, 1) if not said}

    @property
    def version(self) -> int:
        return len(self.versions)

    @property
    def said(self) -> Sequence[str]:
        return self.versions[-1]

    @property
    def path(self) -> list[int]:
        if self.sequence == 0:
            return []
        return [*(self.parent.path if self.parent else []), self.sequence]

    @property
    def listed(self) -> bool:
        return not self.deleted or any(
            answer.listed for answer in self.discussion.answers(self if self.sequence else None)
        )

    def delete(self, *, by_author: bool) -> None:
        """Leaves a tombstone. To be called before its event is appended."""
        act, title = len(self.discussion.events) + 1, "" if self.sequence else self.discussion.title
        self.deletion = Deletion(act, by_author, self.author, self.body, self.quotes, title)
        self.author, self.body, self.quotes = None, "", []
        self.versions.append([])

    def can_raise(self, who: str) -> bool:
        """Whether a moderator makes the author's deletion a moderator's by deleting it again."""
        return self.deletion is not None and self.deletion.by_author and self.deletion.author != who

    def raise_deletion(self) -> None:
        assert self.deletion is not None
        self.deletion.by_author, self.deletion.raised = False, True

    def not_restored(self, who: str, *, moderator: bool) -> str | None:
        """Why somebody cannot restore it: the error; None if they can."""
        if self.deletion is None:
            return "NotRestorable"
        if who != self.deletion.author if self.deletion.by_author else not moderator:
            return "NotAllowed"
        if self.deletion.raised or (self.sequence > 0 and self.discussion.deleted):
            return "NotRestorable"
        return "DiscussionLocked" if self.discussion.locked and not moderator else None


@dataclass
class Discussion:
    """A discussion, all that was ever written in it, and its log."""

    title: str
    id: int = 0
    posts: list[Post] = field(default_factory=list)
    category: int | None = None
    locked: bool = False
    pinned: bool = False
    events: list[tuple[str, int, int, str | None]] = field(default_factory=list)
    """(kind, sequence of the post, version, who did it), from number 1 on."""

    @property
    def opening(self) -> Post:
        return self.posts[0]

    @property
    def deleted(self) -> bool:
        return self.opening.deleted

    @property
    def participants(self) -> set[str]:
        return {post.author for post in self.posts if not post.deleted and post.author is not None}

    def append(self, kind: str, post: Post, actor: str | None, others: Sequence[Post] = ()) -> None:
        """`others` are further posts that show something else with it."""
        self.events.append((kind, post.sequence, post.version, actor))
        for each in (post, *others):
            each.last_event = len(self.events)

    def of_act(self, act: int) -> list[Post]:
        return [post for post in self.posts if post.deletion is not None and post.deletion.act == act]

    def restore(self, posts: Sequence[Post]) -> None:
        """Brings deleted posts back as they were, each in its next version. Quotes hear of no earlier change."""
        for post in posts:
            assert post.deletion is not None
            for quote in post.deletion.quotes:
                quote.notified_version = quote.source.version if quote.source is not None else 0
        for post in posts:
            assert post.deletion is not None
            back, post.deletion = post.deletion, None
            post.author, post.body, post.quotes = back.author, back.body, back.quotes
            post.versions.append(post.versions[-2])
            if post.sequence == 0:
                self.title = back.title

    def answers(self, post: Post | None) -> list[Post]:
        return [reply for reply in self.posts[1:] if reply.parent is post]

    def descendants(self, post: Post | None, *, newest: bool = False) -> list[Post]:
        """In reading order; of None, all replies."""
        below = sorted(self.answers(post), key=lambda reply: reply.sequence, reverse=newest)
        return [each for reply in below for each in (reply, *self.descendants(reply, newest=newest))]


@dataclass(frozen=True)
class Asked:
    """A quote somebody wants to make: by input (`source`, perhaps with a version), or by the attribution `name`."""

    sentence: str
    name: str = ""
    source: Post | None = None
    source_version: int | None = None


@dataclass
class Model:
    """All discussions, and how quotes find their sources."""

    discussions: list[Discussion] = field(default_factory=list)

    def posts(self) -> Iterator[Post]:
        for discussion in self.discussions:
            yield from discussion.posts

    def quoted(
        self,
        asked: Sequence[Asked],
        who: str,
        *,
        discussion: Discussion | None,
        answers: Post | None = None,
        before: int | None = None,
        existing: Sequence[Quote] = (),
        keep_source_links: bool = True,
    ) -> list[Quote]:
        """The quotes of a body of `who` that holds these, each in a blockquote of its own."""
        made: list[Quote] = []
        left = list(existing)
        for one in asked:
            kept = next((old for old in left if old.sentence == one.sentence and one.name in ("", name_of(old))), None)
            if kept is not None:
                left.remove(kept)
            quote: Quote | None = None
            if one.source is not None:
                quote = self._version_of(one, who, one.source, one.source_version)
                keeps = kept is not None and kept.source is one.source and not quote.verbatim
                if kept is not None and keeps and one.source_version in (None, kept.source_version):
                    quote.source_version, quote.verbatim = kept.source_version, kept.verbatim
                    quote.misattributed = kept.misattributed
            elif keep_source_links and kept is not None and kept.source is not None:
                source, at = kept.source, kept.source_version
                if kept.misattributed and not one.name:
                    quote = self._version_of(one, who, source, None)
                else:
                    quote = Quote(one.sentence, one.name, source, at, kept.verbatim, source.version, kept.misattributed)
            elif one.name:
                quote = self._by_name(one, who, discussion, answers, before) or Quote(
                    one.sentence, one.name, None, None, False, 0
                )
            if quote is None:
                continue
            if kept is not None and kept.source is quote.source:
                quote.id = kept.id
            made.append(quote)
        return made

    def _version_of(self, one: Asked, who: str, source: Post, wanted: int | None) -> Quote:
        """Nobody but its author has a quote compared with a superseded version; nobody here is a moderator."""
        earliest = 1 if who == source.author else source.version
        if wanted is not None:
            wanted = max(wanted, earliest)
        for version in range(source.version, earliest - 1, -1):
            if wanted in (None, version) and one.sentence in source.versions[version - 1]:
                elsewhere = one.name not in ("", source.author)
                return Quote(one.sentence, one.name, source, version, True, source.version, elsewhere)
        return Quote(one.sentence, one.name, source, wanted or source.version, False, source.version)

    def _by_name(
        self, one: Asked, who: str, discussion: Discussion | None, answers: Post | None, before: int | None
    ) -> Quote | None:
        if discussion is None:
            return None
        theirs = [
            post
            for post in reversed(discussion.posts)
            if post.author == one.name and (before is None or post.sequence < before)
        ]
        theirs.sort(key=lambda post: post is not answers)
        for post in theirs:
            if one.sentence in post.said:
                return Quote(one.sentence, one.name, post, post.version, True, post.version)
        for post in theirs:
            found = self._version_of(one, who, post, None)
            if found.verbatim:
                return found
        return None

    def notify(self) -> None:
        """Appends an event for each post that quotes a changed source, source by source."""
        for source in sorted(self.posts(), key=lambda post: post.id):
            for discussion in self.discussions:
                for post in discussion.posts:
                    due = [
                        quote
                        for quote in post.quotes
                        if quote.source is source and quote.notified_version < source.version
                    ]
                    if due:
                        discussion.append("QuoteStatusChanged", post, None)
                    for quote in due:
                        quote.notified_version = source.version


def name_of(quote: Quote) -> str:
    """Whom a quote names: as its text says, else who wrote the source, while it stands."""
    return quote.name or (quote.source.author if quote.source is not None else None) or ""
