"""Cursors are opaque and authenticated, and a position of another history is rejected."""

import base64
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live.cursors import BadCursor, Cursor, Cursors, Resync, events_after, validate_position
from tests.live.rows import epoch, event

KEY = bytes(range(32))
NUMBERS = st.integers(0, 2**63 - 1)
EPOCHS = st.binary(min_size=8, max_size=8)
HERE = Cursor(7, 3, b"epoch 3.")
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@given(NUMBERS, NUMBERS, EPOCHS)
def test_cursor_is_read_as_it_was_written(log_id: int, number: int, own_epoch: bytes) -> None:
    cursors = Cursors(KEY)
    assert cursors.read(cursors.write(log_id, number, own_epoch)) == Cursor(log_id, number, own_epoch)


@given(NUMBERS, NUMBERS, EPOCHS)
def test_cursor_has_50_characters_that_urls_do_not_escape(log_id: int, number: int, epoch: bytes) -> None:
    text = Cursors(KEY).write(log_id, number, epoch)
    assert len(text) == 50
    assert text.isascii() and text.replace("-", "").replace("_", "").isalnum()


@given(st.integers(0, 36), st.integers(1, 255))
def test_cursor_with_any_byte_altered_is_rejected(at: int, change: int) -> None:
    cursors = Cursors(KEY)
    data = bytearray(base64.urlsafe_b64decode(cursors.write(7, 3, b"epoch 3.") + "=="))
    data[at] ^= change
    with pytest.raises(BadCursor):
        cursors.read(base64.urlsafe_b64encode(data).rstrip(b"=").decode())


@given(st.text())
def test_any_other_text_is_rejected(text: str) -> None:
    with pytest.raises(BadCursor):
        Cursors(KEY).read(text)


@pytest.mark.parametrize("form", ["{}=", "{}==", " {}", "{}\n", "{}A", "{}é", "\N{FULLWIDTH DIGIT ONE}{}"])
def test_other_encoding_of_a_cursor_is_rejected(form: str) -> None:
    cursors = Cursors(KEY)
    with pytest.raises(BadCursor):
        cursors.read(form.format(cursors.write(7, 3, b"epoch 3.")))


@pytest.mark.parametrize("at", range(50))
def test_cursor_with_any_character_replaced_is_rejected(at: int) -> None:
    # The last of 50 characters holds two bits that no byte needs: they must be zero, or one cursor had four texts.
    cursors = Cursors(KEY)
    text = cursors.write(7, 3, b"epoch 3.")
    for other in ALPHABET.replace(text[at], ""):
        with pytest.raises(BadCursor):
            cursors.read(text[:at] + other + text[at + 1 :])


@given(st.integers(0, 49), st.integers(0, 50), st.text(ALPHABET, max_size=4))
def test_cursor_that_is_cut_or_spliced_is_rejected(begin: int, end: int, spliced: str) -> None:
    cursors = Cursors(KEY)
    text = cursors.write(7, 3, b"epoch 3.")
    altered = text[:begin] + spliced + text[max(begin, end) :]
    if altered != text:
        with pytest.raises(BadCursor):
            cursors.read(altered)


@given(NUMBERS, NUMBERS, EPOCHS, NUMBERS, NUMBERS, EPOCHS, st.integers(1, 49))
def test_parts_of_two_cursors_make_no_third(
    log_id: int, number: int, epoch: bytes, other_id: int, other_number: int, other_epoch: bytes, at: int
) -> None:
    cursors = Cursors(KEY)
    one, other = cursors.write(log_id, number, epoch), cursors.write(other_id, other_number, other_epoch)
    mixed = one[:at] + other[at:]
    if mixed not in (one, other):
        with pytest.raises(BadCursor):
            cursors.read(mixed)


def test_cursor_of_another_key_is_rejected() -> None:
    with pytest.raises(BadCursor):
        Cursors(KEY).read(Cursors(KEY[::-1]).write(7, 3, b"epoch 3."))


@pytest.mark.parametrize(
    ("cursor", "floor", "reason"),
    [
        (HERE, 0, None),
        (HERE, 3, None),
        (HERE, 4, "LOG_TRIMMED"),
        (Cursor(7, 0, b"beginnin"), 0, None),
        (Cursor(7, 0, b"beginnin"), 1, "LOG_TRIMMED"),
        (Cursor(7, 0, b"another."), 0, "HISTORY_CHANGED"),
    ],
)
def test_cursor_below_the_floor_or_at_another_beginning_raises_resync(
    cursor: Cursor, floor: int, reason: str | None
) -> None:
    if reason is None:
        validate_position(cursor, log_floor=floor, beginning=b"beginnin")
        return
    with pytest.raises(Resync) as resync:
        validate_position(cursor, log_floor=floor, beginning=b"beginnin")
    assert (resync.value.reason, resync.value.cursor) == (reason, cursor)


@pytest.mark.parametrize(("numbers", "fresh"), [([3], []), ([3, 4, 5], [4, 5])])
def test_events_after_are_those_that_follow_the_cursors_own_event(numbers: Sequence[int], fresh: Sequence[int]) -> None:
    read = [event(number) for number in numbers]
    assert [row.event_number for row in events_after(HERE, read)] == fresh


def test_all_events_are_after_the_beginning() -> None:
    assert [row.event_number for row in events_after(Cursor(7, 0, b"beginnin"), [event(1), event(2)])] == [1, 2]
    assert events_after(Cursor(7, 0, b"beginnin"), []) == []


@pytest.mark.parametrize(
    ("cursor", "numbers"),
    [
        (HERE, []),
        (HERE, [4]),
        (Cursor(7, 3, b"another."), [3, 4]),
        (HERE, [3, 5]),
        (HERE, [3, 4, 6]),
        (HERE, [3, 4, 4]),
        (Cursor(7, 0, b"beginnin"), [2]),
    ],
)
def test_log_without_the_cursors_event_or_a_later_one_raises_resync(cursor: Cursor, numbers: Sequence[int]) -> None:
    with pytest.raises(Resync) as resync:
        events_after(cursor, [event(number) for number in numbers])
    assert (resync.value.reason, resync.value.cursor) == ("HISTORY_CHANGED", cursor)


@given(st.integers(0, 5), st.lists(st.sampled_from([*range(1, 10), -3, -4, -6]), max_size=8))
def test_events_after_returns_an_unbroken_log_or_raises_resync(number: int, log: list[int]) -> None:
    # A negative number stands for an event of that number with another epoch.
    read = [event(abs(each), own_epoch=b"another." if each < 0 else None) for each in log]
    cursor = Cursor(7, number, epoch(number) if number else b"beginnin")
    own, rest = (log[:1], log[1:]) if number else ([0], log)
    if own == [number] and [abs(each) for each in rest] == list(range(number + 1, number + 1 + len(rest))):
        assert [row.event_number for row in events_after(cursor, read)] == [abs(each) for each in rest]
    else:
        with pytest.raises(Resync) as resync:
            events_after(cursor, read)
        assert (resync.value.reason, resync.value.cursor) == ("HISTORY_CHANGED", cursor)
