"""Renders the pages that a browser gets first, from the templates of web/templates/.

Previews, search engines and readers without scripts need no more than these; the page's scripts then take over.
"""

import hashlib
import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.templating import Jinja2Templates

from web.assets import Assets
from web.source import Data

TEMPLATES = Path(__file__).parent / "templates"
MAX_DESCRIPTION_CHARACTERS = 200
MAX_SLUG_CHARACTERS = 80
_ALIGNED_CELL = re.compile(r'<(t[dh]) style="text-align: ?(left|right|center);?">')


def page_templates(assets: Assets, *, public_url: str, site_name: str) -> Jinja2Templates:
    """The templates of pages and feeds. Whatever they insert is escaped, and a name without a value is an error."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals |= {"asset": assets.url, "public_url": public_url, "site": site_name}
    environment.filters |= {
        "address": address,
        "excerpt": _excerpt,
        "updated_at": updated_at,
        "without_styles": _without_styles,
    }
    return Jinja2Templates(env=environment)


def build() -> str:
    """A hash of what makes the pages: the code and the templates of this room."""
    made = hashlib.sha256()
    for path in sorted(path for kind in ("*.py", "templates/*") for path in TEMPLATES.parent.glob(kind)):
        made.update(path.read_bytes())
    return made.hexdigest()


def slug(title: str) -> str:
    """A title as part of an address: letters and digits of any script with hyphens between, or "discussion" if none."""
    return "-".join(re.findall(r"[^\W_]+", title.lower()))[:MAX_SLUG_CHARACTERS].rstrip("-") or "discussion"


def address(discussion: Data) -> str:
    """The path of a discussion's page, for example /d/12/pear-trees."""
    return f"/d/{discussion['number']}/{slug(discussion['title'])}"


def updated_at(post: Data) -> str:
    """When a post was last edited or, if it never was, created."""
    updated: str = post["lastEditedAt"] or post["createdAt"]
    return updated


def _without_styles(body_html: str) -> str:
    """Rendered HTML with classes for style attributes, which the page's Content-Security-Policy forbids."""
    return _ALIGNED_CELL.sub(r'<\1 class="align-\2">', body_html)


def _excerpt(text: str) -> str:
    """The beginning of a text on one line, cut between words."""
    line = " ".join(text.split())
    if len(line) <= MAX_DESCRIPTION_CHARACTERS:
        return line
    return f"{line[: MAX_DESCRIPTION_CHARACTERS - 1].rsplit(' ', 1)[0]}…"
