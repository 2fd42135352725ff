"""Finds the files of a Ning archive and reads its members and discussions. Uses no database."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from importers.ning import fields as fields
from importers.ning.decoding import TextFile
from importers.ning.tolerant_json import DamagedObject, Problem, Record, TextPosition, read_records
from text import legacy

UNTITLED: Final = "Untitled"
NO_DATE: Final = datetime(1970, 1, 1, tzinfo=UTC)

_DISCUSSION_MARK = ":Topic:"


@dataclass(frozen=True, slots=True)
class NingMember:
    """A member of the network."""

    key: str
    """The key that posts name their author by."""
    name: str
    email: str | None
    created_at: datetime | None
    """None if the archive has no readable date."""
    level: str
    """"owner", "admin", "moderator", …, or "" for everyone else."""
    state: str
    """"active", "suspended", "left", "pending"."""
    photo: str | None
    """A path in the archive's folder."""
    questions: Mapping[str, str]
    """The answers of the profile by question."""


@dataclass(frozen=True, slots=True)
class NingComment:
    """A reply in a discussion."""

    id: str
    author_key: str | None
    body_html: str
    created_at: datetime
    attachments: tuple[str, ...]
    """Paths in the archive's folder, or addresses."""
    answers: str | None = None
    """The id of the comment it answers, if the archive says so: see `is_threaded`."""
    is_deleted: bool = False
    """Whether it was deleted on Ning."""


@dataclass(frozen=True, slots=True)
class NingDiscussion:
    """A discussion with all its comments."""

    id: str
    title: str
    """Plain text on one line, never empty."""
    body_html: str
    author_key: str | None
    """None if the archive does not say. The author may be missing among the members."""
    created_at: datetime
    updated_at: datetime
    category: str | None
    group_id: str | None
    attachments: tuple[str, ...]
    comments: tuple[NingComment, ...]
    """Oldest first."""
    is_threaded: bool = False
    """Whether `answers` of the comments gives the tree; otherwise only their quotes do."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem in an archive, and where it is."""

    file: str
    place: TextPosition
    message: str
    identifier: str | None = None
    """The id of the post or member it is in, if known."""

    def __str__(self) -> str:
        subject = f" ({self.identifier})" if self.identifier else ""
        return f"{self.file}, {self.place}{subject}: {self.message}"


Report = Callable[[Finding], None]


class ArchiveNotFoundError(Exception):
    """Raised for a folder without a Ning archive. The message names the expected files."""


def is_archive(folder: Path) -> bool:
    """Whether the folder has a file of discussions."""
    return _file(folder, "discussions") is not None


def read_archive(folder: Path) -> "Archive":
    """Returns the archive in a folder. Raises ArchiveNotFoundError if it has no file of discussions."""
    if not folder.is_dir():
        raise ArchiveNotFoundError(
            f"{folder} is neither a folder nor a page (.html). A Ning archive is the folder that Ning's export made."
        )
    discussions = _file(folder, "discussions")
    if discussions is None:
        wanted = " or ".join(_names("discussions"))
        raise ArchiveNotFoundError(f"No {wanted}, and no page (.html), in {folder}.")
    return Archive(folder, _file(folder, "members"), discussions)


def _names(subject: str) -> tuple[str, str]:
    return f"ning-{subject}-local.json", f"ning-{subject}.json"


def _file(folder: Path, subject: str) -> Path | None:
    # Some systems change the case of names when they unpack an archive.
    files = {path.name.lower(): path for path in sorted(folder.iterdir(), reverse=True) if path.is_file()}
    return next((files[name] for name in _names(subject) if name in files), None)


class Archive:
    """A Ning archive of any size: reading it keeps one record in memory at a time."""

    def __init__(self, folder: Path, members_file: Path | None, discussions_file: Path) -> None:
        self.folder = folder
        self.members_file = members_file
        """None if the archive has none: then all authors are missing."""
        self.discussions_file = discussions_file
        self._bytes_before = 0
        self._open: TextFile | None = None

    @property
    def size_bytes(self) -> int:
        """The size of all files that members() and discussions() read."""
        return sum(path.stat().st_size for path in (self.members_file, self.discussions_file) if path)

    @property
    def read_bytes(self) -> int:
        """How many of these bytes were read so far, for a progress bar."""
        return self._bytes_before + (self._open.read_bytes if self._open else 0)

    def members(self, report: Report) -> Iterator[NingMember]:
        """Yields the members in the file's order. Calls `report` for each problem."""
        if self.members_file is None:
            return
        with self._records(self.members_file, report) as records:
            for record, warn in records:
                if member := _member(record.value, warn):
                    yield member

    def discussions(self, report: Report) -> Iterator[NingDiscussion]:
        """Yields the discussions in the file's order, newest first. Calls `report` for each problem.

        A comment without a readable id or text is left out. An unreadable date is taken from a neighbour. An id that
        came before is reported: the import takes it for the same post.
        """
        with self._records(self.discussions_file, report) as records:
            newer = NO_DATE
            ids: set[str] = set()
            for record, warn in records:
                for value in _apart(record.value):
                    if discussion := _discussion(value, newer, warn):
                        newer = discussion.created_at
                        if discussion.id in ids:
                            warn(
                                "A discussion with this id came before. Only its comments are imported.", discussion.id
                            )
                        ids.add(discussion.id)
                        for comment in discussion.comments:
                            if comment.id in ids:
                                warn("A comment with this id came before. This one is not imported.", comment.id)
                            ids.add(comment.id)
                        yield discussion

    @contextmanager
    def _records(self, path: Path, report: Report) -> Iterator[Iterator[tuple[Record, "_Warn"]]]:
        with TextFile(path) as file:
            self._open = file
            try:
                yield _read(file, path.name, report)
            finally:
                self._bytes_before, self._open = self.read_bytes, None


