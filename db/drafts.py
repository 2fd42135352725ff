"""What a post is before it is written: checked, rendered, its quotes tied to their sources, its mentions to people.

All that is slow happens here, before the transaction that holds a discussion's lock.
"""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from db import posts, quotes, revisions, users
from db.database import Database
from db.failures import (
    BodyEmpty,
    BodyTooLong,
    InvalidText,
    QuoteSourceNotFound,
    Refused,
    TitleEmpty,
    TitleTooLong,
    TooManyQuotes,
)
from db.posts import MentionDraft, PostDraft, QuoteDraft
from db.rows import PostRow, QuoteRow
from text import attribution, links, markdown, normal
from text.quotes import Blockquote

_QUOTE_ID_BITS = 52
_EVERY_SEQUENCE = 2**62


@dataclass(frozen=True, slots=True)
class QuoteRequest:
    """A quote the client names: words of the post `source_id`, at `source_version` or its present one."""

    source_id: int | None
    """None where the client's id names no post."""
    text: str
    source_version: int | None = None


@dataclass(frozen=True, slots=True)
class PostContext:
    """Where a post will stand, as far as its quotes are concerned."""

    discussion_id: int | None = None
    """None for a discussion that is yet to start: names are then looked up nowhere."""
    answers: int | None = None
    """The post it answers: a quote by name is looked for there first."""
    before: int = _EVERY_SEQUENCE
    """Its own sequence, where it has one: only earlier posts can be quoted by name."""
    host: str | None = None
    """The host of this Parley, whose links to posts name sources."""
    most_quotes: int | None = 20


@dataclass(frozen=True, slots=True)
class _Source:
    post: PostRow
    version: int
    verbatim: bool


def check_title(title: str, *, limit: int) -> str:
    """The title without blanks around it and with single ones inside. Raises TitleEmpty, TitleTooLong, InvalidText."""
    if invalid := normal.invalid(title):
        raise Refused(InvalidText(f"The title can't be kept: {invalid}", ("title",)))
    plain = " ".join(title.split())
    if not _visible(plain):
        raise Refused(TitleEmpty("A title needs at least one visible character.", ("title",)))
    if len(plain) > limit:
        raise Refused(
            TitleTooLong(
                f"The title has {len(plain)} characters; {limit} are allowed.",
                ("title",),
                limit=limit,
            )
        )
    return plain


def check_body(body: str, *, limit: int) -> None:
    """Raises BodyEmpty, BodyTooLong, InvalidText."""
    if len(body) > limit:
        raise Refused(
            BodyTooLong(
                f"The body has {len(body)} characters; {limit} are allowed.",
                ("body",),
                limit=limit,
            )
        )
    if invalid := normal.invalid(body):
        raise Refused(InvalidText(f"The body can't be kept: {invalid}", ("body",)))
    if not _visible(body):
        raise Refused(BodyEmpty("A body needs at least one visible character.", ("body",)))


def _visible(text: str) -> bool:
    return bool(normal.normalised(text).strip())


async def prepare(
    database: Database,
    body: str,
    setting: PostContext,
    *,
    limit: int | None,
    requests: Sequence[QuoteRequest] = (),
    known: Mapping[int, int] | None = None,
    existing: Sequence[QuoteRow] = (),
    keep_source_links: bool = True,
    created_at: datetime | None = None,
    legacy_id: str | None = None,
) -> PostDraft:
    """A post ready to be written.

    `requests` are tied to blockquotes of the body by normalised text; one that fits none is put before the body under
    its attribution. `known` gives the source post by the place of its blockquote (an importer knows it exactly).
    `existing` are the quotes of the version before: those still there keep their ids and, with `keep_ties`, their
    sources. `limit` is the most characters the body may have, None for an import, which loses nothing.

    Raises Refused: BodyEmpty, BodyTooLong, InvalidText, QuoteSourceNotFound, TooManyQuotes.
    """
    if limit is not None:
        check_body(body, limit=limit)
        _check_sum(body, requests, limit=limit)
    if setting.most_quotes is not None and len(requests) > setting.most_quotes:
        raise Refused(_too_many(len(requests), setting.most_quotes, "quotes"))
    texts = [await _plain(request.text, at) for at, request in enumerate(requests)]
    sources = await _requested(database, requests)
    document = await _read(body)
    tied = _tie(document, texts)
    if missing := [at for at in range(len(requests)) if at not in tied.values()]:
        names = await _author_names(database, [sources[at] for at in missing])
        words = [attribution.attribute(names[sources[at].post_id], texts[at]) for at in missing]
        body = "\n\n".join([*words, body])
        if limit is not None:
            check_body(body, limit=limit)
        document = await _read(body)
        # What was put before the body is one blockquote each; those of the body have moved on.
        tied = {index + len(missing): at for index, at in tied.items()} | dict(enumerate(missing))
    said = sum(block.attribution is not None or block.index in tied for block in document.blockquotes)
    if setting.most_quotes is not None and said > setting.most_quotes:
        raise Refused(_too_many(said, setting.most_quotes, "body"))
    finder = _Finder(database, setting)
    drafts: dict[int, QuoteDraft] = {}
    left = list(existing)
    for block in document.blockquotes:
        source: _Source | None = None
        keeps = quotes.kept(left, block.own_text, block.attribution.name if block.attribution else "")
        if keeps is not None:
            left.remove(keeps)
        if block.index in tied:
            at = tied[block.index]
            source = await finder.version_of(sources[at], block, wanted=requests[at].source_version)
        elif known and block.index in known:
            found = await database.row(posts.by_ids, ids=[known[block.index]])
            source = await finder.version_of(found, block) if found else await finder.by_attribution(block)
        elif keep_source_links and keeps is not None and keeps.source_id is not None:
            source = await finder.previous_source(keeps)
        elif block.attribution is not None:
            source = await finder.by_attribution(block)
        if source is None and block.attribution is None:
            continue
        named = await finder.named(block) if source is None else None
        drafts[block.index] = _draft(document, block, source, drafts, keeps, attributed_id=named)
    # Those kept from the version before, which nothing in the text names, count as well.
    if setting.most_quotes is not None and len(drafts) > setting.most_quotes:
        raise Refused(_too_many(len(drafts), setting.most_quotes, "body"))
    return PostDraft(
        body=body,
        html=document.html({index: f"Q_{draft.id}" for index, draft in drafts.items()}),
        text=document.text,
        quotes=tuple(drafts.values()),
        mentions=await _mentions(database, document),
        created_at=created_at,
        legacy_id=legacy_id,
    )


