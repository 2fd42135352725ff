"""What this server is and allows."""

from collections.abc import Sequence
from dataclasses import dataclass

from access.budgets import BudgetRow
from resolvers import pages, threads
from resolvers.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsRow:
    """What is allowed at most."""

    title_length: int
    opening_post_length: int
    reply_length: int
    depth: int
    quotes: int
    page_size: int
    thread_page_size: int
    client_mutation_id_length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRow:
    """What this server is and allows."""

    name: str
    version: str
    limits: LimitsRow
    terms: str | None


def current(_roots: Sequence[None], context: Context) -> Sequence[SiteRow]:
    """This server."""
    services = context.services
    limits = LimitsRow(
        title_length=services.limits.title_length,
        opening_post_length=services.limits.opening_post_length,
        reply_length=services.limits.reply_length,
        depth=services.limits.depth,
        quotes=services.limits.quotes,
        page_size=pages.MOST,
        thread_page_size=threads.MOST,
        client_mutation_id_length=services.limits.client_mutation_id_length,
    )
    return [SiteRow(name=services.site_name, version=services.version, limits=limits, terms=services.terms)]


def rate_limit(_roots: Sequence[None], context: Context) -> Sequence[BudgetRow | None]:
    """What this very operation took from the budget of who asks."""
    return [context.rate]
