"""What the policy of a site would have held of what was written lately."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime

import db.held
from db.database import Database
from db.held import PublishedRow
from db.kinds import AuthorRole, HoldReason
from forum.policy import Author, Policy, PostFacts, hold_reasons
from text import characters, links, workers

EXAMPLES = 3
"""How many posts are shown for each reason."""
_BATCH = 200
_SHOWN_CHARACTERS = 80


@dataclass(slots=True)
class DryRun:
    """What would have been held."""

    posts: int = 0
    """How many posts there were."""
    held: int = 0
    """How many of them would have been held."""
    reasons: Counter[HoldReason] = field(default_factory=Counter)
    """How many for each reason; a post may have several."""
    examples: defaultdict[HoldReason, list[str]] = field(default_factory=lambda: defaultdict(list))
    """The latest of each, as id, author and beginning."""


async def dry_run(database: Database, policy: Policy, *, since: datetime, host: str | None) -> DryRun:
    """Returns what a policy would have held of the posts that were written since a moment and can be read.

    It takes people and categories as they are now. The outside filter is not asked, and edits are not looked at.
    """
    done = DryRun()
    after = 0
    most = max(policy.first_posts, policy.first_posts_of_guests, policy.posts_before_links)
    while rows := await database.rows(db.held.published_since, since=since, after=after, most=most, limit=_BATCH):
        after = rows[-1].post_id
        for row, reasons in zip(rows, await workers.run(_reasons, rows, policy, host), strict=True):
            done.posts += 1
            done.held += bool(reasons)
            for reason in reasons:
                done.reasons[reason] += 1
                done.examples[reason] = [*done.examples[reason], _example(row)][-EXAMPLES:]
    return done


def _reasons(rows: list[PublishedRow], policy: Policy, host: str | None) -> list[tuple[HoldReason, ...]]:
    return [_reasons_of(row, policy, host) for row in rows]


def _reasons_of(row: PublishedRow, policy: Policy, host: str | None) -> tuple[HoldReason, ...]:
    addresses = links.outward(row.body_html, host, row.title or "", row.body_text)
    post = PostFacts(
        has_links=bool(addresses),
        has_held_words=bool(policy.words.found("\n".join([row.title or "", row.body_text, *addresses]))),
        category_premoderated=row.category_premoderated,
        person_premoderated=row.person_premoderated,
    )
    return hold_reasons(post, Author(AuthorRole(row.role), row.published), policy)


def _example(row: PublishedRow) -> str:
    place = f"R_{row.post_id}" if row.sequence else f"D_{row.discussion_id}"
    text = " ".join(f"{row.title or ''} {row.body_text}".split())
    return f"{place} by @{row.handle}: {characters.cut(text, _SHOWN_CHARACTERS, ellipsis=' …')}"
