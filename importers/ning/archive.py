"""Finds the files of a Ning archive and reads its members and discussions; knows no database."""

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
    """A person of the network."""

    key: str
    """What posts name their author by."""
    name: str
    email: str | None
    created_at: datetime | None
    """None where the archive gives no date that can be read."""
    level: str
    """"owner", "admin", "moderator", …, or "" for everyone else."""
    state: str
    """"active", "suspended", "left", "pending"."""
    photo: str | None
    """A path in the archive's folder."""
    questions: Mapping[str, str]
    """What the profile says: question → answer."""


@dataclass(frozen=True, slots=True)
class NingComment:
    """An answer in a discussion."""

    id: str
    author_key: str | None
    body_html: str
    created_at: datetime
    attachments: tuple[str, ...]
    """Paths in the archive's folder, or addresses."""
    answers: str | None = None
    """The id of the comment it answers, where that is told by more than its quotes: see `is_threaded`."""
    is_deleted: bool = False
    """Whether there is only left that there was one."""


@dataclass(frozen=True, slots=True)
class NingDiscussion:
    """A discussion with all its comments."""

    id: str
    title: str
    """Plain text on one line, never empty."""
    body_html: str
    author_key: str | None
    """None where the archive does not say. An author may be missing among the members."""
    created_at: datetime
    updated_at: datetime
    category: str | None
    group_id: str | None
    attachments: tuple[str, ...]
    comments: tuple[NingComment, ...]
    """Oldest first."""
    is_threaded: bool = False
    """Whether `answers` of the comments tell the tree; otherwise it is in their quotes alone."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in an archive that could not be read as it is."""

    file: str
    place: TextPosition
    message: str
    identifier: str | None = None
    """The id of the post or member it was in, if that could be seen."""

    def __str__(self) -> str:
        subject = f" ({self.identifier})" if self.identifier else ""
        return f"{self.file}, {self.place}{subject}: {self.message}"


Report = Callable[[Finding], None]


class ArchiveNotFoundError(Exception):
    """A folder that holds no Ning archive. The message says what was looked for, and where."""


def is_archive(folder: Path) -> bool:
    """Whether a folder holds a file of discussions."""
    return _file(folder, "discussions") is not None


def read_archive(folder: Path) -> "Archive":
    """The archive in a folder. Raises ArchiveNotFoundError where there is no file of discussions."""
    if not folder.is_dir():
        raise ArchiveNotFoundError(
            f"{folder} is no folder and no page (.html). A Ning archive is the folder that Ning's export made."
        )
    discussions = _file(folder, "discussions")
    if discussions is None:
        wanted = " or ".join(_names("discussions"))
        raise ArchiveNotFoundError(f"No {wanted}, and no page (.html), in {folder}.")
    return Archive(folder, _file(folder, "members"), discussions)


def _names(subject: str) -> tuple[str, str]:
    return f"ning-{subject}-local.json", f"ning-{subject}.json"


def _file(folder: Path, subject: str) -> Path | None:
    # Archives were unpacked on systems that write names in other cases.
    files = {path.name.lower(): path for path in sorted(folder.iterdir(), reverse=True) if path.is_file()}
    return next((files[name] for name in _names(subject) if name in files), None)


class Archive:
    """A Ning archive. Reading it holds one record in memory at a time, so it may be of any size."""

    def __init__(self, folder: Path, members_file: Path | None, discussions_file: Path) -> None:
        self.folder = folder
        self.members_file = members_file
        """None where the archive has none: then all authors are missing."""
        self.discussions_file = discussions_file
        self._bytes_before = 0
        self._open: TextFile | None = None

    @property
    def size_bytes(self) -> int:
        """How much there is to read for members() and discussions() together."""
        return sum(path.stat().st_size for path in (self.members_file, self.discussions_file) if path)

    @property
    def read_bytes(self) -> int:
        """How much was read so far, each file once: for a progress bar."""
        return self._bytes_before + (self._open.read_bytes if self._open else 0)

    def members(self, report: Report) -> Iterator[NingMember]:
        """The members in the file's order; each thing that could not be read goes to `report`."""
        if self.members_file is None:
            return
        with self._records(self.members_file, report) as records:
            for record, tell in records:
                if member := _member(record.value, tell):
                    yield member

    def discussions(self, report: Report) -> Iterator[NingDiscussion]:
        """The discussions in the file's order, newest first; each thing that could not be read goes to `report`.

        A comment of which id or text can't be read is left out, a date that can't be read is taken from a neighbour.
        """
        with self._records(self.discussions_file, report) as records:
            newer = NO_DATE
            for record, tell in records:
                for value in _apart(record.value):
                    if discussion := _discussion(value, newer, tell):
                        newer = discussion.created_at
                        yield discussion

    @contextmanager
    def _records(self, path: Path, report: Report) -> Iterator[Iterator[tuple[Record, "_Tell"]]]:
        with TextFile(path) as file:
            self._open = file
            try:
                yield _told(file, path.name, report)
            finally:
                self._bytes_before, self._open = self.read_bytes, None


