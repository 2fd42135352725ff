"""Reads a folder of saved Ning pages like an archive: discussions and their authors."""

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
    """Returns what a path contains: a page, or a folder with pages, an archive, or both.

    Pages come first, since they have the tree; a discussion that is in both is imported from its pages. Raises
    ArchiveNotFoundError if there is neither.
    """
    here = sorted(path.iterdir()) if path.is_dir() else [path]
    pages = [each for each in here if each.suffix.lower() in SUFFIXES and each.is_file()]
    if pages and not (path.is_dir() and is_archive(path)):
        return [PageArchive(pages)]
    return [*([PageArchive(pages)] if pages else []), read_archive(path)]


class PageArchive:
    """Discussions read from their pages. Keeps all pages in memory."""

    def __init__(self, files: Sequence[Path]) -> None:
        self.size_bytes = sum(file.stat().st_size for file in files)
        """The size of all pages."""
        self.read_bytes = 0
        """How many of these bytes were read so far, for a progress bar."""
        self._files = files
        self._topics: dict[str, list[tuple[Path, NingPage]]] | None = None

    def members(self, report: Report) -> Iterator[NingMember]:
        """Yields the authors of all posts, with the names on the pages."""
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
        """Yields the discussions. Calls `report` for each problem."""
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
                    report(Finding(file.name, TextPosition(1, 1), "The page shows no discussion and was left out."))
                    continue
                self._topics.setdefault(_topic(page, file, report), []).append((file, page))
        return self._topics


def _topic(page: NingPage, file: Path, report: Report) -> str:
    """Returns the id of a page's discussion, or one made from its name, the same for all its pages."""
    if page.topic:
        return page.topic
    network = next((reply.id.partition(":")[0] for reply in page.replies if reply.id), "0")
    made = f"{network}:Topic:{_number(page.slug or page.title)}"
    message = f"The page has no id of its discussion. It was given the id {made}."
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
            _warn(report, path, reply, f"The reply has no id. It was given the id {reply.id}.")
    # A reply written while the pages were fetched moved others to the next page, so they are on both.
    once = {reply.id: (path, reply) for path, reply in reversed(replies)}
    replies = [(path, reply) for path, reply in replies if once[reply.id][1] is reply]
    answers: dict[str, str | None] = {}
    for (path, reply), (name, answered, fits) in zip(
        replies, parents((reply.id, reply.depth) for _, reply in replies), strict=True
    ):
        answers[name] = answered
        if not fits:
            _warn(
                report,
                path,
                reply,
                f"The reply is marked i{reply.depth}, more than one level below the reply above it.",
            )
    created = first.created_at or next((written for _, reply in replies if (written := reply.created_at)), None)
    if first.created_at is None:
        message = "The discussion's date can't be read. Its first reply's date is used."
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
        # A forum without threads marks all replies i0. The tree is in the quotes then, as in an archive.
        is_threaded=any(reply.depth for _, reply in replies),
    )


def _comments(
    replies: list[tuple[Path, PageReply]], answers: dict[str, str | None], created: datetime, report: Report
) -> list[NingComment]:
    """Returns the replies, oldest first, each after the reply it answers."""
    moments: dict[str, datetime] = {}
    before = created
    comments = []
    for path, reply in replies:
        written = reply.created_at
        if written is None:
            _warn(report, path, reply, "The reply's date can't be read. An earlier reply's date is used.")
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
    # The sort is stable: of equal dates, a reply stays after the one it answers.
    return sorted(comments, key=lambda comment: comment.created_at)


def _warn(report: Report, file: Path, reply: PageReply, message: str) -> None:
    report(Finding(file.name, TextPosition(reply.line, 1), message, reply.id or None))
