"""Caching over HTTP: what may be kept, and how it is revalidated (RFC 9110, section 13.1.2)."""

import json
from hashlib import sha256
from typing import Any

import httpx2
import pytest
from starlette.datastructures import Headers

from execution.results import encode_result, has_errors
from tests.transports.asking import post
from transports.caching import etag_of, is_current
from transports.negotiation import EVENT_STREAM, GRAPHQL_RESPONSE, JSON

QUERY = {"query": "{ hello }"}
ADA = {"Authorization": "Bearer ada"}
TAG = etag_of(b"content")


@pytest.mark.parametrize(
    "given",
    [
        TAG,
        TAG.removeprefix("W/"),
        "*",
        " * ",
        f'"a", {TAG}',
        f'W/"a",{TAG} , "b"',
        f'"a,b", {TAG}',
        f",,{TAG}",
        f'""{TAG}',
    ],
)
def test_if_none_match_names_the_tag_in_any_place_and_strength(given: str) -> None:
    assert is_current(Headers({"If-None-Match": given}), TAG)


@pytest.mark.parametrize(
    "given",
    [
        "",
        '"a"',
        TAG.removeprefix('W/"').removesuffix('"'),
        f'"{TAG}"',
        f'"x{TAG[3:]}',
        '"*"',
        TAG[:-1],
        f'"a, {TAG[3:-1]}"',
    ],
)
def test_if_none_match_names_other_tags(given: str) -> None:
    assert not is_current(Headers({"If-None-Match": given}), TAG)


def test_if_none_match_may_come_in_several_lines() -> None:
    lines = [(b"if-none-match", b'"a"'), (b"if-none-match", TAG.encode())]
    assert is_current(Headers(raw=lines), TAG)
    assert not is_current(Headers(raw=lines[:1]), TAG)
    assert not is_current(Headers({}), TAG)


@pytest.mark.parametrize("data", [None, {}, {"a": None}, {"a": []}, {"a": [{"errors": []}]}, {"errors": ["]}"]}])
def test_a_result_says_whether_it_has_errors(data: dict[str, Any] | None) -> None:
    assert not has_errors(encode_result((data, [])))
    assert has_errors(encode_result((data, [{"message": "}}", "extensions": {"code": "BAD_ARGUMENT"}}])))


@pytest.mark.parametrize("headers", [{}, ADA])
@pytest.mark.parametrize("accept", [GRAPHQL_RESPONSE, JSON])
def test_a_query_by_get_is_revalidated(client: httpx2.Client, accept: str, headers: dict[str, str]) -> None:
    headers = headers | {"Accept": accept}
    first = client.get("/graphql", params=QUERY, headers=headers)
    again = client.get("/graphql", params=QUERY, headers=headers | {"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    for name in ("ETag", "Cache-Control", "Vary"):
        assert again.headers[name] == first.headers[name]
    changed = {"query": '{ hello(name: "Ada") }'}
    other = client.get("/graphql", params=changed, headers=headers | {"If-None-Match": first.headers["ETag"]})
    assert other.json() == {"data": {"hello": "Hello Ada"}}


def test_head_answers_like_get_without_a_body(client: httpx2.Client) -> None:
    for asked, headers in ((QUERY, {}), (QUERY, ADA), ({"query": "{ nothing }"}, {}), ({"query": "{ broken }"}, {})):
        got = client.get("/graphql", params=asked, headers=headers)
        head = client.head("/graphql", params=asked, headers=headers)
        assert head.content == b""
        assert head.status_code == got.status_code
        assert {**head.headers, "date": ""} == {**got.headers, "date": ""}
    etag = client.head("/graphql", params=QUERY).headers["ETag"]
    assert client.head("/graphql", params=QUERY, headers={"If-None-Match": etag}).status_code == 304
    # The connection serves on.
    assert client.get("/graphql", params=QUERY).json() == {"data": {"hello": "Hello world"}}


def test_head_neither_writes_nor_subscribes(client: httpx2.Client) -> None:
    for query in ("mutation { write }", "subscription { count(to: 1) }"):
        answer = client.head("/graphql", params={"query": query}, headers={"Accept": f"{JSON}, {EVENT_STREAM};q=0.5"})
        assert answer.status_code == 405


def test_a_query_by_post_is_not_kept_and_not_conditional(client: httpx2.Client) -> None:
    answer = post(client, QUERY, **{"If-None-Match": "*"})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "ETag" not in answer.headers


@pytest.mark.parametrize("headers", [{}, ADA])
def test_a_hash_that_is_unknown_is_never_kept(client: httpx2.Client, headers: dict[str, str]) -> None:
    text = f"query Hashed{len(headers)} {{ hello }}"
    digest = sha256(text.encode()).hexdigest()
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": digest}}
    asked = [{"extensions": json.dumps(extensions)}, {"documentId": f"sha256:{digest}"}]
    for answer in (
        *(client.get("/graphql", params=each, headers=headers | {"If-None-Match": "*"}) for each in asked),
        post(client, {"extensions": extensions}, **headers),
    ):
        assert answer.json()["errors"][0]["message"] == "PersistedQueryNotFound"
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert "ETag" not in answer.headers
    assert post(client, {"query": text, "extensions": extensions}).status_code == 200
    for each in asked:
        known = client.get("/graphql", params=each, headers=headers)
        assert known.json() == {"data": {"hello": "Hello world"}}
        again = client.get("/graphql", params=each, headers=headers | {"If-None-Match": known.headers["ETag"]})
        assert again.status_code == 304
