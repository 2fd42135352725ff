"""Lost connections: missed events arrive once and in order, and no reply is lost or sent twice."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect

import db.events
from db.database import Database
from tests.browser.pages import Visitors, disconnect, is_live, path_of, reply_of, shown, until, write
from tests.support.http import People, Person
from tests.support.proxy import Proxy
from tests.support.servers import Parley, told

NETWORK = r"net::ERR_|WebSocket connection to"
"""What browsers report about a lost connection."""


class Line:
    """A network connection to the server that a test can interrupt."""

    def __init__(self, proxy: Proxy, loop: asyncio.AbstractEventLoop) -> None:
        self._proxy = proxy
        self._loop = loop
        self.url = f"http://127.0.0.1:{proxy.port}"

    def _do(self, act: Callable[[], object]) -> None:
        done = threading.Event()

        def then() -> None:
            act()
            done.set()

        self._loop.call_soon_threadsafe(then)
        done.wait()

    def cut(self) -> None:
        """Resets open connections, and leaves new ones without an answer."""
        self._do(self._proxy.stall)
        self._do(self._proxy.reset)

    def mend(self) -> None:
        self._do(self._proxy.go_on)


@pytest.fixture(scope="module")
def line(server: Parley) -> Iterator[Line]:
    with running(server) as line:
        yield line


@contextmanager
def running(server: Parley) -> Iterator[Line]:
    started: list[Line] = []
    ready, ended = threading.Event(), threading.Event()

    async def serve() -> None:
        proxy = Proxy(server.port)
        async with proxy.open():
            started.append(Line(proxy, asyncio.get_running_loop()))
            ready.set()
            while not ended.is_set():
                await asyncio.sleep(0.05)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(10)
    try:
        yield started[0]
    finally:
        ended.set()
        thread.join()


def has_state(page: Page, state: str) -> None:
    """Waits until the badge shows this state of the connection."""
    expect(page.locator(f".badge[data-connection={state}]").first).to_be_visible()


def test_reconnecting_shows_exactly_the_missed_replies(visit: Visitors, ada: Person) -> None:
    discussion = ada.start("To begin with.", "A cut")
    page = visit(path_of(discussion))
    is_live(page)
    disconnect(page)
    has_state(page, "disconnected")
    missed = [ada.reply(discussion, f"Missed {turn}.") for turn in range(3)]
    ada.reply(discussion, "Within.", to=missed[0])
    expect(page.locator("article[data-sequence]")).to_have_count(0)
    page.locator("[data-action=reconnect]").click()
    expect(page.locator("article[data-sequence]")).to_have_count(4)
    expect(page.locator(".missed")).to_contain_text("4 missed replies")
    assert shown(page) == [1, 4, 2, 3]
    is_live(page)
    page.locator(".missed button").click()
    expect(reply_of(page, 1)).to_be_focused()
    expect(page.locator(".missed")).to_have_count(0)


@pytest.mark.tolerates(NETWORK)
def test_a_lost_network_leaves_no_gap_in_the_thread(visit: Visitors, line: Line, ada: Person) -> None:
    discussion = ada.start("To begin with.", "A network that goes")
    ada.reply(discussion, "Before.")
    page = visit(path_of(discussion), url=line.url)
    is_live(page)
    line.cut()
    has_state(page, "offline")
    for turn in range(3):
        ada.reply(discussion, f"Meanwhile {turn}.")
    assert shown(page) == [1]
    line.mend()
    expect(page.locator("article[data-sequence]")).to_have_count(4)
    is_live(page)
    assert shown(page) == [1, 2, 3, 4]


@pytest.mark.tolerates(NETWORK)
def test_a_reply_survives_disconnect_and_reload_and_is_sent_once(visit: Visitors, line: Line, people: People) -> None:
    ada, bo = people.several("Ada", "Bo")
    discussion = ada.start("To begin with.", "Written while offline")
    page = visit(path_of(discussion), bo, url=line.url)
    is_live(page)
    line.cut()
    has_state(page, "offline")
    page.locator("[data-action=reply-opening]").click()
    write(page, "Written in a **tunnel**.")
    pending = page.locator("[data-pending]")
    expect(pending).to_contain_text("Written in a **tunnel**.")
    line.mend()
    expect(pending).to_have_count(0)
    expect(reply_of(page, 1)).to_contain_text("Written in a tunnel.")
    # A pending reply is sent after a reload.
    disconnect(page)
    page.locator("[data-action=reply-opening]").click()
    write(page, "Sent after a reload.")
    expect(pending).to_have_count(1)
    page.reload()
    expect(reply_of(page, 2)).to_contain_text("Sent after a reload.")
    expect(pending).to_have_count(0)
    page.reload()
    is_live(page)
    assert shown(page) == [1, 2]


def test_unreadable_stored_values_are_moved_aside(visit: Visitors, people: People) -> None:
    ada, bo = people.several("Ada", "Bo")
    discussion = ada.start("To begin with.", "Kept by another")
    page = visit(path_of(discussion), bo)
    is_live(page)
    page.evaluate(
        """id => {
            localStorage.setItem("parley:outbox:torn", '{"key": "torn", "body"');
            localStorage.setItem("parley:outbox:foreign", '{"key": "foreign"}');
            localStorage.setItem(`parley:draft:reply:${id}:opening`, "[1]");
        }""",
        discussion,
    )
    page.reload()
    is_live(page)
    page.locator("[data-action=reply-opening]").click()
    write(page, "It works all the same.")
    expect(reply_of(page, 1)).to_contain_text("It works all the same.")
    aside = page.evaluate("Object.keys(localStorage).filter(name => name.startsWith('parley:unreadable:')).sort()")
    assert aside == [
        f"parley:unreadable:parley:draft:reply:{discussion}:opening",
        "parley:unreadable:parley:outbox:foreign",
        "parley:unreadable:parley:outbox:torn",
    ]


def test_a_trimmed_cursor_reloads_the_thread(visit: Visitors, server: Parley, ada: Person) -> None:
    discussion = ada.start("To begin with.", "A log that is trimmed")
    reply = ada.reply(discussion, "One.")
    page = visit(path_of(discussion))
    is_live(page)
    disconnect(page)
    has_state(page, "disconnected")
    ada.edit(reply, "One, edited.")
    ada.reply(discussion, "Two.")

    async def trim() -> None:
        floor = {"log": int(discussion.removeprefix("D_")), "floor": 3}
        async with Database(str(server.settings["database_url"])) as database:
            await database.write(lambda tx: tx.run(db.events.set_floor, **floor))

    # Playwright's own loop runs in this thread.
    trimming = threading.Thread(target=lambda: asyncio.run(trim()))
    trimming.start()
    trimming.join()
    page.locator("[data-action=reconnect]").click()
    expect(reply_of(page, 2)).to_contain_text("Two.")
    expect(reply_of(page, 1)).to_contain_text("One, edited.")
    is_live(page)
    ada.reply(discussion, "Three.")
    expect(reply_of(page, 3)).to_be_visible()


def test_blocked_websockets_fall_back_to_event_streams(visit: Visitors, people: People) -> None:
    ada, bo = people.several("Ada", "Bo")
    discussion = ada.start("To begin with.", "No websockets")
    page = visit("/", bo)
    page.context.route_web_socket("**/graphql", lambda socket: socket.close())
    page.goto(f"{visit.url}{path_of(discussion)}")
    is_live(page)
    ada.reply(discussion, "Over an event stream.")
    expect(reply_of(page, 1)).to_contain_text("Over an event stream.")
    # A browser has six HTTP/1 connections per server for all its tabs, so presence takes none.
    expect(page.locator("[data-readers]")).to_have_text("\u2013")
    disconnect(page)
    has_state(page, "disconnected")
    ada.reply(discussion, "Missed.")
    page.locator("[data-action=reconnect]").click()
    expect(reply_of(page, 2)).to_contain_text("Missed.")
    is_live(page)
    assert shown(page) == [1, 2]
    expect(page.locator(".missed")).to_contain_text("1 missed reply")


def test_a_suspended_user_is_notified_and_keeps_the_draft(visit: Visitors, server: Parley, people: People) -> None:
    ada, bo = people.several("Ada", "Bo")
    discussion = ada.start("To begin with.", "Kept quiet for a while")
    bo.reply(discussion, "While I could.")
    page = visit(path_of(discussion), bo)
    is_live(page)
    page.locator("[data-action=reply-opening]").click()
    page.locator("#composer-text").fill("What I was going to say.")
    told("suspend", "--handle", bo.handle, "--reason", "Too loud.", **server.settings)
    expect(page.locator(".banner")).to_contain_text("Your account is suspended. Reason: Too loud.")
    expect(page.locator("#composer-text")).to_have_value("What I was going to say.")
    # Reading still works.
    is_live(page)
    ada.reply(discussion, "Who is there?")
    until(page, lambda: shown(page) == [1, 2], "the reply")
    # No session has ended, which would invite to sign in. The token is kept for when the suspension ends.
    page.reload()
    expect(page.locator(".banner")).to_contain_text("Your account is suspended")
    expect(page.get_by_role("button", name="Sign in")).to_have_count(0)
    is_live(page)
    told("unsuspend", "--handle", bo.handle, **server.settings)
    expect(page.locator(".banner")).to_have_count(0)
    expect(page.locator("[data-action=reply-opening]")).to_be_visible()
