"""Cursors into event logs: opaque, authenticated, and bound to the history that they were given for.

A cursor names a log, the number of an event (in the feed, a position) and an epoch: 8 random bytes of that event, or
of the log itself for number 0. So a cursor from a history that a restored backup or a failover has undone is
recognised, and events are never skipped silently. It is authenticated, so an altered one costs no SQL.
"""

import base64
import binascii
import hmac
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from db.kinds import ResyncReason
from db.rows import EventRow

_VERSION = 1
_FORM = struct.Struct(">BQQ8s")
_MAC_BYTES = 12
_UNREADABLE = "The cursor can't be read: send it exactly as it was given."


class BadCursor(Exception):
    """The text is not a cursor of this site, or not one of the log that it is used for."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The position right after event `number` of a log."""

    log_id: int
    number: int
    epoch: bytes
    """That of the event, or of the log for number 0."""


class Resync(Exception):
    """The cursor is not part of the log's history: its client has to fetch again."""

    def __init__(self, reason: ResyncReason, cursor: Cursor) -> None:
        super().__init__(reason)
        self.reason = reason
        self.cursor = cursor


def validate_position(cursor: Cursor, *, log_floor: int, beginning: bytes) -> None:
    """Raises Resync if a cursor is below its log's floor, or at another beginning than the log's own."""
    if cursor.number < log_floor:
        raise Resync(ResyncReason.LOG_TRIMMED, cursor)
    if cursor.number == 0 and cursor.epoch != beginning:
        raise Resync(ResyncReason.HISTORY_CHANGED, cursor)


def events_after(cursor: Cursor, read: Sequence[EventRow]) -> Sequence[EventRow]:
    """Returns the events after a cursor, from the log as it was read from the cursor's own event on.

    Raises Resync if that event is gone or has another epoch, or if an event is missing.
    """
    if cursor.number:
        if not read or read[0].event_number != cursor.number or read[0].epoch != cursor.epoch:
            raise Resync(ResyncReason.HISTORY_CHANGED, cursor)
        read = read[1:]
    if any(event.event_number != number for number, event in enumerate(read, cursor.number + 1)):
        raise Resync(ResyncReason.HISTORY_CHANGED, cursor)
    return read


class Cursors:
    """Writes and reads cursors under the key that all processes on a database share."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def write(self, log_id: int, number: int, epoch: bytes) -> str:
        """Returns the text of a cursor, 50 characters that need no escaping in a URL."""
        plain = _FORM.pack(_VERSION, log_id, number, epoch)
        return base64.urlsafe_b64encode(plain + self._mac(plain)).rstrip(b"=").decode()

    def read(self, text: str) -> Cursor:
        """Returns the cursor of a text. Raises BadCursor if `write` did not write it under this key."""
        try:
            data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (ValueError, binascii.Error) as error:
            raise BadCursor(_UNREADABLE) from error
        if len(data) != _FORM.size + _MAC_BYTES:
            raise BadCursor(_UNREADABLE)
        _, log_id, number, epoch = _FORM.unpack(data[: _FORM.size])
        # Written again and compared as a whole, because a decoder accepts several texts for the same bytes.
        if not hmac.compare_digest(self.write(log_id, number, epoch), text):
            raise BadCursor("The cursor was not given out by this site, or has been altered.")
        return Cursor(log_id, number, epoch)

    def _mac(self, plain: bytes) -> bytes:
        return blake2b(plain, key=self._key, digest_size=_MAC_BYTES).digest()
