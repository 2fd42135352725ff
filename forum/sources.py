"""Finds the sources of quotes: which post is quoted, and in which of the versions that the writer may compare with.

Superseded versions are for their author and moderators. Everybody else's quotes are compared with the present version
alone, so that no answer depends on words that an edit removed, unless the writer proves that they had read the version:
docs/decisions/0013-what-was-taken-back-cannot-be-read.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import db.events
import db.posts
import db.revisions
import db.users
from db.rows import QuoteRow, SourceRow
from forum.quotes import best_comparison
from forum.use_cases import Forum
from text import links, markdown, normal, workers
from text.attribution import Attribution
from text.quotes import Blockquote
from text.said import Comparison

MAX_CANDIDATES = 50
"""How many posts a quote by name is looked for in."""
MAX_SUPERSEDED_VERSIONS = 20
"""How many superseded versions a quote is looked for in."""
MAX_SEARCHED_CHARACTERS = 4_000_000
"""How much is searched for all quotes of one post in posts that a name leads to, and in superseded versions."""
MAX_UNREAD_SOURCES = 20
"""How many sources are parsed for one post, while what they say is not kept yet."""
PROOF_HOURS = 24
"""How long after an edit the version before it can be quoted by those who prove that they had read it."""
MAX_EVENTS_SINCE_READ = 10_000
"""How many events after the proved position an edit is looked for."""


@dataclass(frozen=True, slots=True)
class ReadPosition:
    """Where a discussion's event log was when the writer read the discussion, as a cursor of the log says."""

    discussion_id: int
    number: int
    epoch: bytes


@dataclass(frozen=True, slots=True)
class Quoter:
    """Who quotes: it decides which superseded versions the quotes are compared with."""

    user_id: int | None = None
    is_moderator: bool = False
    read_at: ReadPosition | None = None
    """Proof of what they had read; None without any."""


STRANGER = Quoter()
"""Somebody who may compare with present versions alone."""


@dataclass(frozen=True, slots=True)
class Source:
    """A post as the source of a quote, in the version that is quoted."""

    post: SourceRow
    version: int
    comparison: Comparison
    """Whether that version says the quote."""


