"""Sanitises rendered HTML: only the elements and attributes listed here remain."""

import re

import nh3

_IMAGE = re.compile(r"https?://", re.IGNORECASE)
_LANGUAGE = re.compile(r"language-[\w.+#-]+")
_ALIGNMENT = re.compile(r"text-align:\s*(?:left|right|center);?")


def is_image(address: str) -> bool:
    """Whether an image may be loaded from this address."""
    return _IMAGE.match(address) is not None


def _permitted(tag: str, attribute: str, value: str) -> str | None:
    match tag, attribute:
        case "img", "src":
            permitted = is_image(value)
        case "code", "class":
            permitted = _LANGUAGE.fullmatch(value) is not None
        case _, "style":
            permitted = _ALIGNMENT.fullmatch(value) is not None
        case _:
            permitted = True
    return value if permitted else None


_CLEANER = nh3.Cleaner(
    tags={"a", "br", "code", "del", "em", "img", "s", "strong"}
    | {"blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "ul"}
    | {"table", "tbody", "td", "th", "thead", "tr"},
    attributes={
        "a": {"href", "title"},
        "blockquote": {"data-quote-id"},
        "code": {"class"},
        "img": {"src", "alt", "title"},
        "ol": {"start"},
        "td": {"style"},
        "th": {"style"},
    },
    attribute_filter=_permitted,
    filter_style_properties={"text-align"},
    link_rel="nofollow noopener ugc",
    url_schemes={"http", "https", "mailto"},
)


def sanitised(html: str) -> str:
    """Returns the HTML without scripts, styles, and addresses of other schemes than http, https and mailto."""
    return _CLEANER.clean(html)
