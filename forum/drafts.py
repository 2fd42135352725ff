"""What a post is before it is written: checked, rendered, its quotes tied to sources and its mentions to users.

All slow work happens here, before the transaction that holds a discussion's lock, and in `text.workers`, so that it
does not block the event loop.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import db.posts
import db.quotes
import db.revisions
import db.search
import db.users
from db.database import Database
from db.posts import MentionDraft, PostDraft, QuoteDraft
from db.rows import PostRow, QuoteRow, RevisionRow
from forum import quotes
from forum.errors import (
    BodyEmpty,
    BodyTooLong,
    InvalidText,
    QuoteSourceNotFound,
    TitleEmpty,
    TitleTooLong,
    TooManyQuotes,
)
from forum.use_cases import Forum
from text import attribution, links, markdown, normal, workers
from text.quotes import Blockquote

EVERY_DEPTH = 2**30
"""A depth of quotes that none exceeds."""
_QUOTE_ID_BITS = 52
_EVERY_SEQUENCE = 2**62


@dataclass(frozen=True, slots=True)
class QuoteRequest:
    """A quote the client names: words of the post `source_id`, at `source_version` or its present one."""

    source_id: int | None
    """None if the client's id names no post."""
    text: str
    source_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostContext:
    """Where a post will be, as far as its quotes and its search entry depend on it."""

    discussion_id: int | None = None
    """None for a discussion that is yet to start: names in quotes are then not looked up."""
    reply_to_id: int | None = None
    """The post it answers: a quote by name is looked for there first."""
    before_sequence: int = _EVERY_SEQUENCE
    """Its own sequence, if it has one: only earlier posts can be quoted by name."""
    title: str = ""
    """Its discussion's title, for an opening post."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What is known of a post beside its text: by an importer, or by who rewrites it."""

    legacy_id: str | None = None
    """Its id on the platform it comes from."""
    legacy_slug: str | None = None
    """The slug of its discussion there."""
    quote_sources: Mapping[int, int] = field(default_factory=dict)
    """The source post of a quote, by the index of its blockquote."""
    replies_to_quoted: bool = False
    """Whether it answers the source of its first quote."""


@dataclass(frozen=True, slots=True)
class EarlierQuotes:
    """The quotes of the version before. Those that are still there keep their ids."""

    quotes: Sequence[QuoteRow] = ()
    keep_sources: bool = True
    """Whether they keep their sources, too."""


@dataclass(frozen=True, slots=True)
class _Source:
    post: PostRow
    version: int
    verbatim: bool


async def earlier_quotes(database: Database, post: PostRow, *, keep_sources: bool = True) -> EarlierQuotes:
    """The quotes of a post as it is now, for its next version."""
    found = await database.rows(db.quotes.of_posts, ids=[post.post_id], deepest=EVERY_DEPTH)
    return EarlierQuotes(found, keep_sources)


def check_title(title: str, *, limit: int | None) -> str:
    """Returns the title with single blanks inside and none around it. Without a limit, as it is.

    Raises TitleEmpty, TitleTooLong, InvalidText.
    """
    if limit is None:
        return title
    if invalid := normal.invalid(title):
        raise InvalidText(f"The title cannot be stored: {invalid}", ("title",))
    plain = " ".join(title.split())
    if not _visible(plain):
        raise TitleEmpty("The title is empty. Write at least one visible character.", ("title",))
    if len(plain) > limit:
        raise TitleTooLong(f"The title has {len(plain)} characters; {limit} are allowed.", ("title",), limit)
    return plain


def check_body(body: str, *, limit: int) -> None:
    """Raises BodyEmpty, BodyTooLong, InvalidText."""
    if len(body) > limit:
        raise BodyTooLong(f"The body has {len(body)} characters; {limit} are allowed.", ("body",), limit)
    if invalid := normal.invalid(body):
        raise InvalidText(f"The body cannot be stored: {invalid}", ("body",))
    if not _visible(body):
        raise BodyEmpty("The body is empty. Write at least one visible character.", ("body",))


def _visible(text: str) -> bool:
    return bool(normal.normalised(text).strip())


