"""The bench of followers counts right, and every stack delivers to its followers what it says."""

import json
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import pytest

from bench.fan_out import measure, report, stacks
from bench.fan_out.dialects import Dialect, EventStream, Follow, Frames, GraphQLWebSocket, Step
from bench.fan_out.followers import Followers
from bench.fan_out.measure import EndToEnd, Harness, Idle, Row
from bench.load import BadAnswer
from bench.stacks import NotSetUp, node
from tests.support.processes import HOST
from tests.support.waiting import eventually

ROW = Row("parley", 1000, 1, 100_000.0, 8.0, 9.0, 16.0, 31.0, 3.0)
PING = b'\x81\x0f{"type":"ping"}'
EVENT_STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"


class Plain(GraphQLWebSocket):
    """Frames with answers to pings, and no handshake."""

    def opening(self, follow: Follow) -> list[Step]:
        return []


def frame(number: int, *, length: int = 200) -> bytes:
    """The frame of an event, of which only the number counts."""
    answer = json.dumps({"payload": {"data": {"replyAdded": {"eventNumber": number}}}}).encode().ljust(length)
    return b"\x81\x7e" + length.to_bytes(2, "big") + answer


def chunk(number: int) -> bytes:
    """An event of an event stream in a chunk of its own."""
    data = b'event: next\ndata: {"data":{"replyAdded":{"eventNumber":%d}}}\n\n' % number
    return b"%x\r\n%b\r\n" % (len(data), data)


@contextmanager
def following(
    dialect: Dialect, count: int, *, greeting: bytes = b"", patience_seconds: float = 20
) -> Iterator[tuple[Followers, list[socket.socket]]]:
    """Followers, and the servers' ends of their connections in the same order."""
    with socket.create_server((HOST, 0)) as listening:
        ends: list[socket.socket] = []

        def accept() -> None:
            for _ in range(count):
                end, _ = listening.accept()
                end.sendall(greeting)
                ends.append(end)

        accepting = threading.Thread(target=accept)
        accepting.start()
        with Followers(dialect, patience_seconds=patience_seconds) as followers:
            followers.join([Follow(HOST, listening.getsockname()[1])] * count)
            accepting.join()
            yield followers, ends
        for end in ends:
            end.close()


def send(ends: Sequence[socket.socket], *data: bytes) -> None:
    for end in ends:
        end.sendall(b"".join(data))


def test_followers_receive_event_after_event() -> None:
    with following(Frames(), 3) as (followers, ends):
        send(ends, frame(7))
        followers.receive(1)
        send(ends, frame(8), frame(9))
        followers.receive(2)
        assert followers.received == frame(8) + frame(9)
        followers.rest(0.01)


def test_frames_and_pings_may_be_cut_anywhere() -> None:
    sent = frame(1) + PING + frame(2)
    for cut in range(len(sent) + 1):
        first = Frames().split(sent[:cut])
        second = Frames().split(first.rest + sent[cut:])
        assert first.events + second.events == [frame(1), frame(2)]
        assert first.pinged != second.pinged
        assert second.rest == b""


def test_what_is_not_whole_is_kept_and_pings_are_answered() -> None:
    with following(Plain(), 2) as (followers, (first, second)):
        first.sendall(frame(1))
        second.sendall(frame(1) + PING + frame(2)[:50])
        followers.receive(1)
        assert second.recv(100) == Plain().pong
        second.sendall(frame(2)[50:] + PING[:5])
        first.sendall(frame(2))
        followers.receive(1)
        second.sendall(PING[5:])
        send([first, second], frame(3))
        followers.receive(1)
        assert second.recv(100) == Plain().pong


def test_event_streams_are_read_in_chunks_and_without_comments() -> None:
    with following(EventStream(), 2, greeting=EVENT_STREAM) as (followers, (first, second)):
        first.sendall(chunk(1) + b"3\r\n:\n\n\r\n")
        second.sendall(chunk(1) + chunk(2)[:20])
        followers.receive(1)
        first.sendall(chunk(2))
        second.sendall(chunk(2)[20:])
        followers.receive(1)


@pytest.mark.parametrize(
    ("sent", "complaint"),
    [
        ([frame(1), frame(3)], "Event 3 came after event 1"),
        ([frame(2), frame(1)], "Event 1 came after event 2"),
        ([frame(1), frame(1)], "Event 1 came after event 1"),
        ([frame(1), frame(2), frame(3)], "more than the 2 events"),
        ([b'\x81\x10{"type":"error"}', frame(1)], "Not the answer of a follower"),
        ([b"\x88\x02\x03\xf4"], "no text"),
    ],
)
def test_unexpected_events_are_reported(sent: list[bytes], complaint: str) -> None:
    with following(Frames(), 2) as (followers, ends):
        send(ends, *sent)
        with pytest.raises(BadAnswer, match=complaint):
            followers.receive(2)


@pytest.mark.parametrize("other", [frame(1, length=201), frame(2)])
def test_a_follower_that_receives_something_else_is_noticed(other: bytes) -> None:
    with following(Frames(), 2) as (followers, (first, second)):
        first.sendall(frame(1))
        second.sendall(other)
        with pytest.raises(BadAnswer, match="where another received"):
            followers.receive(1)


def test_a_follower_that_receives_less_is_noticed() -> None:
    with following(Frames(), 2, patience_seconds=0.2) as (followers, (first, _)):
        first.sendall(frame(1))
        with pytest.raises(BadAnswer, match="did not receive all"):
            followers.receive(1)


