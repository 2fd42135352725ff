"""Quotes: whether their sources still say so, and the notification of quoting posts when a source changed."""

from collections.abc import Awaitable, Mapping, Sequence
from functools import lru_cache, partial

import db.posts
import db.quotes
from db.database import MAX_EVENTS, Database, Event, Transaction
from db.kinds import DiscussionChange, EventKind, QuoteStatus
from db.quotes import PendingSourceRow
from db.rows import FeedRow, QuoteRow
from db.snapshots import Reader
from forum import rules
from forum.projections import Projection, catch_up
from text import said, workers
from text.said import Comparison

MAX_OMISSIONS = 20
"""How many ellipses an abridged quote may have; one with more is altered."""
SMALL_CHARACTERS = 10_000
"""Texts of so many characters together are compared on the event loop; longer ones in a thread."""
SHORT_CHARACTERS = 4_000
KEPT_COMPARISONS = 4_096
"""How many results of comparing texts of at most SHORT_CHARACTERS together are kept."""
SOURCES_AT_ONCE = 20
"""How many changed sources are held in memory at a time."""

_SAID = (Comparison.VERBATIM.value, Comparison.ABRIDGED.value)
_STATUS_NOW = {
    Comparison.VERBATIM.value: QuoteStatus.VERBATIM,
    Comparison.ABRIDGED.value: QuoteStatus.ABRIDGED,
}


def compared(source: str, words: str) -> Comparison:
    """Whether a version says the words of a quote, both as `text.said` gives them."""
    is_short = len(source) + len(words) <= SHORT_CHARACTERS
    return _compared_before(source, words) if is_short else _compared(source, words)


def _compared(source: str, words: str) -> Comparison:
    comparison = said.compare(source, words)
    if comparison is Comparison.ABRIDGED and words.count("...") > MAX_OMISSIONS:
        return Comparison.NOT_SAID
    return comparison


_compared_before = lru_cache(KEPT_COMPARISONS)(_compared)
"""As `_compared`, with results kept: a page that is read again and again compares the same short texts."""


async def best_comparison(versions: Sequence[str], words: str) -> tuple[int, Comparison] | None:
    """The index of the first version that says the words, verbatim if any does, and how. None if none says them."""

    def best() -> tuple[int, Comparison] | None:
        abridged = None
        for index, version in enumerate(versions):
            comparison = compared(version, words)
            if comparison is Comparison.VERBATIM:
                return index, comparison
            if comparison is Comparison.ABRIDGED and abridged is None:
                abridged = index, comparison
        return abridged

    is_small = sum(map(len, versions)) + len(words) <= SMALL_CHARACTERS
    return best() if is_small else await workers.run(best)


def known_status(quote: QuoteRow) -> QuoteStatus | None:
    """The status of a quote whose source need not be read; None if its words have to be compared with the source."""
    if quote.source_id is None:
        return QuoteStatus.UNRESOLVED
    if quote.source_deleted_at is not None:
        return QuoteStatus.SOURCE_DELETED
    if quote.current_version == quote.source_version:
        return _STATUS_NOW.get(quote.comparison, QuoteStatus.ALTERED)
    return None


def status_in(quote: QuoteRow, source: str | None) -> QuoteStatus:
    """The status of a quote whose source has changed and says this now; None if that is not known yet."""
    # Who said it is judged once, by the names that people had then.
    if quote.comparison == Comparison.MISATTRIBUTED.value:
        return QuoteStatus.ALTERED
    if source is not None and quote.said is not None:
        comparison = compared(source, quote.said)
        if comparison is not Comparison.NOT_SAID:
            return _STATUS_NOW[comparison.value]
    return QuoteStatus.SOURCE_EDITED if quote.comparison in _SAID else QuoteStatus.ALTERED


def statuses(database: Reader, quotes: Sequence[QuoteRow]) -> Sequence[QuoteStatus] | Awaitable[Sequence[QuoteStatus]]:
    """The status of each quote. Only sources that have changed are looked at, and nothing is parsed."""
    known = list(map(known_status, quotes))
    return _completed(database, quotes, known) if None in known else known  # type: ignore[return-value]


async def statuses_now(database: Reader, quotes: Sequence[QuoteRow]) -> Sequence[QuoteStatus]:
    """As `statuses`."""
    return await _completed(database, quotes, list(map(known_status, quotes)))


async def _completed(
    database: Reader, quotes: Sequence[QuoteRow], known: Sequence[QuoteStatus | None]
) -> Sequence[QuoteStatus]:
    """The statuses, where only some are known. Long sources are read a few at a time."""
    changed = [quote for quote, status in zip(quotes, known, strict=True) if status is None]
    found = await _statuses_in(
        changed, {quote.source_id: quote.changed_said for quote in changed if quote.changed_said}
    )
    unread = sorted({quote.source_id or 0 for quote in changed if quote.id not in found})
    for begin in range(0, len(unread), SOURCES_AT_ONCE):
        rows = await database.rows(db.posts.said, ids=unread[begin : begin + SOURCES_AT_ONCE])
        found |= await _statuses_in(changed, {row.post_id: row.said for row in rows})
    return [
        status or found.get(quote.id) or status_in(quote, None) for quote, status in zip(quotes, known, strict=True)
    ]


