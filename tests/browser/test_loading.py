"""How the page loads on a slow line: what it sends before it is live, when words are seen, and that nothing moves."""

from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import DESK, PHONE, Visitors, is_live, path_of, shown
from tests.support.http import People

MAX_REQUESTS = 12
MAX_GZIPPED_BYTES = 120_000
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
"""Milliseconds, and bytes per second."""
CONTENT_MS = 2_500
ATTEMPTS = 3
"""Machines that do other things meanwhile paint late; what is sent and what moves is the same each time."""
MAX_SHIFT = 0.05
"""Cumulative layout shift. Up to 0.1 is called good: https://web.dev/articles/cls."""

OBSERVE = """
window.seen = { content: null, shift: 0 };
new PerformanceObserver(list => {
  for (const entry of list.getEntries()) window.seen.content = entry.startTime;
}).observe({ type: "largest-contentful-paint", buffered: true });
new PerformanceObserver(list => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.seen.shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


@dataclass
class Loaded:
    """What was sent until the page was live."""

    requests: int
    gzipped: int
    seen: dict[str, Any]
    queries: list[str]
    """The bodies of requests by POST."""


def load(visit: Visitors, path: str, **more: Any) -> Loaded:
    """Opens a page on a slow line, and waits until it is live."""
    page: Page = visit("/robots.txt", **more)
    page.add_init_script(OBSERVE)
    line = page.context.new_cdp_session(page)
    sent: list[float] = []
    queries: list[str] = []
    line.on("Network.loadingFinished", lambda event: sent.append(event["encodedDataLength"]))
    page.on("request", lambda request: queries.append(request.post_data or "") if request.method == "POST" else None)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", SLOW)
    page.goto(visit.url + path)
    is_live(page)
    return Loaded(len(sent), int(sum(sent)), page.evaluate("window.seen"), queries)


@pytest.fixture(scope="module")
def thread(people: People) -> str:
    """A thread of a page and a half."""
    ada, bo = people.several("Ada", "Bo")
    discussion = ada.start("Opening words. " * 60, "What a season")
    last: str | None = None
    for at in range(75):
        last = (ada, bo)[at % 2].reply(
            discussion, f"Reply {at}. " + "Some more words for it. " * (at % 9), to=last if at % 3 else None
        )
    return path_of(discussion)


@pytest.mark.parametrize("screen", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("place", ["thread", "list"])
def test_a_page_is_read_and_live_soon_on_a_slow_line(
    visit: Visitors, thread: str, screen: dict[str, int], place: str
) -> None:
    times = []
    for _ in range(ATTEMPTS):
        loaded = load(visit, thread if place == "thread" else "/", screen=screen)
        assert loaded.requests <= MAX_REQUESTS, loaded
        assert loaded.gzipped <= MAX_GZIPPED_BYTES, loaded
        assert loaded.seen["shift"] < MAX_SHIFT, loaded
        assert not [query for query in loaded.queries if "thread(" in query or "discussions(" in query]
        times.append(loaded.seen["content"])
        if times[-1] < CONTENT_MS:
            break
    assert min(times) < CONTENT_MS, times


# The browser takes a page that the test answers for one of the internet, which may open no websocket to this machine:
# the page follows by server-sent events instead.
@pytest.mark.tolerates("LOCAL_NETWORK_ACCESS_CHECKS")
def test_a_page_of_before_catches_up_without_another_query(visit: Visitors, people: People) -> None:
    ada, bo = people.several("Ada", "Bo")
    discussion = ada.start("Opening words.", "A page from a cache")
    edited, deleted = (ada.reply(discussion, f"Reply {at} as it was.") for at in (1, 2))
    path = people.http.get(path_of(discussion)).headers["Location"]
    kept = people.http.get(path)
    ada.edit(edited, "Reply 1 as it is.")
    ada.delete(deleted)
    added = [bo.reply(discussion, f"Meanwhile {at}.", to=edited) for at in range(60)]
    page = visit("/robots.txt")
    page.route(
        "**/d/*/*", lambda route: route.fulfill(body=kept.text, headers=dict(kept.headers) | {"X-From": "cache"})
    )
    queries: list[str] = []
    page.on("request", lambda request: queries.append(request.post_data or "") if request.method == "POST" else None)
    page.goto(visit.url + path)
    is_live(page)
    expect(page.locator("#reply-62")).to_contain_text("Meanwhile 59.")
    expect(page.locator("#reply-1")).to_contain_text("Reply 1 as it is.")
    expect(page.locator("#reply-2")).to_have_count(0)
    assert "as it was" not in page.content()
    assert shown(page) == [1, *range(3, 3 + len(added))]
    assert not [query for query in queries if "thread(" in query]


@pytest.mark.tolerates("net::ERR_FAILED")
def test_chosen_colours_are_there_before_the_scripts(visit: Visitors) -> None:
    page = visit("/", color_scheme="light")
    page.evaluate("localStorage.setItem('parley:theme', 'dark')")
    page.route("**/bundle/app.js", lambda route: route.abort())
    page.goto(visit.url)
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
