"""What mutations answer: ids of what was written, which the payload's fields then read like any other row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from db import failures


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """What every mutation answers."""

    client_mutation_id: str | None
    errors: Sequence[failures.Failure] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscussionPayload(Payload):
    """Of a mutation of a discussion; None where it failed."""

    discussion_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyPayload(Payload):
    """Of a mutation of a reply; None where it failed."""

    post_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddReplyPayload(ReplyPayload):
    """Of addReply: also where the log stands right after the reply."""

    event_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewerRow:
    """The person who asks."""

    user_id: int
    is_guest: bool
    is_moderator: bool
    token_expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewRow:
    """What a body would read like; None where it would be refused."""

    body: str | None = None
    body_html: str | None = None
    errors: Sequence[failures.Failure] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInAsGuestPayload(Payload):
    """Of signInAsGuest; None where it failed."""

    token: str | None = None
    viewer: ViewerRow | None = None