async def _statuses_in(quotes: Sequence[QuoteRow], sources: Mapping[int | None, str | None]) -> dict[int, QuoteStatus]:
    """The statuses of the quotes of these sources by the quotes' ids, from what the sources say now."""
    texts = {(quote.source_id, quote.said, quote.comparison): quote for quote in quotes if quote.source_id in sources}
    characters = sum(len(sources[source] or "") + len(words or "") for source, words, _ in texts)

    def compare() -> dict[int, QuoteStatus]:
        status = {text: status_in(quote, sources[quote.source_id]) for text, quote in texts.items()}
        return {
            quote.id: status[quote.source_id, quote.said, quote.comparison]
            for quote in quotes
            if quote.source_id in sources
        }

    return compare() if characters <= SMALL_CHARACTERS else await workers.run(compare)


def omissions(quote: QuoteRow, status: QuoteStatus) -> list[tuple[int, int]]:
    """Where an abridged quote leaves words out: the ellipses, as start and length in UTF-16 units of its plain text."""
    was_abridged = quote.comparison == Comparison.ABRIDGED.value
    changed = status in (QuoteStatus.SOURCE_EDITED, QuoteStatus.SOURCE_DELETED)
    is_abridged = status is QuoteStatus.ABRIDGED or (changed and was_abridged)
    return said.omissions(quote.body_text)[:MAX_OMISSIONS] if is_abridged else []


_CHANGES_A_POST = frozenset(
    {EventKind.REPLY_EDITED, EventKind.REPLY_DELETED, EventKind.REPLY_RESTORED, EventKind.POST_CHANGED}
)
_CHANGES_ALL_POSTS = frozenset({DiscussionChange.DELETED, DiscussionChange.RESTORED})
_CHANGES_NO_POST = frozenset({DiscussionChange.LOCK, DiscussionChange.PIN, DiscussionChange.RENDERED})


async def _note_changed_sources(tx: Transaction, items: Sequence[FeedRow]) -> None:
    """Notes which quoted posts have changed, as the log says.

    All quotes that were there when a source changed are seen here, since the log is read after it. Who quotes it later
    reads what it says by then.
    """
    changed_posts, changed_discussions = [], []
    for item in items:
        changes = set(item.changes) if item.kind == EventKind.DISCUSSION_UPDATED else set()
        if changes & _CHANGES_ALL_POSTS:
            changed_discussions.append(item.discussion_id)
        elif item.kind in _CHANGES_A_POST or changes - _CHANGES_NO_POST:
            changed_posts.append(item.post_id)
    if changed_posts:
        await tx.run(db.quotes.add_pending, ids=changed_posts)
    if changed_discussions:
        await tx.run(db.quotes.add_pending_of_discussions, discussions=changed_discussions)


QUOTE_NOTICES = Projection("quote-notices", _note_changed_sources, db.feed.feed)
"""Which sources have quoting posts to notify."""


async def notify_of_changed_sources(database: Database) -> int:
    """Appends one QuoteStatusChanged for each quoting post of each source that was edited, deleted or restored.

    Returns how many. One short transaction per discussion, so no write ever holds two heads. It may stop anywhere and
    run again, also in several processes at once: what is due is `notified_version < version`, and a source is settled
    only at the version that was notified.
    """
    await catch_up(database, QUOTE_NOTICES)
    notified = 0
    while sources := await database.rows(db.quotes.pending_sources):
        for source in sources:
            due = await database.rows(db.quotes.to_notify, source=source.post_id)
            for discussion_id in dict.fromkeys(row.discussion_id for row in due):
                notify = partial(_notify_discussion, discussion_id=discussion_id, source_id=source.post_id)
                while (told := await database.write(notify)) > 0:
                    notified += told
        await database.write(partial(_settle, sources=sources))
    return notified


async def _settle(tx: Transaction, *, sources: Sequence[PendingSourceRow]) -> None:
    await tx.run_many(db.quotes.settle_source, [{"source": row.post_id, "version": row.version} for row in sources])


async def _notify_discussion(tx: Transaction, *, discussion_id: int, source_id: int) -> int:
    await tx.lock_log(discussion_id)
    due = await tx.rows(db.quotes.to_notify_in_discussion, source=source_id, discussion=discussion_id, limit=MAX_EVENTS)
    await tx.lock_log(discussion_id, events=len(due))
    ids = [row.post_id for row in due]
    concerned = await rules.concerns(tx, ids)
    await tx.run(db.quotes.set_notified, ids=ids, source=source_id)
    for row in due:
        about = concerned[row.post_id]
        tx.append(Event(EventKind.QUOTE_STATUS_CHANGED, row.post_id, row.post_version, None, **about))
    return len(due)
