"""The person who asks."""

from collections.abc import Sequence

import db.users
from access.tokens import GUEST_LIFETIME
from access.viewer import RoleViewer, Viewer
from db import rows
from db.failures import Failure, InvalidText, NameTaken, NotAllowed, Refused
from resolvers import inputs, payloads, writes
from resolvers import users as people
from resolvers.context import Context
from text import normal


def _row(viewer: Viewer | RoleViewer) -> payloads.ViewerRow | None:
    if viewer.user_id is None or viewer.expires_at is None:
        return None
    return payloads.ViewerRow(
        user_id=viewer.user_id,
        is_guest=viewer.role == "guest",
        is_moderator=viewer.role == "moderator",
        token_expires_at=viewer.expires_at,
    )


def current(_roots: Sequence[None], context: Context) -> Sequence[payloads.ViewerRow | None]:
    """The person who asks; None for an anonymous reader."""
    return [_row(context.viewer)]


async def users(viewers: Sequence[payloads.ViewerRow], context: Context) -> Sequence[rows.UserRow | None]:
    """Each viewer as others see them."""
    return await people.by_user_ids([viewer.user_id for viewer in viewers], context)


async def sign_in_as_guest(
    _roots: Sequence[None], context: Context, *, input: inputs.SignInAsGuestInput
) -> Sequence[payloads.SignInAsGuestPayload]:
    """Makes a guest and a token."""
    key = writes.check_key(context, input)
    failure = _refusal(context, input) or await writes.too_many(context, None)
    try:
        if failure is not None:
            raise Refused(failure)
        user_id = await _guest(context, " ".join(input.name.split()))
    except Refused as refused:
        failures = [writes.for_client(failure) for failure in refused.failures]
        return [payloads.SignInAsGuestPayload(client_mutation_id=key, errors=failures)]
    token = context.services.tokens.write(user_id, GUEST_LIFETIME)
    claims = await context.services.tokens.read(f"Bearer {token}")
    viewer = _row(Viewer(user_id, "guest", claims.expires_at))
    return [payloads.SignInAsGuestPayload(client_mutation_id=key, token=token, viewer=viewer)]


def _refusal(context: Context, input: inputs.SignInAsGuestInput) -> Failure | None:
    if not context.services.guests:
        return NotAllowed("Guests are not taken here: sign in with a token.")
    most = context.services.limits.name_length
    name = " ".join(input.name.split())
    if invalid := normal.invalid(name):
        return InvalidText(f"The name can't be kept: {invalid}", ("name",))
    if not db.users.handle_of(name) or len(name) > most:
        return InvalidText(f"A name has 1 to {most} characters, letters or digits among them.", ("name",))
    return None


async def _guest(context: Context, name: str) -> int:
    """Makes the person. Raises Refused(NameTaken) for a handle or a name that somebody has."""
    keys = [db.users.handle_of(name), normal.normalised(name)]
    if await context.database.rows(db.users.named, keys=keys):
        raise Refused(NameTaken(f"The name «{name}» is taken.", ("name",)))
    person = db.users.Person(handle=name, name=name, is_guest=True)
    return await context.database.write(lambda tx: db.users.add_user(tx, person, exactly=True))
