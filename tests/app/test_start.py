"""What a server does before it serves, so that nobody waits for it later."""

import subprocess
import sys

import pytest

from tests.support.backends import Backend
from tests.support.servers import ROOT, parley_environment

FIRST_REQUESTS = """
import asyncio, sys
from starlette.concurrency import run_in_threadpool
from server import create_app

PATHS = "/ /favicon.ico /feed.atom /d/1 /u/ada /sitemap.xml /graphiql /schema.graphql /metrics".split()


async def ask(app, path, answers):
    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        if message["type"] == "http.response.start":
            answers.append(message["status"])

    scope = {"type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "path": path,
             "raw_path": path.encode(), "query_string": b"", "root_path": "", "headers": [(b"host", b"localhost")],
             "client": ("127.0.0.1", 1), "server": ("localhost", 80), "state": {}}
    await app(scope, receive, send)


async def main():
    app, answers = create_app(), []
    async with app.router.lifespan_context(app):
        before = set(sys.modules)
        for path in PATHS:
            await ask(app, path, answers)
        await run_in_threadpool(int)
        assert answers == [200, 307, 200, 404, 404, 200, 200, 200, 200], answers
        print(sorted(set(sys.modules) - before))

asyncio.run(main())
"""


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_no_first_request_imports_a_module(backend: Backend) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FIRST_REQUESTS],
        env=parley_environment({"database_url": backend.migrated_database()}),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines()[-1:] == ["[]"], done.stderr
