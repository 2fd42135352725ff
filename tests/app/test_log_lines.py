"""The lines of the log, and the id by which they are found from an answer."""

import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
import structlog
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from app.logs import set_up_logging
from tests.support.servers import JWT_SECRET, Parley
from transports import request_ids
from transports.websocket import PROTOCOL

ID = "a1B2-c3.d4_e5:f6"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parley]:
    folder = tmp_path_factory.mktemp("log-lines")
    started = Parley.start(
        database_url=f"sqlite:///{folder}/parley.db", folder=folder, jwt_secret=JWT_SECRET, log_format="json"
    )
    yield started
    started.stop()


def lines(server: Parley) -> list[dict[str, Any]]:
    return [json.loads(line) for line in server.log().splitlines()]


def test_every_line_is_json_and_names_its_request(server: Parley) -> None:
    refused = httpx2.get(f"{server.url}/", headers={"Host": "unknown.example", "X-Request-Id": ID})
    assert (refused.status_code, refused.headers["X-Request-Id"]) == (421, ID)
    (line,) = [line for line in lines(server) if line.get("host") == "unknown.example"]
    assert (line["request_id"], line["level"]) == (ID, "warning")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", line["timestamp"])
    # What belongs to no request has none.
    (serving,) = [line for line in lines(server) if line["event"] == "serving"]
    assert "request_id" not in serving


@pytest.mark.parametrize("path", ["/", "/graphql?query={__typename}", "/graphql?query={", "/nothing", "/readyz"])
def test_every_answer_has_an_id_of_its_own_or_the_one_it_was_sent(server: Parley, path: str) -> None:
    made = {httpx2.get(f"{server.url}{path}").headers["X-Request-Id"] for _ in range(3)}
    assert len(made) == 3
    assert all(re.fullmatch("[0-9a-f]{12}-[0-9a-f]+", one) for one in made)
    assert httpx2.get(f"{server.url}{path}", headers={"X-Request-Id": ID}).headers["X-Request-Id"] == ID
    for unfit in ("", "a b", "x" * 129, 'a"b', "a\tb", "ä"):
        answer = httpx2.get(f"{server.url}{path}", headers={b"X-Request-Id": unfit.encode("latin-1")})
        assert answer.headers["X-Request-Id"] not in made | {unfit}


@pytest.mark.anyio
async def test_a_websocket_has_an_id(server: Parley) -> None:
    async with connect(
        server.ws_url, subprotocols=[Subprotocol(PROTOCOL)], additional_headers={"X-Request-Id": ID}
    ) as opened:
        assert opened.response is not None
        assert opened.response.headers["X-Request-Id"] == ID


@pytest.fixture
def configured() -> Iterator[None]:
    """Restores how the tests log."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.configure(**before)
    root.handlers[:], root.level = handlers, level


@pytest.mark.usefixtures("configured")
def test_records_of_libraries_are_lines_like_ours(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        set_up_logging("json")
    token = request_ids.current.set(ID)
    try:
        try:
            raise RuntimeError("broken")
        except RuntimeError:
            structlog.get_logger("ours").exception("It failed.", number=7)
            logging.getLogger("theirs").exception("It failed: %s", 7)
            logging.getLogger("theirs").info("Nothing is written of this.")
    finally:
        request_ids.current.reset(token)
    ours, theirs = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    for line in (ours, theirs):
        assert "RuntimeError: broken" in line["exception"]
        assert (line["level"], line["request_id"]) == ("error", ID)
    assert (ours["event"], ours["number"]) == ("It failed.", 7)
    assert (theirs["event"], theirs["logger"]) == ("It failed: 7", "theirs")


@pytest.mark.usefixtures("configured")
def test_a_line_of_text_has_its_values_and_a_plain_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("text")
    secret = "what somebody wrote"
    try:
        raise RuntimeError(f"broken after {len(secret)}")
    except RuntimeError:
        structlog.get_logger("ours").exception("It failed.", number=7)
    first, *trace = capsys.readouterr().err.splitlines()
    assert "It failed." in first and "number=7" in first
    assert trace[-1] == "RuntimeError: broken after 19"
    assert not any("what somebody wrote" in line and "secret =" not in line for line in trace)