def _too_many(held: int, most: int, where: str) -> TooManyQuotes:
    return TooManyQuotes(f"There are {held} quotes; {most} are allowed.", (where,), limit=most)


def _check_sum(body: str, requests: Sequence[QuoteRequest], *, limit: int) -> None:
    """Raises BodyTooLong before anything is parsed, where the quotes to come would make the body too long anyway."""
    held = len(body)
    for at, request in enumerate(requests):
        held += len(request.text)
        # A quote that stands in the body already is counted twice, so up to that much may be fine.
        if len(request.text) > limit or held > 2 * limit:
            raise Refused(
                BodyTooLong(
                    f"The body and its quotes have over {limit} characters; {limit} are allowed.",
                    ("quotes", str(at), "text"),
                    limit=limit,
                )
            )


async def _read(body: str) -> markdown.Document:
    """Parses beside the event loop: a long body takes a while."""
    return await asyncio.to_thread(markdown.read, body)


async def _plain(text: str, at: int) -> str:
    """The words of a quote as plain text. Raises InvalidText where it has none."""
    invalid = normal.invalid(text)
    plain = "" if invalid else (await _read(text)).text
    if invalid or not _visible(plain):
        message = f"A quote needs words: {invalid or 'it has none'}"
        raise Refused(InvalidText(message, ("quotes", str(at), "text")))
    return plain


async def _requested(database: Database, requests: Sequence[QuoteRequest]) -> list[PostRow]:
    rows = await database.rows(posts.by_ids, ids=[r.source_id for r in requests if r.source_id]) if requests else []
    found = {row.post_id: row for row in rows if row.deleted_at is None}
    sources: list[PostRow] = []
    for at, request in enumerate(requests):
        source = found.get(request.source_id or 0)
        if source is None:
            raise Refused(
                QuoteSourceNotFound(
                    "The quoted post does not exist, or has been deleted.",
                    ("quotes", str(at), "source_id"),
                )
            )
        if request.source_version is not None and not 1 <= request.source_version <= source.version:
            raise Refused(
                QuoteSourceNotFound(
                    f"The quoted post has versions 1 to {source.version}, not {request.source_version}.",
                    ("quotes", str(at), "source_version"),
                )
            )
        sources.append(source)
    return sources


def _tie(document: markdown.Document, texts: Sequence[str]) -> dict[int, int]:
    """Which request each blockquote answers, by its index: the first that has the request's words and none yet."""
    tied: dict[int, int] = {}
    for at, text in enumerate(texts):
        words = normal.normalised(text)
        for block in document.blockquotes:
            if block.index not in tied and words in (
                normal.normalised(block.text),
                normal.normalised(block.own_text),
            ):
                tied[block.index] = at
                break
    return tied


async def _author_names(database: Database, sources: Sequence[PostRow]) -> dict[int, str]:
    """The name of each source's author, by post id."""
    ids = {source.author_id for source in sources if source.author_id is not None}
    # A name that is nothing but signs attributes nothing.
    names = {row.id: row.name for row in await database.rows(users.by_ids, ids=list(ids)) if row.name.strip("@ ")}
    return {source.post_id: names.get(source.author_id or 0, "?") for source in sources}


