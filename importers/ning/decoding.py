"""Decodes a file of unknown or mixed encoding, a piece at a time."""

import codecs
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

CHUNK_BYTES: Final = 1 << 18
_LONGEST_SEQUENCE_BYTES = 64

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    # UTF-32's little-endian mark begins with UTF-16's.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def _as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    data, at = error.object, error.start
    if data[at] == 0xED and len(data) >= at + 3 and data[at + 1] >= 0xA0 and 0x80 <= data[at + 2] < 0xC0:
        # A surrogate encoded as UTF-8 (CESU-8). No text in another encoding contains these bytes.
        pair = data[at : at + 6]
        if len(pair) == 6 and pair[1] < 0xB0 and pair[3] == 0xED and pair[4] >= 0xB0 and 0x80 <= pair[5] < 0xC0:
            return pair.decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass").decode("utf-16"), at + 6
        return "\ufffd", at + 3
    return data[at : error.end].decode("windows-1252", "replace"), error.end


_WINDOWS_1252 = "parley.windows-1252"
codecs.register_error(_WINDOWS_1252, _as_windows_1252)


def _encoding(head: bytes) -> tuple[str, int]:
    """Returns the encoding that the first bytes of a file indicate, and the length of its byte order mark."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return encoding, len(mark)
    # A mark may have been lost. JSON begins with an ASCII character, so a zero beside it tells.
    if len(head) >= 2 and head[:2].count(0) == 1:
        return ("utf-16-be" if head[0] == 0 else "utf-16-le"), 0
    return "utf-8", 0


class TextFile:
    """A file's text: UTF-8, or UTF-16 and UTF-32 by their byte order mark.

    Bytes that are not UTF-8 are decoded as windows-1252 one by one, so a file that mixes both encodings is decoded
    correctly. Bytes that neither encoding defines become U+FFFD. Never raises.
    """

    def __init__(self, path: Path) -> None:
        self.read_bytes = 0
        """How many bytes were read so far, for a progress bar."""
        self._file: BinaryIO = path.open("rb")
        head = self._file.read(4)
        encoding, mark_bytes = _encoding(head)
        errors = _WINDOWS_1252 if encoding == "utf-8" else "replace"
        self._sequences = encoding == "utf-8"
        self._decoder = codecs.getincrementaldecoder(encoding)(errors)
        self._carried = head[mark_bytes:]
        self._ended = False

    def read(self, size: int = CHUNK_BYTES) -> str:
        """Returns the next text, of about `size` bytes; "" only at the end."""
        while not self._ended:
            data = self._file.read(size)
            self.read_bytes = self._file.tell()
            self._ended = not data
            data = self._carried + data
            cut = len(data) if self._ended else self._cut(data)
            self._carried = data[cut:]
            if text := self._decoder.decode(data[:cut], final=self._ended):
                return text
        return ""

    def _cut(self, data: bytes) -> int:
        """Returns where to cut so that a byte sequence is decoded as a whole, whatever the size of the pieces."""
        if not self._sequences:
            return len(data)
        cut = len(data)
        while cut and len(data) - cut < _LONGEST_SEQUENCE_BYTES and data[cut - 1] >= 0x80:
            cut -= 1
        return cut if len(data) - cut < _LONGEST_SEQUENCE_BYTES else len(data)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
