"""Child processes of the tests: started, waited for, logged and ended, whatever they are."""

import atexit
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.support.preloaded import Forked
from tests.support.timeouts import START_SECONDS, STOP_SECONDS
from tests.support.waiting import eventually

HOST = "127.0.0.1"


class ServerFailed(Exception):
    """A server did not start, ended by itself or would not end. The message holds the end of its log."""


def free_port() -> int:
    """A TCP port of the loopback address that nobody listens on."""
    # The kernel gives higher ports to outgoing connections, so none of them takes this one while its server is down.
    for port in random.sample(range(15_000, 32_000), 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise ServerFailed("No free port between 15000 and 32000.")


class Server(ABC):
    """A child process with a folder and a log. `stop` ends it, and the end of the interpreter ends what was left."""

    stop_signal = signal.SIGTERM
    crash_signal = signal.SIGKILL
    stop_seconds = STOP_SECONDS

    def __init__(self, folder: Path | None) -> None:
        self.port = free_port()
        self._folder_is_ours = folder is None
        self.folder = folder if folder is not None else Path(tempfile.mkdtemp(prefix="parley-server-"))
        self._log = self.folder / f"{self._name.lower()}-{self.port}.log"
        self._process: subprocess.Popen[bytes] | Forked | None = None
        atexit.register(self._forget)

    @property
    def process_id(self) -> int:
        """The process to send signals to. Raises ServerFailed when it was ended."""
        if self._process is None:
            raise ServerFailed(f"{self._name} on port {self.port} was ended.")
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """Whether the process is over, by itself or by a signal."""
        return self._process is None or self._process.poll() is not None

    def log(self) -> str:
        """All it has written so far, over all its starts."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def stop(self) -> None:
        """Ends it by its stop signal and deletes its data. Raises ServerFailed if it had to be killed."""
        try:
            self._end(self.stop_signal)
        finally:
            self._forget()

    def kill(self) -> None:
        """Ends it as a crash does; `restart` brings it back."""
        self._end(self.crash_signal)

    def restart(self) -> None:
        """Starts it again on the same port and data, after ending it if it still runs."""
        self._end(self.stop_signal)
        self._launch()

    @abstractmethod
    def _launch(self) -> None: ...

    @property
    def _name(self) -> str:
        return type(self).__name__

    def _spawn(
        self,
        command: Sequence[str | Path],
        *,
        ready: Callable[[], bool],
        cwd: Path,
        environment: Mapping[str, str] | None = None,
        stdin: bytes = b"",
        user: pwd.struct_passwd | None = None,
    ) -> None:
        with tempfile.TemporaryFile() as given, self._log.open("ab") as log:
            given.write(stdin)
            given.seek(0)
            process = subprocess.Popen(
                command,
                stdin=given,
                stdout=log,
                stderr=log,
                cwd=cwd,
                env=environment,
                user=None if user is None else user.pw_uid,
                group=None if user is None else user.pw_gid,
                extra_groups=None if user is None else [],
                # A group of its own: a crash takes its workers along, and Ctrl-C leaves the ending to the fixtures.
                process_group=0,
            )
        self._await_ready(process, ready)

    def _fork(
        self, arguments: Sequence[str], *, ready: Callable[[], bool], cwd: Path, environment: Mapping[str, str]
    ) -> None:
        """Like `_spawn`, for a command of `server.py`, in a process that has imported it already."""
        forked = Forked(arguments, environment=environment, cwd=cwd, stdout=self._log, stderr=self._log)
        self._await_ready(forked, ready)

    def _await_ready(self, process: "subprocess.Popen[bytes] | Forked", ready: Callable[[], bool]) -> None:
        self._process = process
        try:
            eventually(lambda: process.poll() is not None or ready(), self._name, seconds=START_SECONDS)
        except TimeoutError as late:
            self.kill()
            raise ServerFailed(f"{late}\n{self._tail()}") from late
        if process.poll() is not None:
            raise ServerFailed(f"{self._name} ended while it started.\n{self._tail()}")

    def _end(self, by: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        try:
            os.killpg(process.pid, by)
            process.wait(self.stop_seconds)
        except ProcessLookupError:
            process.wait()
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise ServerFailed(f"{self._name} did not end within {self.stop_seconds:g} s.\n{self._tail()}") from None

    def _forget(self) -> None:
        atexit.unregister(self._forget)
        self._end(self.crash_signal)
        if self._folder_is_ours:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _tail(self) -> str:
        return "\n".join(self.log().splitlines()[-40:])
