"""Finds the sources of quotes: which post is quoted, and in which of the versions that the writer may compare with.

Superseded versions are for their author and moderators. Everybody else's quotes are compared with the present version
alone, so that no answer depends on words that an edit removed, unless the writer proves that they had read the version:
docs/decisions/0013-what-was-taken-back-cannot-be-read.md.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from urllib.parse import urlsplit

import db.posts
import db.revisions
import db.users
from db.rows import QuoteRow, SourceRow
from db.statements import moment_text
from forum.quotes import best_comparison
from forum.use_cases import Forum
from text import links, markdown, naming, workers
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


def version_proof(key: bytes, post_id: int, version: int, written_at: datetime) -> str:
    """Proof that somebody has read a version of a post, which is given with the post while it is the present one.

    `written_at` is the version's: after a restored backup another one may have the same number.
    """
    plain = f"{post_id} {version} {moment_text(written_at)}".encode()
    return blake2b(plain, key=key, digest_size=15, person=b"version proof").hexdigest()


@dataclass(frozen=True, slots=True)
class Quoter:
    """Who quotes: it decides which superseded versions the quotes are compared with."""

    user_id: int | None = None
    is_moderator: bool = False


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
        self._proof_key = forum.proof_key
        self._quoter = quoter
        self._discussion_id = discussion_id
        self._reply_to_id = reply_to_id
        self._before_sequence = before_sequence
        self._written: dict[tuple[int, ...], list[SourceRow]] = {}
        self._read: dict[int, str] = {}
        self._searched = 0

    async def tied(
        self, post: SourceRow, block: Blockquote, *, wanted: int | None = None, proof: str | None = None
    ) -> Source:
        """Ties a quote to a version of a post. `proof` is that of the version `wanted`.

        It is the version `wanted`, if the writer may compare with it. Else it is the present one; but if that does not
        say the words, and no version is wanted, it is the newest one that does and that the writer may compare with.
        """
        found = await self._version(post, block.said, wanted=wanted, proof=proof)
        if found.comparison is not Comparison.NOT_SAID and await self._names_another(block.attribution, post.author_id):
            return replace(found, comparison=Comparison.MISATTRIBUTED)
        return found

    async def _names_another(self, said_by: Attribution | None, author_id: int | None) -> bool:
        """Whether an attribution names somebody who is not the author, by any name that the author has or had.

        Some words of such a name are enough, as long as nobody else is called exactly so.
        """
        called = naming.key(said_by.name) if said_by else ""
        if said_by is None or not any(map(str.isalnum, called)):
            return False
        author = await self._database.row(db.users.by_ids, ids=[author_id]) if author_id is not None else None
        if author and called in (naming.key(author.name), naming.key(author.handle)):
            return False
        if any(user.id != author_id for user in await self._named(said_by)):
            return True
        if author is None:
            return False
        former = await self._database.rows(db.users.former_names_of, user=author.id)
        names = {author.name, author.handle, *(each for row in former for each in (row.name, row.handle))}
        words = set(called.split())
        return said_by.is_claim and not any(words <= set(naming.key(name).split()) for name in names)

    async def _version(self, post: SourceRow, words: str, *, wanted: int | None, proof: str | None) -> Source:
        readable = self._readable(post)
        had_read = proof is not None and wanted is not None and await self._had_read(post, wanted, proof)
        if wanted is not None and (had_read or wanted in readable):
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
        return await self._database.rows(db.users.named, keys=db.users.name_keys(said_by.name))

    async def by_attribution(self, block: Blockquote) -> Source | None:
        """By the link of the attribution; else by its name: the latest earlier post of that user with the words."""
        said_by = block.attribution
        if said_by is None:
            return None
        if said_by.link is not None and (post := await self._linked(said_by.link)) is not None:
            return await self.tied(post, block)
        if self._discussion_id is None or not (named := await self._named(said_by)):
            return None
        written = await self._written_by(self._discussion_id, tuple(user.id for user in named))
        found = await self._searched_in([await self._present(post) for post in written], block.said)
        if found is not None:
            return Source(written[found[0]], written[found[0]].version, found[1])
        left = MAX_SUPERSEDED_VERSIONS
        for post in written:
            versions = self._readable(post)[:left]
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

    def _readable(self, post: SourceRow) -> Sequence[int]:
        """The superseded versions of a post that the writer may read, newest first."""
        quoter = self._quoter
        is_theirs = quoter.user_id is not None and quoter.user_id == post.author_id
        return range(post.version - 1, 0, -1) if is_theirs or quoter.is_moderator else ()

    async def _had_read(self, post: SourceRow, version: int, proof: str) -> bool:
        """Whether a proof is that of a superseded version, and the edit after it is not long ago."""
        rows = await self._database.rows(db.revisions.words, post=post.post_id, versions=[version, version + 1])
        written_at = {row.version: row.written_at for row in rows}
        if version not in written_at:
            return False
        expected = version_proof(self._proof_key, post.post_id, version, written_at[version])
        superseded_at = written_at.get(version + 1, post.written_at)
        is_recent = superseded_at > datetime.now(UTC) - timedelta(hours=PROOF_HOURS)
        return is_recent and hmac.compare_digest(expected.encode(), proof.encode())
