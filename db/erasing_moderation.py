"""The statements by which erasing a person takes them out of what moderators keep."""

from typing import Any

import orjson
from sqlalchemy import BigInteger, Column, ColumnElement, Text, bindparam, case, delete, func, null, or_, select, update

from db.database import Transaction
from db.deletions import KeptQuote, in_json
from db.rows import IdRow, Row
from db.statements import Statement, WriteStatement, among
from db.tables import audit_entries, held_posts, removal_jobs, reports, review_items, suspensions, user_networks

_user: ColumnElement[int] = bindparam("user", type_=BigInteger())
delete_suspension = WriteStatement(delete(suspensions).where(suspensions.c.user_id == _user))
delete_networks = WriteStatement(delete(user_networks).where(user_networks.c.user_id == _user))
removals = Statement(select(removal_jobs.c.audit_entry_id.label("id")).where(removal_jobs.c.author_id == _user), IdRow)
"""The acts on what the person wrote that are under way."""


def _next(key: ColumnElement[int], *conditions: ColumnElement[bool]) -> Statement[IdRow]:
    """The next ids behind `after` of the rows that something is true of."""
    chosen = select(key.label("id")).where(key > bindparam("after"), *conditions)
    return Statement(chosen.order_by(key).limit(bindparam("limit")), IdRow)


their_held_posts = _next(held_posts.c.id, held_posts.c.author_id == _user)
leave_held_posts = WriteStatement(
    update(review_items).where(among(review_items.c.held_post_id, "ids")).values(held_post_id=None)
)
delete_held_posts = WriteStatement(delete(held_posts).where(among(held_posts.c.id, "ids")))
"""After `leave_held_posts`."""

open_items = _next(review_items.c.id, review_items.c.author_id == _user, review_items.c.state == "OPEN")
"""The open review items of what the person wrote."""
items = _next(review_items.c.id, or_(review_items.c.author_id == _user, review_items.c.claimed_by_id == _user))
blank_items = WriteStatement(
    update(review_items)
    .where(among(review_items.c.id, "ids"))
    .values(
        author_id=case((review_items.c.author_id == _user, null()), else_=review_items.c.author_id),
        claimed_by_id=case((review_items.c.claimed_by_id == _user, null()), else_=review_items.c.claimed_by_id),
    )
)
_of_theirs = reports.c.review_item_id.in_(select(review_items.c.id).where(review_items.c.author_id == _user))
their_reports = _next(reports.c.id, or_(reports.c.reporter_id == _user, _of_theirs & reports.c.note.is_not(None)))
"""Reports by the person, and notes about what the person wrote: before `blank_items`."""
blank_reports = WriteStatement(
    update(reports)
    .where(among(reports.c.id, "ids"))
    .values(reporter_id=case((reports.c.reporter_id == _user, null()), else_=reports.c.reporter_id), note=None)
)
their_entries = _next(
    audit_entries.c.id,
    or_(audit_entries.c.actor_id == _user, (audit_entries.c.user_id == _user) & audit_entries.c.reason.is_not(None)),
)
"""Entries by the person, and reasons for acts that concern the person."""
blank_entries = WriteStatement(
    update(audit_entries)
    .where(among(audit_entries.c.id, "ids"))
    .values(actor_id=case((audit_entries.c.actor_id == _user, null()), else_=audit_entries.c.actor_id), reason=None)
)


class TextRow(Row):
    """What a moderator or a reporter wrote about somebody."""

    __slots__ = ()

    id: int
    text: str


class Words:
    """A column of free text, by the key of its table."""

    def __init__(self, what: str, key: Column[int], column: Column[str]) -> None:
        self.what = what
        """What it is, for a preview: "Note of report"."""
        chosen = select(key.label("id"), column.label("text")).where(key > bindparam("after"), column.is_not(None))
        self.rows = Statement(chosen.order_by(key).limit(bindparam("limit")), TextRow)
        self.rewrite = WriteStatement(
            update(key.table)
            .where(key == bindparam("row"), column == bindparam("old", type_=Text()))
            .values({column.name: bindparam("new")})
        )


WORDS = (
    Words("Reason in audit entry", audit_entries.c.id, audit_entries.c.reason),
    Words("Note of report", reports.c.id, reports.c.note),
    Words("Reason of the suspension of user", suspensions.c.user_id, suspensions.c.reason),
)
"""Where the names of a person may stand."""


class HeldWordsRow(Row):
    """What a held post of somebody else says."""

    __slots__ = ()

    id: int
    discussion_id: int | None
    title: str | None
    body: str
    body_html: str
    quotes: str | None
    mentions: str | None

    @property
    def kept_quotes(self) -> list[KeptQuote]:
        """Its quotes without their words; empty if they are to be found again."""
        return [KeptQuote(**each) for each in orjson.loads(self.quotes or "[]")]


held_of_others = Statement(
    select(
        held_posts.c.id,
        held_posts.c.discussion_id,
        held_posts.c.title,
        held_posts.c.body,
        held_posts.c.body_html,
        held_posts.c.quotes,
        held_posts.c.mentions,
    )
    .where(held_posts.c.id > bindparam("after"), held_posts.c.author_id != _user)
    .order_by(held_posts.c.id)
    .limit(bindparam("limit")),
    HeldWordsRow,
)
rewrite_held_post = WriteStatement(
    update(held_posts)
    .where(held_posts.c.id == bindparam("row"))
    .values(
        title=bindparam("new_title"),
        body=bindparam("new_body"),
        body_html=bindparam("new_html"),
        # Found again when it is published.
        quotes=None,
        mentions=None,
    )
)


def _forget(column: ColumnElement[str]) -> WriteStatement:
    named, nobody = bindparam("named", type_=Text()), bindparam("nobody", type_=Text())
    changed = {column.name: func.replace(column, named, nobody)}
    return WriteStatement(update(held_posts).where(among(held_posts.c.id, "ids")).values(changed))


_forget_mentioned, _forget_attributed = _forget(held_posts.c.mentions), _forget(held_posts.c.quotes)


async def forget_in_held_posts(tx: Transaction, user_id: int, ids: list[int]) -> None:
    """Takes a person out of the quotes and mentions of held posts, also by a name that may be somebody else's."""
    for statement, name in ((_forget_mentioned, "user_id"), (_forget_attributed, "attributed_id")):
        parameters: dict[str, Any] = {"named": in_json(name, user_id), "nobody": in_json(name, None)}
        await tx.run(statement, ids=ids, **parameters)
