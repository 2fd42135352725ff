"""The logs there are, and their ids: the kind of a log in the high bits, and in the low ones whose it is.

A discussion's log has the discussion's id, so that cursors of every version stay good.
"""

_KIND_BITS = 56

FEED = 0
"""The events of all public logs in one order."""
SITE = 1 << _KIND_BITS
"""People and categories."""
MODERATION = 2 << _KIND_BITS
"""What moderators did and have to decide, in one order. Only they may read it."""
PERSON = 3 << _KIND_BITS
"""The ids of the logs of persons begin here."""
AUDIT = 4 << _KIND_BITS
"""Names the audit log in the log of moderation: the number is that of the entry."""
REVIEW = 5 << _KIND_BITS
"""Names the changes of review items there: the number is that of the change."""


def of_person(user_id: int) -> int:
    """The id of the log of one person, which nobody else may read."""
    return PERSON | user_id


def is_discussion(log_id: int) -> bool:
    """Whether a log is that of a discussion."""
    return 0 < log_id < SITE
