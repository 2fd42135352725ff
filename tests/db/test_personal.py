"""Personal data: every column that may hold some says what erasing a person does to it, and erasing does that."""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import BigInteger, Column, Connection, ForeignKey, MetaData, Table, Text, insert, inspect, text

import db.erasure
from archive import records
from db import migrate, search, tables, users
from db.database import Database
from db.personal import OnErasure, PersonalData, declared, kept
from db.statements import moment_text
from forum.erasure import erase_user
from tests.support.backends import Backend

pytestmark = pytest.mark.anyio

PERSON, OTHER = 1, 2
"""The ids of the person who is erased, and of another one."""


def refers_to_users(column: Column[Any]) -> bool:
    return any(key.target_fullname == "users.id" for key in column.foreign_keys)


def unclassified(metadata: MetaData) -> list[str]:
    """The columns that may hold personal data and do not say what becomes of it, or not why they keep it."""
    found = []
    for table in metadata.sorted_tables:
        for column in table.columns:
            data = declared(column)
            if data is None and (refers_to_users(column) or isinstance(column.type, Text)):
                found.append(str(column))
            elif data is not None and (data.on_erasure == OnErasure.KEPT) != bool(data.reason):
                found.append(f"{column}: a reason goes with what is kept, and with nothing else")
    return found


def test_every_column_of_personal_data_is_classified() -> None:
    assert unclassified(tables.metadata) == []


def test_unclassified_columns_are_found() -> None:
    metadata = MetaData()
    Table("users", metadata, Column("id", tables.Id, primary_key=True))
    Table(
        "reactions",
        metadata,
        Column("user_id", ForeignKey("users.id")),
        Column("emoji", Text),
        Column("seen_at", tables.Moment),
        Column("kind", Text, info=kept("")),
        Column("note", Text, info={"personal": PersonalData(OnErasure.BLANKED, "A reason.")}),
    )
    assert [found.split(":")[0] for found in unclassified(metadata)] == [
        "reactions.user_id",
        "reactions.emoji",
        "reactions.kind",
        "reactions.note",
    ]


def erased_columns() -> Iterator[Column[Any]]:
    """The columns of which erasing a person leaves nothing of theirs."""
    for table in tables.metadata.sorted_tables:
        for column in table.columns:
            data = declared(column)
            if data is not None and data.on_erasure != OnErasure.KEPT:
                yield column


def test_of_people_exports_leave_out_only_what_erasing_deletes() -> None:
    """What is not exported is rebuilt from what is: it holds nothing of a person that is not elsewhere."""
    left_out = [column for column in erased_columns() if column.table.name in records.LEFT_OUT]
    assert {column.table.name for column in left_out} == {"user_networks", "user_search_keys"}
    assert {data.on_erasure for column in left_out if (data := declared(column))} == {OnErasure.DELETED}


async def test_erasing_a_person_clears_every_classified_column(backend: Backend) -> None:
    url, canary = backend.migrated_database(), f"zq{secrets.token_hex(5)}"
    await migrate.transact(url, lambda connection: _fill(connection, canary))
    before = set(await migrate.transact(url, lambda connection: _held(connection, canary)))
    # A new column belongs into _fill, or nothing would show that erasing clears it.
    assert {str(column) for column in erased_columns()} - before == set()
    async with Database(url) as database:
        user = await database.row(users.by_ids, ids=[PERSON])
        assert user is not None
        await erase_user(database, user, lambda _step: None)
    assert await db.erasure.clean(url)
    assert await migrate.transact(url, lambda connection: _held(connection, canary)) == []


def _held(connection: Connection, canary: str) -> list[str]:
    """The columns that hold the canary, of every table there is, and those to be cleared that hold the person's id."""
    by_id = {str(column) for column in erased_columns() if isinstance(column.type, BigInteger)}
    found = []
    for table in inspect(connection).get_table_names():
        rows = connection.execute(text(f'SELECT * FROM "{table}"')).mappings().all()
        for name in rows[0] if rows else ():
            column = f"{table}.{name}"
            if any(_contains(row[name], canary) or (column in by_id and row[name] == PERSON) for row in rows):
                found.append(column)
    return sorted(found)


def _contains(value: object, canary: str) -> bool:
    return canary in (value.decode(errors="replace") if isinstance(value, bytes) else str(value)).lower()


def _fill(connection: Connection, canary: str) -> None:
    """Writes a forum in which every column that erasing clears holds the canary, or the person's id."""
    at: Any = datetime(2026, 1, 31, tzinfo=UTC)
    _Forum(connection, canary, at if connection.dialect.name == "postgresql" else moment_text(at)).write()


RELIST = """
UPDATE {table} SET author_id =
    (SELECT author_id FROM posts WHERE posts.discussion_id = :discussion AND sequence = 0)
WHERE {id} = :discussion"""


