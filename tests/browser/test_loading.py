"""How the page loads on a slow line: what is sent before words are seen and it is live, and that nothing moves."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import DESK, PHONE, Visitors, is_live, path_of, shown
from tests.support.http import People

SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
"""Milliseconds, and bytes per second."""
MAX_REQUESTS = {"thread": 8, "list": 6}
CONTENT_MS = {"thread": 2_000, "list": 1_500}
LIVE_MS = {"thread": 3_500, "list": 3_000}
"""What the line takes for what is sent, whatever the machine does meanwhile. A thread without its title in the address
is one redirect more."""
MAX_SHIFT = 0.05
"""Cumulative layout shift. Up to 0.1 is called good: https://web.dev/articles/cls."""

OBSERVE = """
window.shift = 0;
new PerformanceObserver(list => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


@dataclass
class Request:
    """What was asked for, and answered in so many bytes, gzipped."""

    rounds: int
    """Round trips from the first request to the answer: one more than what asked for it took."""
    is_awaited: bool
    """Whether no word is seen before its answer is there."""
    received: int = 0


@dataclass
class Loaded:
    """What was sent until the page was live."""

    requests: list[Request] = field(default_factory=list)
    queries: list[str] = field(default_factory=list)
    """The bodies of requests by POST."""
    shift: float = 0

    @property
    def content_ms(self) -> float:
        """What the line takes until words are seen."""
        return milliseconds([request for request in self.requests if request.is_awaited])

    @property
    def live_ms(self) -> float:
        """What the line takes until the page is live."""
        return milliseconds(self.requests)


def milliseconds(requests: list[Request]) -> float:
    rounds = max(request.rounds for request in requests)
    return SLOW["latency"] * rounds + 1_000 * sum(each.received for each in requests) / SLOW["downloadThroughput"]


def asked_by(event: dict[str, Any]) -> str:
    """The address of the page, stylesheet or script that asks."""
    initiator = event["initiator"]
    return str(initiator["url"] if "url" in initiator else initiator["stack"]["callFrames"][0]["url"])


def load(visit: Visitors, path: str, **more: Any) -> Loaded:
    """Opens a page on a slow line, and waits until it is live."""
    page: Page = visit("/robots.txt", **more)
    page.add_init_script(OBSERVE)
    line = page.context.new_cdp_session(page)
    loaded = Loaded()
    of_address: dict[str, Request] = {}
    of_id: dict[str, Request] = {}

    def ask(event: dict[str, Any], address: str, rounds: int, *, is_awaited: bool) -> None:
        of_id[event["requestId"]] = of_address[address] = Request(rounds, is_awaited)
        loaded.requests.append(of_address[address])

    def sent(event: dict[str, Any]) -> None:
        request, address = event["request"], event["request"]["url"]
        if event["type"] == "Other":
            # The browser asks for the icon when it likes.
            return
        if redirect := event.get("redirectResponse"):
            redirected = of_id[event["requestId"]]
            redirected.received = redirect["encodedDataLength"]
            ask(event, address, redirected.rounds + 1, is_awaited=True)
        elif event["type"] == "Document":
            ask(event, address, 1, is_awaited=True)
        else:
            is_awaited = event.get("renderBlockingBehavior", "NonBlocking") != "NonBlocking"
            ask(event, address, of_address[asked_by(event)].rounds + 1, is_awaited=is_awaited)
        if request["method"] == "POST":
            loaded.queries.append(request.get("postData", ""))

    def opened(event: dict[str, Any]) -> None:
        ask(event, event["url"], of_address[asked_by(event)].rounds + 1, is_awaited=False)

    def received(event: dict[str, Any]) -> None:
        if request := of_id.get(event["requestId"]):
            request.received = event["encodedDataLength"]

    line.on("Network.requestWillBeSent", sent)
    line.on("Network.webSocketCreated", opened)
    line.on("Network.loadingFinished", received)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", SLOW)
    page.goto(visit.url + path)
    is_live(page)
    loaded.shift = page.evaluate("window.shift")
    return loaded


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
    loaded = load(visit, thread if place == "thread" else "/", screen=screen)
    assert len(loaded.requests) <= MAX_REQUESTS[place], loaded
    assert loaded.content_ms < CONTENT_MS[place], loaded
    assert loaded.live_ms < LIVE_MS[place], loaded
    assert loaded.shift < MAX_SHIFT
    assert not [query for query in loaded.queries if "thread(" in query or "discussions(" in query]


@pytest.mark.tolerates("net::ERR_FAILED")
@pytest.mark.parametrize(("place", "words"), [("thread", "Opening words."), ("list", "What a season")])
def test_a_page_is_read_before_the_scripts_are_there(visit: Visitors, thread: str, place: str, words: str) -> None:
    page = visit("/robots.txt")
    page.route("**/bundle/app.js", lambda route: route.abort())
    page.goto(visit.url + (thread if place == "thread" else "/"))
    expect(page.get_by_role("main").get_by_text(words).first).to_be_visible()


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
