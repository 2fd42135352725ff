"""Revisions: what a post said before."""

from datetime import datetime

import strawberry

import resolvers.revisions
import resolvers.users
from execution.batch import batch
from schema.pages import Node
from schema.scalars import Html
from schema.users import User


@strawberry.type
class Revision(Node):
    """One version of a post, the present one included."""

    version: int
    """Which version of the post this is: 1 for the first."""
    editor: User | None = batch(resolvers.users.of_revisions)
    """Who wrote this version; null once the account is erased.

    Of one that a moderator made by giving the discussion a title, the moderator; null for all but moderators.
    """
    title: str | None
    """The title of the discussion in this version; null for a reply."""
    body: str
    """The Markdown source of this version."""
    body_html: Html = batch(resolvers.revisions.html)
    """This version as HTML."""
    created_at: datetime
    """When this version was written."""