class _Forum:
    """Rows of a forum as the server would have written them, of a person and another one."""

    def __init__(self, connection: Connection, canary: str, at: Any) -> None:
        self._connection = connection
        self._canary = canary
        self._at = at
        self._handle, self._name = f"ca-{canary}", f"Ca{canary} Nary"
        self._words = f"I think {canary} thoughts."

    def write(self) -> None:
        self._people()
        # One that others have written in, one that nobody else has, one of another person, and deleted ones of both.
        self._discussion(1, f"Title {self._canary}", f"title-{self._canary}")
        self._discussion(2, f"Alone {self._canary}", f"alone-{self._canary}")
        self._discussion(3, f"Ask {self._name}", f"ask-ca{self._canary}")
        self._discussion(4, "", f"gone-{self._canary}")
        self._discussion(5, "", f"gone-ca{self._canary}")
        self._post(1, 1, 0, PERSON, self._words)
        self._post(2, 1, 1, OTHER, "Indeed.")
        self._post(3, 2, 0, PERSON, self._words)
        self._post(4, 3, 0, OTHER, f"What does @{self._handle} think?")
        self._post(5, 3, 1, PERSON, self._words)
        self._post(6, 3, 2, OTHER, f"> {self._words}\n\n> **{self._name} said:**\n>\n> {self._words}\n\nReally?")
        self._post(7, 3, 3, OTHER, "")
        self._post(8, 4, 0, PERSON, "")
        self._post(9, 5, 0, OTHER, "")
        for discussion in range(1, 6):
            for table, key in (("discussions", "id"), ("discussion_counts", "discussion_id")):
                self._connection.execute(text(RELIST.format(table=table, id=key)), {"discussion": discussion})
        self._parts()
        self._revisions()
        self._deletions()
        self._moderation()
        self._keys()

    def _insert(self, table: Table, **row: Any) -> None:
        self._connection.execute(insert(table), row)

    def _people(self) -> None:
        theirs = {
            column.name: f"{column.name}-{self._canary}"
            for column in tables.users.columns
            if isinstance(column.type, Text)
        }
        theirs |= {"handle": self._handle, "name": self._name, "name_key": self._name.lower()}
        self._insert(tables.users, id=PERSON, created_at=self._at, **theirs)
        self._insert(tables.user_search_keys, user_id=PERSON, key=f"ca {self._canary}")
        former = {"handle": f"former-{self._canary}", "name": f"Former {self._canary}", "ended_at": self._at}
        self._insert(tables.former_names, id=1, user_id=PERSON, **former)
        self._insert(tables.users, id=OTHER, handle="bo", name="Bo", name_key="bo", created_at=self._at)

    def _discussion(self, id_: int, title: str, slug: str) -> None:
        deleted_at = None if title else self._at
        self._insert(
            tables.discussions,
            id=id_,
            title=title,
            legacy_slug=slug,
            created_at=self._at,
            deleted_at=deleted_at,
        )
        self._insert(
            tables.log_heads, log_id=id_, epoch=b"12345678", last_epoch=b"12345678", last_event=0, last_reply=0
        )
        self._insert(tables.discussion_counts, discussion_id=id_, last_activity_at=self._at)

    def _post(self, id_: int, discussion: int, sequence: int, author: int, body: str) -> None:
        """A post, deleted if it has no words, with its event and its entry for searches."""
        path = sequence.to_bytes(4, "big") if sequence else b""
        self._insert(
            tables.posts,
            id=id_,
            discussion_id=discussion,
            sequence=sequence,
            path=path,
            newest_path=bytes(255 - byte for byte in path),
            depth=len(path) // 4,
            author_id=author if body else None,
            body=body,
            body_html=f"<p>{body}</p>",
            body_text=body,
            said=body,
            renderer=1,
            created_at=self._at,
            deleted_at=None if body else self._at,
        )
        self._insert(tables.reply_counts, discussion_id=discussion, sequence=sequence)
        self._connection.execute(
            text(search.PUT[self._connection.dialect.name]), {"post": id_, **search.entry("", body)}
        )
        number = sequence + 1
        self._insert(
            tables.events,
            log_id=discussion,
            number=number,
            epoch=b"12345678",
            kind="ReplyAdded",
            post_id=id_,
            version=1,
            actor_id=author,
            author_id=author,
            answered_id=PERSON if author == OTHER else None,
            client_mutation_id=f"key-{self._canary}" if author == PERSON else None,
            at=self._at,
        )
        self._insert(tables.event_people, log_id=discussion, number=number, user_id=PERSON)
        head = tables.log_heads
        self._connection.execute(
            head.update().where(head.c.log_id == discussion).values(last_event=number, last_reply=sequence)
        )

    def _parts(self) -> None:
        """The quotes and mentions of the other person's posts."""
        for ordinal, (source, named) in enumerate([(5, None), (None, PERSON)]):
            self._insert(
                tables.quotes,
                id=ordinal + 1,
                post_id=6,
                ordinal=ordinal,
                depth=0,
                source_id=source,
                source_version=source and 1,
                attributed_name=self._name,
                attributed_id=named,
                body_html=f"<p>{self._words}</p>",
                body_text=self._words,
                said=self._words,
                comparison="VERBATIM",
            )
        self._insert(
            tables.mentions,
            post_id=4,
            ordinal=0,
            user_id=PERSON,
            attributed_name=self._handle,
            start=10,
            length=len(self._handle) + 1,
        )

    def _revisions(self) -> None:
        """Earlier versions: of the person's posts, of one of another that quotes them, and of a deleted one."""
        for post, editor, title, body in (
            (1, PERSON, f"Before {self._canary}", self._words),
            (5, PERSON, None, f"Before that {self._words}"),
            (6, OTHER, None, f"> **{self._name} said:**\n>\n> {self._words}\n\nReally?"),
            (4, OTHER, f"Ask {self._name}", f"Does @{self._handle} think?"),
            (7, OTHER, None, f"> {self._words}\n\nSoon deleted."),
            (8, PERSON, f"Gone {self._canary}", "Gone."),
            (9, OTHER, f"Gone, {self._name}?", "Gone."),
        ):
            self._insert(
                tables.revisions,
                post_id=post,
                version=0,
                editor_id=editor,
                title=title,
                body=body,
                body_html=f"<p>{body}</p>",
                said=body,
                created_at=self._at,
            )

    def _deletions(self) -> None:
        """Tombstones: of the other person, deleted by the person and by somebody else; and one of the person."""
        for post, author, by, reason in (
            (7, OTHER, PERSON, f"I say {self._canary}."),
            (8, PERSON, None, f"Off topic, {self._canary}."),
            (9, OTHER, OTHER, f"Rude to {self._name}."),
        ):
            self._insert(
                tables.deleted_posts,
                post_id=post,
                act=1,
                by="MODERATOR",
                by_user_id=by,
                at=self._at,
                reason=reason,
                author_id=author,
                is_kept=True,
                quotes="[]",
                mentions="[]",
            )

    def _moderation(self) -> None:
        """Acts, reports, held posts and suspensions, each by the person, about the person, and about the other one."""
        for id_, actor, about in ((1, PERSON, OTHER), (2, OTHER, PERSON), (3, OTHER, OTHER)):
            reason = f"Because of {self._name}."
            self._insert(
                tables.audit_entries,
                id=id_,
                action="SUSPEND_USER",
                actor_id=actor,
                user_id=about,
                reason=reason,
                at=self._at,
            )
            self._insert(
                tables.held_posts,
                id=id_,
                kind="REPLY",
                author_id=about,
                discussion_id=3,
                title=f"Ask {self._name}",
                body=f"> {self._words}\n\n@{self._handle}, really?",
                body_html=f"<p>{self._words}</p>",
                reasons="LINKS",
                client_mutation_id=f"key-{self._canary}" if about == PERSON else None,
                created_at=self._at,
            )
            self._insert(
                tables.review_items,
                id=id_,
                kind="HELD",
                held_post_id=id_,
                author_id=about,
                claimed_by_id=actor,
                opened_at=self._at,
                updated_at=self._at,
            )
            self._insert(
                tables.reports,
                id=id_,
                review_item_id=id_,
                reporter_id=actor,
                post_version=1,
                reason="OTHER",
                note=reason,
                at=self._at,
            )
        for about in (PERSON, OTHER):
            self._insert(tables.suspensions, user_id=about, at=self._at, reason=f"Because of {self._name}.")
        self._insert(tables.user_networks, user_id=PERSON, network=b"1", seen_at=self._at)
        self._insert(
            tables.removal_jobs, audit_entry_id=2, author_id=PERSON, last_post_id=1, discussion_id=0, sequence=0
        )

    def _keys(self) -> None:
        self._insert(
            tables.viewer_events,
            user_id=PERSON,
            number=1,
            epoch=b"12345678",
            kind="TESTED",
            source_log_id=1,
            source_number=1,
            at=self._at,
        )
        for discussion in (1, 2, 3):
            self._insert(tables.participants, discussion_id=discussion, user_id=PERSON)
        self._insert(
            tables.idempotency_keys,
            user_id=PERSON,
            mutation=f"mutation-{self._canary}",
            key=f"key-{self._canary}",
            fingerprint=b"1",
            outcome=f'"{self._canary}"',
            created_at=self._at,
        )
