"""Persisted documents on the wire: the same over HTTP and websocket."""

import json
from hashlib import sha256
from typing import Any

import httpx2
import pytest

from tests.transports.asking import post
from tests.transports.client import acknowledged
from tests.transports.service import Service, code_of
from transports.negotiation import GRAPHQL_RESPONSE as GRAPHQL
from transports.negotiation import JSON

NOT_FOUND = {"message": "PersistedQueryNotFound", "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"}}


def hashed(text: str) -> dict[str, Any]:
    return {"persistedQuery": {"version": 1, "sha256Hash": sha256(text.encode()).hexdigest()}}


def test_apollos_way_over_http_a_hash_then_the_document_then_the_hash(client: httpx2.Client) -> None:
    text = "query Apollo($name: String!) { hello(name: $name) }"
    alone = {"extensions": hashed(text), "variables": {"name": "Ada"}, "operationName": "Apollo"}
    for accept, status in ((GRAPHQL, 400), (JSON, 200)):
        response = post(client, alone, accept)
        assert response.status_code == status
        assert response.json() == {"errors": [NOT_FOUND]}
    hello = {"data": {"hello": "Hello Ada"}}
    assert post(client, {"query": text} | alone).json() == hello
    assert post(client, alone).json() == hello
    # As Apollo's `useGETForHashedQueries` sends it.
    address = {name: value if isinstance(value, str) else json.dumps(value) for name, value in alone.items()}
    assert client.get("/graphql", params=address).json() == hello


def test_a_document_id_over_http_in_a_body_and_in_an_address(client: httpx2.Client) -> None:
    text = "query Persisted { hello }"
    document_id = f"sha256:{sha256(text.encode()).hexdigest()}"
    assert post(client, {"documentId": document_id}).json() == {"errors": [NOT_FOUND]}
    assert client.get("/graphql", params={"documentId": document_id}).json() == {"errors": [NOT_FOUND]}
    hello = {"data": {"hello": "Hello world"}}
    assert post(client, {"query": text, "documentId": document_id}).json() == hello
    assert post(client, {"documentId": document_id}).json() == hello
    assert client.get("/graphql", params={"documentId": document_id}).json() == hello


def test_a_hash_never_writes_by_get(client: httpx2.Client, service: Service) -> None:
    text = "mutation Persisted { write }"
    written = service.written
    assert post(client, {"query": text, "extensions": hashed(text)}).status_code == 200
    assert client.get("/graphql", params={"extensions": json.dumps(hashed(text))}).status_code == 405
    assert service.written == written + 1


@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
def test_a_document_id_is_text_and_a_hash_that_of_its_document(client: httpx2.Client, accept: str) -> None:
    for body in ({"documentId": 7}, {"query": "{ hello }", "extensions": hashed("{ long }")}):
        response = post(client, body, accept)
        assert response.status_code == 400
        assert code_of(response.json()) == "BAD_ARGUMENT"


@pytest.mark.anyio
async def test_hashes_and_document_ids_over_a_websocket(service: Service) -> None:
    text = "subscription Persisted { count(to: 1) }"
    names: list[dict[str, Any]] = [
        {"extensions": hashed(text)},
        {"documentId": f"sha256:{sha256(text.encode()).hexdigest()}"},
    ]
    async with acknowledged(service) as opened:

        async def subscribe(**payload: Any) -> Any:
            await opened.send(type="subscribe", id="1", payload=payload)
            return await opened.receive()

        for name in names:
            assert await subscribe(**name) == {"id": "1", "type": "error", "payload": [NOT_FOUND]}
        for payload in ({"query": text} | names[0], *names):
            assert (await subscribe(**payload))["payload"] == {"data": {"count": "1"}}
            assert await opened.receive() == {"id": "1", "type": "complete"}
