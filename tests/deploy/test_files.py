"""The deployment files that no container runs here: what they say of Parley, beside what Parley says of itself."""

import json
import os
import re
import shutil
import subprocess
import sys
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml  # type: ignore[import-untyped]

from app.settings import Settings
from tests.support import programs
from tests.support.processes import HOST, Server
from tests.support.servers import ROOT, run

DEPLOY = ROOT / "deploy"
SETTINGS = {f"PARLEY_{name.upper()}" for name in Settings.model_fields}
UNIT = DEPLOY / "parley@.service"
EXPOSURE = 20
"""The most that systemd-analyze may find exposed, of 100."""


def compose() -> dict[str, Any]:
    """deploy/compose.yaml, its anchors and merges resolved."""
    read: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return read


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions and what follows each, lines continued."""
    text = re.sub(r"\\\n", " ", (DEPLOY / "Dockerfile").read_text())
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in lines)]


@pytest.mark.parametrize("path", sorted(path.name for path in DEPLOY.iterdir()))
def test_each_setting_that_a_file_names_is_one(path: str) -> None:
    named = set(re.findall(r"\bPARLEY_[A-Z_]*[A-Z]\b", (DEPLOY / path).read_text()))
    assert named <= SETTINGS


def test_compose_uses_only_variables_of_the_example_environment() -> None:
    asked = set(re.findall(r"\$\{([A-Z_]+)", (DEPLOY / "compose.yaml").read_text()))
    pattern = (DEPLOY / ".env.example").read_text()
    assert asked == set(re.findall(r"^([A-Z_]+)=", pattern, re.MULTILINE))
    # What has no default must not have one in the pattern either: each installation has secrets of its own.
    secret = set(re.findall(r"\$\{([A-Z_]+):\?", (DEPLOY / "compose.yaml").read_text()))
    assert secret == set(re.findall(r"^([A-Z_]+)=$", pattern, re.MULTILINE))


def test_compose_starts_two_processes_behind_a_proxy() -> None:
    services = compose()["services"]
    first, second = services["parley-1"], services["parley-2"]
    addresses = {one.pop("networks")["default"]["ipv4_address"] for one in (first, second)}
    assert first == second
    settings = {name.removeprefix("PARLEY_").lower(): value for name, value in first["environment"].items()}
    address = re.compile(r"[@/](?P<host>[a-z]+)(?:[:/]|$)")
    for setting, service in (("database_url", "database"), ("bus_url", "bus")):
        found = address.findall(settings[setting])
        assert service in found, settings[setting]
        assert service in services
    # The proxy's configuration names both, at the port that the image serves.
    port = dict(word.split("=", 1) for name, rest in instructions() if name == "ENV" for word in rest.split())
    upstreams = re.findall(r"^\s+server (\S+):(\d+)", (DEPLOY / "nginx.conf").read_text(), re.MULTILINE)
    assert upstreams == [("parley-1", port["PARLEY_PORT"]), ("parley-2", port["PARLEY_PORT"])]
    assert services["proxy"]["volumes"] == ["./nginx.conf:/etc/nginx/conf.d/default.conf:ro"]
    # Addresses of the network they are in are what they trust to tell the client's.
    subnet = compose()["networks"]["default"]["ipam"]["config"][0]["subnet"]
    assert settings["trusted_proxies"] == subnet
    assert len({address for address in addresses if ip_address(address) in ip_network(subnet)}) == 2


def test_the_containers_commands_are_commands() -> None:
    commands = [service["command"] for name, service in compose()["services"].items() if name == "migrate"]
    commands += [json.loads(rest) for name, rest in instructions() if name == "CMD"]
    assert commands == [["migrate"], ["serve"]]
    for command in commands:
        assert run(*command, "--help").returncode == 0


class Installed(Server):
    """Parley of the files that an image holds, and no other of the checkout."""

    def _launch(self) -> None:
        environment = {"PATH": os.environ["PATH"], "PARLEY_DATABASE_URL": f"sqlite:///{self.folder}/parley.db"}
        environment |= {"PARLEY_HOST": HOST, "PARLEY_PORT": str(self.port)}
        self._spawn(
            [sys.executable, "server.py", "serve"], ready=self._healthy, cwd=self.folder, environment=environment
        )

    def _healthy(self) -> bool:
        """What the image's own health check says, asked at this port."""
        (check,) = [rest for name, rest in instructions() if name == "HEALTHCHECK"]
        program = json.loads(check[check.index("[") :])
        program = [sys.executable, "-c", program[2].replace("127.0.0.1:8000", f"{HOST}:{self.port}")]
        return subprocess.run(program, check=False, capture_output=True).returncode == 0


def test_an_image_holds_what_the_service_needs(tmp_path: Path) -> None:
    lines = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    assert lines[0] == "*"
    for name in [line.removeprefix("!") for line in lines if line.startswith("!")]:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
        else:
            shutil.copy(ROOT / name, tmp_path / name)
    installed = Installed(tmp_path)
    installed._launch()
    try:
        answer = httpx2.get(f"http://{HOST}:{installed.port}/")
        assert answer.status_code == 200
    finally:
        installed.stop()


def test_the_unit_is_one_of_systemd_and_exposes_little(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("NOT TESTED: deploy/parley@.service. This machine has no systemd-analyze.")
    # It must name a program that is there, and a name of an instance.
    unit = tmp_path / "parley@8001.service"
    unit.write_text(UNIT.read_text().replace("/opt/parley/.venv/bin/python", sys.executable))
    verified = subprocess.run([analyze, "verify", "--man=no", unit], check=False, capture_output=True, text=True)
    assert [line for line in verified.stderr.splitlines() if unit.name in line] == []
    assert verified.returncode == 0
    judged = [analyze, "security", "--offline=yes", f"--threshold={EXPOSURE}", "--no-pager", str(unit)]
    told = subprocess.run(judged, check=False, capture_output=True, text=True)
    assert told.returncode == 0, told.stdout


def test_caddy_takes_its_file() -> None:
    caddy = programs.debian_program("caddy", else_untested="deploy/Caddyfile")
    file = DEPLOY / "Caddyfile"
    command = [caddy, "validate", "--adapter", "caddyfile", "--config", str(file)]
    told = subprocess.run(command, check=False, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
