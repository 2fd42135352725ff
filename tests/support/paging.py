"""Reading a list to its end, page by page, and checking each page for itself."""

from collections.abc import Iterator
from typing import Any

from tests.support.http import Client, Data

PAGE = "totalCount pageInfo { startCursor endCursor hasNextPage hasPreviousPage }"


def forward(client: Client, document: str, *, size: int, **variables: Any) -> Iterator[Data]:
    """The pages of the list that `document` aliases as `list`, from the first to the last, each checked for itself."""
    after: str | None = None
    seen = 0
    while True:
        found = client.query(document, {"first": size, "after": after} | variables)
        page = found.get("node", found)["list"]
        assert page["pageInfo"]["hasPreviousPage"] == (after is not None)
        seen += len(page["edges"])
        assert seen <= page["totalCount"], "Something comes twice."
        assert len(page["edges"]) == size or not page["pageInfo"]["hasNextPage"]
        if page["edges"]:
            assert page["pageInfo"]["startCursor"] == page["edges"][0]["cursor"]
            assert page["pageInfo"]["endCursor"] == page["edges"][-1]["cursor"]
        yield page
        if not page["pageInfo"]["hasNextPage"]:
            return
        assert page["edges"], "A page that has a next one is not empty."
        after = page["pageInfo"]["endCursor"]


def whole(client: Client, document: str, *, size: int, **variables: Any) -> list[Data]:
    """All nodes of a list, put together from its pages; their number is what every page said it would be."""
    pages = list(forward(client, document, size=size, **variables))
    nodes = [edge["node"] for page in pages for edge in page["edges"]]
    assert {page["totalCount"] for page in pages} == {len(nodes)}
    return nodes


def backward(client: Client, document: str, *, size: int, **variables: Any) -> list[Data]:
    """All nodes of a list, put together from its pages from the last to the first."""
    nodes: list[Data] = []
    before: str | None = None
    while True:
        page = client.query(document, {"last": size, "before": before} | variables)["node"]["list"]
        assert page["pageInfo"]["hasNextPage"] == (before is not None)
        nodes = [edge["node"] for edge in page["edges"]] + nodes
        assert page["pageInfo"]["hasPreviousPage"] == (len(nodes) < page["totalCount"])
        if not page["pageInfo"]["hasPreviousPage"]:
            return nodes
        before = page["pageInfo"]["startCursor"]
