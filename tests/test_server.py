"""The command line, the settings and the operators' addresses, as an operator meets them."""

import asyncio
import json
import os
import socket
import sqlite3
import subprocess
import sys
import unicodedata
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any

import jwt
import pytest

import app.settings
from db.migrate import migrate
from tests.support.servers import JWT_SECRET, Parley, PostgreSQL, Valkey, parley_environment, run, told
from tests.support.waiting import eventually as wait_until

WRONG = [
    ({"port": "many"}, "PARLEY_PORT", "many"),
    ({"port": "70000"}, "PARLEY_PORT", "70000"),
    ({"database_url": "mysql://x/y"}, "PARLEY_DATABASE_URL", "mysql"),
    ({"database_url": "sqlite://"}, "PARLEY_DATABASE_URL", "file"),
    ({"bus_url": "kafka://x"}, "PARLEY_BUS_URL", "kafka"),
    ({"workers": "2"}, "PARLEY_WORKERS", "SQLite supports one process"),
    ({"workers": "2", "database_url": "postgresql://localhost/x"}, "PARLEY_WORKERS", "PARLEY_BUS_URL"),
    ({"jwt_secret": "short"}, "PARLEY_JWT_SECRET", "32"),
    ({"jwks_url": "keys.json"}, "PARLEY_JWKS_URL", "http"),
    ({"public_url": "example.org"}, "PARLEY_PUBLIC_URL", "http"),
    ({"guests": "perhaps"}, "PARLEY_GUESTS", "perhaps"),
    ({"trusted_proxies": "10.0.0.0/8,everyone"}, "PARLEY_TRUSTED_PROXIES", "everyone"),
    ({"reserved_names": "Council, !!"}, "PARLEY_RESERVED_NAMES", "!!"),
    ({"allowed_hosts": "https://example.org"}, "PARLEY_ALLOWED_HOSTS", "https://example.org"),
    ({"allowed_hosts": "a.example,b.example:8000"}, "PARLEY_ALLOWED_HOSTS", "b.example:8000"),
    ({"allowed_origins": "example.org"}, "PARLEY_ALLOWED_ORIGINS", "example.org"),
    ({"depth": "-1"}, "PARLEY_DEPTH", "-1"),
    ({"max_tokens": "10"}, "PARLEY_MAX_TOKENS", "100"),
    ({"max_depth": "1000"}, "PARLEY_MAX_DEPTH", "100"),
    ({"max_cost": "0"}, "PARLEY_MAX_COST", "1"),
    ({"cost_per_minute": "3000000000"}, "PARLEY_COST_PER_MINUTE", "2147483647"),
    ({"cost_per_minute_of_address": "none"}, "PARLEY_COST_PER_MINUTE_OF_ADDRESS", "none"),
    ({"persisted_documents": "on"}, "PARLEY_PERSISTED_DOCUMENTS", "trusted"),
    ({"persisted_documents": "trusted"}, "PARLEY_DOCUMENTS_MANIFEST", "is unset"),
    ({"documents_manifest": "documents.json"}, "PARLEY_PERSISTED_DOCUMENTS", "set it to trusted"),
]


