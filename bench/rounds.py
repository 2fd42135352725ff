"""What the rounds of a run come to: medians, and ratios of what was measured in the same round."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")
DIGITS = 3


def medians(rounds: Sequence[T]) -> T:
    """A row of the medians of all fields that are floats; the others are the same in all rounds."""
    first = rounds[0]
    names = [field.name for field in fields(first) if isinstance(getattr(first, field.name), float)]
    return replace(first, **{name: statistics.median(getattr(row, name) for row in rounds) for name in names})


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times a figure of one stack is that of another: the median over the rounds, and the quartiles."""

    at: str
    """The part of the run, such as "N=50"."""
    stack: str
    over: str
    """The other stack."""
    figure: str
    """What is compared, such as "requests/s"."""
    median: float
    low: float
    high: float

    def __str__(self) -> str:
        spread = f"{_times(self.median)} times ({_times(self.low)} to {_times(self.high)})"
        return f"{self.at}: {self.stack} has {spread} the {self.figure} of {self.over}."


def ratio(at: str, stack: str, over: str, figure: str, of: Sequence[float], to: Sequence[float]) -> Ratio:
    """The ratio of two figures that were taken in the same rounds, in order."""
    each = [ours / theirs for ours, theirs in zip(of, to, strict=True)]
    low, _, high = statistics.quantiles(each, n=4, method="inclusive") if len(each) > 1 else each * 3
    return Ratio(at, stack, over, figure, statistics.median(each), low, high)


def best(figures: Mapping[str, Sequence[float]]) -> str:
    """The stack with the highest median."""
    return max(figures, key=lambda stack: statistics.median(figures[stack]))


def as_object(row: "DataclassInstance") -> dict[str, Any]:
    """A row for JSON, its floats rounded."""
    return {name: round(value, DIGITS) if isinstance(value, float) else value for name, value in asdict(row).items()}


def _times(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"
