"""Who and what a text refers to: users by mentions, posts by links and by their numbers.

It is looked up when a post is prepared, in two statements however many there are, and does not change later: whom an @
means is known at the time of writing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import db.posts
import db.users
from db.database import Database
from db.deletions import KeptMention
from db.posts import MentionDraft
from db.rows import MentionRow
from text import links
from text.links import LinkedUser, Targets
from text.markdown import Candidate, FoundMention, MarkdownDocument

KnownMention = MentionRow | KeptMention


@dataclass(frozen=True, slots=True)
class References:
    """What was found for one text."""

    mentions: tuple[MentionDraft, ...]
    targets: Targets
    """What its HTML links to."""


async def references(
    database: Database,
    document: MarkdownDocument,
    *,
    discussion_id: int | None,
    host: str | None,
    known: Sequence[KnownMention] = (),
    restored: Collection[int] = (),
) -> References:
    """Returns whom and what a text refers to that is in a discussion, or will start one.

    `host` is this server's, for absolute links to it. `known` are mentions that were looked up before.
    `restored` are deleted posts that are about to come back, which count as there.
    """
    mentions, users = await _mentions(database, document, known)
    posts = await _posts(database, document.post_links, discussion_id, host, restored)
    return References(tuple(mentions), Targets(users, posts, discussion_id))


async def _mentions(
    database: Database, document: MarkdownDocument, known: Sequence[KnownMention]
) -> tuple[list[MentionDraft], dict[int, LinkedUser]]:
    """The mentions, and the users that they mean by their places in the list."""
    if not document.mentions:
        return [], {}
    called, handles = await _people(database, document, known)
    before = {row.start: row for row in known}
    drafts: list[MentionDraft] = []
    users: dict[int, LinkedUser] = {}
    for at, mention in enumerate(document.mentions):
        earlier = before.get(mention.candidates[0].start)
        chosen = next((each for each in mention.candidates if earlier and each.length == earlier.length), None)
        user_id = earlier.user_id if earlier and chosen else None
        if chosen is None:
            chosen, user_id = _meant(mention, called)
        drafts.append(MentionDraft(user_id, chosen.name, chosen.start, chosen.length))
        if user_id is not None:
            users[at] = LinkedUser(f"U_{user_id}", handles[user_id], chosen.name)
    return drafts, users


async def _people(
    database: Database, document: MarkdownDocument, known: Sequence[KnownMention]
) -> tuple[dict[str, int], dict[int, str]]:
    """The ids of users by handles and names, and their handles by ids."""
    names = {candidate.name for mention in document.mentions for candidate in mention.candidates}
    keys = {key for name in names for key in db.users.name_keys(name)}
    called: dict[str, int] = {}
    handles: dict[int, str] = {}
    for user in reversed(await database.rows(db.users.named, keys=sorted(keys))):
        called[user.name_key] = called[user.handle] = user.id
        handles[user.id] = user.handle
    if ids := [row.user_id for row in known if row.user_id is not None]:
        handles |= {user.id: user.handle for user in await database.rows(db.users.by_ids, ids=ids)}
    return called, handles


def _meant(mention: FoundMention, called: Mapping[str, int]) -> tuple[Candidate, int | None]:
    """The longest candidate that names a user, else the first word as it stands."""
    for candidate in mention.candidates:
        for key in db.users.name_keys(candidate.name):
            if key in called:
                return candidate, called[key]
    return mention.candidates[-1], None


async def _posts(
    database: Database,
    addresses: Sequence[str],
    discussion_id: int | None,
    host: str | None,
    restored: Collection[int],
) -> dict[str, str]:
    """The ids of the posts at these addresses that are there."""
    places: dict[str, tuple[int, int]] = {}
    for address in addresses:
        reference = links.post_reference(address)
        if reference is None or links.host_of(address) not in ("", host):
            continue
        number = reference.number or discussion_id
        if number is not None:
            places[address] = (number, reference.sequence)
    if not places:
        return {}
    found = await database.rows(
        db.posts.by_places,
        discussions=sorted({discussion for discussion, _ in places.values()}),
        sequences=sorted({sequence for _, sequence in places.values()}),
    )
    ids = {
        (row.discussion_id, row.sequence): f"R_{row.post_id}" if row.sequence else f"D_{row.discussion_id}"
        for row in found
        if row.deleted_at is None or row.post_id in restored
    }
    return {address: ids[place] for address, place in places.items() if place in ids}