class SourceFinder:
    """Finds the sources of the quotes of one post."""

    def __init__(
        self, forum: Forum, quoter: Quoter, *, discussion_id: int | None, reply_to_id: int | None, before_sequence: int
    ) -> None:
        """`discussion_id`: where names are looked for; None for nowhere. The post `reply_to_id` is looked at first."""
        self._database = forum.database
        self._host = forum.host
        self._quoter = quoter
        self._discussion_id = discussion_id
        self._reply_to_id = reply_to_id
        self._before_sequence = before_sequence
        self._written: dict[tuple[int, ...], list[SourceRow]] = {}
        self._read: dict[int, str] = {}
        self._searched = 0
        self._is_position: bool | None = None

    async def tied(self, post: SourceRow, words: str, *, wanted: int | None = None) -> Source:
        """Ties words to a version of a post.

        It is the version `wanted`, if the writer may compare with it. Else it is the present one; but if that does not
        say the words, and no version is wanted, it is the newest one that does and that the writer may compare with.
        """
        readable = await self._readable(post)
        if wanted is not None and wanted in readable:
            return await self._version_that_says(post, [wanted], words) or Source(post, wanted, Comparison.NOT_SAID)
        if (found := await best_comparison([await self._present(post)], words)) is not None:
            return Source(post, post.version, found[1])
        earlier = readable[:MAX_SUPERSEDED_VERSIONS] if wanted is None else ()
        return await self._version_that_says(post, earlier, words) or Source(post, post.version, Comparison.NOT_SAID)

    async def by_id(self, post_id: int) -> SourceRow | None:
        """The post of this id, also if it has been deleted."""
        return await self._database.row(db.posts.sources, ids=[post_id])

    async def previous(self, quote: QuoteRow) -> Source | None:
        """The source that an unchanged quote already had."""
        assert quote.source_id is not None
        assert quote.source_version is not None
        post = await self.by_id(quote.source_id)
        return Source(post, quote.source_version, Comparison(quote.comparison)) if post else None

    async def attributed_to(self, block: Blockquote) -> int | None:
        """The one user whom an attribution names, whether or not they said it here."""
        named = await self._named(block.attribution) if block.attribution else []
        return named[0].id if len(named) == 1 else None

    async def _named(self, said_by: Attribution) -> list[db.users.NamedRow]:
        return await self._database.rows(
            db.users.named, keys=[said_by.name.casefold(), normal.normalised(said_by.name)]
        )

    async def by_attribution(self, block: Blockquote) -> Source | None:
        """By the link of the attribution; else by its name: the latest earlier post of that user with the words."""
        said_by = block.attribution
        if said_by is None:
            return None
        if said_by.link is not None and (post := await self._linked(said_by.link)) is not None:
            return await self.tied(post, block.said)
        if self._discussion_id is None or not (named := await self._named(said_by)):
            return None
        written = await self._written_by(self._discussion_id, tuple(user.id for user in named))
        found = await self._searched_in([await self._present(post) for post in written], block.said)
        if found is not None:
            return Source(written[found[0]], written[found[0]].version, found[1])
        left = MAX_SUPERSEDED_VERSIONS
        for post in written:
            versions = (await self._readable(post))[:left]
            if (source := await self._version_that_says(post, versions, block.said)) is not None:
                return source
            left -= len(versions)
        return None

    async def _written_by(self, discussion_id: int, authors: tuple[int, ...]) -> list[SourceRow]:
        """What these users wrote earlier here, read once: the post that is answered first, then the latest."""
        if self._searched > MAX_SEARCHED_CHARACTERS:
            return []
        if authors not in self._written:
            self._written[authors] = await self._database.rows(
                db.posts.sources_of_authors,
                discussion=discussion_id,
                authors=list(authors),
                before=self._before_sequence,
                first=self._reply_to_id or 0,
                limit=MAX_CANDIDATES,
            )
        return self._written[authors]

    async def _linked(self, link: str) -> SourceRow | None:
        reference = links.post_reference(link)
        host = urlsplit(link).netloc
        if reference is None or (host and host != self._host):
            return None
        discussion = reference.number if reference.number is not None else self._discussion_id
        if discussion is None:
            return None
        place = {"discussion": discussion, "sequence": reference.sequence or 0}
        row = await self._database.row(db.posts.sources_by_place, **place)
        return row if row is not None and row.deleted_at is None else None

    async def _present(self, post: SourceRow) -> str:
        """What a post says now. It is parsed only while a new renderer has not been there yet."""
        if post.said is not None:
            return post.said
        if post.post_id not in self._read and len(self._read) < MAX_UNREAD_SOURCES:
            self._read[post.post_id] = (await workers.run(markdown.read, post.unread_body or "")).said
        return self._read.get(post.post_id, "")

    async def _version_that_says(self, post: SourceRow, versions: Sequence[int], words: str) -> Source | None:
        """The newest of these superseded versions that says the words."""
        if not versions:
            return None
        rows = await self._database.rows(db.revisions.words, post=post.post_id, versions=list(versions))
        rows = sorted((row for row in rows if row.said is not None), key=lambda row: -row.version)
        found = await self._searched_in([row.said or "" for row in rows], words)
        return None if found is None else Source(post, rows[found[0]].version, found[1])

    async def _searched_in(self, versions: Sequence[str], words: str) -> tuple[int, Comparison] | None:
        """As `best_comparison`, in the first of these versions, as far as there is anything left to search."""
        within = []
        for version in versions:
            self._searched += len(version)
            if self._searched > MAX_SEARCHED_CHARACTERS:
                break
            within.append(version)
        return await best_comparison(within, words)

    async def _readable(self, post: SourceRow) -> Sequence[int]:
        """The superseded versions of a post that the writer may compare with, newest first."""
        quoter = self._quoter
        if post.version == 1:
            return ()
        if quoter.is_moderator or (quoter.user_id is not None and quoter.user_id == post.author_id):
            return range(post.version - 1, 0, -1)
        read_at = quoter.read_at
        if read_at is None or read_at.discussion_id != post.discussion_id or not await self._is_of_log(read_at):
            return ()
        # Whoever has the cursor of a position has read the discussion then, or could have.
        next_one = await self._database.row(
            db.revisions.version_after,
            discussion=post.discussion_id,
            number=read_at.number,
            post=post.post_id,
            most=MAX_EVENTS_SINCE_READ,
        )
        if next_one is None or next_one.at < datetime.now(UTC) - timedelta(hours=PROOF_HOURS):
            return ()
        return range(next_one.version - 1, max(0, next_one.version - 2), -1)

    async def _is_of_log(self, position: ReadPosition) -> bool:
        """Whether a position is part of its log's history, looked up once."""
        if self._is_position is None:
            self._is_position = await self._look_up(position)
        return self._is_position

    async def _look_up(self, position: ReadPosition) -> bool:
        log_id, number = position.discussion_id, position.number
        if number == 0:
            head = await self._database.row(db.events.heads, log_ids=[log_id])
            return head is not None and head.log_floor == 0 and head.epoch == position.epoch
        event = await self._database.row(db.events.events_from, log_id=log_id, number=number, limit=1)
        return event is not None and (event.event_number, event.epoch) == (number, position.epoch)
