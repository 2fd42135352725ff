"""Files of the checkout that pages link to: the site shows each on a page of its own, so that no link leaves it."""

import posixpath
import re
from pathlib import Path

from scripts.pages import blocks

ROOT = Path(__file__).resolve().parents[2]
FOLDER = "source"
"""Where the site has them."""
LONGEST = 100_000
HEAD = "---\nsearch:\n  exclude: true\n---\n\n"
"""A search is for what was written to be read."""
HIDDEN = {"node_modules", "__pycache__", "package-lock.json", "dist", "generated"}
"""What is made of the rest, or of no use to a reader."""
LANGUAGES = {
    ".py": "python",
    ".ts": "typescript",
    ".tsx": "tsx",
    ".js": "javascript",
    ".mjs": "javascript",
    ".md": "markdown",
    ".sh": "bash",
    ".yml": "yaml",
    ".conf": "nginx",
    ".service": "ini",
    "": "bash",
}
"""How files are shown, by their endings, where it is not the ending itself; programs in scripts/ have none."""
_LINK = re.compile(r"(?<=\]\()(?P<path>\.\./[^)#\s]+)(?P<anchor>#[^)\s]*)?(?=\))")


def outside(markdown: str, uri: str) -> dict[str, str]:
    """The links of the page `uri` that leave docs/ for something in the checkout: link → path from the checkout."""
    found = {}
    for link in _LINK.finditer(markdown):
        path = posixpath.normpath(posixpath.join("docs", posixpath.dirname(uri), link["path"]))
        if not path.startswith(("docs/", "..")) and (ROOT / path).exists():
            found[link["path"]] = path
    return found


def linked(markdown: str, uri: str) -> str:
    """The page with these links going to the pages that show what they named."""
    for link, path in outside(markdown, uri).items():
        target = posixpath.relpath(page_of(path), posixpath.dirname(uri) or ".")
        markdown = markdown.replace(f"]({link})", f"]({target})")
    return markdown


def page_of(path: str) -> str:
    """The page that shows a file or a folder of the checkout."""
    return f"{FOLDER}/{path}/index.md" if (ROOT / path).is_dir() else f"{FOLDER}/{path}.md"


def pages(path: str) -> dict[str, str]:
    """The page of a file, or those of a folder and of all in it: Markdown by its place."""
    whole = ROOT / path
    if whole.is_file():
        return {page_of(path): _file(path, whole.read_text(encoding="utf-8"))}
    found: dict[str, str] = {}
    items = []
    for child in sorted(whole.iterdir()):
        if child.name in HIDDEN or child.name.startswith("."):
            continue
        below = f"{path}/{child.name}"
        if child.is_dir() or (child.stat().st_size <= LONGEST and _is_text(child)):
            found |= pages(below)
            items.append(f"- [{child.name}]({posixpath.relpath(page_of(below), f'{FOLDER}/{path}')})")
        else:
            items.append(f"- {child.name}")
    return {page_of(path): f"{HEAD}# {path}\n\n" + "\n".join(items) + "\n", **found}


def _file(path: str, text: str) -> str:
    ending = Path(path).suffix
    if ending == ".md":
        text = blocks.without_marks(text)
    language = LANGUAGES.get(ending, ending.removeprefix("."))
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    return f"{HEAD}# {path}\n\n{fence}{language}\n{text.rstrip()}\n{fence}\n"


def _is_text(path: Path) -> bool:
    try:
        path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return False
    return True
