"""The place of a reply in its tree, as bytes that sort in reading order.

A path is the 4-byte big-endian sequences from the top-level answer down to the reply. Bytes compare as the lists of
numbers do, so `ORDER BY path` is the reading order (oldest sibling first), a sub-tree is one range, and depth is the
length. For newest siblings first the complement of each sequence is stored beside it: a parent still sorts before its
answers, because a prefix sorts first whatever its bytes are.
"""

import struct

SEGMENT_BYTES = 4
_TOP = 0xFFFFFFFF


def child(parent: bytes, sequence: int) -> bytes:
    """The path of reply `sequence` below `parent` (empty: below the opening post)."""
    return parent + sequence.to_bytes(SEGMENT_BYTES, "big")


def newest(path: bytes) -> bytes:
    """The same place for the order that reads the newest sibling first."""
    return bytes(0xFF - byte for byte in path)


def sequences(path: bytes) -> list[int]:
    """The sequences from the top-level answer down, e.g. [3, 17, 42]."""
    return list(struct.unpack(f">{len(path) // SEGMENT_BYTES}I", path))


def depth(path: bytes) -> int:
    """0 for an answer to the opening post; -1 for the opening post itself."""
    return len(path) // SEGMENT_BYTES - 1


def below(path: bytes) -> tuple[bytes, bytes]:
    """The open range that holds all descendants of a place, in either order; of the opening post: all replies."""
    return path, path + _TOP.to_bytes(SEGMENT_BYTES, "big")


def just_before(path: bytes) -> bytes:
    """An exclusive bound below which is all that precedes a place, and above which the place itself comes first."""
    number = int.from_bytes(path[-SEGMENT_BYTES:], "big")
    return below(child(path[:-SEGMENT_BYTES], number - 1))[1]
