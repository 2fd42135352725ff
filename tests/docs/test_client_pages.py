"""The programs that the cookbook prints for one's own front end and server work as printed."""

import json
import os
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from scripts.pages import blocks
from tests.docs import newcomers
from tests.node import npm
from tests.support.servers import JWT_SECRET, ROOT, Parley
from tests.support.waiting import eventually

pytestmark = pytest.mark.node


@pytest.fixture(scope="module", autouse=True)
def _installed() -> None:
    npm.install()


@pytest.fixture(scope="module")
def parley_of_clients(demo_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parley]:
    yield from newcomers.serving(demo_data, tmp_path_factory.mktemp("clients"))


def code_of(test: str) -> str:
    """The block whose info string names this test."""
    (found,) = [
        block.code for page in blocks.pages() for block in blocks.of_page(page) if block.marks.get("tested") == test
    ]
    return found


def command(code: str) -> list[str]:
    return ["node", "--input-type=module", "--eval", code]


def printed(code: str) -> Any:
    """What a program prints, as JSON. It finds the npm packages of tests/node."""
    done = subprocess.run(command(code), cwd=npm.FOLDER, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@contextmanager
def token_server() -> Iterator[str]:
    """The token server of the page, at an address of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "PARLEY_JWT_SECRET": JWT_SECRET, "PORT": str(port)}
    process = subprocess.Popen(command(code_of("test_node_server_issues_tokens")), cwd=npm.FOLDER, env=environment)
    url = f"http://127.0.0.1:{port}/token"
    try:
        eventually(lambda: status(url) == 401, what="the token server")
        yield url
    finally:
        process.kill()
        process.wait()


def status(url: str) -> int | None:
    """The status of a GET; None where nothing listens yet."""
    try:
        with urllib.request.urlopen(url) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code
    except urllib.error.URLError:
        return None


def test_node_server_issues_tokens(parley_of_clients: Parley) -> None:
    with token_server() as url:
        request = urllib.request.Request(url, headers={"Cookie": "session=1"})
        with urllib.request.urlopen(request) as answer:
            token = json.load(answer)["token"]
    data = newcomers.ask(parley_of_clients, "{ viewer { user { handle name } tokenExpiresAt } }", {}, token)
    # The demo data has an Ada.
    assert data["viewer"]["user"] == {"handle": "ada-2", "name": "Ada Example"}


def test_session_renews_tokens_before_they_expire() -> None:
    session = code_of("test_session_renews_tokens_before_they_expire")
    used = """
    const issued = [];
    let answers = [];
    globalThis.fetch = async () => answers.shift()();
    const tokenFor = (seconds) => () => {
      // These letters become - and _ in base64url.
      const exp = Date.now() / 1000 + seconds;
      const claims = Buffer.from(JSON.stringify({ exp, n: issued.length, t: "\u00ff\u00fe?>" }));
      issued.push(`h.${claims.toString("base64url")}.s`);
      return new Response(JSON.stringify({ token: issued.at(-1) }));
    };
    const refused = () => new Response(null, { status: 401 });
    const seen = [];
    // Two requests at once get one token; one that expires soon is renewed; a long one is kept.
    answers = [tokenFor(30), tokenFor(900)];
    seen.push(...(await Promise.all([token(), token()])));
    seen.push(await token(), await token());
    // After signing out nobody is signed in, and that is asked once.
    forgetSession();
    answers = [refused];
    seen.push(await token(), await token());
    // A failure is not taken for a sign-out.
    forgetSession();
    answers = [() => new Response(null, { status: 503 }), tokenFor(900)];
    seen.push(await token().catch((error) => error.message), await token());
    console.log(JSON.stringify(seen.map((each) => (issued.includes(each) ? issued.indexOf(each) : each))));
    """
    assert printed(session + used) == [0, 0, 1, 1, None, None, "No token: status 503.", 2]


def test_mocks_answer_a_thread() -> None:
    code = code_of("test_mocks_answer_a_thread").replace('"schema.graphql"', json.dumps(str(ROOT / "schema.graphql")))
    result = printed(code)
    assert "errors" not in result
    nodes = result["data"]["discussion"]["thread"]["nodes"]
    assert [node["path"] for node in nodes] == [[1], [1]]
    assert nodes[0]["bodyHtml"] == "<p>Cast iron gives no warning.</p>"


@pytest.mark.parametrize("policies", [True, False])
def test_types_without_id_are_merged(policies: bool) -> None:
    code = code_of("test_types_without_id_are_merged")
    if not policies:
        code = code.replace("typePolicies", "ignored")
    used = """
    import { gql } from "@apollo/client";
    console.warn = console.error = () => {};
    const COST = gql`{ rateLimit { cost } site { id limits { titleLength } } }`;
    const LEFT = gql`{ rateLimit { remaining } site { id limits { quotes } } }`;
    const write = (query, rate, limits) =>
      cache.writeQuery({
        query,
        data: {
          rateLimit: { __typename: "RateLimit", ...rate },
          site: { __typename: "Site", id: "S_1", limits: { __typename: "SiteLimits", ...limits } },
        },
      });
    write(COST, { cost: 1 }, { titleLength: 9 });
    write(LEFT, { remaining: 2 }, { quotes: 3 });
    console.log(JSON.stringify([COST, LEFT].map((query) => cache.readQuery({ query }) !== null)));
    """
    # Without them the first query is evicted: the page says so, and this test can fail.
    assert printed(code + used) == [policies, True]
