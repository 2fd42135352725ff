"""The viewer, and signing in as a guest."""

from collections.abc import Sequence

from access.tokens import GUEST_LIFETIME
from access.viewer import NotedViewer, RoleViewer, SingleViewer
from db import rows
from forum.errors import NotAllowed
from forum.users import add_guest
from resolvers import inputs, payloads
from resolvers.context import Context
from resolvers.mutations import mutation
from resolvers.users import by_user_ids


def _row(viewer: SingleViewer | RoleViewer | NotedViewer) -> payloads.ViewerRow | None:
    if viewer.user_id is None or viewer.expires_at is None:
        return None
    return payloads.ViewerRow(
        user_id=viewer.user_id,
        is_guest=viewer.role == "guest",
        is_moderator=viewer.role == "moderator",
        token_expires_at=viewer.expires_at,
    )


def current(_roots: Sequence[None], context: Context) -> Sequence[payloads.ViewerRow | None]:
    """The viewer; None for an anonymous reader."""
    return [_row(context.viewer)]


async def users(viewers: Sequence[payloads.ViewerRow], context: Context) -> Sequence[rows.UserRow | None]:
    """Each viewer as others see them."""
    return await by_user_ids([viewer.user_id for viewer in viewers], context)


@mutation
async def sign_in_as_guest(context: Context, input: inputs.SignInAsGuestInput) -> payloads.PayloadRow:
    """Adds a guest, and makes a token for it."""
    if not context.services.site.takes_guests:
        raise NotAllowed("This site takes no guests: sign in with a token.")
    user_id = await add_guest(context.services.forum, input.name, address=context.address)
    token = context.services.tokens.write(user_id, GUEST_LIFETIME)
    claims = await context.services.tokens.read(f"Bearer {token}")
    return payloads.PayloadRow(token=token, viewer=_row(SingleViewer(user_id, "guest", claims.expires_at)))
