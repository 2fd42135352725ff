"""deploy/nginx.conf, run by nginx before two Parley processes: what must come through it does."""

import asyncio
import json
import os
import re
import socket
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from hashlib import sha256
from itertools import takewhile
from pathlib import Path
from typing import Self

import httpx2
import pytest
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.support import programs
from tests.support.http import People, people_of
from tests.support.processes import HOST, Server
from tests.support.servers import JWT_SECRET, ROOT, Parley, PostgreSQL, Valkey
from tests.support.timeouts import SCENARIO_SECONDS, SOON_SECONDS
from tests.support.waiting import eventually, eventually_async
from tests.support.websocket import EVENTS, Socket, following, metric, numbers
from transports.protocol import HEAD_SECONDS, IDLE_SECONDS
from transports.requests import BODY_SECONDS

pytestmark = pytest.mark.anyio

WRITES_OF_ADDRESS = 100
REPLIES_WHILE_REPLACED = 40
SHOWN = "add_header X-Cache $upstream_cache_status always;"


class Nginx(Server):
    """The site of deploy/nginx.conf, of which only addresses and ports are others."""

    upstreams: list[Parley]

    @classmethod
    def start(cls, folder: Path, upstreams: list[Parley]) -> Self:
        server = cls(folder)
        server.upstreams = upstreams
        server._launch()
        return server

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def ws_url(self) -> str:
        return f"ws://{HOST}:{self.port}/graphql"

    def _launch(self) -> None:
        nginx = programs.debian_program("nginx", else_untested="deploy/nginx.conf before two servers")
        site = (ROOT / "deploy" / "nginx.conf").read_text()
        for of, to in {
            "parley-1:8000": f"{HOST}:{self.upstreams[0].port}",
            "parley-2:8000": f"{HOST}:{self.upstreams[1].port}",
            "listen 80;": f"listen {HOST}:{self.port};",
            "listen [::]:80;": "",
            "/var/cache/parley": f"{self.folder}/answers",
            "proxy_cache_revalidate on;": f"proxy_cache_revalidate on; {SHOWN}",
        }.items():
            assert site.count(of) == 1, of
            site = site.replace(of, to)
        (self.folder / "site.conf").write_text(site)
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = "".join(f"{kind}_temp_path {self.folder}/{kind};" for kind in kinds)
        user = "user root;" if os.geteuid() == 0 else ""
        (self.folder / "nginx.conf").write_text(
            f"{user} daemon off; pid {self.folder}/pid; error_log stderr; events {{}}\n"
            f"http {{ access_log off; {temporary} include {self.folder}/site.conf; }}\n"
        )
        command = [nginx, "-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), "-e", "stderr"]
        self._spawn(command, ready=self._ready, cwd=self.folder)

    def _ready(self) -> bool:
        try:
            return httpx2.get(f"{self.url}/robots.txt", timeout=5).status_code == 200
        except httpx2.TransportError:
            return False


@dataclass(frozen=True)
class Site:
    """Two servers, and the proxy before them."""

    servers: list[Parley]
    proxy: Nginx

    @asynccontextmanager
    async def followed(self, discussion: str, after: str | None = None) -> AsyncIterator[Socket]:
        """A follower through the proxy."""
        async with following(self.proxy, EVENTS, discussion, after) as socket:
            yield socket


@pytest.fixture(scope="module")
def site(postgresql: PostgreSQL, valkey: Valkey, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("nginx")
    url = postgresql.new_database()
    servers = [
        Parley.start(
            database_url=url,
            bus_url=valkey.url,
            folder=folder,
            guests=True,
            jwt_secret=JWT_SECRET,
            trusted_proxies=HOST,
            public_url=f"http://{HOST}",
            writes_per_minute_of_address=WRITES_OF_ADDRESS,
            guests_per_hour_of_address=1_000,
        )
        for _ in range(2)
    ]
    proxy = Nginx.start(folder, servers)
    yield Site(servers, proxy)
    for server in (proxy, *servers):
        server.stop()


@pytest.fixture(scope="module")
def people(site: Site) -> Iterator[People]:
    """People at the second server, past the proxy."""
    with people_of(site.servers[1]) as made:
        yield made


def test_the_page_its_files_and_the_api_come_through(site: Site, people: People) -> None:
    discussion = people("Ada").start("To begin with.", "Through a proxy")
    with httpx2.Client(base_url=site.proxy.url, headers={"Accept-Encoding": "gzip"}) as http:
        page = http.get("/")
        assert page.status_code == 200
        assert "default-src" in page.headers["Content-Security-Policy"]
        assert page.headers["Content-Encoding"] == "gzip"
        query = "query ($id: ID!) { discussion(id: $id) { title } }"
        answer = http.post("/graphql", json={"query": query, "variables": {"id": discussion}})
        assert answer.json() == {"data": {"discussion": {"title": "Through a proxy"}}}
        for path in ("/metrics", "/readyz", "/healthz"):
            assert http.get(path).status_code == 404
            assert httpx2.get(f"{site.servers[0].url}{path}").status_code == 200


QUERY = "query Cached($id: ID!) { discussion(id: $id) { title } }"


def by_hash(discussion: str) -> dict[str, str]:
    hashed = {"persistedQuery": {"version": 1, "sha256Hash": sha256(QUERY.encode()).hexdigest()}}
    return {"extensions": json.dumps(hashed), "variables": json.dumps({"id": discussion})}


@pytest.mark.parametrize("kind", ["query", "hash", "documentId", "page", "feed", "schema"])
def test_an_answer_that_the_proxy_keeps_is_never_stale(site: Site, people: People, kind: str) -> None:
    ada = people("Ada")
    discussion = ada.start("To begin with.", "First title")
    number = discussion.removeprefix("D_")
    variables = {"variables": json.dumps({"id": discussion})}
    path, asked = {
        "query": ("/graphql", {"query": QUERY} | variables),
        "hash": ("/graphql", by_hash(discussion)),
        "documentId": ("/graphql", {"documentId": f"sha256:{sha256(QUERY.encode()).hexdigest()}"} | variables),
        "page": ("/", {}),
        "feed": (f"/d/{number}/feed.atom", {}),
        "schema": ("/schema.graphql", {}),
    }[kind]
    with httpx2.Client(base_url=site.proxy.url, params=asked) as http:
        # The servers learn the document.
        for server in site.servers:
            httpx2.get(f"{server.url}/graphql", params={"query": QUERY} | by_hash(discussion)).raise_for_status()
        first = http.get(path)
        again = http.get(path)
        assert (first.headers["X-Cache"], again.headers["X-Cache"]) == ("MISS", "REVALIDATED")
        assert again.content == first.content
        # What is kept is sent with the id of this request, which has one only.
        ids = [answer.headers.get_list("X-Request-Id") for answer in (first, again)]
        assert ids[0] != ids[1] and all(len(each) == 1 for each in ids)
        # So it is for a browser.
        known = http.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (known.status_code, known.content) == (304, b"")
        assert "X-Accel-Expires" not in first.headers
        if kind == "schema":
            return
        for at in range(5):
            ada.write("editDiscussion", discussionId=discussion, title=f"Title {at}", expectedVersion=at + 1)
            answer = http.get(path)
            assert f"Title {at}" in answer.text
            assert http.get(path).headers["X-Cache"] == "REVALIDATED"


def test_the_proxy_keeps_no_error_and_no_answer_to_a_token(site: Site, people: People) -> None:
    ada = people("Ada")
    token = {"Authorization": f"Bearer {ada.token}"}
    with httpx2.Client(base_url=site.proxy.url) as http:
        unknown = {"extensions": json.dumps({"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}})}
        for _ in range(2):
            of_a_bad_cursor = {"query": '{ discussions(first: 1, after: "x") { nodes { id } } }'}
            for asked in (unknown, {"query": "{ nothing }"}, of_a_bad_cursor):
                assert "errors" in (answer := http.get("/graphql", params=asked)).json()
                assert answer.headers["X-Cache"] == "MISS"
            viewed = {"query": "{ viewer { user { handle } } }"}
            answer = http.get("/graphql", params=viewed, headers=token)
            assert ada.handle in answer.text
            assert answer.headers["X-Cache"] == "BYPASS"
            assert ada.handle not in http.get("/graphql", params=viewed).text
        assert http.get("/d/999999999/x").headers["X-Cache"] == "MISS"
        assert http.get("/d/999999999/x").headers["X-Cache"] == "MISS"


async def test_a_websocket_comes_through(site: Site, people: People) -> None:
    ada = people("Ada")
    discussion = await asyncio.to_thread(ada.start)
    async with site.followed(discussion) as socket:
        assert await socket.replayed() == []
        for number in range(1, 4):
            await asyncio.to_thread(ada.reply, discussion)
            assert numbers([await socket.item()]) == [number]


def _until_a_beat(lines: Iterator[str]) -> Iterator[str]:
    """The lines of a stream until it says that it is alive, which it does after a silence."""
    return takewhile(lambda line: not line.startswith(":"), lines)


def test_an_event_stream_comes_through_at_once_and_as_it_is(site: Site, people: People) -> None:
    ada = people("Ada")
    discussion = ada.start()
    headers = {"Accept": "text/event-stream", "Accept-Encoding": "gzip"}
    asked = {"query": EVENTS, "variables": {"id": discussion}}
    with httpx2.stream(
        "POST", f"{site.proxy.url}/graphql", json=asked, headers=headers, timeout=SOON_SECONDS
    ) as response:
        assert response.headers["Content-Type"].startswith("text/event-stream")
        assert "Content-Encoding" not in response.headers
        lines = response.iter_lines()
        assert any("CaughtUp" in line for line in lines)
        for _ in range(3):
            reply = ada.reply(discussion)
            # Held back by the proxy, it would come no sooner than the stream's end.
            assert any(f'"id":"{reply}"' in line for line in _until_a_beat(lines))


async def test_a_follower_misses_nothing_while_a_server_is_replaced(site: Site, people: People) -> None:
    ada = people("Ada")
    discussion = await asyncio.to_thread(ada.start)
    cursor = await asyncio.to_thread(ada.cursor, discussion)
    heard: list[int] = []
    connections = 0

    async def follow() -> None:
        nonlocal connections, cursor
        while len(heard) < REPLIES_WHILE_REPLACED:
            try:
                async with site.followed(discussion, cursor) as socket:
                    connections += 1
                    while len(heard) < REPLIES_WHILE_REPLACED:
                        item = await socket.item()
                        cursor = item["cursor"]
                        if item["__typename"] == "ReplyAdded":
                            heard.extend(numbers([item]))
            except (ConnectionClosed, InvalidHandshake):
                # As clients do, it comes back with its last cursor.
                await asyncio.sleep(0.1)

    async with asyncio.timeout(SCENARIO_SECONDS), asyncio.TaskGroup() as tasks:
        tasks.create_task(follow())
        await asyncio.to_thread(ada.reply, discussion)
        await eventually_async(lambda: heard == [1], "the first reply")
        (followed,) = [server for server in site.servers if metric(server, "parley_followers")]
        # Written at another server than the one that is replaced.
        (other,) = [server for server in site.servers if server is not followed]
        with people_of(other) as others:
            grace = others("Grace")
            replaced = tasks.create_task(asyncio.to_thread(followed.restart))
            for _ in range(REPLIES_WHILE_REPLACED - 2):
                await asyncio.to_thread(grace.reply, discussion)
            await replaced
            await asyncio.to_thread(grace.reply, discussion)
    assert heard == list(range(1, REPLIES_WHILE_REPLACED + 1))
    assert connections > 1


def test_limits_count_the_client_and_not_what_it_makes_up(site: Site) -> None:
    mutation = "mutation ($name: String!) { signInAsGuest(input: {name: $name}) { token errors { code } } }"
    # Not the proxy's own address, which the servers trust.
    from_elsewhere = httpx2.HTTPTransport(local_address="127.0.0.2")
    told = []
    with httpx2.Client(base_url=site.proxy.url, transport=from_elsewhere, timeout=20) as http:
        for number in range(WRITES_OF_ADDRESS + 1):
            asked = {"query": mutation, "variables": {"name": f"Guest {number}"}}
            # Another address each time, as somebody says who wants to be taken for many.
            answer = http.post("/graphql", json=asked, headers={"X-Forwarded-For": f"203.0.113.{number}"}).json()
            told.append([error["code"] for error in answer["data"]["signInAsGuest"]["errors"]])
    assert told[0] == []
    assert told[-1] == ["RATE_LIMITED"]


def test_requests_of_one_address_are_limited_and_those_of_others_are_not(site: Site) -> None:
    # An address that no other test uses.
    greedy = httpx2.HTTPTransport(local_address="127.0.0.3")
    with httpx2.Client(base_url=site.proxy.url, transport=greedy, timeout=SOON_SECONDS) as http:
        statuses: set[int] = set()

        def is_limited() -> bool:
            with ThreadPoolExecutor(8) as threads:
                statuses.update(threads.map(lambda _: http.get("/robots.txt").status_code, range(400)))
            return 429 in statuses

        eventually(is_limited, "a refused request")
        assert statuses == {200, 429}
    assert httpx2.get(f"{site.proxy.url}/robots.txt").status_code == 200


@pytest.mark.parametrize("head", [b"X-Long: " + b"a" * 20_000, b"\r\n".join([b"X-Long: " + b"a" * 8_000] * 10)])
def test_headers_are_limited_before_they_reach_a_server(site: Site, head: bytes) -> None:
    with closing(socket.create_connection((HOST, site.proxy.port), timeout=SOON_SECONDS)) as sent:
        sent.sendall(b"GET /robots.txt HTTP/1.1\r\nHost: 127.0.0.1\r\n" + head + b"\r\n\r\n")
        assert sent.recv(65_536).startswith(b"HTTP/1.1 4")


def test_deadlines_of_the_proxy_are_those_of_the_server() -> None:
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    named = dict(re.findall(r"^ {4}(\w+) +(\d+)(?:s|m);", text, re.MULTILINE))
    assert int(named["client_header_timeout"]) == HEAD_SECONDS
    assert int(named["client_body_timeout"]) == BODY_SECONDS
    # To Parley it is nginx that ends a connection, or a request could be lost on the way.
    upstream = re.search(r"keepalive_timeout (\d+)s;", text)
    assert upstream is not None
    assert int(upstream[1]) < IDLE_SECONDS
