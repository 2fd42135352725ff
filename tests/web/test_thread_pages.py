"""Readers without scripts, and crawlers, get every page of every thread, and of the list."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

import db.categories
from db.database import Transaction
from tests.support.backends import Backend
from tests.support.http import People, people_of, put
from tests.support.servers import Parley

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture(scope="module")
def people(parley: Parley) -> Iterator[People]:
    with people_of(parley) as made:
        yield made


@pytest.fixture(scope="module")
def thread(people: People) -> str:
    """A discussion of 120 replies, of which each third one answers the one before it."""
    ada = people("Ada")
    discussion = ada.start("To begin with.", "Pear trees")
    last = ""
    for number in range(1, 121):
        last = ada.reply(discussion, f"Reply number {number}.", to=None if number % 3 else last)
    return f"/d/{discussion.removeprefix('D_')}/pear-trees"


class Shown(HTMLParser):
    """What a page shows: links by their `rel` in the head, visible links likewise, posts, and metadata."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.head: dict[str, str] = {}
        self.links: dict[str, str] = {}
        self.replies: list[int] = []
        self.meta: dict[str, str] = {}
        self.classes: dict[int, str] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag in ("a", "link") and "rel" in found:
            (self.links if tag == "a" else self.head)[found["rel"]] = found["href"]
        if tag == "article" and found["id"] != "opening":
            self.replies.append(int(found["id"].removeprefix("reply-")))
            self.classes[self.replies[-1]] = found["class"]
        if tag == "meta" and (name := found.get("name") or found.get("property")):
            self.meta[name] = found["content"]


