"""What a process measures of itself, and how /metrics shows it."""

import asyncio
import os
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

import structlog
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from db.database import Work
from execution.operation import reported_errors
from transports.observations import Observation, Observer

if TYPE_CHECKING:
    from app.process import Process

log = structlog.get_logger(__name__)

SECONDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""The upper bounds of the buckets of all histograms."""
_BUCKETS: Final = [*map(str, SECONDS), "+Inf"]


class _Counts:
    __slots__ = ("of_buckets", "seconds")

    def __init__(self) -> None:
        self.of_buckets = [0] * len(_BUCKETS)
        self.seconds = 0.0


class Histogram:
    """Durations by labels, whose values are few. To observe one takes a tenth of what prometheus-client's takes."""

    def __init__(self, name: str, text: str, *labels: str) -> None:
        self._name = name
        self._text = text
        self._labels = labels
        self._counts: dict[tuple[str, ...], _Counts] = {} if labels else {(): _Counts()}

    def observe(self, labels: tuple[str, ...], seconds: float) -> None:
        counts = self._counts.get(labels)
        if counts is None:
            counts = self._counts[labels] = _Counts()
        counts.of_buckets[bisect_left(SECONDS, seconds)] += 1
        counts.seconds += seconds

    def metric(self) -> Metric:
        """The histogram as Prometheus has it."""
        family = HistogramMetricFamily(self._name, self._text, labels=self._labels)
        for labels, counts in self._counts.items():
            so_far, buckets = 0, []
            for bound, count in zip(_BUCKETS, counts.of_buckets, strict=True):
                so_far += count
                buckets.append((bound, float(so_far)))
            family.add_metric(labels, buckets, counts.seconds)
        return family


class Metrics(Observer):
    """The durations that a process has observed since its start."""

    def __init__(self) -> None:
        self.operations = Histogram(
            "parley_operation_seconds",
            "Seconds from an operation's request until its response was ready; of a subscription, until it started.",
            *("kind", "outcome"),
        )
        self.database = Histogram(
            "parley_database_seconds", "Seconds of each statement that reads, and of each transaction.", "work"
        )
        self.pool_waits = Histogram(
            "parley_pool_wait_seconds",
            "Seconds that those waited for a connection to the database who found none free.",
        )
        self.events = Histogram(
            "parley_event_delay_seconds", "Seconds from an event until this process had read it for followers.", "log"
        )

    def observe_operation(self, observed: Observation) -> None:
        """See transports.observations.Observer."""
        self.operations.observe((observed.kind, observed.outcome), observed.seconds)

    def observe_database(self, work: Work, _what: str, seconds: float) -> None:
        """See db.database.Observe."""
        self.database.observe((work,), seconds)

    def observe_pool_wait(self, seconds: float) -> None:
        """See db.drivers.Driver.on_waited."""
        self.pool_waits.observe((), seconds)

    def event_observer(self, log: str) -> Callable[[float], None]:
        """What takes the delays of the events of one kind of log."""
        labels = (log,)
        return lambda seconds: self.events.observe(labels, seconds)

    def close(self) -> None:
        """Called at the end of the process, in a thread."""


def open_metrics() -> Metrics:
    """Returns what measures this process: with traces, if OpenTelemetry's variables name where to send them."""
    environment = os.environ
    endpoints = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
    is_off = environment.get("OTEL_SDK_DISABLED", "").lower() == "true" or "none" in (
        environment.get("OTEL_TRACES_EXPORTER", "")
    )
    if is_off or not any(environment.get(name) for name in endpoints):
        return Metrics()
    try:
        from app.tracing import TracedMetrics
    except ImportError as error:
        log.warning("traces are not sent: install what the extra `otel` of pyproject.toml names", missing=error.name)
        return Metrics()
    return TracedMetrics()


class _State(Collector):
    def __init__(
        self,
        process: "Process",
        lags: Mapping[str, int],
        pending: Mapping[str, int],
        left: Mapping[str, int],
        to_review: Mapping[str, int],
    ) -> None:
        self._process = process
        self._lags = lags
        self._pending = pending
        self._left = left
        self._to_review = to_review

    def collect(self) -> Iterator[Metric]:
        process, metrics = self._process, self._process.metrics
        for histogram in (metrics.operations, metrics.database, metrics.pool_waits, metrics.events):
            yield histogram.metric()
        yield _counter("parley_errors", "Errors that were reported to clients, by code.", "code", reported_errors)
        usage = process.database.driver.usage()
        connections = {"in_use": usage.in_use, "idle": usage.idle}
        yield _gauge("parley_pool_connections", "Connections to the database.", "state", connections)
        yield _value("parley_pool_waiting", "Who waits for a connection to the database.", usage.waiting)
        yield _gauge(
            "parley_log_reader_lag",
            "Items of its log that a durable reader has not read; none while the database does not answer.",
            "reader",
            self._lags,
        )
        yield _gauge(
            "parley_sequencer_lag",
            "Events that have not entered a sequenced log yet, counted to 10,000.",
            "log",
            self._pending,
        )
        yield _gauge(
            "parley_deletion_posts_left",
            "Posts of large discussions that are still to be deleted or restored, in all processes together.",
            "work",
            self._left,
        )
        yield _gauge(
            "parley_open_review_items", "What moderators have to decide, counted to 10,000.", "kind", self._to_review
        )
        for name, text, value in (
            ("parley_bus_connected", "Whether notifications of the bus arrive (1) or not (0).", process.bus.connected),
            ("parley_followers", "Open subscriptions of this process.", process.engine.followers),
            (
                "parley_feed_followers",
                "Followers of the feed in this process; a shared execution counts once.",
                process.feed.followers,
            ),
            ("parley_followed_discussions", "Followed discussions of this process.", process.hub.followed),
            ("parley_presences", "Readers whose presence this process knows.", process.services.presence.known),
            ("parley_sockets", "Open websockets of this process.", len(process.sockets)),
            ("parley_tasks", "asyncio tasks of this process.", len(asyncio.all_tasks())),
            ("parley_statements", "Reads sent to the database since the start.", process.database.statement_count),
        ):
            yield _value(name, text, value)
        if (cache := process.page_cache) is not None:
            yield CounterMetricFamily(
                "parley_page_cache_hits", "Answers sent from the page cache since the start.", cache.counts.hits
            )
            yield _counter(
                "parley_page_cache_misses",
                "Queries run since the start, by why no answer was kept.",
                "reason",
                cache.counts.misses,
            )
            yield _value("parley_page_cache_bytes", "What the page cache holds, in bytes.", cache.bytes)
            yield _value("parley_page_cache_answers", "Answers in the page cache.", len(cache))


def exposition(
    process: "Process",
    lags: Mapping[str, int],
    pending: Mapping[str, int],
    left: Mapping[str, int],
    to_review: Mapping[str, int],
) -> bytes:
    """Returns the metrics of a process in Prometheus' text format.

    `lags`: what durable readers have not read, by their names. `pending`: what has not entered a log, by its name.
    `left`: the posts that are still to be deleted or restored. `to_review`: the open review items, by kind.
    """
    registry = CollectorRegistry()
    registry.register(_State(process, lags, pending, left, to_review))
    return generate_latest(registry)


def _value(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, float(value))


def _gauge(name: str, text: str, label: str, values: Mapping[str, int]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=[label])
    for of_label, value in values.items():
        family.add_metric([of_label], value)
    return family


def _counter(name: str, text: str, label: str, values: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(name, text, labels=[label])
    for of_label, value in values.items():
        family.add_metric([of_label], value)
    return family