def test_a_follower_that_receives_an_event_twice_is_noticed() -> None:
    with following(Frames(), 2) as (followers, (first, second)):
        send([first, second, first], frame(1))
        with pytest.raises(BadAnswer, match="more than"):  # noqa: PT012 - where it shows is a matter of chance
            followers.receive(1)
            followers.rest(1.0)


def test_a_follower_whose_connection_ends_is_noticed() -> None:
    with following(Frames(), 1) as (followers, ends):
        ends[0].close()
        with pytest.raises(BadAnswer, match="ended"):
            followers.receive(1)


@pytest.fixture(scope="module")
def backing() -> Iterator[stacks.Backing]:
    with stacks.Backing(discussions=3) as backing:
        yield backing


@pytest.fixture
def harness(backing: stacks.Backing) -> Harness:
    return Harness(backing, core=None, log=lambda _line: None)


def check(harness: Harness, stack: str) -> None:
    """Measures a stack with few followers; what they receive is checked there."""
    harness.try_out(stack)
    rows = harness.measure([stack], [5], rounds=1, seconds=0.05)
    assert [(row.stack, row.n, row.burst) for row in rows] == [(stack, 5, burst) for burst in measure.BURSTS]
    assert all(row.deliveries_s > 0 and 0 < row.last_p50_ms <= row.last_p99_ms for row in rows)


@pytest.mark.long
@pytest.mark.parametrize("stack", ["parley", *stacks.PYTHON_PEERS])
def test_a_stack_in_python_serves_its_followers(harness: Harness, stack: str) -> None:
    check(harness, stack)


@pytest.mark.long
def test_event_streams_serve_their_followers(harness: Harness) -> None:
    check(harness, "parley-sse")


@pytest.mark.long
@pytest.mark.node
@pytest.mark.parametrize("stack", stacks.NODE_PEERS)
def test_a_stack_in_node_serves_its_followers(harness: Harness, stack: str) -> None:
    try:
        node()
    except NotSetUp as error:
        pytest.skip(f"NOT TESTED with the Node peers: {error}.")
    check(harness, stack)


def test_the_peers_send_what_parley_sends_in_as_many_bytes(backing: stacks.Backing) -> None:
    received = {stack: one_event(backing, stack) for stack in ("parley", "socket", "uvicorn-raw", "strawberry")}
    assert 490 <= len(received["parley"]) <= 510
    assert len(received["socket"]) == len(received["uvicorn-raw"])
    # The id of a reply has as many digits as there are posts.
    assert abs(len(received["socket"]) - len(received["parley"])) <= 2
    # strawberry's handler puts blanks into its JSON.
    assert len(received["strawberry"]) - len(received["parley"]) < 40
    shapes = {stack: shape(Frames().answer(event)) for stack, event in received.items()}
    assert shapes == dict.fromkeys(received, shapes["parley"])


def one_event(backing: stacks.Backing, stack: str) -> bytes:
    """What a stack sends for one event."""
    with stacks.serving(stack, backing, core=None) as served, Followers(served.dialect) as followers:
        followers.join(served.follows(1))
        eventually(lambda: served.control.followers() == 1, seconds=20, what="a follower")
        served.control.prepare(1)
        served.control.publish()
        followers.receive(1)
        served.control.published()
        return followers.received


def shape(value: object) -> object:
    """The names in an answer, and the kinds of its values."""
    return {name: shape(part) for name, part in value.items()} if isinstance(value, dict) else type(value)


@pytest.mark.long
def test_parley_is_measured_from_the_request_and_idle(harness: Harness) -> None:
    posted = harness.end_to_end("parley", 5, seconds=0.05)
    assert 0 < posted.last_p50_ms <= posted.last_p99_ms
    idle = harness.idle(3, seconds=0.5)
    assert idle.n == 3 and 0 <= idle.cpu_percent <= 100


def test_json_holds_the_rows_by_the_names_agreed() -> None:
    printed = json.loads(
        report.Results([ROW], [EndToEnd("parley", 1000, 12.0, 20.0)], Idle(10_000, 1.5, 30.0)).as_json()
    )
    names = "stack n burst deliveries_s cpu_us last_p50_ms last_p99_ms kb_per_connection"
    assert set(printed["rows"][0]) == set(names.split())
    assert printed["rows"][0]["cpu_us"] == 8.0
    assert printed["client"] == [{"stack": "parley", "n": 1000, "burst": 1, "cpu_us": 3.0}]
    assert printed["end_to_end"][0]["last_p99_ms"] == 20.0
    assert printed["idle"]["cpu_percent"] == 1.5


def test_the_report_compares_as_the_aims_are_put() -> None:
    peers = {"graphql-ws": 20_000.0, "mercurius-jit": 25_000.0, "strawberry": 2_500.0, "picows-raw": 200_000.0}
    rows = [ROW, *(replace(ROW, stack=stack, deliveries_s=each, cpu_us=5.0) for stack, each in peers.items())]
    rows += [replace(row, burst=10, deliveries_s=5 * row.deliveries_s) for row in rows]
    printed = "\n".join(report.Results(rows, [], Idle(10_000, 1.5, 30.0)).comparisons())
    assert "N=1,000: 4.00 times the deliveries/s of the best Node peer, mercurius-jit" in printed
    assert "1.60 times the server CPU of raw picows" in printed
    assert "40.0 times the deliveries/s of strawberry's handler" in printed
    assert "5.0 times those of graphql-ws in bursts of 10" in printed
    assert "1.5 % of a core" in printed
