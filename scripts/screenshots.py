"""Takes the picture of the page that README shows."""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

DOCS = Path(__file__).resolve().parent.parent / "docs"


def main(url: str) -> int:
    """Takes it of the server at this address; gives the exit code."""
    browser_path = shutil.which("chromium")
    if browser_path is None:
        print("scripts/screenshots: needs chromium on the PATH.", file=sys.stderr)
        return 2
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(f"{url}/d/1")
        page.wait_for_selector(".badge[data-connection=live]")
        page.evaluate("document.querySelector('#reply-1').scrollIntoView()")
        page.mouse.wheel(0, -80)
        # Scrolling goes on for a moment.
        page.wait_for_timeout(800)
        page.screenshot(path=DOCS / "page.png")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