@dataclass(frozen=True, slots=True)
class _Warn:
    """Reports problems in one record."""

    file: str
    place: TextPosition
    report: Report

    def __call__(self, message: str, identifier: str | None) -> None:
        self.report(Finding(self.file, self.place, message, identifier))


def _read(file: TextFile, name: str, report: Report) -> Iterator[tuple[Record, _Warn]]:
    for found in read_records(file):
        problems = (found,) if isinstance(found, Problem) else found.problems
        for problem in problems:
            report(Finding(name, problem.place, problem.message, problem.identifier))
        if isinstance(found, Record):
            yield found, _Warn(name, found.place, report)


def _member(value: dict[str, Any], warn: _Warn) -> NingMember | None:
    key = fields.text(value.get("contributorName"))
    if not key:
        warn("A member without contributorName was left out.", None)
        return None
    questions = value.get("profileQuestions")
    answers = questions.items() if isinstance(questions, dict) else ()
    return NingMember(
        key=key,
        name=fields.one_line(fields.text(value.get("fullName"))) or key,
        email=fields.text(value.get("email")) or None,
        created_at=fields.date(value, "createdDate", key, warn),
        level=fields.text(value.get("level")).lower(),
        state=fields.text(value.get("state")).lower(),
        photo=fields.path(value.get("profilePhoto")),
        questions={str(question): fields.text(answer) for question, answer in answers},
    )


def _apart(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yields a discussion, and those read as its comments because brackets between them are missing."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        comments = list(_flat(value.get("comments")))
        waiting += [each for each in reversed(comments) if isinstance(each, dict) and _is_discussion(each)]
        value["comments"] = [each for each in comments if not (isinstance(each, dict) and _is_discussion(each))]
        yield value


def _is_discussion(value: dict[str, Any]) -> bool:
    return _DISCUSSION_MARK in fields.text(value.get("id")) or "comments" in value


def _discussion(value: dict[str, Any], newer: datetime, warn: _Warn) -> NingDiscussion | None:
    comments = value["comments"]
    key = _id(value)
    if not key or ":Comment:" in key:
        kind = f"A discussion without id and its {len(comments)} comments were" if not key else "A lone comment was"
        warn(f"{kind} left out.", key or None)
        return None
    created = fields.date(value, "createdDate", key, warn)
    read = [found for comment in comments if (found := _comment(comment, key, warn))]
    dates = [date for _, date in read if date]
    created_at = created or min(dates, default=None) or fields.date(value, "updatedDate", key, None) or newer
    placed = _oldest_first(read, created_at)
    body = fields.text(value.get("description"))
    category = fields.one_line(fields.text(value.get("category")))
    return NingDiscussion(
        id=key,
        title=fields.one_line(fields.text(value.get("title"))) or fields.first_words(body) or UNTITLED,
        body_html=body,
        author_key=fields.text(value.get("contributorName")) or None,
        created_at=created_at,
        updated_at=fields.date(value, "updatedDate", key, warn if value.get("updatedDate") else None)
        or max([created_at, *dates]),
        category=None if category.lower() in ("", "uncategorized") else category,
        group_id=fields.text(value.get("groupId")) or None,
        attachments=fields.paths(value.get("fileAttachments")),
        comments=tuple(placed),
    )


def _flat(comments: object) -> Iterator[object]:
    """Yields comments from a list, nested lists, or a single comment."""
    waiting = [comments]
    while waiting:
        each = waiting.pop()
        if isinstance(each, list):
            waiting += reversed(each)
        elif each not in (None, "", {}):
            yield each


def _comment(value: object, discussion: str, warn: _Warn) -> tuple[dict[str, Any], datetime | None] | None:
    if not isinstance(value, dict):
        warn(f"A comment that is no object was left out: {str(value)[:40]!r}.", discussion)
        return None
    key = _id(value)
    if not key:
        warn("A comment without id was left out.", discussion)
        return None
    if isinstance(value, DamagedObject) and "description" not in value:
        warn("A comment whose text can't be read was left out.", key)
        return None
    return value, fields.date(value, "createdDate", key, warn)


def _oldest_first(read: list[tuple[dict[str, Any], datetime | None]], created_at: datetime) -> list[NingComment]:
    # The file has the newest first; of equal dates too.
    older = created_at
    placed = []
    for value, date in reversed(read):
        older = date or older
        placed.append(
            NingComment(
                id=_id(value),
                author_key=fields.text(value.get("contributorName")) or None,
                body_html=fields.text(value.get("description")),
                created_at=older,
                attachments=fields.paths(value.get("fileAttachments")),
            )
        )
    return sorted(placed, key=lambda comment: comment.created_at)


def _id(value: dict[str, Any]) -> str:
    written = fields.text(value.get("id"))
    return legacy.legacy_key(written) or written
