"""Asking over HTTP."""

import httpx2

from transports.negotiation import GRAPHQL_RESPONSE

DOCUMENT = {"query": "{ __typename }"}


def post(client: httpx2.Client, body: object, accept: str = GRAPHQL_RESPONSE, **headers: str) -> httpx2.Response:
    """The answer to a POST of `body` as JSON."""
    return client.post("/graphql", json=body, headers={"Accept": accept, **headers})


def media_type(response: httpx2.Response) -> str:
    """The answer's media type without its parameters."""
    return response.headers["content-type"].partition(";")[0]
