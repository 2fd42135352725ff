"""Resolves the audit log: what moderators did. Only they read it, and of a decision the person whom it concerns."""

import re
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from strawberry import UNSET

import db.audit
from db import rows
from forum.errors import AuditEntryNotFound, UserNotFound
from forum.removals import RemovePosts, preview_removal, remove_posts
from forum.undo import Undo, can_undo, undo
from forum.use_cases import Actor
from resolvers import categories, discussions, errors, ids, inputs, pages, payloads, posts, users
from resolvers.context import Context
from resolvers.mutations import mutation, signed_in

_CURSOR = re.compile(r"a([0-9]{1,18})", re.ASCII)
_NEWEST = 2**63 - 1


def check_moderator(context: Context, what: str) -> None:
    """Raises NOT_ALLOWED for everybody but moderators. `what` begins the sentence: "… is for moderators."."""
    if context.viewer.role != "moderator":
        raise errors.not_allowed(f"{what} is for moderators.")


async def by_entry_ids(entry_ids: Sequence[int | None], context: Context) -> Sequence[rows.AuditEntryRow | None]:
    """The entries with these ids, in the same order."""
    return await pages.by_ids(db.audit.by_ids, entry_ids, context, attrgetter("id"))


async def nodes(entry_ids: Sequence[int | None], context: Context) -> Sequence[rows.AuditEntryRow | None]:
    """The entries with these ids; None to everybody but moderators."""
    if context.viewer.role != "moderator":
        return [None] * len(entry_ids)
    return await by_entry_ids(entry_ids, context)


async def listed(
    _roots: Sequence[None],
    context: Context,
    *,
    filter: inputs.AuditLogFilter | None = UNSET,
    first: int | None = UNSET,
    after: str | None = UNSET,
) -> Sequence[pages.Page[rows.AuditEntryRow]]:
    """A page of the audit log, the newest first."""
    check_moderator(context, "The audit log")
    window = pages.window(first, after)
    before = _NEWEST
    if window.after is not None:
        place = _CURSOR.fullmatch(window.after)
        if place is None:
            raise errors.bad_cursor(window.after, "the audit log")
        before = int(place[1])
    given = _parameters(pages.unset_to_none(filter))
    names = frozenset(given)
    found = await context.database.rows(db.audit.listed(names), before=before, limit=window.limit + 1, **given)
    count = pages.Count(db.audit.counted(names), 0, tuple(sorted(given.items())), takes_parents=False)
    return [pages.page(found, window, lambda entry: f"a{entry.id}", count)]


def _parameters(chosen: inputs.AuditLogFilter | None) -> dict[str, Any]:
    if chosen is None:
        return {}
    given: dict[str, Any] = {}
    actions = pages.unset_to_none(chosen.actions)
    if actions is not None:
        given["actions"] = tuple(dict.fromkeys(action.value for action in actions))
    for name, text, letter in (
        ("actor", chosen.actor_id, "U"),
        ("user", chosen.user_id, "U"),
        ("discussion", chosen.discussion_id, "D"),
    ):
        if (named := pages.unset_to_none(text)) is not None:
            given[name] = ids.number(named, letter)
    for name, moment in (("since", chosen.since), ("until", chosen.until)):
        if (at := pages.unset_to_none(moment)) is not None:
            given[name] = at
    return given


async def actors(entries: Sequence[rows.AuditEntryRow], context: Context) -> Sequence[rows.UserRow | None]:
    """Who did each act, for moderators."""
    if context.viewer.role != "moderator":
        return [None] * len(entries)
    return await users.by_user_ids([entry.actor_id for entry in entries], context)


async def concerned(entries: Sequence[rows.AuditEntryRow], context: Context) -> Sequence[rows.UserRow | None]:
    """Whom each act concerns."""
    return await users.by_user_ids([entry.user_id for entry in entries], context)


async def discussions_of(
    entries: Sequence[rows.AuditEntryRow], context: Context
) -> Sequence[rows.DiscussionRow | None]:
    """The discussion of each act."""
    return await discussions.by_discussion_ids([entry.discussion_id for entry in entries], context)


async def posts_of(entries: Sequence[rows.AuditEntryRow], context: Context) -> Sequence[rows.PostRow | None]:
    """The post that each act is about."""
    return await posts.by_post_ids([entry.post_id for entry in entries], context)


async def categories_of(entries: Sequence[rows.AuditEntryRow], context: Context) -> Sequence[rows.CategoryRow | None]:
    """The category that each act is about."""
    return await categories.by_category_ids([entry.category_id for entry in entries], context)


async def undone_entries(
    entries: Sequence[rows.AuditEntryRow], context: Context
) -> Sequence[rows.AuditEntryRow | None]:
    """The entry that each entry takes back."""
    return await by_entry_ids([entry.undoes for entry in entries], context)


async def undoing_entries(
    entries: Sequence[rows.AuditEntryRow], context: Context
) -> Sequence[rows.AuditEntryRow | None]:
    """The entry that has taken back each entry."""
    found = await context.database.rows(db.audit.undone, ids=list({entry.id for entry in entries}))
    by_undone = {row.undoes: row for row in reversed(found)}
    return [by_undone.get(entry.id) for entry in entries]


async def can_be_undone(entries: Sequence[rows.AuditEntryRow], context: Context) -> Sequence[bool]:
    """Whether each entry can be taken back."""
    return await can_undo(context.database, entries)


async def of_payloads(written: Sequence[payloads.PayloadRow], context: Context) -> Sequence[rows.AuditEntryRow | None]:
    """The entry that each payload names; None to who is no moderator any more, and repeats an old key."""
    return await nodes([payload.audit_entry_id for payload in written], context)


@mutation
@signed_in
async def take_back(context: Context, actor: Actor, input: inputs.UndoInput) -> payloads.PayloadRow:
    """Takes back an act of moderation."""
    command = Undo(
        audit_entry_id=ids.required(input.audit_entry_id, "A", AuditEntryNotFound, "audit_entry_id"),
        reason=pages.unset_to_none(input.reason),
    )
    written = await undo(context.services.forum, actor, command)
    return payloads.PayloadRow(audit_entry_id=written.subject_id)


@mutation
@signed_in
async def remove(context: Context, actor: Actor, input: inputs.RemovePostsInput) -> payloads.PayloadRow:
    """Removes what a person wrote, or says what that would take."""
    command = RemovePosts(
        author_id=ids.required(input.author_id, "U", UserNotFound, "author_id"),
        since=pages.unset_to_none(input.since),
        reason=pages.unset_to_none(input.reason),
    )
    forum = context.services.forum
    if input.dry_run:
        extent = await preview_removal(forum, actor, command)
        return payloads.PayloadRow(
            posts=extent.posts, discussions=extent.discussions, replies_of_others=extent.replies_of_others
        )
    written = await remove_posts(forum, actor, command)
    (entry,) = await by_entry_ids([written.subject_id], context)
    if entry is None:
        return payloads.PayloadRow()
    return payloads.PayloadRow(audit_entry_id=entry.id, posts=entry.total or 0, **entry.former)
