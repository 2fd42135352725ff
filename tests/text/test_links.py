"""Addresses of posts are told from all others."""

import pytest

from text.links import PostReference, post_reference


@pytest.mark.parametrize(
    ("link", "number", "sequence"),
    [
        ("https://forum.example/d/12/on-engines#reply-17", 12, 17),
        ("https://forum.example/base/d/12#reply-17", 12, 17),
        ("http://localhost:8000/d/12?page=2#reply-3", 12, 3),
        ("//forum.example/d/12/", 12, 0),
        ("/d/12", 12, 0),
        ("/d/12/caf%C3%A9#reply-0", 12, 0),
        ("d/12#reply-17", 12, 17),
        ("#reply-17", None, 17),
    ],
)
def test_posts(link: str, number: int | None, sequence: int) -> None:
    assert post_reference(link) == PostReference(number, sequence)


@pytest.mark.parametrize(
    "link",
    ["", "/d/", "/d/x", "/d/12#comments", "/d/12/slug/edit", "/bad/12", "/d/12 x", "https://d/12", "#reply-", "/d/1²"],
)
def test_other_addresses(link: str) -> None:
    assert post_reference(link) is None


def test_a_long_address_is_refused_quickly() -> None:
    assert post_reference("/d/1" * 25_000 + "!") is None
