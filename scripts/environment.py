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
PIP_LOCK = ROOT / "requirements-pip.lock"
INSTALL = ["install", "-qq", "--no-compile"]
INSIDE = [str(PYTHON), "-m", "pip", *INSTALL]
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
    installer = find_installer()
    if installer != INSIDE and installs(installer, PIP_LOCK, held):
        installer = INSIDE
    if not installs(installer, lock, held):
        raise SystemExit(f"{lock.name} could not be installed into .venv, for the reason above.")
    # On all cores, which pip does not do. Some packages carry files that are not meant to compile.
    subprocess.run([PYTHON, "-m", "compileall", "-qq", "-j", "0", ENVIRONMENT / "lib"], check=False)


def installs(installer: list[str], lock: Path, held: int) -> bool:
    """Runs an installer on a lock file; whether it went well."""
    # The lock is complete, so nothing is left to resolve; and a package built here would bring in what it does not pin.
    options = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "--requirement", str(lock)]
    done = subprocess.run(
        [*installer, *options],
        # A setting of the user's must not lead the packages out of .venv.
        env=os.environ | {"PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        stdin=subprocess.DEVNULL,
        # It has the hold too, so that nobody comes in between should this process die before it.
        pass_fds=[held],
        check=False,
    )
    return done.returncode == 0


def find_installer() -> list[str]:
    """The command that installs into .venv: by some pip, or by uv. Raises SystemExit where neither is to be had."""
    outside = [sys.executable, "-m", "pip", "--python", str(PYTHON), *INSTALL]
    for pip in (INSIDE, outside):
        if succeeds(*pip, "--help"):
            return pip
    wheel = wheel_on_this_machine()
    if wheel is None and (uv := shutil.which("uv")) is not None:
        return [uv, "pip", "install", "--quiet", "--python", str(PYTHON)]
    wheel = wheel or wheel_from_index()
    if wheel is None:
        raise SystemExit(
            "This Python has neither pip nor ensurepip, and neither PIP_INDEX_URL nor pip's configuration names"
            " an index to get pip from. Install pip (on Debian and Ubuntu: apt install python3-pip), then try again."
        )
    return [str(PYTHON), f"{wheel}/pip", *INSTALL]


def wheel_on_this_machine() -> Path | None:
    """The pip that came with Python, still packed: it runs from its wheel."""
    folders = [Path(os.__file__).parent / "ensurepip" / "_bundled", Path("/usr/share/python-wheels")]
    return next((wheel for folder in folders for wheel in folder.glob("pip-*.whl")), None)


def wheel_from_index() -> Path | None:
    """The pip that is pinned, from the first package index that has it."""
    pinned = PIP_LOCK.read_text()
    name = re.sub(r"pip==([0-9.]+) .*", r"pip-\1-py3-none-any.whl", pinned.splitlines()[0])
    for index in indexes():
        # The simple repository API, as HTML (PEP 503). An index in a folder has no server to find its index.html.
        page = f"{index.rstrip('/')}/pip/" + ("index.html" if index.startswith("file:") else "")
        try:
            link = re.search(rf'href="([^"#]*\b{re.escape(name)})["#]', fetch(page).decode())
            content = fetch(urllib.parse.urljoin(page, link[1])) if link else b""
        except (OSError, ValueError) as error:
            print(f"No pip from {index}: {error}", file=sys.stderr)
            continue
        if f"sha256:{hashlib.sha256(content).hexdigest()}" in pinned:
            wheel = ENVIRONMENT / name
            wheel.write_bytes(content)
            return wheel
        print(f"{index} has no {name}, or another than the one pinned.", file=sys.stderr)
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
    try:
        set_up(ROOT / sys.argv[1])
    except KeyboardInterrupt:
        raise SystemExit("Interrupted; the next call begins anew.") from None
