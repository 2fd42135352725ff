"""Resolvers of suspensions and of the mutations that change what a person may do."""

from collections.abc import Sequence

import db.suspensions
import db.users
from db import rows
from db.suspensions import SuspensionRow
from forum import sanctions
from forum.errors import UserNotFound
from forum.use_cases import Actor
from resolvers import ids, inputs, payloads
from resolvers.context import Context
from resolvers.mutations import mutation, signed_in
from resolvers.pages import unset_to_none
from resolvers.users import by_user_ids


async def of_users(
    users: Sequence[rows.UserRow | rows.JoinedAuthor], context: Context
) -> Sequence[SuspensionRow | None]:
    """The suspension of each person, for moderators and for themselves."""
    viewer = context.viewer
    if viewer.role == "moderator":
        readable = {user.id for user in users}
    elif viewer.role == "suspended":
        readable = {user.id for user in users if viewer.is_(user.id)}
    else:
        readable = set()
    found = await _suspensions(sorted(readable), context)
    return [found.get(user.id) for user in users]


async def of_viewers(viewers: Sequence[payloads.ViewerRow], context: Context) -> Sequence[SuspensionRow | None]:
    """The suspension of each viewer."""
    found = await _suspensions([viewer.user_id for viewer in viewers if viewer.role == "suspended"], context)
    return [found.get(viewer.user_id) for viewer in viewers]


async def _suspensions(user_ids: Sequence[int], context: Context) -> dict[int, SuspensionRow]:
    if not user_ids:
        return {}
    return {row.user_id: row for row in await context.database.rows(db.suspensions.of_users, ids=list(user_ids))}


async def moderators(suspensions: Sequence[SuspensionRow], context: Context) -> Sequence[rows.UserRow | None]:
    """Who suspended each, for moderators."""
    if context.viewer.role != "moderator":
        return [None] * len(suspensions)
    return await by_user_ids([row.moderator_id for row in suspensions], context)


async def premoderated(users: Sequence[rows.UserRow | rows.JoinedAuthor], context: Context) -> Sequence[bool | None]:
    """Whether all that each person writes is held, for moderators."""
    if context.viewer.role != "moderator":
        return [None] * len(users)
    found = await context.database.rows(db.users.accounts, ids=sorted({user.id for user in users}))
    is_premoderated = {row.id: row.premoderated for row in found}
    return [is_premoderated.get(user.id) for user in users]


async def of_payloads(written: Sequence[payloads.PayloadRow], context: Context) -> Sequence[rows.UserRow | None]:
    """The person whose rights each mutation changed."""
    return await by_user_ids([payload.user_id for payload in written], context)


@mutation
@signed_in
async def suspend(context: Context, actor: Actor, input: inputs.SuspendUserInput) -> payloads.PayloadRow:
    """Suspends a person."""
    command = sanctions.SuspendUser(
        user_id=_user(input.user_id), until=unset_to_none(input.until), reason=unset_to_none(input.reason)
    )
    written = await sanctions.suspend_user(context.services.forum, actor, command)
    return payloads.PayloadRow(user_id=written.subject_id)


@mutation
@signed_in
async def unsuspend(context: Context, actor: Actor, input: inputs.UnsuspendUserInput) -> payloads.PayloadRow:
    """Ends the suspension of a person."""
    command = sanctions.UnsuspendUser(user_id=_user(input.user_id), reason=unset_to_none(input.reason))
    written = await sanctions.unsuspend_user(context.services.forum, actor, command)
    return payloads.PayloadRow(user_id=written.subject_id)


@mutation
@signed_in
async def set_role(context: Context, actor: Actor, input: inputs.SetRoleInput) -> payloads.PayloadRow:
    """Gives a person another role."""
    command = sanctions.SetRole(user_id=_user(input.user_id), role=input.role, reason=unset_to_none(input.reason))
    written = await sanctions.set_role(context.services.forum, actor, command)
    return payloads.PayloadRow(user_id=written.subject_id)


@mutation
@signed_in
async def premoderate(context: Context, actor: Actor, input: inputs.PremoderateUserInput) -> payloads.PayloadRow:
    """Has what a person writes held, or no longer."""
    command = sanctions.PremoderateUser(
        user_id=_user(input.user_id), premoderated=input.premoderated, reason=unset_to_none(input.reason)
    )
    written = await sanctions.premoderate_user(context.services.forum, actor, command)
    return payloads.PayloadRow(user_id=written.subject_id)


def _user(user_id: str) -> int:
    return ids.required(user_id, "U", UserNotFound, "user_id")
