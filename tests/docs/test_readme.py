"""The commands and programs of README.md and the quick start work as printed, against a server with demo data."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scripts.pages import blocks
from tests.docs import newcomers
from tests.node import npm
from tests.support.servers import ROOT, Parley
from tests.support.waiting import eventually as wait_until


def block(language: str, heading: str, page: str = "README.md") -> str:
    """Returns the first code block of a language below a heading."""
    return next(
        each.code for each in blocks.of_page(ROOT / page) if (each.language, each.heading) == (language, heading)
    )


@pytest.fixture(scope="module")
def newcomers_parley(demo_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parley]:
    """The server of this module. Some tests restart it."""
    yield from newcomers.serving(demo_data, tmp_path_factory.mktemp("newcomer"))


def ask(server: Parley, commands: str) -> Any:
    """Runs shell commands of the README against a server and returns the data that they print."""
    return json.loads(newcomers.shell(server, commands))["data"]


@pytest.mark.skipif(shutil.which("curl") is None, reason="NOT TESTED: this machine has no curl.")
def test_first_query_reads_a_nested_thread(newcomers_parley: Parley) -> None:
    discussion = ask(newcomers_parley, block("sh", "A first query"))["discussion"]
    assert discussion["eventCursor"]
    assert discussion["thread"]["totalCount"] == 64
    assert [len(reply["path"]) for reply in discussion["thread"]["nodes"]][:4] == [1, 2, 3, 4]


@pytest.mark.skipif(shutil.which("curl") is None, reason="NOT TESTED: this machine has no curl.")
def test_first_reply_quotes_a_source(newcomers_parley: Parley) -> None:
    answer = ask(newcomers_parley, block("sh", "Reply", "docs/index.md"))["addReply"]
    assert answer["errors"] == []
    (quote,) = answer["reply"]["quotes"]
    assert quote["status"] == "VERBATIM"
    assert quote["source"]["url"].endswith("/d/1#reply-1")


@pytest.mark.node
def test_follow_survives_a_restarted_server(newcomers_parley: Parley, tmp_path: Path) -> None:
    npm.install()
    program = tmp_path / "follow.mjs"
    printing = "follow(2, (item) => console.log(JSON.stringify([item.__typename, item.reply?.path])));\n"
    script = re.sub(r"^follow\(1,.*\n", "", block("js", "Follow a thread"), flags=re.MULTILINE) + printing
    program.write_text(script.replace("http://127.0.0.1:8000", newcomers_parley.url))
    major = int(
        subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout[1:].split(".")[0]
    )
    flags = ["--experimental-websocket"] if major < 22 else []
    log = tmp_path / "output.log"
    with log.open("w") as output, (tmp_path / "warnings.log").open("w") as warnings:
        follower = subprocess.Popen(["node", *flags, str(program)], stdout=output, stderr=warnings, env=os.environ)
    try:
        wait_until(lambda: "CaughtUp" in log.read_text(), seconds=20, what="the replay to end")
        post(newcomers_parley, "before the restart")
        wait_until(lambda: log.read_text().count("ReplyAdded") == 1, seconds=20, what="the first reply")
        newcomers_parley.kill()
        newcomers_parley.restart()
        post(newcomers_parley, "after the restart")
        wait_until(lambda: log.read_text().count("ReplyAdded") == 2, seconds=30, what="the second reply")
    finally:
        follower.kill()
        follower.wait()
    items = [json.loads(line) for line in log.read_text().splitlines()]
    assert [kind for kind, _ in items].count("Snapshot") == 1
    assert [path for kind, path in items if kind == "ReplyAdded"] == [[6], [7]]


@pytest.mark.node
def test_event_source_receives_events(newcomers_parley: Parley, tmp_path: Path) -> None:
    npm.install()
    follow = block("js", "Follow, in a browser without a library", "docs/index.md")
    watch = block("js", "A browser's own EventSource", "docs/cookbook/graphql-sse.md")
    script = (follow + watch).replace("http://127.0.0.1:8000", newcomers_parley.url)
    program = tmp_path / "source.mjs"
    # Node has no EventSource of its own.
    library = (npm.FOLDER / "node_modules" / "eventsource" / "dist" / "index.js").as_uri()
    program.write_text(f'import {{ EventSource }} from "{library}";\n' + script.replace("D_1", "D_2"))
    log = tmp_path / "output.log"
    with log.open("w") as output:
        follower = subprocess.Popen(["node", str(program)], stdout=output, stderr=output, env=os.environ)
    try:
        wait_until(lambda: "CaughtUp" in log.read_text(), seconds=20, what="the stream to open")
        post(newcomers_parley, "to an event source")
        wait_until(lambda: "ReplyAdded" in log.read_text(), seconds=20, what="the reply")
    finally:
        follower.kill()
        follower.wait()
    assert '"bodyText":"to an event source' in log.read_text().replace('": "', '":"')


def post(server: Parley, body: str) -> None:
    """Adds a reply to the second demo discussion, which has five."""
    commands = block("sh", "Reply", "docs/index.md").replace("D_1", "D_2").replace("quick-start-1", body)
    assert ask(server, re.sub(r'"body": ".*",', f'"body": "{body}",', commands))["addReply"]["errors"] == []
