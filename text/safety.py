"""Sanitises rendered HTML: only the elements and attributes listed here remain."""

import re

import nh3

_IMAGE = re.compile(r"https?://", re.IGNORECASE)
_LANGUAGE = re.compile(r"[\w.+#-]+")
_NOTE = re.compile(r"fn(?:ref)?-[0-9a-f]{12}-[0-9]+")
_CLASSES = {
    "a": {"footnote-ref", "footnote-back", "mention", "post-reference"},
    "li": {"task-list-item"},
    "ol": {"footnotes", "contains-task-list"},
    "span": {"spoiler"},
    "td": {"align-left", "align-right", "align-center"},
    "th": {"align-left", "align-right", "align-center"},
    "ul": {"contains-task-list"},
}
_DIRECTIONS = ("auto", "ltr", "rtl")


def is_image(address: str) -> bool:
    """Whether an image may be loaded from this address."""
    return _IMAGE.match(address) is not None


def is_language(name: str) -> bool:
    """Whether code may be marked as being in a language of this name."""
    return _LANGUAGE.fullmatch(name) is not None


def _permitted(tag: str, attribute: str, value: str) -> str | None:
    match tag, attribute:
        case "img", "src":
            permitted = is_image(value)
        case "code", "class":
            permitted = value.startswith("language-") and is_language(value.removeprefix("language-"))
        case _, "class":
            permitted = value in _CLASSES[tag]
        case _, "id":
            permitted = _NOTE.fullmatch(value) is not None
        case _, "dir":
            permitted = value in _DIRECTIONS
        case "input", "type":
            permitted = value == "checkbox"
        case _:
            permitted = True
    return value if permitted else None


_CLEANER = nh3.Cleaner(
    tags={"a", "br", "code", "del", "em", "img", "input", "s", "span", "strong", "sup"}
    | {"blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "ul"}
    | {"table", "tbody", "td", "th", "thead", "tr"},
    attributes={
        "a": {"href", "title", "id", "class", "data-user-id", "data-post-id", "data-label"},
        "blockquote": {"data-quote-id", "dir"},
        "code": {"class"},
        **{block: {"dir"} for block in ("h1", "h2", "h3", "h4", "h5", "h6", "p", "pre", "table")},
        "img": {"src", "alt", "title"},
        "input": {"type", "checked", "disabled", "aria-label"},
        "li": {"id", "value", "class", "dir", "data-label"},
        "ol": {"start", "class", "dir"},
        "span": {"class", "tabindex"},
        "td": {"class", "dir"},
        "th": {"class", "dir"},
        "ul": {"class", "dir"},
    },
    attribute_filter=_permitted,
    link_rel="nofollow noopener ugc",
    url_schemes={"http", "https", "mailto"},
)


def sanitised(html: str) -> str:
    """Returns the HTML without scripts, styles, classes of others, and addresses but http:, https: and mailto:."""
    return _CLEANER.clean(html)
