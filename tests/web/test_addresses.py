"""Whatever an address, a query or a header says, the answer is no failure of the server."""

import socket
from contextlib import closing
from urllib.parse import quote

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.http import people_of
from tests.support.processes import HOST
from tests.support.servers import Parley

NAMES = [
    *("d", "feed.atom", "graphql", "graphiql", "assets", "page", "app.js", "search", "schema.graphql", "favicon.ico"),
    *("robots.txt", "healthz", "metrics", "", ".", "..", "0", "1", "01", "-1", "+1", "1.0", "1e3", "x", "~"),
]
digits = st.integers(1, 5_000).map(lambda length: "9" * length)
words = st.text(max_size=20).map(lambda word: quote(word, safe="", errors="surrogatepass"))
octets = st.binary(max_size=4).map(lambda octet: "".join(f"%{byte:02x}" for byte in octet))
segments = st.one_of(
    st.sampled_from(NAMES), digits, words, octets, st.text("0123456789\u0663\uff19", max_size=12).map(quote)
)
paths = st.one_of(
    st.lists(segments, max_size=5).map("/".join),
    st.tuples(st.just("d"), digits, segments).map("/".join),
)
header_values = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=40)
HEADERS = [
    *("Accept", "Accept-Encoding", "Authorization", "Content-Type", "Cookie", "If-None-Match", "Last-Event-ID"),
    *("Origin", "Range", "X-Forwarded-For", "X-Forwarded-Host", "Upgrade", "Sec-WebSocket-Key"),
]
headers = st.dictionaries(st.sampled_from(HEADERS), header_values, max_size=4)


def status_of(parley: Parley, method: str, target: str, said: dict[str, str]) -> int:
    """The status of the answer to a request that is written as it is."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: {HOST}:{parley.port}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in said.items()]
    with closing(socket.create_connection((HOST, parley.port), timeout=20)) as sent:
        sent.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
        return int(sent.makefile("rb").readline().split()[1])


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    method=st.sampled_from(["GET", "HEAD", "POST", "OPTIONS"]),
    path=paths,
    query=st.one_of(st.just(""), words.map(lambda word: f"?query={word}"), words.map(lambda word: f"?{word}")),
    said=headers,
)
def test_no_address_or_header_is_a_failure_of_the_server(
    parley: Parley, method: str, path: str, query: str, said: dict[str, str]
) -> None:
    assert status_of(parley, method, f"/{path}{query}", said) < 500
    assert "Traceback" not in parley.log()


@pytest.mark.parametrize("length", [11, 30, 4_400])
@pytest.mark.parametrize("rest", ["", "/x", "/feed.atom"])
def test_a_number_that_no_discussion_can_have_is_not_found(parley: Parley, length: int, rest: str) -> None:
    assert httpx2.get(f"{parley.url}/d/{'9' * length}{rest}").status_code == 404
    assert "Traceback" not in parley.log()


@pytest.mark.parametrize("path", ["/graphql/", "/search/", "/graphiql/", "/feed.atom/"])
def test_no_redirect_goes_to_the_host_that_a_request_names(parley: Parley, path: str) -> None:
    answer = httpx2.get(f"{parley.url}{path}")
    assert answer.status_code == 404
    assert "Location" not in answer.headers


def test_a_title_that_was_changed_back_has_an_address_that_is_found(parley: Parley) -> None:
    with people_of(parley) as people:
        ada = people("Ada")
        discussion = ada.start("To begin with.", "Alpha name")
        number = discussion.removeprefix("D_")
        alpha, beta = f"/d/{number}/alpha-name", f"/d/{number}/beta-name"
        version = 1
        for title, here, there in (("Beta name", beta, alpha), ("Alpha name", alpha, beta)):
            ada.write("editDiscussion", discussionId=discussion, title=title, expectedVersion=version)
            version += 1
            assert people.http.get(here).status_code == 200
            moved = people.http.get(there)
            # 308 would be kept by browsers, also once it is wrong.
            assert moved.status_code == 307
            assert moved.headers["Location"] == here
            assert moved.headers["Cache-Control"] == "no-cache"
