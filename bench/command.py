"""What the commands of scripts/bench share: options, cores, messages, and how a run ends."""

import argparse
import contextlib
import signal
import sys
from collections.abc import Callable, Sequence

from bench import stacks
from bench.load import BadAnswer
from bench.measure import AnswersDiffer
from bench.processes import busy, cores
from tests.support.processes import ServerFailed

QUIET = 0.1
"""A machine that is busier than this before anything runs produces figures that are not worth keeping."""


def parser(
    name: str, about: str | None, *, names: Sequence[str], rounds: int, seconds: float
) -> argparse.ArgumentParser:
    """The options of every comparison of stacks; `names` are the stacks, `rounds` and `seconds` the defaults."""
    options = argparse.ArgumentParser(prog=f"scripts/bench {name}", description=about, allow_abbrev=False)
    options.add_argument("--json", action="store_true", help="print one object instead of a table")
    options.add_argument(
        "--rounds", type=count, default=rounds, help="how often all stacks are gone through; %(default)s"
    )
    options.add_argument("--seconds", type=float, default=seconds, help="how long each figure is taken; %(default)s")
    options.add_argument("--only", type=some_of(names), default=list(names), metavar="STACK,…", help="not all stacks")
    options.add_argument("--write", action="store_true", help="put the figures into docs/performance.md")
    return options


def count(text: str) -> int:
    """A number above 0. Raises ArgumentTypeError."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")
    return int(text)


def some_of(names: Sequence[str]) -> Callable[[str], list[str]]:
    """Reads some of these names with commas between."""

    def read(text: str) -> list[str]:
        given = text.split(",")
        if unknown := [name for name in given if name not in names]:
            raise argparse.ArgumentTypeError(f"{unknown[0]!r} is none of {', '.join(names)}")
        return given

    return read


def available(wanted: Sequence[str]) -> tuple[list[str], int]:
    """The stacks that can be set up, and the exit code for those that can't."""
    if not set(wanted) & set(stacks.NODE_PEERS):
        return list(wanted), 0
    try:
        stacks.node()
    except stacks.NotSetUp as error:
        log(f"LEFT OUT: {', '.join(stack for stack in wanted if stack in stacks.NODE_PEERS)}, since {error}")
        return [stack for stack in wanted if stack not in stacks.NODE_PEERS], 1
    return list(wanted), 0


def two_cores() -> tuple[int | None, int | None]:
    """The core for the server and the one for all others, with warnings about what would spoil the figures."""
    found = cores()
    if found is None:
        log("this process may use one core only: servers, load and PostgreSQL share it")
    if (others := busy()) > QUIET:
        log(f"this machine is {others:.0%} busy with other work: the figures will not be worth keeping")
    return found or (None, None)


def run(main: Callable[[], int]) -> int:
    """Runs a command to its exit code; a signal ends it with all it has started."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        try:
            return main()
        except (AnswersDiffer, BadAnswer, ChildProcessError, ServerFailed, TimeoutError) as error:
            log(f"failed: {type(error).__name__}: {error}")
            return 1
    return 130


def put(text: str) -> None:
    """Prints a result."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def log(line: str) -> None:
    """Prints a line of progress."""
    sys.stderr.write(f"bench: {line}\n")
