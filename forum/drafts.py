"""What a post is before it is written: checked, rendered, its quotes tied to sources and its mentions to users.

All slow work happens here, before the transaction that holds a discussion's lock, and in `text.workers`, so that it
does not block the event loop.
"""

import secrets
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Protocol, TypedDict

import db.posts
import db.quotes
import db.search
import db.users
from db.database import Database
from db.deletions import KeptMention, KeptQuote
from db.posts import PostDraft, QuoteDraft
from db.rows import PostRow, QuoteRow, SourceRow
from forum.errors import (
    BodyEmpty,
    BodyTooLong,
    InvalidText,
    QuoteSourceNotFound,
    ReasonTooLong,
    TitleEmpty,
    TitleTooLong,
    TooManyQuotes,
)
from forum.limits import IMPORT_LIMITS, Limits
from forum.references import References, references
from forum.sources import STRANGER, Quoter, Source, SourceFinder
from forum.use_cases import Forum
from text import attribution, characters, links, markdown, normal, workers
from text.quotes import Blockquote
from text.said import Comparison

EVERY_DEPTH = 2**30
MAX_BLANKS = 1_000
"""How many characters a title may have beyond its limit before blanks are taken away: longer ones are not read."""
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
    proof: str | None = None
    """Proof that the writer has read this version: `forum.sources.version_proof`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostContext:
    """Where a post will be, as far as its quotes and its search entry depend on it."""

    discussion_id: int | None = None
    """None for a discussion that is yet to start: names in quotes and numbers of posts are then not looked up."""
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


async def earlier_quotes(database: Database, post: PostRow, *, keep_sources: bool = True) -> EarlierQuotes:
    """The quotes of a post as it is now, for its next version."""
    found = await database.rows(db.quotes.of_posts, ids=[post.post_id], deepest=EVERY_DEPTH)
    return EarlierQuotes(found, keep_sources)


def words(texts: Sequence[str], quotes: Sequence[QuoteRequest]) -> tuple[Any, ...]:
    """What is written, by which a double click is known: blanks do not count, nor how letters are composed."""

    def plain(text: str) -> str:
        return " ".join(unicodedata.normalize("NFC", text).split())

    return *map(plain, texts), [(quote.source_id, quote.source_version, plain(quote.text)) for quote in quotes]


def check_title(title: str, *, limit: int | None) -> str:
    """Returns the title in NFC, with single blanks inside and none around it. Without a limit, as it is.

    Raises TitleEmpty, TitleTooLong, InvalidText.
    """
    if limit is None:
        return title
    if len(title) > MAX_BLANKS + limit:
        raise TitleTooLong(f"The title has {len(title)} characters; {limit} are allowed.", ("title",), limit)
    if invalid := characters.invalid_in_line(title):
        raise InvalidText(f"The title cannot be stored: {invalid}", ("title",))
    plain = " ".join(unicodedata.normalize("NFC", title).split())
    if not characters.is_visible(plain):
        raise TitleEmpty("The title is empty. Write at least one visible character.", ("title",))
    if len(plain) > limit:
        raise TitleTooLong(f"The title has {len(plain)} characters; {limit} are allowed.", ("title",), limit)
    return plain


def check_reason(reason: str | None, part: str = "reason") -> str | None:
    """Returns a reason without blanks around it; None if it says nothing. Raises ReasonTooLong, InvalidText.

    `part` is that of the input.
    """
    limit = Limits.reason_length
    if reason is not None and len(reason) > limit:
        raise ReasonTooLong(f"The {part} has {len(reason)} characters; {limit} are allowed.", (part,), limit)
    if reason is not None and (invalid := characters.invalid_in_body(reason)):
        raise InvalidText(f"The {part} cannot be stored: {invalid}", (part,))
    plain = unicodedata.normalize("NFC", reason or "").strip()
    return plain if characters.is_visible(plain) else None


def check_body(body: str, *, limit: int) -> None:
    """Raises BodyTooLong, InvalidText. Whether it is empty, its rendering decides: `_rendered`."""
    if len(body) > limit:
        raise BodyTooLong(f"The body has {len(body)} characters; {limit} are allowed.", ("body",), limit)
    if invalid := characters.invalid_in_body(body):
        raise InvalidText(f"The body cannot be stored: {invalid}", ("body",))


async def _rendered(body: str, *, limit: int | None) -> markdown.MarkdownDocument:
    """Returns the parsed body. Raises BodyEmpty if there is a limit."""
    document = await workers.run_on(body, markdown.read, body)
    if limit is not None and document.is_empty:
        message = "The body is empty after rendering. Write some text, or add an image, a rule or code."
        raise BodyEmpty(message, ("body",))
    return document


async def prepare(
    forum: Forum,
    body: str,
    context: PostContext,
    *,
    limit: int | None,
    requests: Sequence[QuoteRequest] = (),
    earlier: EarlierQuotes = EarlierQuotes(),
    provenance: Provenance | None = None,
    quoter: Quoter = STRANGER,
) -> PostDraft:
    """A post ready to be written.

    `requests` are tied to blockquotes of the body by normalised text; one that fits none is put before the body under
    its attribution. `limit` is the most characters the body may have; None, for an import, checks nothing. `quoter`
    decides which superseded versions of their sources quotes are compared with.

    Raises BodyEmpty, BodyTooLong, InvalidText, QuoteSourceNotFound, TooManyQuotes.
    """
    max_quotes = forum.limits.quotes
    if limit is not None:
        check_body(body, limit=limit)
        _check_sum(body, requests, limit=limit)
    _check_count(len(requests), max_quotes, "quotes")
    texts = [await _plain(request.text, at) for at, request in enumerate(requests)]
    sources = await _requested(forum.database, requests)
    document = await _rendered(body, limit=limit)
    tied = await workers.run(_tie, document, texts) if texts else {}
    if missing := [at for at in range(len(requests)) if at not in tied.values()]:
        body = await _with_quotes(forum.database, body, [(sources[at], texts[at]) for at in missing])
        if limit is not None:
            check_body(body, limit=limit)
        document = await _rendered(body, limit=limit)
        # What was put before the body is one blockquote each; those of the body have moved on.
        tied = {index + len(missing): at for index, at in tied.items()} | dict(enumerate(missing))
    _check_count(sum(b.attribution is not None or b.index in tied for b in document.blockquotes), max_quotes, "body")
    requested = {index: (sources[at], requests[at]) for index, at in tied.items()}
    known = provenance or Provenance()
    finder = SourceFinder(
        forum,
        quoter,
        discussion_id=context.discussion_id,
        reply_to_id=context.reply_to_id,
        before_sequence=context.before_sequence,
    )
    drafts = await _QuoteDrafts(finder, document, requested, earlier, known.quote_sources).made()
    # Those kept from the version before, which nothing in the text names, count as well.
    _check_count(len(drafts), max_quotes, "body")
    found = await references(forum.database, document, discussion_id=context.discussion_id, host=forum.host)
    draft = await workers.run_on(body + context.title, _draft, body, context.title, document, drafts, found)
    return draft if known.legacy_id is None else replace(draft, legacy_id=known.legacy_id)


class Kept(Protocol):
    """A row that keeps the quotes and mentions of a post, without their words."""

    @property
    def kept_quotes(self) -> list[KeptQuote] | None: ...

    @property
    def kept_mentions(self) -> list[KeptMention]: ...


async def restored(
    forum: Forum, body: str, context: PostContext, row: Kept, with_it: Collection[int] = ()
) -> PostDraft:
    """A deleted or held post as it was, ready to be written: newly rendered, its quotes and mentions as they were.

    They are found again if an erasure has taken something out of the body. `with_it` are the posts that come back.
    """
    kept = row.kept_quotes
    if kept is None:
        return await prepare(replace(forum, limits=IMPORT_LIMITS), body, context, limit=None)
    database = forum.database
    document = await workers.run(markdown.read, body)
    found = await references(
        database,
        document,
        discussion_id=context.discussion_id,
        host=forum.host,
        known=row.kept_mentions,
        restored=with_it,
    )
    sources = [quote.source_id for quote in kept if quote.source_id is not None]
    versions = {row.post_id: row.version for row in await database.rows(db.posts.said, ids=sources)} if sources else {}
    blocks = {block.index: block for block in document.blockquotes}
    drafts = {
        quote.ordinal: QuoteDraft(
            **asdict(quote),
            **_words(blocks[quote.ordinal]),
            notified_version=versions.get(quote.source_id or 0, 0),
        )
        for quote in kept
        if quote.ordinal in blocks
    }
    return await workers.run(_draft, body, context.title, document, drafts, found)


class _Words(TypedDict):
    """What a quote holds of its blockquote."""

    attributed_name: str
    body_html: str
    body_text: str
    said: str


def _words(block: Blockquote) -> _Words:
    return {
        "attributed_name": block.attribution.name if block.attribution else "",
        "body_html": block.html,
        "body_text": block.text,
        "said": block.said,
    }


def _draft(
    body: str,
    title: str,
    document: markdown.MarkdownDocument,
    drafts: Mapping[int, QuoteDraft],
    found: References,
) -> PostDraft:
    """A post whose quotes and targets are known."""
    quotes = (replace(draft, body_html=document.quote_html(index, found.targets)) for index, draft in drafts.items())
    return PostDraft(
        body=body,
        html=document.html({index: f"Q_{draft.id}" for index, draft in drafts.items()}, found.targets),
        text=document.text,
        said=document.said,
        search_entry=db.search.entry(title, document.text),
        quotes=tuple(quotes),
        mentions=found.mentions,
    )


def in_discussion(draft: PostDraft, discussion_id: int) -> PostDraft:
    """A draft that was made before its discussion had a number, with its links to that."""
    quotes = [replace(quote, body_html=links.in_discussion(quote.body_html, discussion_id)) for quote in draft.quotes]
    return replace(draft, html=links.in_discussion(draft.html, discussion_id), quotes=quotes)


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
    invalid = characters.invalid_in_body(text)
    document = None if invalid else await workers.run(markdown.read, text)
    if document is None or document.is_empty or not characters.is_visible(document.text):
        message = f"The quote cannot be used: {invalid or 'it has no words.'}"
        raise InvalidText(message, ("quotes", str(at), "text"))
    return document.text


async def _requested(database: Database, requests: Sequence[QuoteRequest]) -> list[SourceRow]:
    ids = [request.source_id for request in requests if request.source_id]
    rows = await database.rows(db.posts.sources, ids=ids) if ids else []
    found = {row.post_id: row for row in rows if row.deleted_at is None}
    sources: list[SourceRow] = []
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
    said = [
        (block.index, (normal.normalised(block.text), normal.normalised(block.own_text)))
        for block in document.blockquotes
    ]
    tied: dict[int, int] = {}
    for at, text in enumerate(texts):
        words = normal.normalised(text)
        index = next((index for index, forms in said if index not in tied and words in forms), None)
        if index is not None:
            tied[index] = at
    return tied


async def _with_quotes(database: Database, body: str, missing: Sequence[tuple[SourceRow, str]]) -> str:
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
        finder: SourceFinder,
        document: markdown.MarkdownDocument,
        requested: Mapping[int, tuple[SourceRow, QuoteRequest]],
        earlier: EarlierQuotes,
        known: Mapping[int, int],
    ) -> None:
        """`requested`: source and request by the index of a blockquote; `known`: the id of the source post."""
        self._finder = finder
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
        name = block.attribution.name if block.attribution else ""
        for quote in self._left:
            is_same = quote.said == block.said if quote.said is not None else quote.body_text == block.text
            if is_same and name in ("", quote.attributed_name):
                return quote
        return None

    async def _source(self, block: Blockquote, kept: QuoteRow | None) -> Source | None:
        if block.index in self._requested:
            post, request = self._requested[block.index]
            return await self._tied(post, block, kept, wanted=request.source_version, proof=request.proof)
        if block.index in self._known:
            found = await self._finder.by_id(self._known[block.index])
            return await (self._tied(found, block, kept) if found else self._finder.by_attribution(block))
        if self._earlier.keep_sources and kept is not None and kept.source_id is not None:
            names_nobody = block.attribution is None or not block.attribution.name
            if names_nobody and kept.comparison == Comparison.MISATTRIBUTED.value:
                source = await self._finder.by_id(kept.source_id)
                return await self._finder.tied(source, block) if source else None
            return await self._finder.previous(kept)
        return await self._finder.by_attribution(block)

    async def _tied(
        self,
        post: SourceRow,
        block: Blockquote,
        kept: QuoteRow | None,
        *,
        wanted: int | None = None,
        proof: str | None = None,
    ) -> Source:
        """Ties a quote to a post. A quote of the version before stays tied as it was, if it would lose its words."""
        found = await self._finder.tied(post, block, wanted=wanted, proof=proof)
        if found.comparison is Comparison.NOT_SAID and kept is not None and kept.source_id == post.post_id:
            assert kept.source_version is not None
            if wanted in (None, kept.source_version):
                return Source(post, kept.source_version, Comparison(kept.comparison))
        return found

    def _draft(
        self, block: Blockquote, source: Source | None, kept: QuoteRow | None, attributed_id: int | None
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
            attributed_id=attributed_id,
            comparison=(source.comparison if source else Comparison.NOT_SAID).value,
            notified_version=source.post.version if source else 0,
            author_id=source.post.author_id if source else None,
            **_words(block),
        )


def changes(draft: PostDraft, body: str, earlier: EarlierQuotes) -> bool:
    """Whether a draft would change a post that has this body and these quotes."""
    before = [(quote.id, quote.source_version, quote.comparison) for quote in earlier.quotes]
    after = [(quote.id, quote.source_version, quote.comparison) for quote in draft.quotes]
    return draft.body != body or before != after


def dropped_quotes(draft: PostDraft, earlier: EarlierQuotes) -> tuple[int, ...]:
    """The ids of the quotes of the version before that are gone, or have other words or another source."""
    kept = {quote.id for quote in draft.quotes}
    return tuple(quote.id for quote in earlier.quotes if quote.id not in kept)
