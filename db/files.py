"""The files of an embedded database: whatever the umask, only their owner reads them."""

import os
import stat
from pathlib import Path

import structlog

OWNER_ONLY = 0o600
_OTHERS = stat.S_IRWXG | stat.S_IRWXO

log = structlog.get_logger(__name__)


def make_private(database: Path) -> None:
    """Creates a database's file if there is none, and takes the rights of group and others to it and its companions.

    SQLite gives the files beside it (-wal, -shm) the mode of the database. A file whose mode can't be changed is named
    in the log. Raises OSError if the file can't be created.
    """
    os.close(os.open(database, os.O_CREAT | os.O_RDONLY, OWNER_ONLY))
    for path in (database, *(database.with_name(f"{database.name}{suffix}") for suffix in ("-wal", "-shm"))):
        try:
            if path.stat().st_mode & _OTHERS:
                path.chmod(OWNER_ONLY)
        except FileNotFoundError:
            pass
        except OSError as error:
            log.warning("others may read the database: give its files the mode 0600", file=str(path), error=str(error))