async def prepare(
    forum: Forum,
    body: str,
    context: PostContext,
    *,
    limit: int | None,
    requests: Sequence[QuoteRequest] = (),
    earlier: EarlierQuotes = EarlierQuotes(),
    provenance: Provenance | None = None,
) -> PostDraft:
    """A post ready to be written.

    `requests` are tied to blockquotes of the body by normalised text; one that fits none is put before the body under
    its attribution. `limit` is the most characters the body may have; None, for an import, checks nothing.

    Raises BodyEmpty, BodyTooLong, InvalidText, QuoteSourceNotFound, TooManyQuotes.
    """
    max_quotes = forum.limits.quotes
    if limit is not None:
        check_body(body, limit=limit)
        _check_sum(body, requests, limit=limit)
    _check_count(len(requests), max_quotes, "quotes")
    texts = [await _plain(request.text, at) for at, request in enumerate(requests)]
    sources = await _requested(forum.database, requests)
    document = await workers.run(markdown.read, body)
    tied = _tie(document, texts)
    if missing := [at for at in range(len(requests)) if at not in tied.values()]:
        body = await _with_quotes(forum.database, body, [(sources[at], texts[at]) for at in missing])
        if limit is not None:
            check_body(body, limit=limit)
        document = await workers.run(markdown.read, body)
        # What was put before the body is one blockquote each; those of the body have moved on.
        tied = {index + len(missing): at for index, at in tied.items()} | dict(enumerate(missing))
    _check_count(sum(b.attribution is not None or b.index in tied for b in document.blockquotes), max_quotes, "body")
    requested = {index: (sources[at], requests[at].source_version) for index, at in tied.items()}
    known = provenance or Provenance()
    drafts = await _QuoteDrafts(forum, context, document, requested, earlier, known.quote_sources).made()
    # Those kept from the version before, which nothing in the text names, count as well.
    _check_count(len(drafts), max_quotes, "body")
    return PostDraft(
        body=body,
        html=document.html({index: f"Q_{draft.id}" for index, draft in drafts.items()}),
        text=document.text,
        search_entry=await workers.run(db.search.entry, context.title, document.text),
        quotes=tuple(drafts.values()),
        mentions=await _mentions(forum.database, document),
        legacy_id=known.legacy_id,
    )


def _check_count(count: int, max_quotes: int | None, part: str) -> None:
    if max_quotes is not None and count > max_quotes:
        raise TooManyQuotes(f"There are {count} quotes; {max_quotes} are allowed.", (part,), max_quotes)


def _check_sum(body: str, requests: Sequence[QuoteRequest], *, limit: int) -> None:
    """Raises BodyTooLong before anything is parsed, if the requested quotes would make the body too long anyway."""
    total = len(body)
    for at, request in enumerate(requests):
        total += len(request.text)
        # A quote that is in the body already is counted twice, so up to that much may be fine.
        if len(request.text) > limit or total > 2 * limit:
            message = f"The body and its quotes have over {limit} characters; {limit} are allowed."
            raise BodyTooLong(message, ("quotes", str(at), "text"), limit)


async def _plain(text: str, at: int) -> str:
    """The words of a requested quote as plain text. Raises InvalidText if it has none."""
    invalid = normal.invalid(text)
    plain = "" if invalid else (await workers.run(markdown.read, text)).text
    if invalid or not _visible(plain):
        message = f"The quote cannot be used: {invalid or 'it has no words.'}"
        raise InvalidText(message, ("quotes", str(at), "text"))
    return plain


async def _requested(database: Database, requests: Sequence[QuoteRequest]) -> list[PostRow]:
    ids = [request.source_id for request in requests if request.source_id]
    rows = await database.rows(db.posts.by_ids, ids=ids) if ids else []
    found = {row.post_id: row for row in rows if row.deleted_at is None}
    sources: list[PostRow] = []
    for at, request in enumerate(requests):
        source = found.get(request.source_id or 0)
        if source is None:
            message = "The quoted post does not exist, or has been deleted."
            raise QuoteSourceNotFound(message, ("quotes", str(at), "source_id"))
        if request.source_version is not None and not 1 <= request.source_version <= source.version:
            message = f"The quoted post has versions 1 to {source.version}, not {request.source_version}."
            raise QuoteSourceNotFound(message, ("quotes", str(at), "source_version"))
        sources.append(source)
    return sources


def _tie(document: markdown.MarkdownDocument, texts: Sequence[str]) -> dict[int, int]:
    """Which request each blockquote answers, by its index: the first that has the request's words and none yet."""
    tied: dict[int, int] = {}
    for at, text in enumerate(texts):
        words = normal.normalised(text)
        for block in document.blockquotes:
            said = (normal.normalised(block.text), normal.normalised(block.own_text))
            if block.index not in tied and words in said:
                tied[block.index] = at
                break
    return tied


