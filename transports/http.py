"""GraphQL over HTTP: one operation in, one JSON answer out.

Source: the GraphQL over HTTP specification (sections are named where a rule is kept). Its rules are audited by the npm
package graphql-http, all 61 of them.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import orjson
from cross_web import AsyncHTTPRequestAdapter, StarletteRequestAdapter
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData
from strawberry.http.base import BaseRequestProtocol
from strawberry.types import ExecutionResult

from execution.engine import Engine, Prepared
from execution.operation import Operation, RequestRefused, request_error
from transports import faults, negotiation, parameters, sse
from transports.address import Addresses
from transports.context import Context, OpenContext
from transports.multipart import Multipart
from transports.negotiation import Wanted
from transports.streams import HEADERS, Stream, Streams, refusal

BODY_SECONDS = 15
SUBSCRIBE_ELSEWHERE = (
    "Subscriptions are not answered as JSON: send Accept: text/event-stream (graphql-sse), or open a websocket on this "
    "address (graphql-transport-ws)."
)
SINGLE_CONNECTION = (
    "There is no single connection mode of graphql-sse here: open an event stream for each operation "
    "(singleConnection: false)."
)


class Refused(Exception):
    """A request that is answered with an error status under every media type, since it is not well-formed."""

    def __init__(
        self, status: int, message: str, headers: Mapping[str, str] | None = None, *, code: str = "BAD_ARGUMENT"
    ) -> None:
        super().__init__(message)
        self.status = status
        self.errors = [request_error(code, message)]
        self.headers = headers


class BoundedRequest(StarletteRequestAdapter):
    """A request whose body is counted while it arrives, whatever Content-Length says."""

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        self.request = request

    async def get_body_within(self, limit: int) -> bytes:
        """The body. Raises Refused once it is longer than `limit` bytes."""
        announced = self.headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > limit:
            raise _too_large(limit)
        body = bytearray()
        try:
            async with asyncio.timeout(BODY_SECONDS):
                async for chunk in self.request.stream():
                    body += chunk
                    if len(body) > limit:
                        raise _too_large(limit)
        except TimeoutError:
            raise Refused(408, f"The body did not arrive within {BODY_SECONDS} seconds.") from None
        return bytes(body)


@dataclass(kw_only=True)
class RequestData(GraphQLRequestData):
    """What strawberry's view hands on from reading a request to running it."""

    operation: Operation


class Answer(Response):
    """What strawberry's view hands through the running of a request: how it will be answered."""

    wanted: Wanted
    stream: Stream | None = None
    """The answer to a subscription; that to a query or a mutation is the body."""


class Endpoint(GraphQL[Context, None]):
    """Strawberry's HTTP view, reading requests strictly, running them on our engine and answering with its bytes."""

    request_adapter_class = BoundedRequest

    def __init__(
        self,
        engine: Engine,
        open_context: OpenContext,
        *,
        addresses: Addresses,
        streams: Streams,
        max_body_bytes: int,
    ) -> None:
        super().__init__(engine.schema, graphql_ide=None, subscription_protocols=())
        self.engine = engine
        self.open_context = open_context
        self.addresses = addresses
        self.streams = streams
        self.max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await self.run(request)
        except ClientDisconnect:
            return
        except Refused as refused:
            response = _refusal(request, refused.errors, status=refused.status, headers=refused.headers)
        except RequestRefused as refused:
            response = _refusal(request, refused.errors, retry_seconds=refused.retry_seconds)
        except Exception:  # noqa: BLE001 - `masked` logs it
            response = _refusal(request, [faults.masked("a request failed")], status=500)
        await response(scope, receive, send)

    async def get_sub_response(self, request: Request | WebSocket) -> Response:
        answer = Answer()
        answer.wanted = negotiation.wanted(request.headers.get("accept"))
        if answer.wanted == (None, None):
            raise _not_acceptable()
        return answer

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:
        return await self.open_context(request.headers.get("authorization"), self.addresses.of(request.scope))

    def is_request_allowed(self, request: BaseRequestProtocol) -> bool:
        if request.method in ("PUT", "DELETE"):
            # How graphql-sse's single connection mode begins and ends what it does.
            raise Refused(501, SINGLE_CONNECTION, code="SINGLE_CONNECTION_UNAVAILABLE")
        if not super().is_request_allowed(request):
            raise Refused(405, f"Use POST, or GET for queries, not {request.method}.", {"Allow": "GET, POST"})
        return True

    def should_render_graphql_ide(self, request: BaseRequestProtocol) -> bool:
        return False

    async def parse_http_body(self, request: AsyncHTTPRequestAdapter) -> GraphQLRequestData:
        assert isinstance(request, BoundedRequest)
        try:
            if request.method == "GET":
                operation = parameters.operation(_query_parameters(request.request.scope["query_string"]))
            else:
                _check_content(request)
                operation = parameters.operation(
                    parameters.decoded(await request.get_body_within(self.max_body_bytes), where="The body")
                )
        except parameters.Malformed as malformed:
            raise Refused(400, str(malformed)) from malformed
        return RequestData(None, None, None, None, operation=operation)

    async def execute_operation(
        self,
        request: Request,
        request_adapter: AsyncHTTPRequestAdapter,
        request_data: GraphQLRequestData | list[GraphQLRequestData],
        context: Context,
        root_value: None,
        sub_response: Response,
    ) -> ExecutionResult:
        assert isinstance(request_data, RequestData)
        assert isinstance(sub_response, Answer)
        prepared = self.engine.prepare(request_data.operation)
        if prepared.kind == "subscription":
            sub_response.stream = self._stream(request, prepared, context, sub_response.wanted)
            return ExecutionResult(data=None, errors=None)
        # Section 5.4 «GET»: a GET must not execute a mutation, or a link could write.
        if prepared.kind == "mutation" and request_adapter.method == "GET":
            raise Refused(405, "Mutations are sent by POST, not by GET.", {"Allow": "POST"})
        if sub_response.wanted.answer is None:
            raise _not_acceptable()
        sub_response.body = await self.engine.execute(prepared, context.spend(prepared.cost))
        sub_response.status_code = 200
        # The engine has written the answer; the view's own way from a result to bytes is handed an empty one.
        return ExecutionResult(data=None, errors=None)

    def create_response(
        self, response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse], sub_response: Response
    ) -> Response:
        assert isinstance(sub_response, Answer)
        if sub_response.stream is not None:
            return sub_response.stream
        body, media_type = bytes(sub_response.body), sub_response.wanted.answer
        assert media_type is not None
        if media_type == negotiation.EVENT_STREAM:
            return _response(sse.next_event(body) + sse.COMPLETE, 200, media_type, HEADERS)
        return _response(body, sub_response.status_code, media_type)

    def _stream(self, request: Request, prepared: Prepared, context: Context, wanted: Wanted) -> Stream:
        """The answer to a subscription. Raises RequestRefused."""
        if wanted.stream is None:
            raise Refused(400, SUBSCRIBE_ELSEWHERE)
        # EventSource sends the address it was opened with again and again: where it stands is told by its header.
        after = request.headers.get("last-event-id") or None
        is_event_stream = wanted.stream == negotiation.EVENT_STREAM
        return Stream(
            sse.EventStream(tells_retry=request.method == "GET") if is_event_stream else Multipart(),
            self.engine.subscribe(prepared, context.spend(prepared.cost), after=after),
            self.streams,
            address=self.addresses.of(request.scope),
            expires_at=context.expires_at,
        )