def test_a_thread_is_read_to_its_end_and_back_without_scripts(people: People, parley: Parley, thread: str) -> None:
    pages: list[tuple[str, Shown]] = []
    here: str | None = thread
    while here is not None:
        answer = people.http.get(here)
        assert answer.status_code == 200
        shown = Shown(answer.text)
        assert shown.head["canonical"] == shown.meta["og:url"] == f"{parley.url}{here}"
        assert (shown.head.get("next"), shown.head.get("prev")) == (shown.links.get("next"), shown.links.get("prev"))
        assert shown.head.get("prev") == (pages[-1][0] if pages else None)
        assert people.http.get(here, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
        pages.append((here, shown))
        here = shown.head.get("next")
    assert [len(shown.replies) for _, shown in pages] == [50, 50, 20]
    # Answers are below what they answer.
    assert [reply for _, shown in pages for reply in shown.replies] == list(range(1, 121))
    assert {shown.classes[reply] for _, shown in pages for reply in shown.replies if reply % 3 == 0} == {"post depth-1"}
    assert len({re.search("<title>(.*)</title>", people.http.get(path).text)[1] for path, _ in pages}) == 3  # type: ignore[index]


def test_links_to_answered_posts_of_another_page_lead_there(people: People, thread: str) -> None:
    first, second = (people.http.get(thread + query).text for query in ("", "?after=50"))
    assert re.findall('class="answers" href="([^"]*)"', first)[0] == "#reply-2"
    # Reply 51 answers 50, which is on the page before it.
    assert re.findall('class="answers" href="([^"]*)"', second)[:2] == ["?reply=50", "#reply-53"]


def test_a_page_is_shown_around_any_reply(people: People, parley: Parley, thread: str) -> None:
    for reply in (1, 25, 77, 120):
        answer = people.http.get(f"{thread}?reply={reply}")
        assert answer.status_code == 200
        shown = Shown(answer.text)
        assert reply in shown.replies and len(shown.replies) == 50
        assert f"Reply number {reply}." in shown.meta["description"]
        # The same posts have addresses that search engines index.
        assert shown.meta["robots"] == "noindex" and "canonical" not in shown.head
        assert shown.meta["og:url"] == f"{parley.url}{thread}?reply={reply}"
        if "next" in shown.head:
            assert Shown(people.http.get(shown.head["next"]).text).replies[0] == shown.replies[-1] + 1
        if "prev" in shown.head:
            assert reply > 25
            before = Shown(people.http.get(shown.head["prev"]).text).replies
            assert before[-1] == shown.replies[0] - 1 or before[0] == 1
        else:
            assert shown.replies[0] == 1


@pytest.mark.parametrize(
    "query",
    [
        *(
            "after=120",
            "after=121",
            "after=0",
            "after=-1",
            "after=x",
            "after=",
            "after=1.5",
            "after=%D9%A3",
            "after=%C2%B2",
        ),
        *("reply=121", "reply=0", "reply=%00", "reply=%FF", "reply=01", f"reply={2**31}", f"after={'9' * 5000}"),
    ],
)
def test_a_page_that_no_thread_has_is_not_found(people: People, parley: Parley, thread: str, query: str) -> None:
    assert people.http.get(f"{thread}?{query}").status_code == 404
    assert "Traceback" not in parley.log()


def test_a_page_of_another_title_leads_to_the_same_place(people: People, thread: str) -> None:
    number = thread.split("/")[2]
    for query in ("?after=50", "?reply=77", "?root=77"):
        moved = people.http.get(f"/d/{number}/another{query}")
        assert (moved.status_code, moved.headers["Location"]) == (307, f"{thread}{query}")


def test_pages_of_a_thread_are_never_stale(people: People) -> None:
    ada, mo = people("Ada"), people("Mo", moderator=True)
    discussion = ada.start("To begin with.", "Growing")
    replies = [ada.reply(discussion, f"Reply {number}.") for number in range(1, 61)]
    path = f"/d/{discussion.removeprefix('D_')}/growing"
    known: dict[str, tuple[str, str]] = {}

    def read(query: str) -> str:
        etag, text = known.get(query, ("", ""))
        answer = people.http.get(f"{path}{query}", headers={"If-None-Match": etag} if etag else {})
        known[query] = (answer.headers["ETag"], text if answer.status_code == 304 else answer.text)
        return known[query][1]

    queries = ("?after=50", "?reply=55")
    assert all("Reply 55." in read(query) for query in queries)
    ada.edit(replies[54], "Edited.")
    assert all("Edited." in read(query) and "Reply 55." not in read(query) for query in queries)
    ada.reply(discussion, "The newest one.")
    assert all("The newest one." in read(query) for query in queries)
    mo.delete(replies[54])
    assert all("Edited." not in read(query) for query in queries)


def test_times_are_readable(people: People, thread: str) -> None:
    times = re.findall(r'<time datetime="([^"]+)" title="([^"]+)">([^<]+)</time>', people.http.get(thread).text)
    assert len(times) == 51
    for moment, title, text in times:
        assert title.startswith(f"{text}, ")
        assert moment.startswith("20")
        assert re.fullmatch(r"[0-9]{1,2} [A-Z][a-z]{2} 20[0-9]{2}, [0-9]{2}:[0-9]{2} UTC", title)


def test_the_list_is_read_to_its_end_without_scripts(people: People) -> None:
    ada = people("Ada")
    started = {ada.start(title=f"Listed {number}").removeprefix("D_") for number in range(65)}
    here: str | None = "/"
    found: list[str] = []
    while here is not None:
        answer = people.http.get(here)
        assert answer.status_code == 200
        shown = Shown(answer.text)
        assert ("robots" in shown.meta) == (here != "/")
        assert people.http.get(here, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
        found += re.findall(r'<h2 dir="auto"><a href="/d/([0-9]+)/', answer.text)
        here = shown.head.get("next")
        assert here == shown.links.get("next")
    assert len(found) == len(set(found))
    assert started <= set(found)
    for place in ("x", "a1.1", "r1", "%00", "a" + "9" * 18 + ".1"):
        assert people.http.get(f"/?after={place}").status_code == 404


def test_a_category_is_read_without_scripts(people: People, backend: Backend) -> None:
    async def add(tx: Transaction) -> int:
        return await db.categories.category(tx, slug="pears-&-co", name="Pears & co", description="All that grows.")

    category = f"C_{put(backend.database_url, add)}"
    ada = people("Ada")
    inside = [ada.start(title=f"In {at}", categoryId=category) for at in range(21)]
    ada.start(title="Elsewhere")
    here = "/?category=pears-%26-co"
    first = people.http.get(here)
    shown = Shown(first.text)
    assert "robots" not in shown.meta and "<h1><bdi>Pears &amp; co</bdi></h1>" in first.text
    assert "All that grows." in first.text and "Elsewhere" not in first.text
    assert shown.head["next"].startswith(f"{here}&after=")
    last = people.http.get(shown.head["next"])
    found = re.findall(r'<h2 dir="auto"><a href="/d/([0-9]+)/', first.text + last.text)
    assert len(found) == len(set(found)) == len(inside)
    assert [people.http.get(f"/?category={slug}").status_code for slug in ("none", "x" * 3000, "%00")] == [404] * 3


def test_a_search_says_that_it_needs_scripts(people: People) -> None:
    page = people.http.get("/search", params={"q": '<b>"words"'})
    shown = Shown(page.text)
    assert page.status_code == 200 and "robots" in shown.meta
    assert "Results for &#34;<bdi>&lt;b&gt;&#34;words&#34;</bdi>&#34;" in page.text
    assert "<noscript><p" in page.text and '<li class="discussion"' not in page.text


def test_the_sitemap_has_every_discussion_once(people: People, parley: Parley) -> None:
    ada, mo = people("Ada"), people("Mo", moderator=True)
    kept, deleted = ada.start(title="Mapped & found"), ada.start(title="Deleted soon")
    mo.write("deleteDiscussion", discussionId=deleted)
    assert f"Sitemap: {parley.url}/sitemap.xml" in people.http.get("/robots.txt").text
    answer = people.http.get("/sitemap.xml")
    assert answer.headers["Content-Type"].startswith("application/xml")
    parts = [one.text or "" for one in ElementTree.fromstring(answer.content).iter(f"{SITEMAP}loc")]
    addresses: list[str] = []
    for part in parts:
        answer = people.http.get(part)
        listed = ElementTree.fromstring(answer.content)
        addresses += [one.text or "" for one in listed.iter(f"{SITEMAP}loc")]
        moments = [one.text or "" for one in listed.iter(f"{SITEMAP}lastmod")]
        assert all(re.fullmatch(r"[0-9-]{10}T[0-9:]{8}Z", moment) for moment in moments)
        assert people.http.get(part, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert len(addresses) == len(set(addresses)) < 50_000
    assert f"{parley.url}/d/{kept.removeprefix('D_')}/mapped-found" in addresses
    assert not any(f"/d/{deleted.removeprefix('D_')}/" in address for address in addresses)
    assert people.http.get(addresses[-1]).status_code == 200
    for number in ("0", "2", "9999999999", "99999999999", "x"):
        assert people.http.get(f"/sitemap/{number}.xml").status_code == 404
