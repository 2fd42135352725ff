"""The site: built strictly, complete, and loading nothing from anywhere else."""

import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOADING = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
    "link": "href",
}
"""What a browser fetches by itself, by tag. Of links those do not count that only name a page."""
NAMING = {"canonical", "prev", "next", "alternate", "license"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


class Loads(HTMLParser):
    """The addresses that a page loads from another host."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        address = given.get(LOADING.get(tag, "")) or ""
        if is_elsewhere(address) and not (tag == "link" and set((given.get("rel") or "").split()) <= NAMING):
            self.found.append(address)
        self.found += elsewhere_in(given.get("style") or "")


def is_elsewhere(address: str) -> bool:
    return re.match(r"(?:[a-z]+:)?//", address, re.IGNORECASE) is not None


def elsewhere_in(styles: str) -> list[str]:
    addresses = re.findall(r"""(?:url\(|@import)\s*["']?([^"')\s;]+)""", styles)
    return [address for address in addresses if is_elsewhere(address)]


def of(site: Path, ending: str) -> Iterator[tuple[str, str]]:
    for path in sorted(site.rglob(f"*{ending}")):
        yield path.relative_to(site).as_posix(), path.read_text(encoding="utf-8")


def test_the_site_loads_nothing_from_another_host(site: Path) -> None:
    pages = dict(of(site, ".html"))
    assert len(pages) > 40
    for name, page in pages.items():
        assert Loads(page).found == [], name
        assert elsewhere_in(page) == [], name
        # The theme's script would fetch a renderer for these, and figures of a repository.
        assert 'class="mermaid"' not in page and 'data-md-component="source"' not in page, name
    for name, styles in of(site, ".css"):
        assert elsewhere_in(styles) == [], name


@pytest.mark.parametrize(
    "page",
    [
        '<script src="https://cdn.example/a.js"></script>',
        '<link rel="stylesheet" href="//fonts.example/a.css">',
        '<link rel="preconnect" href="https://fonts.example">',
        '<img alt="" src="http://example.com/pixel.gif">',
        "<p style=\"background: url('https://example.com/a.png')\">",
    ],
)
def test_what_is_loaded_from_another_host_is_found(page: str) -> None:
    assert len(Loads(page).found) == 1


def test_nothing_is_left_to_be_put_in(site: Path) -> None:
    for name, page in of(site, ".html"):
        if name.startswith("source/"):
            continue  # Pages of source files show the marks wherever code mentions them.
        assert "&lt;!-- made" not in page and "<!-- made" not in page, name
        assert not re.search(r"^(?:\s|<[^>]+>|# )*--8(?:&lt;|<)--", page, re.MULTILINE), name
        assert 'unrun="' not in page and "unrun=&quot;" not in page, name


def test_pages_stay_where_they_were(site: Path) -> None:
    for name in ("index", "performance", "faults", "decisions/0002-the-log-orders-by-the-lock"):
        assert (site / f"{name}.html").exists(), name
    assert (site / "page.png").exists()


def test_the_reference_is_linked_across(site: Path) -> None:
    page = (site / "reference" / "queries.html").read_text()
    assert 'href="objects.html#Discussion"' in page
    assert 'href="inputs.html#DiscussionFilter"' in page
    assert 'id="Query.discussion"' in page