def _not_acceptable() -> Refused:
    offered = ", ".join((negotiation.GRAPHQL_RESPONSE, negotiation.JSON, negotiation.EVENT_STREAM))
    return Refused(406, f"Answers come as one of {offered}, and Accept takes none.")


def _too_large(limit: int) -> Refused:
    return Refused(413, f"The body is larger than {limit} bytes.")


def _check_content(request: AsyncHTTPRequestAdapter) -> None:
    """Refuses what a web page may send across origins without asking first (forms, plain text), and other codings."""
    media_type, options = negotiation.essence(request.content_type or "")
    if media_type != negotiation.JSON:
        raise Refused(415, f"Send the request as {negotiation.JSON}, not {media_type or 'without a Content-Type'}.")
    if (charset := options.get("charset", "utf-8").lower()) not in ("utf-8", "utf8"):
        raise Refused(415, f"Send the body in UTF-8, not {charset}.")
    if (coding := request.headers.get("content-encoding", "identity").lower()) != "identity":
        raise Refused(415, f"Send the body as it is, not in the coding {coding}.", {"Accept-Encoding": "identity"})


def _query_parameters(query_string: bytes) -> dict[str, Any]:
    """The parameters of a GET, its JSON ones decoded; an empty one counts as absent. Section 5.4 «GET»."""
    try:
        pairs = parse_qsl(query_string.decode("ascii"), errors="strict", max_num_fields=100)
    except ValueError as error:
        raise parameters.Malformed("The address's parameters are not percent-encoded UTF-8, or too many.") from error
    given: dict[str, Any] = {}
    for name, value in pairs:
        if name in given:
            raise parameters.Malformed(f"`{name}` is given twice.")
        given[name] = parameters.decoded(value, where=f"`{name}`") if name in ("variables", "extensions") else value
    return given


def _refusal(
    request: Request,
    errors: list[dict[str, Any]],
    *,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
    retry_seconds: int | None = None,
) -> Response:
    wanted = negotiation.wanted(request.headers.get("accept"))
    media_type = wanted.json
    if status is None:
        if any(error["extensions"]["code"] == "UNAUTHENTICATED" for error in errors):
            status, headers = 401, {"WWW-Authenticate": "Bearer"}
        elif wanted.answer == negotiation.EVENT_STREAM:
            # A status of failure ends an EventSource for good, and tells its page nothing.
            framing = sse.EventStream(tells_retry=request.method == "GET")
            return _response(refusal(framing, errors, retry_seconds), 200, negotiation.EVENT_STREAM, HEADERS)
        elif all(error["extensions"]["code"] == "BAD_ARGUMENT" and "locations" not in error for error in errors):
            # Not about a place in the document but about the parameters, as an operationName that picks no operation.
            status = 400
        elif retry_seconds is not None:
            status, headers = _refused(media_type, 429), {"Retry-After": str(retry_seconds)}
        else:
            status = _refused(media_type, 400)
    return _response(orjson.dumps({"errors": errors}), status, media_type, headers)


def _refused(media_type: str, status: int) -> int:
    """The status of a well-formed request that was not executed, as one whose document is not valid.

    Section 6.4.1 «application/json» keeps 200 for the clients of old; 6.4.2 has `status`.
    """
    return status if media_type == negotiation.GRAPHQL_RESPONSE else 200


def _response(body: bytes, status: int, media_type: str, headers: Mapping[str, str] | None = None) -> Response:
    """An answer in UTF-8 that caches keep apart by Accept; the CORS layer around the route adds Origin to Vary."""
    return Response(body, status, {"Vary": "Accept", **(headers or {})}, media_type=f"{media_type}; charset=utf-8")
