"""Traces of operations and their statements for OpenTelemetry, by its standard environment variables.

It costs nothing while none of them names an endpoint. Source: "OpenTelemetry Environment Variable Specification".
"""

import os
from collections.abc import Mapping
from time import time_ns

from opentelemetry import context, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from app.metrics import Metrics
from db.database import Work
from transports import request_ids
from transports.observations import Observation, Outcome

FLUSH_MILLISECONDS = 3_000
"""How long the end of a process waits for its last spans to be sent."""
_PROPAGATOR = TraceContextTextMapPropagator()


class TracedMetrics(Metrics):
    """Makes spans of what it measures."""

    def __init__(self) -> None:
        super().__init__()
        named = "OTEL_SERVICE_NAME" in os.environ or "service.name=" in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
        self._provider = TracerProvider(resource=Resource.create(None if named else {SERVICE_NAME: "parley"}))
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("parley")

    def begin_operation(self, observed: Observation, headers: Mapping[str, str] | None) -> None:
        """Begins a span, in the trace of the request's `traceparent` if it has one."""
        sender = None if headers is None else _PROPAGATOR.extract(headers)
        span = observed.span = self._tracer.start_span("operation", sender, trace.SpanKind.SERVER)
        # Until the end of this task, which serves this operation, and of those that it starts.
        context.attach(trace.set_span_in_context(span, context.Context()))

    def observe_operation(self, observed: Observation) -> None:
        """Ends the span of the operation."""
        super().observe_operation(observed)
        span = observed.span
        assert isinstance(span, trace.Span)
        span.update_name(f"{observed.kind} {observed.name}" if observed.name else observed.kind)
        span.set_attribute("graphql.operation.type", observed.kind)
        if observed.name:
            span.set_attribute("graphql.operation.name", observed.name)
        span.set_attribute("parley.outcome", observed.outcome)
        if (request_id := request_ids.current.get()) is not None:
            span.set_attribute("parley.request_id", request_id)
        if observed.outcome == Outcome.FAILED:
            span.set_status(trace.StatusCode.ERROR)
        span.end()

    def observe_database(self, work: Work, what: str, seconds: float) -> None:
        """Adds a span to that of the operation; what belongs to none has no span."""
        super().observe_database(work, what, seconds)
        if trace.get_current_span().is_recording():
            ended = time_ns()
            name = f"{work} {what}" if what else work
            span = self._tracer.start_span(name, kind=trace.SpanKind.CLIENT, start_time=ended - int(seconds * 1e9))
            span.end(ended)

    def close(self) -> None:
        """Sends what is left. Blocks for as long."""
        self._provider.force_flush(FLUSH_MILLISECONDS)
        self._provider.shutdown()
