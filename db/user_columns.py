"""The columns of a person's row, and of an author's in the row of a post or quote."""

from typing import Any

from sqlalchemy import ColumnElement, and_, case
from sqlalchemy.sql.expression import FromClause

from db.kinds import AuthorRole
from db.tables import users


def columns(person: FromClause = users) -> list[ColumnElement[Any]]:
    """The columns of UserRow, in order."""
    role = case((person.c.is_guest, AuthorRole.GUEST.value), else_=person.c.role).label("role")
    return [
        person.c.id,
        person.c.handle,
        person.c.name,
        person.c.avatar_url,
        person.c.is_guest,
        role,
        person.c.created_at,
    ]


def author_columns(person: FromClause = users) -> list[ColumnElement[Any]]:
    """The same, under names such as `author_handle`."""
    return [column.label(f"author_{column.name}") for column in columns(person)]


is_ever_held = and_(users.c.role != AuthorRole.MODERATOR.value, users.c.role != AuthorRole.APPLICATION.value)
"""Whether anything that a person writes may be held: see forum.policy."""
