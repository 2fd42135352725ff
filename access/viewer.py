"""The viewer: who reads, as far as fields may depend on it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Role = Literal["anonymous", "suspended", "guest", "member", "moderator"]
"""What a viewer may do. Who is suspended reads as a member, and writes nothing."""


@dataclass(frozen=True, slots=True)
class SingleViewer:
    """Who reads: a role, and whether it is a given user."""

    user_id: int | None = None
    role: Role = "anonymous"
    expires_at: datetime | None = None
    """When the bearer token expires; None without one."""

    def is_(self, user_id: int | None) -> bool:
        """Whether the viewer is this user; False for None."""
        return user_id is not None and user_id == self.user_id


ANONYMOUS = SingleViewer()


class RoleViewer:
    """All viewers of one role at once, in an execution that they share.

    Fields may ask for `role` and `is_(user_id)`. Each user that `is_` was asked about is noted in `dependencies`: that
    user sees something else, and executes again for itself. Everything else raises, since an answer that holds for one
    viewer would be sent to all of them.
    """

    __slots__ = ("dependencies", "role")

    def __init__(self, role: Role) -> None:
        self.role: Role = role
        self.dependencies: set[int] = set()

    def is_(self, user_id: int | None) -> bool:
        """False, and notes the user as a dependency."""
        if user_id is not None:
            self.dependencies.add(user_id)
        return False

    @property
    def user_id(self) -> int | None:
        """Raises RuntimeError: a shared execution has no single user."""
        raise RuntimeError("This field runs for many viewers at once: use viewer.role or viewer.is_(user_id).")

    @property
    def expires_at(self) -> datetime | None:
        """Raises RuntimeError: each viewer's token expires at its own time."""
        raise RuntimeError("This field runs for many viewers at once: use viewer.role or viewer.is_(user_id).")


class NotedViewer:
    """One viewer, in an execution whose answer may be sent to others.

    It answers as a SingleViewer does, and notes what was asked: with each user of `dependencies` the answer may differ,
    and if `is_personal`, with every viewer.
    """

    __slots__ = ("_viewer", "dependencies", "is_personal", "role")

    def __init__(self, viewer: SingleViewer) -> None:
        self._viewer = viewer
        self.role: Role = viewer.role
        self.dependencies: set[int] = set()
        self.is_personal = False

    def is_(self, user_id: int | None) -> bool:
        """As of a SingleViewer."""
        if user_id is not None:
            self.dependencies.add(user_id)
        return self._viewer.is_(user_id)

    @property
    def user_id(self) -> int | None:
        """As of a SingleViewer."""
        self.is_personal = True
        return self._viewer.user_id

    @property
    def expires_at(self) -> datetime | None:
        """As of a SingleViewer."""
        self.is_personal = True
        return self._viewer.expires_at
