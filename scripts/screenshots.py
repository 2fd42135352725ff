"""Takes the screenshot of the page in README."""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

DOCS = Path(__file__).resolve().parent.parent / "docs"


def main(url: str) -> int:
    """Saves the screenshot of the server at `url`. Returns the exit code."""
    browser_path = shutil.which("chromium")
    if browser_path is None:
        print("scripts/screenshots: chromium is not on the PATH. Install it.", file=sys.stderr)
        return 2
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(f"{url}/d/1")
        page.wait_for_selector(".badge[data-connection=live]")
        page.evaluate("document.querySelector('#reply-1').scrollIntoView()")
        page.mouse.wheel(0, -80)
        # Smooth scrolling takes a moment to end.
        page.wait_for_timeout(800)
        page.screenshot(path=DOCS / "page.png")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
