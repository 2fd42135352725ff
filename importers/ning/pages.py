"""A folder of saved Ning pages, read like an archive: the discussions they show, and who has written in them."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from importers.ning import fields as fields
from importers.ning.archive import (
    NO_DATE,
    UNTITLED,
    Archive,
    Finding,
    NingComment,
    NingDiscussion,
    NingMember,
    Report,
    is_archive,
    read_archive,
)
from importers.ning.decoding import TextFile
from importers.ning.page import NingPage, PageReply, parents, read_page
from importers.ning.tolerant_json import TextPosition

SUFFIXES = (".html", ".htm")


def read_archives(path: Path) -> "list[Archive | PageArchive]":
    """What a path names: a page, or a folder of pages, of an archive, or of both.

    The pages come first, since they know the tree; of what they hold, an archive adds nothing. Raises
    ArchiveNotFoundError where there is neither.
    """
    here = sorted(path.iterdir()) if path.is_dir() else [path]
    pages = [each for each in here if each.suffix.lower() in SUFFIXES and each.is_file()]
    if pages and not (path.is_dir() and is_archive(path)):
        return [PageArchive(pages)]
    return [*([PageArchive(pages)] if pages else []), read_archive(path)]


class PageArchive:
    """Discussions by their pages. All pages are read at once: a forum's pages are few beside its archive."""

    def __init__(self, files: Sequence[Path]) -> None:
        self.size_bytes = sum(file.stat().st_size for file in files)
        """How much there is to read."""
        self.read_bytes = 0
        """How much was read so far, for a progress bar."""
        self._files = files
        self._topics: dict[str, list[tuple[Path, NingPage]]] | None = None

    def members(self, report: Report) -> Iterator[NingMember]:
        """Everybody who has written something on a page, by the names that stand there."""
        names: dict[str, str] = {}
        for pages in self._read(report).values():
            for _, page in pages:
                written_by = [(page.author_key, page.author_name)]
                written_by += [(reply.author_key, reply.author_name) for reply in page.replies]
                for key, name in written_by:
                    if key:
                        names.setdefault(key, fields.one_line(name))
        for key, name in names.items():
            yield NingMember(key, name or key, None, None, "", "active", None, {})

    def discussions(self, report: Report) -> Iterator[NingDiscussion]:
        """The discussions; each thing that could not be read goes to `report`."""
        for topic, pages in self._read(report).items():
            yield _discussion(topic, sorted(pages, key=lambda each: each[1].number), report)

    def _read(self, report: Report) -> dict[str, list[tuple[Path, NingPage]]]:
        if self._topics is None:
            self._topics = {}
            for file in self._files:
                with TextFile(file) as opened:
                    html = "".join(iter(opened.read, ""))
                self.read_bytes += file.stat().st_size
                page = read_page(html)
                if page is None:
                    report(Finding(file.name, TextPosition(1, 1), "No discussion is on this page, so it was left out."))
                    continue
                self._topics.setdefault(_topic(page, file, report), []).append((file, page))
        return self._topics


def _topic(page: NingPage, file: Path, report: Report) -> str:
    """The id of the discussion of a page; one made of its name where it has none, the same for all its pages."""
    if page.topic:
        return page.topic
    network = next((reply.id.partition(":")[0] for reply in page.replies if reply.id), "0")
    made = f"{network}:Topic:{_number(page.slug or page.title)}"
    message = f"The page names no id of its discussion, which is called {made} therefore."
    report(Finding(file.name, TextPosition(1, 1), message))
    return made


def _number(*parts: str) -> int:
    return int.from_bytes(hashlib.sha256("\0".join(parts).encode()).digest()[:6], "big")


def _discussion(topic: str, pages: list[tuple[Path, NingPage]], report: Report) -> NingDiscussion:
    file, first = pages[0]
    replies = [(path, reply) for path, page in pages for reply in page.replies]
    for at, (path, reply) in enumerate(replies):
        if not reply.id:
            reply.id = f"{topic.partition(':')[0]}:Comment:{_number(topic, str(at), reply.author_key, reply.byline)}"
            _tell(report, path, reply, f"The reply has no id, and is called {reply.id} therefore.")
    # A reply that was written while the pages were fetched has moved others on to a page where they stand again.
    once = {reply.id: (path, reply) for path, reply in reversed(replies)}
    replies = [(path, reply) for path, reply in replies if once[reply.id][1] is reply]
    answers: dict[str, str | None] = {}
    for (path, reply), (name, answered, fits) in zip(
        replies, parents((reply.id, reply.depth) for _, reply in replies), strict=True
    ):
        answers[name] = answered
        if not fits:
            _tell(report, path, reply, f"The reply is marked i{reply.depth}, deeper than what is above it allows.")
    created = first.created_at or next((written for _, reply in replies if (written := reply.created_at)), None)
    if first.created_at is None:
        message = "When the discussion was started can't be read; its first reply's date is taken."
        report(Finding(file.name, TextPosition(1, 1), message, topic))
    comments = _comments(replies, answers, created or NO_DATE, report)
    title = fields.one_line(first.title) or fields.first_words(first.body_html) or UNTITLED
    return NingDiscussion(
        id=topic,
        title=title,
        body_html=first.body_html,
        author_key=first.author_key or None,
        created_at=created or NO_DATE,
        updated_at=max([comment.created_at for comment in comments], default=created or NO_DATE),
        category=fields.one_line(first.category or "") or None,
        group_id=None,
        attachments=(),
        comments=tuple(comments),
        # Without threads all of them are marked i0, and the tree is in the quotes as in an archive.
        is_threaded=any(reply.depth for _, reply in replies),
    )


def _comments(
    replies: list[tuple[Path, PageReply]], answers: dict[str, str | None], created: datetime, report: Report
) -> list[NingComment]:
    """The replies, oldest first, none before what it answers."""
    moments: dict[str, datetime] = {}
    before = created
    comments = []
    for path, reply in replies:
        written = reply.created_at
        if written is None:
            _tell(report, path, reply, "When the reply was written can't be read; the date of one before it is taken.")
        answered = answers[reply.id]
        before = max(written or before, moments[answered] if answered else created)
        moments[reply.id] = before
        comments.append(
            NingComment(
                id=reply.id,
                author_key=reply.author_key or None,
                body_html=reply.body_html,
                created_at=before,
                attachments=(),
                answers=answered,
                is_deleted=reply.is_deleted,
            )
        )
    # Sorting keeps the order of reading among equals, where answers come after what they answer.
    return sorted(comments, key=lambda comment: comment.created_at)


def _tell(report: Report, file: Path, reply: PageReply, message: str) -> None:
    report(Finding(file.name, TextPosition(reply.line, 1), message, reply.id or None))
