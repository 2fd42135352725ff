"""Renders the pages that a browser gets first, from the templates of web/templates/.

Previews, search engines and readers without scripts need no more than these. The page's scripts take over from them, so
they look the same.
"""

import hashlib
from pathlib import Path
from types import CodeType

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from starlette.templating import Jinja2Templates

from web import looks
from web.assets import Assets
from web.languages import LANGUAGES
from web.page_documents import ICONS
from web.pages import address, address_of_person, updated_at

TEMPLATES = Path(__file__).parent / "templates"


class _Compiled(BytecodeCache):
    """The code of each template, compiled once per process."""

    def __init__(self) -> None:
        self._codes: dict[str, CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get(bucket.key)

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        self._codes[bucket.key] = bucket.code


_compiled = _Compiled()


def page_templates(assets: Assets, *, public_url: str, site_name: str, demo: bool) -> Jinja2Templates:
    """The compiled templates of pages and feeds. What they insert is escaped; a name without a value is an error."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=_compiled,
    )
    # Text of other scripts in six bytes for each character would be most of a page.
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    environment.globals |= {
        "asset": assets.url,
        "public_url": public_url,
        "site": site_name,
        "icons": ICONS,
        "languages": LANGUAGES,
        "names_of_languages": {code: one.name for code, one in LANGUAGES.items()},
        "demo": demo,
    }
    environment.filters |= {
        "address": address,
        "address_of_person": address_of_person,
        "body": looks.body,
        "hue": looks.hue,
        "initial": looks.initial,
        "last_reply": looks.last_reply,
        "last_writers": looks.last_writers,
        "tone": looks.tone,
        "updated_at": updated_at,
    }
    # The first reader of a page would wait for it, and with them everyone whose event loop this is.
    for name in environment.list_templates():
        environment.get_template(name)
    return Jinja2Templates(env=environment)


def build() -> str:
    """A hash of what makes the pages: the code, the templates and the strings of this room."""
    made = hashlib.sha256()
    for path in sorted(
        path for kind in ("*.py", "templates/*", "strings/**/*.json") for path in TEMPLATES.parent.glob(kind)
    ):
        made.update(path.read_bytes())
    return made.hexdigest()
