"""A server as a newcomer has it, and what the blocks of the pages are asked there."""

import json
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import jwt

from tests.support.servers import JWT_SECRET, ROOT, UNLIMITED, Parley, parley_environment

HERE = "http://127.0.0.1:8000"
"""Where the pages say that the server is."""


def serving(demo_data: Path, folder: Path) -> Iterator[Parley]:
    """A server as `scripts/serve` leaves it, on its own copy of the embedded database with the demo data."""
    path = folder / "parley.db"
    with closing(sqlite3.connect(demo_data)) as source, closing(sqlite3.connect(path)) as copy:
        source.backup(copy)
    server = Parley.start(
        database_url=f"sqlite:///{path}", folder=folder, guests=True, jwt_secret=JWT_SECRET, **UNLIMITED
    )
    yield server
    server.stop()


def shell(server: Parley, commands: str) -> str:
    """What shell commands print, with this server where the pages name one."""
    here = commands.replace(HERE, server.url).replace(".venv/bin/python", sys.executable)
    done = subprocess.run(
        ["bash", "-c", f"set -euo pipefail\n{here}"],
        cwd=ROOT,
        env=parley_environment(server.settings),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, f"{commands}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def ask(server: Parley, query: str, variables: dict[str, Any], token: str | None = None) -> Any:
    """The data that a document is answered with. Fails where there are errors beside it."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    body = json.dumps({"query": query, "variables": variables}).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{server.url}/graphql", body, headers)) as answer:
        told = json.load(answer)
    assert "errors" not in told, f"{query}\n{told}"
    return told["data"]


def token_of(server: Parley, handle: str, *, moderator: bool) -> str:
    """A token of the person who has the handle, else of a new one."""
    found = ask(server, "query ($handle: String!) { user(handle: $handle) { id } }", {"handle": handle})["user"]
    claims: dict[str, Any] = {"iss": "the docs", "sub": handle, "preferred_username": handle}
    if found is not None:
        claims = {"iss": "parley", "sub": found["id"].removeprefix("U_")}
    if moderator:
        claims["parley_role"] = "moderator"
    return jwt.encode({**claims, "exp": int(time.time()) + 600}, JWT_SECRET, algorithm="HS256")