@pytest.mark.parametrize(("settings", "name", "why"), WRONG, ids=[f"{name}-{why}" for _, name, why in WRONG])
def test_invalid_setting_is_reported_in_one_line(
    settings: dict[str, str],
    name: str,
    why: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for setting, value in settings.items():
        monkeypatch.setenv(f"PARLEY_{setting.upper()}", value)
    with pytest.raises(SystemExit):
        app.settings.settings()
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("parley: ")
    assert name in line
    assert why in line


def test_a_wrong_setting_ends_the_start_and_a_secret_is_not_printed() -> None:
    ended = run("serve", jwt_secret="tooshort")
    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1
    assert "tooshort" not in ended.stderr


def test_a_database_that_cannot_be_used_ends_the_start_with_one_line(tmp_path: Path) -> None:
    junk = tmp_path / "junk.db"
    junk.write_bytes(b"no database " * 1000)
    for url in (
        "postgresql://ada:secret@127.0.0.1:1/none",
        f"sqlite:///{junk}",
        f"sqlite:///{tmp_path / 'no' / 'x.db'}",
    ):
        ended = run("serve", database_url=url)
        assert ended.returncode == 2, ended.stderr
        (line,) = ended.stderr.splitlines()
        assert "PARLEY_DATABASE_URL" in line
        assert "secret" not in line


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "No such file"), ("{", "JSON"), ('{"good": "{ site { name } }", "bad": "{ nothing }"}', '"bad"')],
)
def test_a_manifest_that_cannot_be_served_ends_the_start_with_one_line(
    tmp_path: Path, content: str | None, reason: str
) -> None:
    manifest = tmp_path / "manifest.json"
    if content is not None:
        manifest.write_text(content)
    url = f"sqlite:///{tmp_path / 'x.db'}"
    ended = run("serve", database_url=url, persisted_documents="trusted", documents_manifest=manifest)
    assert ended.returncode == 2
    (line,) = ended.stderr.splitlines()
    assert line.startswith(f"parley: PARLEY_DOCUMENTS_MANIFEST: {manifest}: ")
    assert reason in line


def test_what_documents_and_operations_may_be_are_settings(tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.json"
    manifest.write_text(
        json.dumps({"site": "{ site { name } }", "replies": "{ discussions(first: 9) { nodes { id } } }"})
    )
    settings: dict[str, Any] = {"persisted_documents": "trusted", "documents_manifest": manifest, "max_cost": 10}
    running = Parley.start(database_url=f"sqlite:///{tmp_path / 'x.db'}", site_name="Here", **settings)
    try:
        assert ask(running, documentId="site") == {"data": {"site": {"name": "Here"}}}
        assert ask(running, query="{ site { name } }") == {"data": {"site": {"name": "Here"}}}
        (error,) = ask(running, query="{ site { version } }")["errors"]
        assert error["extensions"]["code"] == "DOCUMENT_NOT_TRUSTED"
        (error,) = ask(running, documentId="replies")["errors"]
        assert error["extensions"] == {"code": "TOO_COSTLY", "cost": 11, "limit": 10}
    finally:
        running.stop()


def test_a_port_that_is_taken_ends_the_start_with_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = run("serve", database_url=f"sqlite:///{tmp_path / 'x.db'}", port=port)
    assert ended.returncode == 2
    (line,) = ended.stderr.splitlines()
    assert str(port) in line


def test_the_schema_command_prints_the_committed_contract() -> None:
    committed = Path(__file__).resolve().parent.parent / "schema.graphql"
    assert run("schema").stdout == committed.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("handle", "nearest"),
    [("!!!", ""), ("Ada.", "ada"), ("-ada", "ada"), ("ada lovelace", "ada-lovelace")],
)
def test_a_token_for_what_is_no_handle_is_refused(tmp_path: Path, handle: str, nearest: str) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    if nearest:
        told("token", "--handle", nearest, database_url=url)
    ended = run("token", "--handle", handle, database_url=url)
    assert (ended.returncode, ended.stdout) == (2, "")
    (line,) = ended.stderr.splitlines()
    assert line.startswith(f'parley: "{handle}" is no handle: ')
    assert line.endswith(f' The nearest is "{nearest}".' if nearest else "between.")


def test_a_token_is_for_exactly_the_handle_that_was_asked_for(tmp_path: Path) -> None:
    settings: dict[str, Any] = {"database_url": f"sqlite:///{tmp_path / 'x.db'}", "jwt_secret": JWT_SECRET}

    def subject(handle: str) -> str:
        token = told("token", "--handle", handle, **settings).strip()
        return str(jwt.decode(token, JWT_SECRET, algorithms=["HS256"])["sub"])

    handles = ["ada", "ada-2", "अमित", "अमिता", "รุจ", "ริจ", "කමල", "කමලා", "élodie", "elodie"]
    subjects = [subject(handle) for handle in handles]
    assert len(set(subjects)) == len(handles)
    again = [subject(f"@{unicodedata.normalize('NFD', handle).upper()}") for handle in handles]
    assert again == subjects


