"""Pages of people without scripts, and the page at an address where nothing is."""

import re
from collections.abc import Iterator

import pytest

from tests.support.http import People, people_of
from tests.support.servers import Parley

REPLIES = 45


@pytest.fixture(scope="module")
def people(parley: Parley) -> Iterator[People]:
    with people_of(parley) as made:
        yield made


def test_a_person_is_read_to_the_first_reply_without_scripts(people: People) -> None:
    ada, bo = people.several("Ada", "Bo")
    discussion = ada.start("To begin with.", "Of Ada")
    for number in range(1, REPLIES + 1):
        bo.reply(discussion, f"Reply <{number}>.")
    read: list[int] = []
    path: str | None = f"/u/{bo.handle}"
    while path:
        page = people.http.get(path)
        assert page.status_code == 200
        assert "noindex" in page.text
        read += map(int, re.findall(r">Reply &lt;(\d+)&gt;\.<", page.text))
        following = re.search(r'<a [^>]*href="([^"]*)" rel="next"', page.text)
        path = following[1].replace("&amp;", "&") if following else None
    assert read == list(range(REPLIES, 0, -1))
    first = people.http.get(f"/u/{bo.handle}").text
    assert '<meta property="og:type" content="profile">' in first
    for words in (f"<h1><bdi>{bo.name}</bdi></h1>", f"@{bo.handle}", f"{REPLIES} replies", "0 discussions"):
        assert words in first
    assert "Of Ada" in people.http.get(f"/u/{ada.handle}?show=discussions").text
    # A thread leads there.
    assert f'<a class="author" href="/u/{bo.handle}">' in people.http.get(f"/d/{discussion[2:]}/of-ada").text


def test_other_spellings_of_a_handle_lead_to_its_page(people: People) -> None:
    ada = people("Ada")
    ada.start()
    for spelling in (ada.handle.upper(), f"@{ada.handle}"):
        moved = people.http.get(f"/u/{spelling}?show=discussions")
        assert (moved.status_code, moved.headers["Location"]) == (307, f"/u/{ada.handle}?show=discussions"), spelling


@pytest.mark.parametrize(
    "path",
    ["/nowhere", "/d/", "/u/", "/u/nobody-of-this-name", f"/u/{'x' * 3_000}", "/u/%00", "/u/%ff", "/u/ada?after=x"],
)
def test_an_address_without_a_page_says_so_in_the_readers_language(people: People, path: str) -> None:
    page = people.http.get(path, headers={"Accept-Language": "de"})
    assert page.status_code == 404
    assert '<main id="main" class="page empty"' in page.text
    assert "Alle Diskussionen" in page.text


def test_what_is_not_read_gets_a_plain_404(people: People) -> None:
    answer = people.http.post("/nowhere", json={})
    assert (answer.status_code, answer.text) == (404, "There is nothing at this address.\n")
