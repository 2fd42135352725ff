"""Takes the screenshot of the page in README, or pictures of every view, for work on the design."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from playwright.sync_api import Page, sync_playwright

DOCS = Path(__file__).resolve().parent.parent / "docs"
SCREENS = {390: 844, 820: 1180, 1280: 800}
"""Heights by width: a phone, a tablet and a desk."""
THEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")


def main(url: str, folder: Path | None = None) -> int:
    """Saves docs/page.png from the server at `url`, or pictures of every view into `folder`. Returns the exit code."""
    browser_path = shutil.which("chromium")
    if browser_path is None:
        print("scripts/screenshots: chromium is not on the PATH. Install it.", file=sys.stderr)
        return 2
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"])
        if folder is None:
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            at_reply(page, url)
            page.screenshot(path=DOCS / "page.png")
        else:
            folder.mkdir(parents=True, exist_ok=True)
            for theme in THEMES:
                for width, height in SCREENS.items():
                    page = browser.new_page(
                        viewport={"width": width, "height": height},
                        color_scheme=theme,
                        has_touch=width == min(SCREENS),
                    )
                    for name, view in VIEWS.items():
                        view(page, url)
                        page.screenshot(path=folder / f"{name}-{width}-{theme}.png", animations="disabled")
                    page.close()
        browser.close()
    return 0


def front(page: Page, url: str) -> None:
    page.goto(url)
    page.wait_for_selector("li[data-discussion]")


def thread(page: Page, url: str) -> None:
    page.goto(f"{url}/d/1")
    page.wait_for_selector(".badge[data-connection=live]")


def at_reply(page: Page, url: str) -> None:
    thread(page, url)
    page.evaluate("document.querySelector('#reply-17').scrollIntoView({ behavior: 'instant' })")
    page.mouse.wheel(0, -8)
    # Smooth scrolling takes a moment to end.
    page.wait_for_timeout(800)


def composer(page: Page, url: str) -> None:
    thread(page, url)
    page.locator("[data-action=reply-opening]").click()
    page.locator("#composer-text").fill("Some words, **as they are written**.")


def search(page: Page, url: str) -> None:
    page.goto(f"{url}/search?q=press")
    page.wait_for_selector(".result")


def nothing_found(page: Page, url: str) -> None:
    page.goto(f"{url}/search?q=zzzz")
    page.wait_for_selector("main [role=status]")
    page.wait_for_load_state("networkidle")


def new_discussion(page: Page, url: str) -> None:
    page.goto(f"{url}/#new")
    page.wait_for_selector("main form")


def dialog(page: Page, url: str) -> None:
    front(page, url)
    page.get_by_role("button", name="Sign in").first.click()
    page.get_by_role("dialog").wait_for()


def person(page: Page, url: str) -> None:
    page.goto(f"{url}/u/bo")
    page.wait_for_selector(".result")


def missing(page: Page, url: str) -> None:
    page.goto(f"{url}/nowhere")
    page.wait_for_selector("main.empty")


VIEWS: dict[str, Callable[[Page, str], None]] = {
    "list": front,
    "thread": thread,
    "reply": at_reply,
    "composer": composer,
    "search": search,
    "nothing": nothing_found,
    "new": new_discussion,
    "dialog": dialog,
    "person": person,
    "missing": missing,
}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(Path, sys.argv[2:])))
