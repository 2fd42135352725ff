"""Pages are in the language that their reader has chosen, or that the browser prefers, also without scripts."""

import json
import re
from collections.abc import Iterator

import pytest

from tests.support.http import People, people_of
from tests.support.servers import Parley

CAME_FROM = [
    ("/", "/"),
    ("/d/7/a-title?reply=3", "/d/7/a-title?reply=3"),
    ("/search?q=a&b=%D8%B3", "/search?q=a&b=%D8%B3"),
    ("", "/"),
    ("//other.example/x", "/other.example/x"),
    ("/\\other.example", "/other.example"),
]
"""The path of a page, and where its reader is after a choice there."""


@pytest.fixture(scope="module")
def people(parley: Parley) -> Iterator[People]:
    with people_of(parley) as made:
        yield made


def shown_in(page: str) -> tuple[str, str]:
    """The language and the direction of a page."""
    found = re.search(r'<html lang="(\w+)" dir="(\w+)">', page)
    assert found
    return found[1], found[2]


@pytest.mark.parametrize(
    ("cookie", "accepted", "shown"),
    [
        (None, None, ("en", "ltr")),
        (None, "de-AT, en;q=0.8", ("de", "ltr")),
        (None, "fr, ar;q=0.9, en;q=0.8", ("ar", "rtl")),
        (None, "de;q=0, fr", ("en", "ltr")),
        (None, "x;q=, ;;, de;q=9", ("en", "ltr")),
        ("ar", "de", ("ar", "rtl")),
        ("xx", "de", ("de", "ltr")),
        ('"><script>', "ar", ("ar", "rtl")),
    ],
)
def test_pages_are_in_the_language_of_their_reader(
    people: People, cookie: str | None, accepted: str | None, shown: tuple[str, str]
) -> None:
    headers = {"Cookie": f"language={cookie}"} if cookie else {}
    for path in ("/", "/search?q=x", "/d/999999/x"):
        page = people.http.get(path, headers={**headers, "Accept-Language": accepted or ""})
        assert shown_in(page.text) == shown
        assert page.headers["Vary"] == "Accept-Encoding, Accept-Language, Cookie"


def test_a_page_is_revalidated_in_its_language(people: People) -> None:
    discussion = people("Ada").start()
    path = people.http.get(f"/d/{discussion.removeprefix('D_')}").headers["Location"]
    pages = {code: people.http.get(path, headers={"Accept-Language": code}) for code in ("ar", "de", "en")}
    assert len({page.headers["ETag"] for page in pages.values()}) == 3
    for code, page in pages.items():
        known = {"If-None-Match": page.headers["ETag"]}
        again = {other: people.http.get(path, headers={**known, "Accept-Language": other}) for other in pages}
        assert {other for other, answer in again.items() if answer.status_code == 304} == {code}


@pytest.mark.parametrize(("page", "after"), CAME_FROM)
def test_a_choice_is_kept_and_leads_back(people: People, parley: Parley, page: str, after: str) -> None:
    chosen = people.http.get("/language/ar", headers={"Referer": parley.url + page} if page else {})
    assert chosen.status_code == 303
    assert chosen.headers["Location"].replace("%5C", "\\") == after
    assert chosen.headers["Cache-Control"] == "private, no-store"
    assert chosen.headers["Set-Cookie"].startswith("language=ar; HttpOnly; Max-Age=31536000; Path=/; SameSite=lax")


def test_only_languages_of_the_page_can_be_chosen(people: People) -> None:
    assert people.http.get("/language/fr").status_code == 404
    people.http.cookies.clear()
    links = re.findall(r'<a class="button" href="(/language/\w+)"[^>]* lang="(\w+)"', people.http.get("/").text)
    assert [code for _, code in links] == ["ar", "de", "en"]
    assert {people.http.get(path).status_code for path, _ in links} == {303}
    people.http.cookies.clear()


def test_data_within_a_page_ends_no_script(people: People) -> None:
    ada = people("</script><b>Ada")
    discussion = ada.start("`</script><script>alert(1)</script>` <!-- & \u2028", "</script><!-- \u2028 title")
    page = people.http.get(people.http.get(f"/d/{discussion.removeprefix('D_')}").headers["Location"]).text
    blocks = re.findall(r'<script type="application/json" id="(\w+)">(.*?)</script>', page, re.DOTALL)
    assert [name for name, _ in blocks] == ["strings", "languages", "data"]
    found = json.loads(blocks[2][1])["results"][0]["data"]["discussion"]
    assert found["title"].startswith("</script><!--")
    assert page.count("<script") == 5
    assert not re.search(r"[<>&]", blocks[2][1])
