"""Presence: who is in a discussion at this moment."""

import strawberry

from schema.users import User


@strawberry.type
class Presence:
    """Who is in a discussion now, as they say by setPresence; of this nothing is kept, and nothing can be resumed."""

    reader_count: int
    """How many are there, each once; those who have not signed in count, too."""
    readers: list[User]
    """Who has signed in of those who are there, 50 at most, first come first."""
    typing: list[User]
    """Who of them is writing something, 50 at most."""
