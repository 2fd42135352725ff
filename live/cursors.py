"""Cursors into the event log: opaque, authenticated, and honest about history.

A cursor names (discussion, number, tag). The tag is 8 random bytes of the event it stands behind, or of the
discussion for number 0, so a cursor from a history that a restored backup or a failover has undone is recognised,
never silently skipped. It is authenticated, so an altered one costs no SQL.
"""

import base64
import binascii
import hmac
import struct
from dataclasses import dataclass
from hashlib import blake2b

_VERSION = 1
_FORM = struct.Struct(">BQQ8s")
_MAC_BYTES = 12


class BadCursor(Exception):
    """The text is no cursor that this Parley gave out for what it is used for."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Right after event `number` of a discussion, whose tag it carries."""

    discussion_id: int
    number: int
    tag: bytes


class Cursors:
    """Writes and reads cursors under the key that all processes on a database share."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def write(self, discussion_id: int, number: int, tag: bytes) -> str:
        plain = _FORM.pack(_VERSION, discussion_id, number, tag)
        return base64.urlsafe_b64encode(plain + self._mac(plain)).rstrip(b"=").decode()

    def read(self, text: str) -> Cursor:
        """Raises BadCursor for what was not written here, or was altered since."""
        try:
            # Only the very form that was given out: a decoder lets other texts through that mean the same.
            data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (ValueError, binascii.Error) as error:
            raise BadCursor("The cursor can't be read.") from error
        plain, mac = data[: _FORM.size], data[_FORM.size :]
        if len(plain) != _FORM.size or not hmac.compare_digest(mac, self._mac(plain)):
            raise BadCursor("The cursor was not given out here, or has been altered.")
        _, discussion_id, number, tag = _FORM.unpack(plain)
        cursor = Cursor(discussion_id, number, tag)
        if self.write(discussion_id, number, tag) != text:
            raise BadCursor("The cursor was not given out here, or has been altered.")
        return cursor

    def _mac(self, plain: bytes) -> bytes:
        return blake2b(plain, key=self._key, digest_size=_MAC_BYTES).digest()