async def _with_quotes(database: Database, body: str, missing: Sequence[tuple[PostRow, str]]) -> str:
    """The body with quotes before it, each under an attribution to its source's author."""
    ids = {source.author_id for source, _ in missing if source.author_id is not None}
    # A name that is nothing but signs attributes nothing.
    names = {row.id: row.name for row in await database.rows(db.users.by_ids, ids=list(ids)) if row.name.strip("@ ")}
    quoted = [attribution.attribute(names.get(source.author_id or 0, "?"), text) for source, text in missing]
    return "\n\n".join([*quoted, body])


class _QuoteDrafts:
    """The quotes of a document, each with its source."""

    def __init__(
        self,
        forum: Forum,
        context: PostContext,
        document: markdown.MarkdownDocument,
        requested: Mapping[int, tuple[PostRow, int | None]],
        earlier: EarlierQuotes,
        known: Mapping[int, int],
    ) -> None:
        """`requested`: source and wanted version by the index of a blockquote; `known`: the id of the source post."""
        self._database = forum.database
        self._finder = _SourceFinder(forum, context)
        self._document = document
        self._requested = requested
        self._earlier = earlier
        self._left = list(earlier.quotes)
        self._known = known
        self._made: dict[int, QuoteDraft] = {}

    async def made(self) -> dict[int, QuoteDraft]:
        """The drafts by the indices of their blockquotes, outer before inner."""
        for block in self._document.blockquotes:
            kept = self._kept(block)
            if kept is not None:
                self._left.remove(kept)
            source = await self._source(block, kept)
            if source is None and block.attribution is None:
                continue
            attributed_id = await self._finder.attributed_to(block) if source is None else None
            self._made[block.index] = self._draft(block, source, kept, attributed_id)
        return self._made

    def _kept(self, block: Blockquote) -> QuoteRow | None:
        """The quote of the version before whose words the blockquote still holds."""
        words = normal.normalised(block.own_text)
        name = block.attribution.name if block.attribution else ""
        for quote in self._left:
            if normal.normalised(quote.own_text) == words and name in ("", quote.attributed_name):
                return quote
        return None

    async def _source(self, block: Blockquote, kept: QuoteRow | None) -> _Source | None:
        if block.index in self._requested:
            post, version = self._requested[block.index]
            return await self._finder.version_that_says(post, block, wanted=version)
        if block.index in self._known:
            found = await self._database.row(db.posts.by_ids, ids=[self._known[block.index]])
            return await (self._finder.version_that_says(found, block) if found else self._finder.by_attribution(block))
        if self._earlier.keep_sources and kept is not None and kept.source_id is not None:
            return await self._finder.previous_source(kept)
        return await self._finder.by_attribution(block)

    def _draft(
        self, block: Blockquote, source: _Source | None, kept: QuoteRow | None, attributed_id: int | None
    ) -> QuoteDraft:
        around = block.parent
        while around is not None and around not in self._made:
            around = self._document.blockquotes[around].parent
        parent = self._made[around] if around is not None else None
        same = kept is not None and kept.source_id == (source.post.post_id if source else None)
        taken = {draft.id for draft in self._made.values()}
        keeps_id = kept is not None and same and kept.id not in taken
        return QuoteDraft(
            id=kept.id if kept is not None and keeps_id else secrets.randbits(_QUOTE_ID_BITS) + 1,
            parent_id=parent.id if parent else None,
            ordinal=block.index,
            depth=parent.depth + 1 if parent else 0,
            source_id=source.post.post_id if source else None,
            source_version=source.version if source else None,
            attributed_name=block.attribution.name if block.attribution else "",
            attributed_id=attributed_id,
            body_html=block.html,
            body_text=block.text,
            own_text=block.own_text,
            verbatim=source.verbatim if source else False,
            notified_version=source.post.version if source else 0,
        )


