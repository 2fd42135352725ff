"""What the server takes from the page's scripts: their GraphQL documents, whose data pages carry, and their icons."""

import re
from pathlib import Path

_PAGE = Path(__file__).parent / "page"
_DOCUMENT = re.compile(r"^(?:export )?const (\w+) = `([^`]*)`;$", re.MULTILINE)


def read(source: str) -> dict[str, str]:
    """Returns the template literals of a module by their names, each with those that it names filled in."""
    found: dict[str, str] = {}
    for name, text in _DOCUMENT.findall(source):
        found[name] = re.sub(r"\$\{(\w+)\}", lambda match: found[match[1]], text)
    return found


DOCUMENTS = read((_PAGE / "documents.js").read_text())
ICONS = dict(re.findall(r'^  (\w+): "([^"]+)",$', (_PAGE / "components.js").read_text(), re.MULTILINE))
"""The paths of icons, by their names."""
