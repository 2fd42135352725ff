"""Links of the old forum."""

from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from text.legacy import LegacyReference, legacy_key, legacy_reference, ning_slug

TOPIC, COMMENT = "502551:Topic:999", "502551:Comment:1011"


@pytest.mark.parametrize(
    ("link", "key"),
    [
        (TOPIC, TOPIC),
        (f" {COMMENT} ", COMMENT),
        ("502551%3AComment%3A1011", COMMENT),
        ("502551%253AComment%253A1011", COMMENT),
        ("502551%3acomment%3a1011", COMMENT),
        (f"/xn/detail/{TOPIC}", TOPIC),
        ("https://old.example/xn/detail/502551%3AComment%3A1011?xg_source=activity", COMMENT),
        (f"http://old.example/forum/topics/night-owls?commentId={COMMENT}", COMMENT),
        ("http://old.example/forum/topics/x?xg_source=msg&commentId=502551%3AComment%3A1011&page=2#c", COMMENT),
        ("http://old.example/forum/topics/x?a=1&amp;commentId=502551%3AComment%3A1011", COMMENT),
        ("http://old.example/forum/topics/x#502551Comment1011", COMMENT),
        (f"http://old.example/forum/topics/x?commentId={COMMENT}#502551Comment1011", COMMENT),
        ("#502551Comment1011", COMMENT),
        (f"/xn/detail/{TOPIC}#comment-502551_Comment_1011", COMMENT),
        ("http://old.example/forum/topic/show?id=502551%3ATopic%3A999", TOPIC),
        ("http://old.example/forum/topics/502551:Topic:999/", TOPIC),
        ("7:BlogPost:3", "7:BlogPost:3"),
        ("http://old.example/forum/topics/night-owls", None),
        ("http://old.example/?x=502551:Topic:999", None),
        ("", None),
        ("http://[", None),
        ("a:b:c", None),
    ],
)
def test_a_link_names_its_post(link: str, key: str | None) -> None:
    assert legacy_key(link) == key
    if key:
        assert legacy_reference(link) == LegacyReference("id", key)


@pytest.mark.parametrize("noise", ["", "/", "?xg_source=activity", "?page=2#last", "?commentId=", "#x"])
def test_a_discussion_s_page_names_its_slug(noise: str) -> None:
    link = f"https://old.example/forum/topics/Night-Owls-a-defence{noise}"
    assert legacy_reference(link) == LegacyReference("slug", "night-owls-a-defence")


def test_other_pages_name_nothing() -> None:
    assert legacy_reference("https://old.example/profiles/blogs/some-post") is None
    assert legacy_reference("https://old.example/forum/topics") is None


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Night owls: a defence", "night-owls-a-defence"),
        ("Ada\u2019s Élan, 2.0!", "adas-elan-20"),
        ("  and/or -- what? ", "and-or-what"),
        ("日本", ""),
    ],
)
def test_a_title_has_its_slug(title: str, slug: str) -> None:
    assert ning_slug(title) == slug


@given(st.text())
def test_no_link_raises(link: str) -> None:
    legacy_reference(link)
    legacy_reference(f"http://x/forum/topics/{link}?commentId={link}#{link}")
    ning_slug(link)


@pytest.mark.parametrize("unit", ["/%41", "%25", "&a=%41", "/forum/topics/a"])
def test_a_link_longer_than_any_names_nothing_and_is_not_decoded(unit: str) -> None:
    link = unit * (900_000 // len(unit))
    begun = thread_time()
    assert legacy_reference(link) is None
    assert legacy_key(link) is None
    assert thread_time() - begun < 0.01
