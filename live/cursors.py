"""Cursors into the event log: opaque, authenticated, and honest about history.

A cursor names (discussion, number, tag), or in the feed (FEED, position, tag). The tag is 8 random bytes of what it
stands behind, or of the discussion or the feed for number 0, so a cursor from a history that a restored backup or a
failover has undone is recognised, never silently skipped. It is authenticated, so an altered one costs no SQL.
"""

import base64
import binascii
import hmac
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from db.rows import EventRow

_VERSION = 1
_FORM = struct.Struct(">BQQ8s")
_MAC_BYTES = 12
FEED = 0
"""What stands for the discussion in a cursor into the feed; no discussion has this number."""


class BadCursor(Exception):
    """The text is no cursor that this Parley gave out for what it is used for."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Right after event `number` of a discussion, whose tag it carries."""

    discussion_id: int
    number: int
    epoch: bytes


class Resync(Exception):
    """The cursor can't be honoured: what the follower knows has to be fetched anew. `reason` is a ResyncReason."""

    def __init__(self, reason: str, cursor: Cursor) -> None:
        super().__init__(reason)
        self.reason = reason
        self.cursor = cursor


def validate_position(cursor: Cursor, *, log_floor: int, beginning: bytes) -> None:
    """Raises Resync for a cursor below the floor of its log, or to another beginning than the discussion's own."""
    if cursor.number < log_floor:
        raise Resync("LOG_TRIMMED", cursor)
    if cursor.number == 0 and cursor.epoch != beginning:
        raise Resync("HISTORY_CHANGED", cursor)


def events_after(cursor: Cursor, read: Sequence[EventRow]) -> Sequence[EventRow]:
    """The events after a cursor, of the log as it was read from the cursor's own event on.

    Raises Resync where that event is gone or another one, or where events are missing.
    """
    if cursor.number:
        if not read or read[0].event_number != cursor.number or read[0].epoch != cursor.epoch:
            raise Resync("HISTORY_CHANGED", cursor)
        read = read[1:]
    if any(event.event_number != number for number, event in enumerate(read, cursor.number + 1)):
        raise Resync("HISTORY_CHANGED", cursor)
    return read


class Cursors:
    """Writes and reads cursors under the key that all processes on a database share."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def write(self, discussion_id: int, number: int, epoch: bytes) -> str:
        plain = _FORM.pack(_VERSION, discussion_id, number, epoch)
        return base64.urlsafe_b64encode(plain + self._mac(plain)).rstrip(b"=").decode()

    def read(self, text: str) -> Cursor:
        """Raises BadCursor for what was not written here, or was altered since."""
        try:
            data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (ValueError, binascii.Error) as error:
            raise BadCursor("The cursor can't be read.") from error
        if len(data) != _FORM.size + _MAC_BYTES:
            raise BadCursor("The cursor can't be read.")
        _, discussion_id, number, epoch = _FORM.unpack(data[: _FORM.size])
        # Written anew and compared as a whole, because a decoder lets other texts through that mean the same.
        if not hmac.compare_digest(self.write(discussion_id, number, epoch), text):
            raise BadCursor("The cursor was not given out here, or has been altered.")
        return Cursor(discussion_id, number, epoch)

    def _mac(self, plain: bytes) -> bytes:
        return blake2b(plain, key=self._key, digest_size=_MAC_BYTES).digest()
