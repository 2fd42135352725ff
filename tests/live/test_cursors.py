"""Cursors: opaque, authenticated, and honest about history."""

import base64
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live.cursors import BadCursor, Cursor, Cursors, Resync, events_after, validate_position
from tests.live.rows import event

KEY = bytes(range(32))
NUMBERS = st.integers(0, 2**63 - 1)
TAGS = st.binary(min_size=8, max_size=8)
HERE = Cursor(7, 3, b"tag of 3")


@given(NUMBERS, NUMBERS, TAGS)
def test_a_cursor_is_read_as_it_was_written(discussion: int, number: int, epoch: bytes) -> None:
    cursors = Cursors(KEY)
    assert cursors.read(cursors.write(discussion, number, epoch)) == Cursor(discussion, number, epoch)


@given(NUMBERS, NUMBERS, TAGS)
def test_a_cursor_is_short_and_fits_into_an_address(discussion: int, number: int, epoch: bytes) -> None:
    text = Cursors(KEY).write(discussion, number, epoch)
    assert len(text) == 50
    assert text.isascii() and text.replace("-", "").replace("_", "").isalnum()


@given(st.integers(0, 36), st.integers(1, 255))
def test_a_cursor_with_any_byte_altered_is_a_bad_cursor(at: int, change: int) -> None:
    cursors = Cursors(KEY)
    data = bytearray(base64.urlsafe_b64decode(cursors.write(7, 3, b"tag of 3") + "=="))
    data[at] ^= change
    with pytest.raises(BadCursor):
        cursors.read(base64.urlsafe_b64encode(data).rstrip(b"=").decode())


@given(st.text())
def test_a_text_that_was_not_given_out_is_a_bad_cursor(text: str) -> None:
    with pytest.raises(BadCursor):
        Cursors(KEY).read(text)


@pytest.mark.parametrize("form", ["{}=", "{}==", " {}", "{}\n", "{}A", "{}é", "\N{FULLWIDTH DIGIT ONE}{}"])
def test_another_way_to_write_a_cursor_is_a_bad_cursor(form: str) -> None:
    cursors = Cursors(KEY)
    with pytest.raises(BadCursor):
        cursors.read(form.format(cursors.write(7, 3, b"tag of 3")))


def test_the_last_character_has_only_one_way_to_be_written() -> None:
    # The last of 50 characters holds two bits that no byte needs: they must be zero, or one cursor had four texts.
    cursors = Cursors(KEY)
    text = cursors.write(7, 3, b"tag of 3")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    read = 0
    for last in alphabet:
        try:
            cursors.read(text[:-1] + last)
        except BadCursor:
            continue
        read += 1
    assert read == 1


def test_a_cursor_of_another_key_is_a_bad_cursor() -> None:
    with pytest.raises(BadCursor):
        Cursors(KEY).read(Cursors(KEY[::-1]).write(7, 3, b"tag of 3"))


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
def test_a_cursor_below_the_floor_or_to_another_beginning_is_not_honoured(
    cursor: Cursor, floor: int, reason: str | None
) -> None:
    if reason is None:
        validate_position(cursor, log_floor=floor, beginning=b"beginnin")
        return
    with pytest.raises(Resync) as resync:
        validate_position(cursor, log_floor=floor, beginning=b"beginnin")
    assert (resync.value.reason, resync.value.cursor) == (reason, cursor)


@pytest.mark.parametrize(("numbers", "fresh"), [([3], []), ([3, 4, 5], [4, 5])])
def test_news_are_what_follows_the_cursors_own_event(numbers: Sequence[int], fresh: Sequence[int]) -> None:
    read = [event(number) for number in numbers]
    assert [row.event_number for row in events_after(HERE, read)] == fresh


def test_all_is_news_at_the_beginning() -> None:
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
def test_a_log_that_lacks_the_cursors_event_or_one_after_it_is_another_history(
    cursor: Cursor, numbers: Sequence[int]
) -> None:
    with pytest.raises(Resync) as resync:
        events_after(cursor, [event(number) for number in numbers])
    assert (resync.value.reason, resync.value.cursor) == ("HISTORY_CHANGED", cursor)