@dataclass(frozen=True, slots=True)
class _Tell:
    """Tells what is wrong with something in a record."""

    file: str
    place: TextPosition
    report: Report

    def __call__(self, message: str, identifier: str | None) -> None:
        self.report(Finding(self.file, self.place, message, identifier))


def _told(file: TextFile, name: str, report: Report) -> Iterator[tuple[Record, _Tell]]:
    for found in read_records(file):
        problems = (found,) if isinstance(found, Problem) else found.problems
        for problem in problems:
            report(Finding(name, problem.place, problem.message, problem.identifier))
        if isinstance(found, Record):
            yield found, _Tell(name, found.place, report)


def _member(value: dict[str, Any], tell: _Tell) -> NingMember | None:
    key = fields.text(value.get("contributorName"))
    if not key:
        tell("A member without contributorName was left out.", None)
        return None
    questions = value.get("profileQuestions")
    answers = questions.items() if isinstance(questions, dict) else ()
    return NingMember(
        key=key,
        name=fields.one_line(fields.text(value.get("fullName"))) or key,
        email=fields.text(value.get("email")) or None,
        created_at=fields.date(value, "createdDate", key, tell),
        level=fields.text(value.get("level")).lower(),
        state=fields.text(value.get("state")).lower(),
        photo=fields.path(value.get("profilePhoto")),
        questions={str(question): fields.text(answer) for question, answer in answers},
    )


def _apart(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A record, and the discussions that were read as its comments because brackets between them are missing."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        comments = list(_flat(value.get("comments")))
        waiting += [each for each in reversed(comments) if isinstance(each, dict) and _is_discussion(each)]
        value["comments"] = [each for each in comments if not (isinstance(each, dict) and _is_discussion(each))]
        yield value


def _is_discussion(value: dict[str, Any]) -> bool:
    return _DISCUSSION_MARK in fields.text(value.get("id")) or "comments" in value


def _discussion(value: dict[str, Any], newer: datetime, tell: _Tell) -> NingDiscussion | None:
    comments = value["comments"]
    key = _id(value)
    if not key or ":Comment:" in key:
        kind = f"A discussion without id and its {len(comments)} comments were" if not key else "A lone comment was"
        tell(f"{kind} left out.", key or None)
        return None
    created = fields.date(value, "createdDate", key, tell)
    read = [found for comment in comments if (found := _comment(comment, key, tell))]
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
        updated_at=fields.date(value, "updatedDate", key, tell if value.get("updatedDate") else None)
        or max([created_at, *dates]),
        category=None if category.lower() in ("", "uncategorized") else category,
        group_id=fields.text(value.get("groupId")) or None,
        attachments=fields.paths(value.get("fileAttachments")),
        comments=tuple(placed),
    )


def _flat(comments: object) -> Iterator[object]:
    """The comments in a list, in lists in it, or alone."""
    waiting = [comments]
    while waiting:
        each = waiting.pop()
        if isinstance(each, list):
            waiting += reversed(each)
        elif each not in (None, "", {}):
            yield each


def _comment(value: object, discussion: str, tell: _Tell) -> tuple[dict[str, Any], datetime | None] | None:
    if not isinstance(value, dict):
        tell(f"A comment that is no object was left out: {str(value)[:40]!r}.", discussion)
        return None
    key = _id(value)
    if not key:
        tell("A comment without id was left out.", discussion)
        return None
    if isinstance(value, DamagedObject) and "description" not in value:
        tell("A comment whose text can't be read was left out.", key)
        return None
    return value, fields.date(value, "createdDate", key, tell)


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
