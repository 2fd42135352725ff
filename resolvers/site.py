"""What this server is and allows."""

from collections.abc import Sequence

from access.budgets import BudgetRow
from forum.limits import Limits
from resolvers import pages, threads
from resolvers.context import Context, SiteRow


def current(_roots: Sequence[None], context: Context) -> Sequence[SiteRow]:
    """This server."""
    return [context.services.site]


def ids(sites: Sequence[SiteRow], _context: Context) -> Sequence[str]:
    """The id of the site, for clients that keep objects by their ids."""
    return ["site"] * len(sites)


def limits(sites: Sequence[SiteRow], context: Context) -> Sequence[Limits]:
    """What is allowed at most."""
    return [context.services.forum.limits] * len(sites)


def page_sizes(limits: Sequence[Limits], _context: Context) -> Sequence[int]:
    """The largest page of a list."""
    return [pages.MAX_PAGE_SIZE] * len(limits)


def thread_page_sizes(limits: Sequence[Limits], _context: Context) -> Sequence[int]:
    """The largest page of a thread."""
    return [threads.MAX_PAGE_SIZE] * len(limits)


def rate_limit(_roots: Sequence[None], context: Context) -> Sequence[BudgetRow | None]:
    """What this operation took from the budget of who sent it."""
    return [context.budget]
