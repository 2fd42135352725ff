"""Progress of long work: a bar at a terminal, else a line from time to time."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

LINE_SECONDS = 10.0


class WorkProgress:
    """How far one piece of work is, and after it the next one."""

    def __init__(self, console: Console, bars: Progress) -> None:
        self._console = console
        self._bars = bars

    def begin(self, what: str, total: int) -> None:
        """Begins a piece of work of `total` items, which `what` names."""
        self._what, self._total = what, total
        self._begun = self._shown = monotonic()
        self._is_shown = False
        self._task = self._bars.add_task(what, total=total)

    def update(self, completed: int) -> None:
        """Shows how many items are done. At the last one a line says so in any case."""
        if self._console.is_terminal:
            self._bars.update(self._task, completed=completed)
            return
        now, is_all = monotonic(), completed >= self._total
        if self._is_shown or (now - self._shown < LINE_SECONDS and not is_all):
            return
        self._shown, self._is_shown = now, is_all
        rate = completed / max(now - self._begun, 1e-3)
        line = f"{self._what}: {completed:,} of {self._total:,}, {rate:,.0f}/s"
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed or 0:,.0f}/s")


@contextmanager
def work_progress(console: Console) -> Iterator[WorkProgress]:
    """Shows what is done, the total, how fast it goes and, at a terminal, the remaining time."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        yield WorkProgress(console, bars)
