"""What the page's scripts make of data, made by the server: the same classes, faces and lines above quotes."""

import re
from collections.abc import Iterator

from markupsafe import Markup, escape

from text import characters
from web.languages import Language
from web.pages import address
from web.source import Data

HUES = 24
MAX_FACES = 3
_QUOTE = re.compile(r'(<blockquote\b[^>]*\bdata-quote-id="([^"]*)"[^>]*>)(\s*<p[^>]*>(.*?)</p>)?', re.DOTALL)
_WIDE = re.compile(r"<(pre|table)\b.*?</\1>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_STATUSES = {
    "ABRIDGED": "quote.abridged",
    "SOURCE_EDITED": "quote.edited",
    "SOURCE_DELETED": "quote.deleted",
    "ALTERED": "quote.altered",
    "UNRESOLVED": "quote.unresolved",
}


def hue(text: str) -> str:
    """The class of a category's colour, by its slug. Same rule as `Category` in page/users.js."""
    return f"hue-{_number(text) % HUES}"


def tone(person: Data | None) -> str:
    """The classes of a person's colours. Same rule as `tone` in page/users.js."""
    if person is None:
        return "hue-none"
    found = _number(person["handle"])
    return f"hue-{found % HUES}{' deep' if found // HUES % 2 else ''}"


def _number(text: str) -> int:
    """The 32-bit FNV-1a hash of the text's UTF-16 code units."""
    found = 0x811C9DC5
    units = text.encode("utf-16-le", "surrogatepass")
    for at in range(0, len(units), 2):
        found = (found ^ int.from_bytes(units[at : at + 2], "little")) * 0x01000193 % 2**32
    return found


def initial(name: str) -> str:
    """The first letter of a name with all its marks, or its first emoji. Same rule as `initial` in page/users.js."""
    parts = list(_clusters(name))
    letters = (part for part in parts if part[0].isalnum())
    return next(letters, next((part for part in parts if part.strip()), "?")).upper()


def _clusters(text: str) -> Iterator[str]:
    start = 0
    while start < len(text):
        end = characters.cluster_end(text, start + 1)
        yield text[start:end]
        start = end


def last_reply(discussion: Data) -> Data | None:
    """The last reply of a listed discussion that is not deleted; None if it has none."""
    return next((post for post in reversed(discussion["latest"]["nodes"]) if post["state"] == "VISIBLE"), None)


def last_writers(discussion: Data) -> list[Data]:
    """The people who wrote last in a listed discussion, newest first, each once."""
    posts = [post for post in reversed(discussion["latest"]["nodes"]) if post["state"] == "VISIBLE"]
    authors = [author for author in (*(post["author"] for post in posts), discussion["author"]) if author]
    return list({author["id"]: author for author in authors}.values())[:MAX_FACES]


def body(post: Data, number: int, language: Language) -> str:
    """The HTML of a post of discussion `number`, with the lines and frames that page/post_body.js adds."""
    quotes = {quote["id"]: quote for quote in post["quotes"]}

    def opened(match: re.Match[str]) -> str:
        quote = quotes.get(match[2])
        if quote is None:
            return match[0]
        said = " ".join(_TAG.sub("", match[4] or "").split())
        # A paragraph that only names the author is replaced.
        is_line = said.endswith((":", "\uff1a")) and escape(quote["attributedName"]) in said
        is_said = " ".join(str(escape(quote["bodyText"])).split()).startswith(said)
        rest = "" if said and is_line and not is_said else match[3] or ""
        return f"{match[1]}{_source_line(quote, number, language)}{rest}"

    return _WIDE.sub(r'<div class="wide">\g<0></div>', _QUOTE.sub(opened, post["bodyHtml"]))


def _source_line(quote: Data, number: int, language: Language) -> Markup:
    name = Markup("<bdi>{}</bdi>").format(quote["attributedName"] or language.t("page.somebody"))
    said = language.t("quote.said", name=name)
    if source := quote["source"]:
        said = language.t("quote.saidIn", name=name, post=_link(source, number, language))
    status = _STATUSES.get(quote["status"])
    if status:
        said += Markup(' <span class="quote-status">{}</span>').format(language.t(status))
    line = Markup('<p class="quote-source" data-status="{}" dir="{}">{}</p>')
    return line.format(quote["status"], language.direction, said)


def _link(source: Data, number: int, language: Language) -> Markup:
    discussion, sequence = source["discussion"], source.get("sequence")
    kind = "quote.reply" if sequence else "quote.opening"
    if discussion["number"] == number:
        text = language.t(kind, number=sequence or 0)
    else:
        text = language.t(f"{kind}Of", number=sequence or 0, title=discussion["title"])
    fragment = f"#reply-{sequence}" if sequence else ""
    return Markup('<a href="{}{}">{}</a>').format(address(discussion), fragment, text)
