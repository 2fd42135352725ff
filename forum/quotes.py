"""Quotes: whether their sources still say so, and the notification of quoting posts when a source changed."""

from collections.abc import Awaitable, Sequence
from functools import lru_cache, partial

import db.quotes
from db.database import Database, Event, Transaction
from db.kinds import EventKind, QuoteStatus
from db.quotes import SourceRow
from db.rows import QuoteRow
from text import markdown, normal, workers


@lru_cache(maxsize=256)
def _own_words(_post_id: int, _version: int, body: str) -> str:
    return normal.normalised(markdown.read(body).own_text)


_said: dict[tuple[int, int, int, int], bool] = {}
"""Recent results: a post, its version and the hashes of body and words → whether it says them."""
MAX_SAID = 10_000


def says(post_id: int, version: int, body: str, words: str) -> bool:
    """Whether a version of a post says these words itself: words that it only quotes are another post's.

    It parses the body, which takes a while: call it in `text.workers`.
    """
    key = (post_id, version, hash(body), hash(words))
    found = _said.get(key)
    if found is None:
        if len(_said) >= MAX_SAID:
            _said.clear()
        found = _said[key] = normal.contains(_own_words(post_id, version, body), words)
    return found


def status(quote: QuoteRow) -> QuoteStatus:
    """The status of a quote. Its words are compared with the source's if the versions differ."""
    if quote.source_id is None:
        return QuoteStatus.UNRESOLVED
    if quote.source_deleted_at is not None:
        return QuoteStatus.SOURCE_DELETED
    if quote.changed_body is None:
        return QuoteStatus.VERBATIM if quote.verbatim else QuoteStatus.ALTERED
    assert quote.current_version is not None
    if says(quote.source_id, quote.current_version, quote.changed_body, quote.own_text):
        return QuoteStatus.VERBATIM
    return QuoteStatus.SOURCE_EDITED if quote.verbatim else QuoteStatus.ALTERED


def statuses(quotes: Sequence[QuoteRow]) -> Sequence[QuoteStatus] | Awaitable[Sequence[QuoteStatus]]:
    """The status of each quote. If bodies have to be parsed for it, that leaves the event loop."""

    def found() -> list[QuoteStatus]:
        return [status(quote) for quote in quotes]

    return workers.run(found) if any(quote.changed_body is not None for quote in quotes) else found()


async def notify_of_changed_sources(database: Database) -> int:
    """Appends one QuoteStatusChanged for each quoting post of each source that was edited or deleted.

    Returns how many. One short transaction per discussion, so no write ever holds two heads. It may stop anywhere and
    run again, also in several processes at once: what is due is `notified_version < version`, and a source is settled
    only at the version that was notified.
    """
    notified = 0
    while sources := await database.rows(db.quotes.pending_sources):
        for source in sources:
            due = await database.rows(db.quotes.to_notify, source=source.post_id)
            for discussion_id in dict.fromkeys(row.discussion_id for row in due):
                notify = partial(_notify_discussion, discussion_id=discussion_id, source_id=source.post_id)
                notified += await database.write(notify)
            await database.write(partial(_settle, source=source))
    return notified


async def _settle(tx: Transaction, *, source: SourceRow) -> None:
    await tx.run(db.quotes.settle_source, source=source.post_id, version=source.version)


async def _notify_discussion(tx: Transaction, *, discussion_id: int, source_id: int) -> int:
    await tx.lock_discussion(discussion_id)
    due = await tx.rows(db.quotes.to_notify_in_discussion, source=source_id, discussion=discussion_id)
    await tx.lock_discussion(discussion_id, events=len(due))
    await tx.run(db.quotes.set_notified, ids=[row.post_id for row in due], source=source_id)
    for row in due:
        tx.append(Event(EventKind.QUOTE_STATUS_CHANGED, row.post_id, row.post_version, None))
    return len(due)
