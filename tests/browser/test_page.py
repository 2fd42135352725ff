"""The page in Debian's Chromium: two people in one discussion, and a cut connection."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.conftest import JWT_SECRET
from tests.servers import Parley
from tests.service.asking import People, people_of

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
INSTALL = "apt-get update -q && apt-get install -y -q --no-install-recommends chromium"


def chromium() -> str:
    """The browser of this machine, installed where that can be done. Skips, and says so, where there is none."""
    if (found := shutil.which("chromium")) is None and shutil.which("apt-get"):
        subprocess.run(["sh", "-c", INSTALL], check=False, capture_output=True, timeout=300)
        found = shutil.which("chromium")
    if found is None:
        pytest.skip("NOT TESTED in a browser: this machine has no chromium, and it could not be installed.")
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = chromium()
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parley]:
    folder: Path = tmp_path_factory.mktemp("page")
    started = Parley.start(
        database_url=f"sqlite:///{folder}/parley.db", folder=folder, guests=True, jwt_secret=JWT_SECRET
    )
    yield started
    started.stop()


@pytest.fixture(scope="module")
def people(server: Parley) -> Iterator[People]:
    with people_of(server) as made:
        yield made


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What the browser complains of, and what it asked of others than the server; nothing, at the end of each test."""
    found: list[str] = []
    yield found
    assert found == []


def opened(browser: Browser, server: Parley, path: str, complaints: list[str]) -> Page:
    page = browser.new_context().new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request",
        lambda request: (
            None if request.url.startswith((server.url, "data:", "blob:")) else complaints.append(request.url)
        ),
    )
    page.goto(server.url + path)
    return page


def test_two_browsers_in_one_discussion_stay_in_step(
    browser: Browser, server: Parley, people: People, complaints: list[str]
) -> None:
    ada = people()
    discussion = ada.start("To begin with.", "Two tabs")
    path = f"/d/{discussion.removeprefix('D_')}"
    reader, writer = (opened(browser, server, path, complaints) for _ in range(2))
    for page in (reader, writer):
        expect(page.locator(".badge[data-connection=live]").first).to_be_visible()
    writer.get_by_role("button", name="Sign in").first.click()
    writer.get_by_label("Your name").fill("Grace of the browser")
    writer.get_by_label("Your name").press("Enter")
    writer.locator("[data-act=reply-opening]").first.click()
    writer.locator("#composer-text").fill("Hello from **another** tab.")
    writer.locator("#composer-text").press("Control+Enter")
    expect(reader.locator("#reply-1")).to_contain_text("Hello from another tab.")
    expect(writer.locator("#reply-1")).to_contain_text("Hello from another tab.")
    expect(writer.locator("article[id^=reply-]")).to_have_count(1)


def test_who_cuts_the_connection_sees_exactly_what_was_missed(
    browser: Browser, server: Parley, people: People, complaints: list[str]
) -> None:
    ada = people()
    discussion = ada.start("To begin with.", "A cut")
    page = opened(browser, server, f"/d/{discussion.removeprefix('D_')}", complaints)
    expect(page.locator(".badge[data-connection=live]").first).to_be_visible()
    page.locator("[data-act=cut]").first.click()
    expect(page.locator(".badge[data-connection=cut]").first).to_be_visible()
    for turn in range(3):
        ada.reply(discussion, f"Missed {turn}.")
    expect(page.locator("article[id^=reply-]")).to_have_count(0)
    page.locator("[data-act=mend]").first.click()
    expect(page.locator("article[id^=reply-]")).to_have_count(3)
    expect(page.locator(".missed").first).to_contain_text("3")
    assert [page.locator(f"#reply-{n}").get_attribute("data-sequence") for n in (1, 2, 3)] == ["1", "2", "3"]


def test_graphiql_asks_and_follows_offline(
    browser: Browser, server: Parley, people: People, complaints: list[str]
) -> None:
    people().start("To begin with.", "For the explorer")
    page = opened(browser, server, "/graphiql", complaints)
    page.locator(".graphiql-execute-button").click()
    expect(page.locator(".result-window")).to_contain_text('"eventCursor"')
    page.get_by_role("tab", name="Follow").click()
    page.locator(".graphiql-execute-button").click()
    expect(page.locator(".result-window")).to_contain_text('"CaughtUp"')
