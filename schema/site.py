"""The site: what this server is and allows."""

from datetime import datetime

import strawberry

import resolvers.site
from execution.batch import batch


@strawberry.type
class SiteLimits:
    """What is allowed at most."""

    title_length: int
    """Characters of a title."""
    opening_post_length: int
    """Characters of an opening post."""
    reply_length: int
    """Characters of a reply."""
    depth: int
    """How deep replies may answer replies."""
    quotes: int
    """Quotes in one post."""
    page_size: int = batch(resolvers.site.page_sizes)
    """Items on one page of a list."""
    thread_page_size: int = batch(resolvers.site.thread_page_sizes)
    """Replies on one page of a thread."""
    client_mutation_id_length: int
    """Characters of a clientMutationId."""


@strawberry.type
class Site:
    """What this server is and allows."""

    id: strawberry.ID = batch(resolvers.site.ids)
    """Always the same: for clients that keep objects by their ids. `node` does not take it."""
    name: str
    """The name of the site."""
    version: str
    """The version of Parley it runs."""
    limits: SiteLimits = batch(resolvers.site.limits)
    """What is allowed at most."""
    deleted_days: int
    """For how many days what was deleted can be restored; 0 if it cannot."""
    terms: str | None
    """What people agree to by writing here, in Markdown or as an address; null if nothing is set."""


@strawberry.type
class RateLimit:
    """What one operation takes from what may be spent in a minute.

    An operation is charged to its viewer and to its address; the budget is the one of the two with less left.
    """

    cost: int
    """What this operation costs: how many values its answer may hold, each list as long as it may be."""
    limit: int
    """How much may be spent in a minute."""
    remaining: int
    """How much of it is left after this operation."""
    reset_at: datetime
    """When the whole of it may be spent again."""
