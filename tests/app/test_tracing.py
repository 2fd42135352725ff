"""Traces as a collector of OpenTelemetry receives them, and that there are none where nothing asks for them."""

import gzip
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx2
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from structlog.testing import capture_logs

from app.metrics import Metrics, open_metrics
from tests.support.http import people_of
from tests.support.processes import HOST
from tests.support.servers import JWT_SECRET, Parley
from tests.support.waiting import eventually
from tests.support.websocket import EVENTS, following

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
REQUEST_ID = "traced-1"


class Collector:
    """Receives spans over HTTP, at /v1/traces."""

    def __init__(self) -> None:
        self.spans: list[Any] = []
        self.services: set[str] = set()
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                collector.take(ExportTraceServiceRequest.FromString(body))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer((HOST, 0), Handler)
        self.url = f"http://{HOST}:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever)
        self._thread.start()

    def take(self, request: ExportTraceServiceRequest) -> None:
        for resource in request.resource_spans:
            self.services |= {
                each.value.string_value for each in resource.resource.attributes if each.key == "service.name"
            }
            self.spans += [span for scope in resource.scope_spans for span in scope.spans]

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    started = Collector()
    yield started
    started.stop()


@pytest.fixture(scope="module")
def server(collector: Collector, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parley]:
    folder: Path = tmp_path_factory.mktemp("tracing")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(ENDPOINT, collector.url)
        environment.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
        started = Parley.start(database_url=f"sqlite:///{folder}/parley.db", folder=folder, jwt_secret=JWT_SECRET)
    yield started
    started.stop()


def attributes(span: Any) -> dict[str, str]:
    return {each.key: each.value.string_value for each in span.attributes}


def named(collector: Collector, name: str) -> list[Any]:
    return [span for span in collector.spans if span.name == name]


def test_an_operation_is_a_span_of_the_trace_that_its_request_names(server: Parley, collector: Collector) -> None:
    headers = {"traceparent": f"00-{TRACE}-{PARENT}-01", "X-Request-Id": REQUEST_ID}
    query = "query Front { discussions(first: 1) { nodes { title } } }"
    httpx2.post(f"{server.url}/graphql", json={"query": query}, headers=headers).raise_for_status()
    eventually(lambda: bool(named(collector, "query Front")), "the span")
    (span,) = named(collector, "query Front")
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE, PARENT)
    assert attributes(span) == {
        "graphql.operation.type": "query",
        "graphql.operation.name": "Front",
        "parley.outcome": "ok",
        "parley.request_id": REQUEST_ID,
    }
    statements = [each for each in collector.spans if each.parent_span_id == span.span_id]
    assert statements
    for statement in statements:
        assert statement.name.startswith("read ")
        assert statement.trace_id == span.trace_id
        assert span.start_time_unix_nano <= statement.start_time_unix_nano
        assert statement.end_time_unix_nano <= span.end_time_unix_nano
    assert collector.services == {"parley"}


def test_an_operation_without_a_trace_begins_one_and_says_how_it_ended(server: Parley, collector: Collector) -> None:
    with people_of(server) as people:
        people("Ada").start("To begin with.", "A title")
    httpx2.post(f"{server.url}/graphql", json={"query": "{ nothing }"})
    eventually(lambda: bool(named(collector, "unknown")), "the refused operation")
    (refused,) = named(collector, "unknown")
    assert attributes(refused)["parley.outcome"] == "invalid"
    assert refused.parent_span_id == b""
    mutations = [span for span in collector.spans if attributes(span).get("graphql.operation.type") == "mutation"]
    traces = [span.trace_id for span in mutations]
    assert mutations and len(set(traces)) == len(traces)
    transactions = named(collector, "transaction")
    assert {span.trace_id for span in transactions} <= {
        span.trace_id for span in collector.spans if span.parent_span_id == b""
    }
    assert any(span.trace_id in traces for span in transactions)


@pytest.mark.anyio
async def test_operations_of_one_websocket_are_spans_of_their_own(server: Parley, collector: Collector) -> None:
    with people_of(server) as people:
        discussion = people("Ada").start()
    async with following(server, EVENTS, discussion) as socket:
        assert await socket.replayed() == []
    eventually(lambda: any(span.name.startswith("subscription") for span in collector.spans), "the subscription")


def test_nothing_is_traced_unless_an_endpoint_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ENDPOINT, raising=False)
    assert type(open_metrics()) is Metrics
    monkeypatch.setenv(ENDPOINT, "http://127.0.0.1:9")
    for name, value in (("OTEL_SDK_DISABLED", "true"), ("OTEL_TRACES_EXPORTER", "none")):
        with monkeypatch.context() as off:
            off.setenv(name, value)
            assert type(open_metrics()) is Metrics


def test_a_missing_package_is_one_line_of_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENDPOINT, "http://127.0.0.1:9")
    monkeypatch.delitem(sys.modules, "app.tracing", raising=False)
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    with capture_logs() as logs:
        assert type(open_metrics()) is Metrics
    (line,) = logs
    assert (line["missing"], line["log_level"]) == ("opentelemetry", "warning")
