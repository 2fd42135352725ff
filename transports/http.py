"""GraphQL over HTTP: one operation in, one JSON answer out.

Source: the GraphQL over HTTP specification (sections are named where a rule is kept). Its rules are audited by the npm
package graphql-http, all 61 of them.
"""

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

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
from execution.operation import Operation, RequestRefused
from transports import faults, negotiation, parameters, sse
from transports.address import Addresses
from transports.answers import Refused, answer, refused
from transports.channels import TOKEN_HEADER, Channel, Channels, InUse
from transports.context import Context, OpenContext
from transports.following import SubscriptionResponse
from transports.messages import MAX_ID_CHARACTERS
from transports.multipart import Multipart
from transports.negotiation import Wanted
from transports.streams import HEADERS, ClientDisconnected, Stream, Streams

BODY_SECONDS = 15
SUBSCRIBE_ELSEWHERE = (
    "Subscriptions are not answered as JSON: send Accept: text/event-stream (graphql-sse), or open a websocket on this "
    "address (graphql-transport-ws)."
)
SINGLE_CONNECTION = (
    "There is no single connection mode of graphql-sse here, for more than one process may serve: open an event stream "
    "for each operation (singleConnection: false)."
)
NO_CHANNEL = "There is no open stream of this token: reserve one by PUT, and open it by GET."


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
    channel: Channel | None = None
    """What carries the results instead."""


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
        channels: Channels | None,
        max_body_bytes: int,
    ) -> None:
        """`channels`: of graphql-sse's single connection mode, where this process serves alone."""
        super().__init__(engine.schema, graphql_ide=None, subscription_protocols=())
        self.engine = engine
        self.open_context = open_context
        self.addresses = addresses
        self.streams = streams
        self.channels = channels
        self.max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await self._respond(request)
        except ClientDisconnect:
            return
        except Refused as error:
            response = refused(request, error.errors, status=error.status, headers=error.headers)
        except RequestRefused as error:
            response = refused(request, error.errors, retry_seconds=error.retry_seconds)
        except Exception:  # noqa: BLE001 - `masked` logs it
            response = refused(request, [faults.masked("a request failed")], status=500)
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        token = request.headers.get(TOKEN_HEADER)
        if token is None and request.method == "GET" and b"query=" not in request.scope["query_string"]:
            # EventSource sends no headers of its page's.
            token = request.query_params.get("token")
        if token is None and request.method not in ("PUT", "DELETE"):
            return await self.run(request)
        if self.channels is None:
            raise Refused(501, SINGLE_CONNECTION, code="SINGLE_CONNECTION_UNAVAILABLE")
        if request.method == "POST":
            return await self.run(request)
        await self.get_context(request, Response())
        if request.method == "PUT":
            return Response(self.channels.reserve(), 201, media_type="text/plain")
        if request.method == "DELETE":
            self._channel(token).complete(request.query_params.get("operationId", ""))
            return Response()
        try:
            return self.channels.open(token or "", self.streams, address=self.addresses.of(request.scope))
        except LookupError as error:
            raise Refused(404, str(error)) from error
        except InUse as error:
            raise Refused(409, str(error)) from error

    def _channel(self, token: str | None) -> Channel:
        channel = self.channels.find(token or "") if self.channels is not None else None
        if channel is None:
            raise Refused(404, NO_CHANNEL)
        return channel

    async def get_sub_response(self, request: Request | WebSocket) -> Response:
        prepared = Answer()
        prepared.wanted = negotiation.wanted(request.headers.get("accept"))
        if (token := request.headers.get(TOKEN_HEADER)) is not None:
            prepared.channel = self._channel(token)
        elif prepared.wanted == (None, None):
            raise _not_acceptable()
        return prepared

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:
        return await self.open_context(request.headers.get("authorization"), self.addresses.of(request.scope))

    def is_request_allowed(self, request: BaseRequestProtocol) -> bool:
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
        if sub_response.channel is not None:
            self._carry(sub_response.channel, request_data.operation, prepared, context)
            return ExecutionResult(data=None, errors=None)
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
        if sub_response.channel is not None:
            return Response(status_code=202)
        if sub_response.stream is not None:
            return sub_response.stream
        body, media_type = bytes(sub_response.body), sub_response.wanted.answer
        assert media_type is not None
        if media_type == negotiation.EVENT_STREAM:
            return answer(sse.next_event(body) + sse.COMPLETE, 200, media_type, HEADERS)
        return answer(body, sub_response.status_code, media_type)

    def _stream(self, request: Request, prepared: Prepared, context: Context, wanted: Wanted) -> Stream:
        """The answer to a subscription. Raises RequestRefused."""
        if wanted.stream is None:
            raise Refused(400, SUBSCRIBE_ELSEWHERE)
        address = self.addresses.of(request.scope)
        self.streams.admit(address)
        # EventSource sends the address it was opened with again and again: where it stands is told by its header.
        after = request.headers.get("last-event-id") or None
        is_event_stream = wanted.stream == negotiation.EVENT_STREAM
        return SubscriptionResponse(
            sse.EventStream(tells_retry=request.method == "GET") if is_event_stream else Multipart(),
            partial(self.engine.deliver, prepared, context.spend(prepared.cost), after=after),
            self.streams,
            address=address,
            hold=context.hold,
        )

    def _carry(self, channel: Channel, operation: Operation, prepared: Prepared, context: Context) -> None:
        """Has a channel bring the results of an operation. Raises RequestRefused."""
        operation_id = (operation.extensions or {}).get("operationId")
        if not isinstance(operation_id, str) or not 0 < len(operation_id) <= MAX_ID_CHARACTERS:
            raise Refused(400, f"`extensions.operationId` must be a string of 1 to {MAX_ID_CHARACTERS} characters.")
        try:
            channel.expect(operation_id)
            spent = context.spend(prepared.cost)
            if prepared.kind == "subscription":
                channel.subscribe(operation_id, self.engine.subscribe(prepared, spent), hold=context.hold)
            else:
                channel.call(operation_id, self.engine.execute(prepared, spent))
        except ClientDisconnected as error:
            raise Refused(404, NO_CHANNEL) from error
        except InUse as error:
            raise Refused(409, str(error)) from error


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
