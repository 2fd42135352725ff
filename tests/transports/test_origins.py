"""Which web pages may ask over HTTP, and whose request it is behind a proxy."""

from collections.abc import Sequence

import httpx2
import pytest
from starlette.datastructures import Headers
from structlog.testing import capture_logs

from tests.transports.asking import DOCUMENT
from tests.transports.service import ALLOWED_ORIGIN, Service
from transports.notices import FORGET_SECONDS, MAX_VALUES, Notices
from transports.origins import Origins


def test_a_page_of_an_allowed_origin_may_ask(client: httpx2.Client) -> None:
    response = client.post("/graphql", json=DOCUMENT, headers={"Origin": ALLOWED_ORIGIN})
    assert response.headers["access-control-allow-origin"] == ALLOWED_ORIGIN
    assert response.headers["vary"] == "Accept, Authorization, Origin"
    assert "access-control-allow-credentials" not in response.headers


def test_a_page_of_another_origin_gets_no_permission(client: httpx2.Client) -> None:
    response = client.post("/graphql", json=DOCUMENT, headers={"Origin": "https://elsewhere.example"})
    assert "access-control-allow-origin" not in response.headers
    assert preflight(client, "https://elsewhere.example").status_code == 400


def preflight(client: httpx2.Client, origin: str, headers: str = "authorization,content-type") -> httpx2.Response:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": headers}
    return client.options("/graphql", headers={"Origin": origin, **asked})


def test_a_preflight_allows_what_clients_send_and_may_be_kept(client: httpx2.Client) -> None:
    response = preflight(client, ALLOWED_ORIGIN)
    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == ALLOWED_ORIGIN
    assert int(response.headers["access-control-max-age"]) > 0
    assert {"Authorization", "Content-Type"} <= set(response.headers["access-control-allow-headers"].split(", "))
    assert preflight(client, ALLOWED_ORIGIN, headers="x-other").status_code == 400


def test_every_origin_may_ask_where_all_are_allowed() -> None:
    with Service(allowed_origins=["*"]).running() as open_service:
        headers = {"Origin": "https://anyone.example", "Authorization": "Bearer bad"}
        response = httpx2.post(open_service.url, json=DOCUMENT, headers=headers)
    assert response.status_code == 401
    assert response.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("origins", [["reader.example"], ["https://reader.example/path"], ["null"]])
def test_an_origin_that_is_none_is_refused_at_start(origins: Sequence[str]) -> None:
    with pytest.raises(ValueError, match="origin"):
        Service(allowed_origins=origins).application()


def test_the_address_behind_a_trusted_proxy_is_the_clients_own() -> None:
    with Service(trusted_proxies=["127.0.0.0/8"]).running() as behind_proxy:
        headers = {"X-Forwarded-For": "198.51.100.1, 203.0.113.7"}
        response = httpx2.post(behind_proxy.url, json={"query": "{ address }"}, headers=headers)
    assert response.json() == {"data": {"address": "203.0.113.7"}}


def test_each_origin_that_is_refused_is_logged_once_with_its_setting() -> None:
    # A websocket's handshake, which is answered with 403.
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    key = {"Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="}
    with (
        Service().running() as service,
        httpx2.Client(base_url=service.url.removesuffix("/graphql")) as client,
        capture_logs() as logs,
    ):
        for _ in range(2):
            for origin in ("http://127.0.0.1:5173", "null", ALLOWED_ORIGIN, str(client.base_url).rstrip("/")):
                client.post("/graphql", json=DOCUMENT, headers={"Origin": origin})
                preflight(client, origin)
            client.post("/graphql", json=DOCUMENT)
        for origin in ("http://127.0.0.1:5173", "https://socket.example"):
            assert client.get("/graphql", headers={"Origin": origin, **upgrade, **key}).status_code == 403
    refused = [entry["origin"] for entry in logs if "PARLEY_ALLOWED_ORIGINS" in entry["event"]]
    assert refused == ["http://127.0.0.1:5173", "null", "https://socket.example"]


def test_a_long_origin_is_logged_in_part() -> None:
    with capture_logs() as logs:
        assert not Origins([]).allows(Headers({"origin": "https://" + "x" * 10_000, "host": "reader.example"}))
    assert len(logs[0]["origin"]) == 255


def test_what_is_logged_is_bounded_and_repeated_after_an_hour() -> None:
    now = 0.0
    notices = Notices(lambda: now)
    assert [notices.is_new(str(value)) for value in range(MAX_VALUES + 1)] == [True] * MAX_VALUES + [False]
    assert not notices.is_new("0")
    now = FORGET_SECONDS
    assert notices.is_new("0")
    assert not notices.is_new("0")