def _draft(
    document: markdown.Document,
    block: Blockquote,
    source: _Source | None,
    drafts: Mapping[int, QuoteDraft],
    keeps: QuoteRow | None,
    *,
    attributed_id: int | None,
) -> QuoteDraft:
    around = block.parent
    while around is not None and around not in drafts:
        around = document.blockquotes[around].parent
    parent = drafts[around] if around is not None else None
    same = keeps is not None and keeps.source_id == (source.post.post_id if source else None)
    taken = {draft.id for draft in drafts.values()}
    return QuoteDraft(
        id=keeps.id if keeps is not None and same and keeps.id not in taken else secrets.randbits(_QUOTE_ID_BITS) + 1,
        parent_id=parent.id if parent else None,
        ordinal=block.index,
        depth=parent.depth + 1 if parent else 0,
        source_id=source.post.post_id if source else None,
        source_version=source.version if source else None,
        attributed_name=block.attribution.name if block.attribution else "",
        html=block.html,
        text=block.text,
        own_text=block.own_text,
        verbatim=source.verbatim if source else False,
        notified_version=source.post.version if source else 0,
        attributed_id=attributed_id,
    )


class _Finder:
    """Finds the source of a blockquote, and the version of it that has the words."""

    def __init__(self, database: Database, setting: PostContext) -> None:
        self._database = database
        self._setting = setting
        self._written: dict[tuple[int, ...], list[PostRow]] = {}

    async def version_of(self, post: PostRow, block: Blockquote, *, wanted: int | None = None) -> _Source:
        """The version asked for; else the newest that says the words; else the present one, which does not."""
        words = block.own_text
        if wanted in (None, post.version) and quotes.says(post.post_id, post.version, post.body, words):
            return _Source(post, post.version, True)
        older = await self._database.rows(revisions.superseded, ids=[post.post_id]) if post.version > 1 else []
        for revision in sorted(older, key=lambda revision: -revision.version):
            if wanted in (None, revision.version) and quotes.says(post.post_id, revision.version, revision.body, words):
                return _Source(post, revision.version, True)
        return _Source(post, wanted or post.version, False)

    async def previous_source(self, quote: QuoteRow) -> _Source | None:
        """The source an unchanged quote already had."""
        assert quote.source_id is not None
        assert quote.source_version is not None
        row = await self._database.row(posts.by_ids, ids=[quote.source_id])
        return _Source(row, quote.source_version, quote.verbatim) if row else None

    async def _people(self, name: str) -> list[users.NamedRow]:
        return await self._database.rows(users.named, keys=[name.casefold(), normal.normalised(name)])

    async def named(self, block: Blockquote) -> int | None:
        """The one person whom an attribution names, whether or not they said it here."""
        people = await self._people(block.attribution.name) if block.attribution else []
        return people[0].id if len(people) == 1 else None

    async def _written_by(self, discussion_id: int, authors: tuple[int, ...]) -> list[PostRow]:
        """What these people wrote earlier here, read once: the post that is answered first, then the latest."""
        if authors not in self._written:
            found = await self._database.rows(
                quotes.candidates, discussion=discussion_id, authors=list(authors), before=self._setting.before
            )
            self._written[authors] = sorted(found, key=lambda post: post.post_id != self._setting.answers)
        return self._written[authors]

    async def by_attribution(self, block: Blockquote) -> _Source | None:
        """By the link of the attribution; else by its name: the latest earlier post of that person with the words."""
        said_by = block.attribution
        if said_by is None:
            return None
        if said_by.link is not None and (post := await self._linked(said_by.link)) is not None:
            return await self.version_of(post, block)
        if self._setting.discussion_id is None:
            return None
        people = await self._people(said_by.name)
        if not people:
            return None
        found = await self._written_by(self._setting.discussion_id, tuple(person.id for person in people))
        words = block.own_text
        if not normal.normalised(words):
            return None
        for post in found:
            if quotes.says(post.post_id, post.version, post.body, words):
                return _Source(post, post.version, True)
        edited = [post for post in found if post.version > 1]
        for post in edited:
            source = await self.version_of(post, block)
            if source.verbatim:
                return source
        return None

    async def _linked(self, link: str) -> PostRow | None:
        reference = links.post_reference(link)
        host = urlsplit(link).netloc
        if reference is None or (host and host != self._setting.host):
            return None
        discussion = reference.number if reference.number is not None else self._setting.discussion_id
        if discussion is None:
            return None
        if not reference.sequence:
            row = await self._database.row(posts.opening_posts, discussions=[discussion])
        else:
            place = await self._database.row(
                posts.places_by_sequence,
                discussions=[discussion],
                sequences=[reference.sequence],
            )
            row = await self._database.row(posts.by_ids, ids=[place.post_id]) if place else None
        return row if row is not None and row.deleted_at is None else None


async def _mentions(database: Database, document: markdown.Document) -> list[MentionDraft]:
    if not document.mentions:
        return []
    keys = {
        key
        for mention in document.mentions
        for candidate in mention.candidates
        for key in (candidate.name.casefold(), normal.normalised(candidate.name))
    }
    people: dict[str, int] = {}
    for person in reversed(await database.rows(users.named, keys=sorted(keys))):
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
