"""The page in Debian's Chromium: who looks at it, on which screen, and what the browser complains of meanwhile."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright, expect

from tests.support import programs
from tests.support.http import Person
from tests.support.servers import ROOT
from tests.support.timeouts import SOON_SECONDS

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SCREENSHOTS = ROOT / "tests" / "browser" / "screenshots"
"""What each test has seen last, of its last run, where somebody has made this folder."""
DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
SOON_MS = 1000 * SOON_SECONDS

expect.set_options(timeout=SOON_MS)


def chromium() -> str:
    """The browser of this machine, installed where that can be done. Skips, and says so, where there is none."""
    return programs.debian_program("chromium", else_untested="the page, in a browser")


@contextmanager
def launched(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
    yield browser
    browser.close()


@dataclass
class Visitors:
    """Opens the pages of one test, each in a browser of its own, and hears what goes wrong in them."""

    browser: Browser
    url: str
    name: str
    tolerated: re.Pattern[str] | None = None
    """What the browser may complain of: a test that cuts the line expects to hear of it."""
    complaints: list[str] = field(default_factory=list)
    _contexts: list[BrowserContext] = field(default_factory=list)

    def __call__(
        self,
        path: str,
        person: Person | None = None,
        *,
        url: str | None = None,
        screen: Mapping[str, int] = DESK,
        **more: Any,
    ) -> Page:
        """Somebody who opens an address. `url`: of another way to the server."""
        context = self.browser.new_context(viewport={"width": screen["width"], "height": screen["height"]}, **more)
        self._contexts.append(context)
        if person is not None:
            context.add_init_script(f"localStorage.setItem('parley:session', '{person.token}')")
        return self.tab(context, path, url=url)

    def tab(self, context: BrowserContext, path: str, *, url: str | None = None) -> Page:
        """One more tab of a browser."""
        origin = url or self.url
        page = context.new_page()
        page.on("console", lambda message: self._complained(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self._complained(str(error)))
        page.on("request", lambda request: self._asked(request.url, origin))
        page.goto(origin + path)
        return page

    def _complained(self, text: str) -> None:
        if self.tolerated is None or not self.tolerated.search(text):
            self.complaints.append(text)

    def _asked(self, address: str, origin: str) -> None:
        if not address.startswith((origin, "data:", "blob:")):
            self.complaints.append(f"It asked {address}.")

    def leave(self) -> None:
        """Keeps a picture of each page if there is a folder for them, and closes all."""
        pages = [page for context in self._contexts for page in context.pages] if SCREENSHOTS.exists() else []
        for number, page in enumerate(pages, 1):
            if not page.is_closed():
                page.screenshot(path=SCREENSHOTS / f"{self.name}-{number}.png")
        for context in self._contexts:
            context.close()


def path_of(discussion: str) -> str:
    """Where a discussion is shown."""
    return f"/d/{discussion.removeprefix('D_')}"


def is_live(page: Page) -> None:
    """Waits until the page follows."""
    expect(page.locator(".badge[data-connection=live]").first).to_be_visible()


def disconnect(page: Page) -> None:
    """Disconnects the page by the demo panel."""
    page.locator("[data-action=demo]").click()
    page.locator("[data-action=disconnect]").click()


def reply_of(page: Page, sequence: int) -> Locator:
    return page.locator(f"#reply-{sequence}")


def shown(page: Page) -> list[int]:
    """The sequences of the replies, as they stand from top to bottom."""
    found: list[int] = page.eval_on_selector_all(
        "article[data-sequence]", "all => all.map(one => Number(one.dataset.sequence))"
    )
    return found


def write(page: Page, body: str) -> None:
    """Writes into the composer, and sends."""
    page.locator("#composer-text").fill(body)
    page.locator("#composer-text").press("Control+Enter")


def select(page: Page, words: Locator, text: str) -> None:
    """Selects words of a post, as a mouse would."""
    page.evaluate(
        """([element, text]) => {
            const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
            for (let node = walker.nextNode(); node; node = walker.nextNode()) {
                const at = node.data.indexOf(text);
                if (at < 0) continue;
                getSelection().setBaseAndExtent(node, at, node, at + text.length);
                return;
            }
            throw new Error(`There is no "${text}".`);
        }""",
        [words.element_handle(), text],
    )


def until(page: Page, holds: Callable[[], bool], what: str) -> None:
    """Waits for what no locator tells, while the page goes on."""
    for _ in range(int(SOON_MS / 50)):
        if holds():
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"Waited in vain for {what}.")
