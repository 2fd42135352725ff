"""GraphQL over HTTP: one operation per request, answered as JSON or as a stream.

Source: the GraphQL over HTTP specification; comments name the sections. The npm package graphql-http audits its rules,
all 61 of them.
"""

import asyncio
from functools import partial

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from execution.engine import Engine, Prepared
from execution.errors import internal_error
from execution.operation import RequestRefused
from execution.page_cache import MAX_RESPONSES, Answered, Kept
from transports import negotiation, sse
from transports.addresses import Addresses
from transports.caching import headers_of_result, is_current
from transports.identity import Identify, Identity
from transports.known import KnownRequests
from transports.multipart import Multipart
from transports.negotiation import Wanted
from transports.observations import UNOBSERVED, Observation, Observer, Outcome
from transports.requests import Sent, check_method, operation_of, refuse_single_connection
from transports.responses import HttpError, WholeResponse, error_response, response
from transports.streams import HEADERS, VARIED, Streams
from transports.subscriptions import SubscriptionResponse

SUBSCRIBE_ELSEWHERE = (
    "Subscriptions are not answered as JSON: send Accept: text/event-stream (graphql-sse), or open a websocket on this "
    "address (graphql-transport-ws)."
)


class HttpEndpoint:
    """The ASGI application of the HTTP route: reads an operation, prepares, charges and executes it, and responds."""

    def __init__(
        self,
        engine: Engine,
        identify: Identify,
        *,
        addresses: Addresses,
        streams: Streams,
        max_body_bytes: int,
        observer: Observer = UNOBSERVED,
    ) -> None:
        self.engine = engine
        self.identify = identify
        self.addresses = addresses
        self.streams = streams
        self.max_body_bytes = max_body_bytes
        self.observer = observer
        self.known = KnownRequests()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Sent(scope, receive)
        observed = Observation(self.observer, request.headers)
        try:
            answer = await self._respond(request, observed)
            observed.end()
        except ClientDisconnect:
            observed.end(Outcome.CLIENT_GONE)
            return
        except HttpError as error:
            observed.refuse(error.errors)
            answer = error_response(request, error.errors, status=error.status, headers=error.headers)
        except RequestRefused as error:
            observed.refuse(error.errors)
            answer = error_response(request, error.errors, retry_seconds=error.retry_seconds)
        except Exception as error:  # noqa: BLE001 - `internal_error` logs it.
            errors = [internal_error("a request failed", error)]
            observed.refuse(errors)
            answer = error_response(request, errors, status=500)
        await answer(scope, receive, send)

    async def _respond(self, request: Sent, observed: Observation) -> Response:
        refuse_single_connection(request)
        wanted = negotiation.wanted(request.headers.get("accept"))
        if wanted == (None, None):
            raise _not_acceptable()
        identity = await self.identify(request.headers.get("authorization"), self.addresses.of(request.scope))
        check_method(request)
        prepared = await self._prepared(request, identity)
        observed.kind, observed.name = prepared.kind, prepared.name
        if prepared.kind == "subscription":
            if request.method == "HEAD":
                raise HttpError(405, "Subscriptions are not answered to HEAD.", {"Allow": "GET, POST"})
            return self._subscribe(request, prepared, identity, wanted)
        is_get = request.method != "POST"
        # Section 5.4 "GET": a GET must not execute a mutation, or a link could write.
        if prepared.kind == "mutation" and is_get:
            raise HttpError(405, "Mutations are sent by POST, not by GET.", {"Allow": "POST"})
        if wanted.answer is None:
            raise _not_acceptable()
        answered = await self._execute(request, prepared, identity)
        if isinstance(answered, Answered) and answered.has_errors:
            observed.outcome = Outcome.FIELD_ERRORS
        if wanted.answer == negotiation.EVENT_STREAM:
            return response(sse.next_event(answered.body) + sse.COMPLETE, 200, wanted.answer, HEADERS)
        of_response = (wanted.answer, is_get, "authorization" in request.headers)
        made: WholeResponse | None = answered.responses.get(of_response) if isinstance(answered, Kept) else None
        if made is None:
            made = _response(answered.body, *of_response)
            if isinstance(answered, Kept) and len(answered.responses) < MAX_RESPONSES:
                answered.responses[of_response] = made
        if (
            is_get
            and "if-none-match" in request.headers
            and is_current(Headers(scope=request.scope), made.headers.get("etag"))
        ):
            return made.unchanged()
        return made

    async def _prepared(self, request: Sent, identity: Identity) -> Prepared:
        """The operation that a request asks for. Raises HttpError and RequestRefused."""
        sent = await request.read(max_body_bytes=self.max_body_bytes)
        key = (request.method == "POST", sent)
        prepared = self.known.get(key)
        if prepared is None:
            operation = operation_of(request.method, sent)
            await self.engine.read(operation, identity.charge)
            prepared = self.engine.prepare(operation, charge=identity.charge)
            # What comes with its hash is read each time, since that is what makes the hash known.
            if not (operation.query and operation.extensions):
                self.known.keep(key, prepared)
        return prepared

    async def _execute(self, request: Sent, prepared: Prepared, identity: Identity) -> Answered | Kept:
        """Returns the result of a query or mutation. Raises ClientDisconnect once the client of a query is gone."""
        connection, task = request.writer, asyncio.current_task()
        execute = partial(self.engine.answer, prepared, identity.charge(prepared.cost), identity.charge)
        if connection is None or task is None or prepared.kind == "mutation":
            return await execute()
        if connection.is_lost:
            raise ClientDisconnect
        connection.on_lost(task.cancel)
        try:
            return await execute()
        except asyncio.CancelledError:
            if not connection.is_lost:
                raise
            task.uncancel()
            raise ClientDisconnect from None
        finally:
            connection.on_lost(None)

    def _subscribe(self, request: Sent, prepared: Prepared, identity: Identity, wanted: Wanted) -> Response:
        if wanted.stream is None:
            raise HttpError(400, SUBSCRIBE_ELSEWHERE)
        self.streams.admit(identity.network)
        # An EventSource reopens the address that it was opened with; its position is in the header.
        after = request.headers.get("last-event-id") or None
        is_event_stream = wanted.stream == negotiation.EVENT_STREAM
        return SubscriptionResponse(
            sse.EventStream(is_event_source=request.method == "GET") if is_event_stream else Multipart(),
            partial(self.engine.deliver, prepared, identity.charge(prepared.cost), after=after, charge=identity.charge),
            self.streams,
            network=identity.network,
            on_revoked=identity.on_revoked,
        )


def _response(body: bytes, media_type: str, is_get: bool, has_token: bool) -> WholeResponse:
    headers = headers_of_result(body, is_get=is_get, has_token=has_token) | VARIED
    return WholeResponse(body, 200, headers, media_type=f"{media_type}; charset=utf-8")


def _not_acceptable() -> HttpError:
    offered = ", ".join((negotiation.GRAPHQL_RESPONSE, negotiation.JSON, negotiation.EVENT_STREAM))
    return HttpError(406, f"Answers come as one of {offered}, and Accept takes none.")