def test_a_token_for_a_handle_that_looks_like_another_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    told("token", "--handle", "oscar", database_url=url)
    ended = run("token", "--handle", "0scar", database_url=url)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == 'parley: "0scar" looks like the handle of @oscar (oscar).\n'


@pytest.mark.parametrize("hours", ["inf", "-inf", "nan", "1e9", "-1", "0", "1e308"])
def test_a_token_lasts_no_impossible_time(tmp_path: Path, hours: str) -> None:
    ended = run("token", "--handle", "ada", f"--hours={hours}", database_url=f"sqlite:///{tmp_path / 'x.db'}")
    assert (ended.returncode, ended.stdout) == (2, "")
    (line,) = ended.stderr.splitlines()
    assert line.startswith("parley: --hours is ")


def test_only_their_owner_reads_the_files_that_commands_write(tmp_path: Path) -> None:
    database, exported = tmp_path / "forum.db", tmp_path / "forum.jsonl"
    part = tmp_path / "forum.jsonl.part"
    # As an earlier version, or an interrupted export, left them.
    for file in (database, part):
        file.touch(mode=0o666)
        file.chmod(0o666)
    command = [sys.executable, str(Path(app.settings.__file__).parent.parent / "server.py"), "export", str(exported)]
    environment = parley_environment({"database_url": f"sqlite:///{database}"})
    with closing(sqlite3.connect(database)) as kept_open:
        # A connection that stays keeps the companions.
        kept_open.execute("PRAGMA journal_mode=WAL")
        kept_open.execute("CREATE TABLE other (a)")
        subprocess.run(command, env=environment, umask=0, check=True, capture_output=True)
        names = [database.name, f"{database.name}-shm", f"{database.name}-wal", exported.name]
        assert {path.name: oct(path.stat().st_mode & 0o777) for path in tmp_path.iterdir()} == dict.fromkeys(
            names, "0o600"
        )


def test_a_database_is_private_whatever_the_umask(tmp_path: Path) -> None:
    path = tmp_path / "forum.db"
    before = os.umask(0)
    try:
        asyncio.run(migrate(f"sqlite:///{path}"))
    finally:
        os.umask(before)
    assert oct(path.stat().st_mode & 0o777) == "0o600"


def ask(parley: Parley, **body: str) -> dict[str, Any]:
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{parley.url}/graphql", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        answered: dict[str, Any] = json.load(answer)
        return answered


def get(parley: Parley, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(parley.url + path, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_operators_are_told_how_it_is(parley: Parley) -> None:
    assert get(parley, "/healthz") == (200, "alive\n")
    status, ready = get(parley, "/readyz")
    assert (status, json.loads(ready)) == (200, {"ready": True, "database": True, "bus": True})
    status, metrics = get(parley, "/metrics")
    assert status == 200
    assert "parley_bus_connected 1.0" in metrics
    assert "parley_followers " in metrics
    assert "type Discussion implements" in get(parley, "/schema.graphql")[1]


def test_a_server_whose_database_is_away_is_alive_and_not_ready() -> None:
    database = PostgreSQL.start()
    running = Parley.start(database_url=database.new_database())
    try:
        database.kill()
        assert get(running, "/healthz")[0] == 200
        status, ready = get(running, "/readyz")
        assert status == 503
        assert json.loads(ready)["database"] is False
        database.restart()
        assert get(running, "/readyz")[0] == 200
    finally:
        running.stop()
        database.stop()


def test_several_workers_share_one_address(postgresql: PostgreSQL, valkey: Valkey, tmp_path: Path) -> None:
    running = Parley.start(database_url=postgresql.new_database(), bus_url=valkey.url, folder=tmp_path, workers=2)
    try:
        for _ in range(8):
            assert get(running, "/readyz")[0] == 200
        wait_until(lambda: running.log().count("serving") == 2, seconds=20, what="both workers")
    finally:
        running.stop()


def test_a_public_name_with_other_letters_is_known_as_browsers_send_it() -> None:
    chosen = app.settings.Settings(public_url="https://b\u00fccher.example", allowed_hosts=["stra\u00dfe.example"])
    assert {"xn--bcher-kva.example", "strasse.example"} <= set(app.settings.hosts(chosen))
