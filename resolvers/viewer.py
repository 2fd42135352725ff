"""The viewer, and signing in as a guest."""

from collections.abc import Sequence

from access.addresses import network_of
from access.tokens import GUEST_LIFETIME
from access.viewer import NotedViewer, RoleViewer, SingleViewer
from db import rows
from db.kinds import AuthorRole
from forum.errors import NotAllowed
from forum.users import add_guest
from resolvers import inputs, payloads
from resolvers.context import Context
from resolvers.mutations import check_not_suspended, mutation
from resolvers.users import by_user_ids


def _row(viewer: SingleViewer | RoleViewer | NotedViewer) -> payloads.ViewerRow | None:
    if viewer.user_id is None or viewer.expires_at is None:
        return None
    return payloads.ViewerRow(
        user_id=viewer.user_id,
        role=viewer.role,
        token_expires_at=viewer.expires_at,
    )


def current(_roots: Sequence[None], context: Context) -> Sequence[payloads.ViewerRow | None]:
    """The viewer; None for an anonymous reader."""
    return [_row(context.viewer)]


async def users(viewers: Sequence[payloads.ViewerRow], context: Context) -> Sequence[rows.UserRow | None]:
    """Each viewer as others see them."""
    return await by_user_ids([viewer.user_id for viewer in viewers], context)


async def are_guests(viewers: Sequence[payloads.ViewerRow], context: Context) -> Sequence[bool]:
    """Whether each viewer signed in as a guest, which the role of who is suspended does not say."""
    if not any(viewer.role == "suspended" for viewer in viewers):
        return [viewer.role == "guest" for viewer in viewers]
    return [user is not None and user.is_guest for user in await users(viewers, context)]


async def roles(viewers: Sequence[payloads.ViewerRow], context: Context) -> Sequence[str]:
    """What each viewer is, as others see it."""
    return [user.role if user is not None else AuthorRole.MEMBER for user in await users(viewers, context)]


@mutation
async def sign_in_as_guest(context: Context, input: inputs.SignInAsGuestInput) -> payloads.PayloadRow:
    """Adds a guest, and makes a token for it. Raises Suspended for a viewer who is: they need no second name."""
    await check_not_suspended(context)
    if not context.services.site.takes_guests:
        raise NotAllowed("This site takes no guests: sign in with a token.")
    user_id = await add_guest(context.services.forum, input.name, address=network_of(context.address))
    token = context.services.tokens.write(user_id, GUEST_LIFETIME)
    claims = await context.services.tokens.read(f"Bearer {token}")
    return payloads.PayloadRow(token=token, viewer=_row(SingleViewer(user_id, "guest", claims.expires_at)))
