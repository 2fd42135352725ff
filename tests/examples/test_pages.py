"""The pages of the examples, as built, in Chromium: each comes to show what a fresh query gives, whatever is cut."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from typing import Any

import playwright.async_api
import pytest
from playwright.async_api import Browser, Page, Request, Route, WebSocket, async_playwright, expect

from tests.browser.pages import FLAGS, chromium
from tests.examples import running
from tests.support.http import Discussion, Person, about_to_expire, claims, signed
from tests.support.proxy import Proxy
from tests.support.servers import Parley
from tests.support.timeouts import SOON_SECONDS

pytestmark = [pytest.mark.anyio, pytest.mark.node]

PAGE_SIZE = 100
OVER_EVENTS = "plain over=sse"
TOKEN = "parley-example-token"
ROWS = "Array.from(document.querySelectorAll('li[data-id]'), ({ dataset }) => [dataset.id, Number(dataset.lastEvent)])"


@pytest.fixture(scope="module", params=[*running.PAGES, OVER_EVENTS])
def example(request: pytest.FixtureRequest) -> str:
    """Each page, and the one without a framework a second time, to follow over server-sent events."""
    return str(request.param)


@pytest.fixture(scope="module")
def address(example: str, line: Proxy, discussion: Discussion) -> Iterator[str]:
    """Where the page is served, as built, behind a line that can be cut."""
    name, _, query = example.partition(" ")
    with running.served(name, f"http://127.0.0.1:{line.port}") as url:
        yield f"{url}?discussion={discussion.number}&{query}"


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    path = chromium()
    async with async_playwright() as driver:
        launched = await driver.chromium.launch(executable_path=path, args=FLAGS)
        yield launched
        await launched.close()


class Reader:
    """A page of an example, beside what the server holds, and what its websocket carries."""

    def __init__(self, page: Page, person: Person, discussion: str) -> None:
        self.page = page
        self._person = person
        self._discussion = discussion
        self.followed_from: list[str] = []
        """The cursor of each subscription, as it was sent."""
        self.is_signed_in: list[bool] = []
        """Whether it had a token, for each subscription or socket."""
        self.received: list[str] = []
        """The cursors of the events that came."""
        page.on("websocket", self._listen)
        page.on("request", self._asked)

    async def is_live(self) -> None:
        await expect(self.page.locator("[data-connection]")).to_have_attribute(
            "data-connection", "live", timeout=20_000
        )

    async def is_offline(self) -> None:
        await expect(self.page.locator("[data-connection]")).to_have_attribute(
            "data-connection", "offline", timeout=20_000
        )

    async def shows(self, expected: Callable[[list[list[Any]]], list[list[Any]]] = lambda held: held) -> None:
        """Waits until it shows what a fresh query gives, or what `expected` makes of that: no more, in that order."""
        held: list[list[Any]] = []
        shown: list[list[Any]] = []
        try:
            async with asyncio.timeout(SOON_SECONDS):
                while not shown or shown != held:
                    await asyncio.sleep(0.03)
                    held = expected(await asyncio.to_thread(running.rows, self._person, self._discussion))
                    shown = await self.page.evaluate(ROWS)
        except TimeoutError:
            assert shown == held

    async def show_all(self) -> None:
        """Loads page after page, and one of them twice where it takes its time."""
        more = self.page.get_by_role("button", name="Show more")
        while await more.is_visible():
            # It goes away with the last page.
            with suppress(playwright.async_api.TimeoutError):
                await more.click(timeout=500)

    async def send(self, text: str, *, to: str | None = None) -> None:
        """Writes a reply, to the reply of the id `to`, and leaves it to the page to get it through."""
        if to is not None:
            await self.page.locator(f"li[data-id='{to}'] button").click()
        await self.page.locator("textarea").fill(text)
        await self.page.get_by_role("button", name="Send").click()

    def _listen(self, socket: WebSocket) -> None:
        # The page's own requests, and none of those by which vite's development server would reload it.
        if socket.url.endswith("/graphql"):
            socket.on("framesent", self._sent)
            socket.on("framereceived", self._received)

    def _asked(self, request: Request) -> None:
        # Who follows over server-sent events says so in a request of their own.
        if request.post_data_json and "subscription" in request.post_data_json["query"]:
            self.followed_from.append(request.post_data_json["variables"]["after"])
            self.is_signed_in.append("authorization" in request.headers)

    def _sent(self, frame: str | bytes) -> None:
        message = json.loads(frame)
        if message["type"] == "connection_init":
            self.is_signed_in.append("authorization" in (message.get("payload") or {}))
        if message["type"] == "subscribe":
            self.followed_from.append(message["payload"]["variables"]["after"])

    def _received(self, frame: str | bytes) -> None:
        message = json.loads(frame)
        if message["type"] == "next" and message["payload"]["data"]["discussionEvents"]["__typename"] != "CaughtUp":
            self.received.append(message["payload"]["data"]["discussionEvents"]["cursor"])


@pytest.fixture
async def reader(
    browser: Browser, address: str, line: Proxy, ada: Person, discussion: Discussion
) -> AsyncIterator[Reader]:
    """Somebody who has opened the discussion."""
    page = await browser.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    opened = Reader(page, ada, discussion.id)
    # Time goes by as ever, until a test lets it go faster.
    await page.clock.install()
    await page.add_init_script(f"localStorage.setItem('{TOKEN}', 'expired')")
    await page.goto(address)
    await opened.is_live()
    yield opened
    await page.close()
    line.delay_seconds = 0.0
    line.go_on()
    assert complaints == []


async def added(ada: Person, discussion: Discussion, number: int) -> None:
    """Adds replies below replies that are spread over the whole thread, each in another place."""
    held = await asyncio.to_thread(running.replies, ada, discussion.id)
    for at in range(number):
        above = held[(at * 31) % len(held)]["id"] if at else None
        await asyncio.to_thread(ada.reply, discussion.id, f"Reply {at} of some.", above)


async def test_page_shows_live_events_and_those_missed_during_a_cut(
    reader: Reader, line: Proxy, ada: Person, discussion: Discussion
) -> None:
    await reader.shows(lambda held: held[:PAGE_SIZE])
    # What is added behind the page is not shown before what stands between.
    last = (await reader.page.evaluate(ROWS))[-1]
    await added(ada, discussion, 3)
    await reader.shows(lambda held: held[: held.index(last) + 1])
    await reader.show_all()
    await reader.shows()

    # Live: new replies go where they belong, edits and tombstones change what is shown.
    mine = await asyncio.to_thread(ada.reply, discussion.id, "To be edited.")
    await asyncio.to_thread(ada.edit, mine, "Edited.")
    gone = await asyncio.to_thread(ada.reply, discussion.id, "To be deleted.", mine)
    await asyncio.to_thread(ada.delete, gone)
    await added(ada, discussion, 3)
    await reader.shows()
    await expect(reader.page.locator(f"li[data-id='{gone}']")).to_have_count(0)
    await asyncio.to_thread(ada.write, "restoreReply", replyId=gone)
    await reader.shows()
    await expect(reader.page.locator(f"li[data-id='{gone}'] div")).to_have_text("To be deleted.")
    await expect(reader.page.locator(f"li[data-id='{mine}'] div")).to_have_text("Edited.")

    # Through cuts, one of them in the middle of what is being written.
    for _ in range(2):
        line.stall()
        line.reset()
        await reader.is_offline()
        await added(ada, discussion, 4)
        await asyncio.to_thread(ada.edit, mine, "Edited again.", await version(ada, mine))
        line.go_on()
        await reader.is_live()
        await added(ada, discussion, 2)
        line.reset()
        await added(ada, discussion, 2)
        await reader.shows()
    assert len(set(reader.received)) == len(reader.received)
    assert len(set(reader.followed_from)) == len(reader.followed_from) >= 3


async def version(ada: Person, reply: str) -> int:
    found = await asyncio.to_thread(ada.node, reply, "... on Reply { version }")
    return int(found["version"])


@pytest.mark.parametrize("example", running.PAGES, indirect=True)
async def test_a_page_that_was_read_before_an_event_undoes_nothing(
    reader: Reader, ada: Person, discussion: Discussion
) -> None:
    held = await asyncio.to_thread(running.replies, ada, discussion.id)
    deleted = next(reply["id"] for reply in held[PAGE_SIZE:] if reply["state"] == "VISIBLE")
    is_late = asyncio.Event()

    async def late(route: Route) -> None:
        """Reads more of the thread, and lets the example have it only after it has received that a reply is deleted."""
        answer = await route.fetch()
        received = len(reader.received)
        await asyncio.to_thread(ada.delete, deleted)
        while len(reader.received) == received:
            await asyncio.sleep(0.01)
        await route.fulfill(response=answer)
        is_late.set()

    await reader.page.route("**/graphql", late, times=1)
    await reader.page.get_by_role("button", name="Show more").click()
    async with asyncio.timeout(SOON_SECONDS):
        await is_late.wait()
    await reader.show_all()
    await reader.shows()


async def test_a_reply_whose_answer_is_lost_is_written_once(
    reader: Reader, example: str, line: Proxy, ada: Person, discussion: Discussion
) -> None:
    above = (await asyncio.to_thread(running.replies, ada, discussion.id))[5]["id"]
    body = f"Written once with {example}."

    async def written() -> int:
        held = await asyncio.to_thread(running.replies, ada, discussion.id)
        return sum(body in reply["bodyText"] for reply in held)

    # The first reply of a visitor signs them in; so it is not the one that is looked at.
    await reader.send(f"Hello with {example}.", to=above)
    await expect(reader.page.locator("li[data-id]", has_text=f"Hello with {example}.")).to_be_visible()
    await expect(reader.page.locator("li.pending")).to_have_count(0)
    # It follows with the identity of now: a stream keeps the one with which it was opened.
    assert reader.is_signed_in[0] is False
    async with asyncio.timeout(SOON_SECONDS):
        while not reader.is_signed_in[-1]:
            await asyncio.sleep(0.01)
    # From here on answers come late, and what comes late is lost.
    line.delay_seconds = 1.0
    await reader.send(body, to=above)
    async with asyncio.timeout(SOON_SECONDS):
        while not await written():
            await asyncio.sleep(0.01)
    line.stall()
    line.reset()
    line.delay_seconds = 0.0
    await reader.is_offline()
    line.go_on()
    await reader.is_live()
    await expect(reader.page.locator("li[data-id]", has_text=body)).to_have_count(1)
    await expect(reader.page.locator("li.pending")).to_have_count(0)
    await expect(reader.page.locator("textarea")).to_have_value("")
    await expect(reader.page.locator("[role=alert]:not(:empty)")).to_have_count(0)
    assert await written() == 1


async def test_a_page_reloads_the_thread_after_a_resync(
    reader: Reader, line: Proxy, ada: Person, server: Parley, discussion: Discussion
) -> None:
    await reader.page.locator("textarea").fill("A draft.")
    line.stall()
    line.reset()
    await reader.is_offline()
    before = await asyncio.to_thread(ada.cursor, discussion.id)
    await added(ada, discussion, 2)
    await running.trim(server, ada, discussion, after=before)
    line.go_on()
    await reader.is_live()
    await reader.shows(lambda held: held[:PAGE_SIZE])
    await expect(reader.page.locator("textarea")).to_have_value("A draft.")


# What the rest of the tests look at is the same in all examples, word for word.
ONCE = pytest.mark.parametrize("example", ["plain", OVER_EVENTS], indirect=True)


@ONCE
async def test_a_connection_that_falls_silent_is_given_up(
    reader: Reader, line: Proxy, ada: Person, discussion: Discussion
) -> None:
    last = (await reader.page.evaluate(ROWS))[-1]
    # Nothing passes any more, and nothing says so.
    line.stall()
    await reader.page.clock.fast_forward(31_000)
    # A websocket has sent its ping by now, and waits for the answer.
    await reader.page.clock.fast_forward(6_000)
    await reader.is_offline()
    await added(ada, discussion, 2)
    line.go_on()
    await reader.is_live()
    await reader.shows(lambda held: held[: held.index(last) + 1])


@ONCE
async def test_a_reader_whose_token_expires_reads_on_without_it(
    reader: Reader, line: Proxy, ada: Person, discussion: Discussion
) -> None:
    # The one that each page is opened with has expired long ago.
    assert await reader.page.evaluate(f"localStorage.getItem('{TOKEN}')") is None
    last = (await reader.page.evaluate(ROWS))[-1]
    await reader.page.evaluate(
        f"localStorage.setItem('{TOKEN}', '{signed(claims('gone-soon', exp=about_to_expire(2)))}')"
    )
    # The next connection comes with it.
    line.reset()
    await reader.page.wait_for_function(f"localStorage.getItem('{TOKEN}') === null")
    await added(ada, discussion, 2)
    await reader.is_live()
    await reader.shows(lambda held: held[: held.index(last) + 1])