class _SourceFinder:
    """Finds the source of a blockquote, and the version of it that has the words."""

    def __init__(self, forum: Forum, context: PostContext) -> None:
        self._database = forum.database
        self._host = forum.host
        self._context = context
        self._written: dict[tuple[int, ...], list[PostRow]] = {}

    async def version_that_says(self, post: PostRow, block: Blockquote, *, wanted: int | None = None) -> _Source:
        """The version asked for; else the newest that says the words; else the present one, which does not."""
        older = await self._database.rows(db.revisions.superseded, ids=[post.post_id]) if post.version > 1 else []
        return await workers.run(_version_that_says, post, older, block.own_text, wanted)

    async def previous_source(self, quote: QuoteRow) -> _Source | None:
        """The source an unchanged quote already had."""
        assert quote.source_id is not None
        assert quote.source_version is not None
        row = await self._database.row(db.posts.by_ids, ids=[quote.source_id])
        return _Source(row, quote.source_version, quote.verbatim) if row else None

    async def attributed_to(self, block: Blockquote) -> int | None:
        """The one user whom an attribution names, whether or not they said it here."""
        named = await self._named(block.attribution.name) if block.attribution else []
        return named[0].id if len(named) == 1 else None

    async def _named(self, name: str) -> list[db.users.NamedRow]:
        return await self._database.rows(db.users.named, keys=[name.casefold(), normal.normalised(name)])

    async def by_attribution(self, block: Blockquote) -> _Source | None:
        """By the link of the attribution; else by its name: the latest earlier post of that user with the words."""
        said_by = block.attribution
        if said_by is None:
            return None
        if said_by.link is not None and (post := await self._linked(said_by.link)) is not None:
            return await self.version_that_says(post, block)
        if self._context.discussion_id is None:
            return None
        named = await self._named(said_by.name)
        words = block.own_text
        if not named or not normal.normalised(words):
            return None
        written = await self._written_by(self._context.discussion_id, tuple(user.id for user in named))
        post = await workers.run(_first_that_says, written, words)
        if post is not None:
            return _Source(post, post.version, verbatim=True)
        for post in written:
            source = await self.version_that_says(post, block) if post.version > 1 else None
            if source is not None and source.verbatim:
                return source
        return None

    async def _written_by(self, discussion_id: int, authors: tuple[int, ...]) -> list[PostRow]:
        """What these users wrote earlier here, read once: the post that is answered first, then the latest."""
        if authors not in self._written:
            found = await self._database.rows(
                db.quotes.candidates,
                discussion=discussion_id,
                authors=list(authors),
                before=self._context.before_sequence,
            )
            self._written[authors] = sorted(found, key=lambda post: post.post_id != self._context.reply_to_id)
        return self._written[authors]

    async def _linked(self, link: str) -> PostRow | None:
        reference = links.post_reference(link)
        host = urlsplit(link).netloc
        if reference is None or (host and host != self._host):
            return None
        discussion = reference.number if reference.number is not None else self._context.discussion_id
        if discussion is None:
            return None
        if not reference.sequence:
            row = await self._database.row(db.posts.opening_posts, discussions=[discussion])
        else:
            place = await self._database.row(
                db.posts.places_by_sequence, discussions=[discussion], sequences=[reference.sequence]
            )
            row = await self._database.row(db.posts.by_ids, ids=[place.post_id]) if place else None
        return row if row is not None and row.deleted_at is None else None


def _version_that_says(post: PostRow, older: Sequence[RevisionRow], words: str, wanted: int | None) -> _Source:
    if wanted in (None, post.version) and quotes.says(post.post_id, post.version, post.body, words):
        return _Source(post, post.version, verbatim=True)
    for revision in sorted(older, key=lambda revision: -revision.version):
        if wanted in (None, revision.version) and quotes.says(post.post_id, revision.version, revision.body, words):
            return _Source(post, revision.version, verbatim=True)
    return _Source(post, wanted or post.version, verbatim=False)


def _first_that_says(written: Sequence[PostRow], words: str) -> PostRow | None:
    return next((post for post in written if quotes.says(post.post_id, post.version, post.body, words)), None)


async def _mentions(database: Database, document: markdown.MarkdownDocument) -> list[MentionDraft]:
    if not document.mentions:
        return []
    keys = {
        key
        for mention in document.mentions
        for candidate in mention.candidates
        for key in (candidate.name.casefold(), normal.normalised(candidate.name))
    }
    people: dict[str, int] = {}
    for person in reversed(await database.rows(db.users.named, keys=sorted(keys))):
        people[person.name_key] = person.id
        people[person.handle] = person.id
    drafts = []
    for mention in document.mentions:
        # The longest that names a person, else the first word as it stands.
        chosen = mention.candidates[-1]
        user: int | None = None
        for candidate in mention.candidates:
            named = people.get(candidate.name.casefold()) or people.get(normal.normalised(candidate.name))
            if named is not None:
                chosen, user = candidate, named
                break
        drafts.append(MentionDraft(user, chosen.name, chosen.start, chosen.length))
    return drafts
