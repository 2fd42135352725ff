"""Makes .venv hold what a lock file pins, with the standard library alone and also without venv, ensurepip or pip.

Called by scripts/setup with the name of the lock file. An environment whose making was interrupted is made anew.
"""

import configparser
import fcntl
import hashlib
import os
import re
import shutil
import ssl
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
UNFINISHED = ENVIRONMENT / "unfinished"
"""Stands while packages come in: what an interruption leaves behind is not to be trusted."""
ANSWER_SECONDS = 30.0


def set_up(lock: Path) -> None:
    """Brings .venv up to date with `lock`. Raises SystemExit with a line for the reader."""
    # Of two calls at once the second waits, then finds everything done. A process that dies gives its hold back.
    with Path(__file__).open("r+b") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        pinned = lock.read_bytes()
        installed = ENVIRONMENT / lock.name
        if not is_usable():
            make_environment()
        elif installed.exists() and installed.read_bytes() == pinned:
            return
        print(f"Bringing .venv to what {lock.name} pins. The first time takes about half a minute.", file=sys.stderr)
        UNFINISHED.touch()
        install(lock, held.fileno())
        installed.write_bytes(pinned)
        UNFINISHED.unlink()


def is_usable() -> bool:
    """Whether .venv was finished, and its Python is still there and new enough."""
    if UNFINISHED.exists() or not PYTHON.exists():
        return False
    return succeeds(str(PYTHON), "-c", "import sys; sys.exit(sys.version_info < (3, 11))")


def make_environment() -> None:
    """A virtual environment without pip: unpacking that would take longer than all of the rest."""
    if ENVIRONMENT.is_symlink() or ENVIRONMENT.is_file():
        raise SystemExit(f"{ENVIRONMENT} is in the way: move it, then try again.")
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    ENVIRONMENT.mkdir(exist_ok=True)
    UNFINISHED.touch()
    try:
        import venv
    except ImportError:
        make_environment_by_hand()
    else:
        venv.EnvBuilder(symlinks=True).create(ENVIRONMENT)


def make_environment_by_hand() -> None:
    """What the module venv makes (PEP 405), for a Python that comes without it."""
    executable = Path(getattr(sys, "_base_executable", sys.executable))
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    (ENVIRONMENT / "bin").mkdir()
    (ENVIRONMENT / "lib" / f"python{version}" / "site-packages").mkdir(parents=True)
    PYTHON.symlink_to(executable)
    (ENVIRONMENT / "pyvenv.cfg").write_text(f"home = {executable.parent}\ninclude-system-site-packages = false\n")


def install(lock: Path, held: int) -> None:
    """Installs `lock`, every file checked against its hash. Raises SystemExit."""
    # The lock is complete, so nothing is left to resolve; and a package built here would bring in what it does not pin.
    options = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "--requirement", str(lock)]
    done = subprocess.run(
        [*installer(), *options],
        # A setting of the user's must not lead the packages out of .venv.
        env=os.environ | {"PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        stdin=subprocess.DEVNULL,
        # It has the hold too, so that nobody comes in between should this process die before it.
        pass_fds=[held],
        check=False,
    )
    if done.returncode != 0:
        raise SystemExit(f"{lock.name} could not be installed into .venv, for the reason above.")
    # On all cores, which pip does not do. Some packages carry files that are not meant to compile.
    subprocess.run([PYTHON, "-m", "compileall", "-qq", "-j", "0", ENVIRONMENT / "lib"], check=False)


def installer() -> list[str]:
    """The command that installs into .venv: by some pip, or by uv. Raises SystemExit where neither is to be had."""
    inside = [str(PYTHON), "-m", "pip"]
    outside = [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    for pip in (inside, outside):
        if succeeds(*pip, "--version"):
            return [*pip, "install", "-qq", "--no-compile"]
    wheel = wheel_on_this_machine()
    if wheel is None and (uv := shutil.which("uv")) is not None:
        return [uv, "pip", "install", "--quiet", "--python", str(PYTHON)]
    wheel = wheel or wheel_from_index()
    if wheel is None:
        raise SystemExit(
            "This Python has neither pip nor ensurepip, and neither PIP_INDEX_URL nor pip's configuration names"
            " a package index to get pip from. Install pip (Debian, Ubuntu: apt install python3-pip), then try again."
        )
    return [str(PYTHON), f"{wheel}/pip", "install", "-qq", "--no-compile"]


def wheel_on_this_machine() -> Path | None:
    """The pip that came with Python, still packed: it runs from its wheel."""
    folders = [Path(os.__file__).parent / "ensurepip" / "_bundled", Path("/usr/share/python-wheels")]
    return next((wheel for folder in folders for wheel in sorted(folder.glob("pip-*.whl"), reverse=True)), None)


def wheel_from_index() -> Path | None:
    """The newest pip of the first package index that answers, checked against the hash that the index gives."""
    for index in indexes():
        # The simple repository API, as HTML (PEP 503). An index in a folder has no server to find its index.html.
        page = f"{index.rstrip('/')}/pip/" + ("index.html" if index.startswith("file:") else "")
        try:
            listed = fetch(page).decode()
            links = re.findall(r'href="([^"#]*\bpip-([0-9.]+)-py3-none-any\.whl)(?:#sha256=([0-9a-f]{64}))?"', listed)
            link, version, digest = max(links, key=lambda found: [int(part) for part in found[1].split(".")])
            content = fetch(urllib.parse.urljoin(page, link))
        except (OSError, ValueError) as error:
            print(f"No pip from {index}: {error}", file=sys.stderr)
            continue
        if digest and hashlib.sha256(content).hexdigest() != digest:
            raise SystemExit(f"The pip that {index} gives is not the one it names: the hashes differ.")
        wheel = ENVIRONMENT / f"pip-{version}-py3-none-any.whl"
        wheel.write_bytes(content)
        return wheel
    return None


def fetch(url: str) -> bytes:
    """What stands at a URL. Raises OSError."""
    trust = ssl.create_default_context(cafile=os.environ.get("PIP_CERT") or None)
    with urllib.request.urlopen(url, timeout=ANSWER_SECONDS, context=trust) as answer:
        return bytes(answer.read())


def indexes() -> Iterator[str]:
    """The package indexes that pip's environment variables and configuration files name."""
    for variable in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"):
        yield from os.environ.get(variable, "").split()
    configuration = configparser.RawConfigParser()
    home = Path.home()
    files = [Path("/etc/pip.conf"), home / ".pip" / "pip.conf", home / ".config" / "pip" / "pip.conf"]
    configuration.read([*files, os.environ.get("PIP_CONFIG_FILE", os.devnull)])
    for option in ("index-url", "extra-index-url"):
        for section in ("install", "global"):
            yield from configuration.get(section, option, fallback="").split()


def succeeds(*command: str) -> bool:
    """Whether a command can be run, and ends well."""
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0


if __name__ == "__main__":
    set_up(ROOT / sys.argv[1])
