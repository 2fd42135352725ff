"""The page's words in each language, from the tables of web/strings/, for the pages that the server renders.

Those of web/strings/moderation/ are for moderators alone: their scripts load them, and no page carries them.
"""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

Strings = dict[str, dict[str, Any]]
"""By section and name: a text, or its forms by plural category."""
FOLDER = Path(__file__).parent / "strings"
DEFAULT = "en"
COOKIE = "language"
"""The cookie that keeps a reader's choice. It says nothing else, and no right depends on it."""
MAX_ACCEPTED_CHARACTERS = 1_000


def _arabic(count: int) -> str:
    if count <= 2:
        return ("zero", "one", "two")[count]
    rest = count % 100
    return "few" if 3 <= rest <= 10 else "many" if rest >= 11 else "other"


def _one_or_other(count: int) -> str:
    return "one" if count == 1 else "other"


PLURALS: dict[str, Callable[[int], str]] = {"ar": _arabic, "de": _one_or_other, "en": _one_or_other}
"""The plural category of a whole number in each language. Source: CLDR, as Intl.PluralRules of browsers has it."""
THOUSANDS = {"ar": ",", "de": ".", "en": ","}


class Language:
    """A language and its strings."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.of_readers: Strings = json.loads((FOLDER / f"{code}.json").read_text())
        """The strings that every page carries for its scripts."""
        self.strings = self.of_readers | json.loads((FOLDER / "moderation" / f"{code}.json").read_text())
        self.direction: str = self.strings["language"]["direction"]
        self.name: str = self.strings["language"]["name"]

    def t(self, key: str, *, is_exact: str | int = True, **values: str | int) -> Markup:
        """The sentence of a key such as `post.deleted`, its {placeholders} filled in; `count` chooses its plural form.

        Unless it `is_exact`, the count has a "+" behind it.
        Values are escaped unless they are Markup. Raises KeyError for a key or a value that is missing.
        """
        section, name = key.split(".")
        text = self.strings[section][name]
        if isinstance(text, dict):
            text = text.get(PLURALS[self.code](int(values["count"])), text["other"])
        if "count" in values:
            values["count"] = self.number(int(values["count"])) + ("" if is_exact else "+")
        return escape(text).format(**values)

    def number(self, number: int) -> str:
        """A number as the language writes it."""
        return f"{number:,}".replace(",", THOUSANDS[self.code])

    def date(self, at: str) -> Markup:
        """The day of an ISO 8601 time, for example "29 Nov 2026"."""
        moment = datetime.fromisoformat(at).astimezone(UTC)
        month = self.t("time.months").split(" ")[moment.month - 1]
        return self.t("time.date", day=moment.day, month=month, year=moment.year)

    def month(self, at: str) -> str:
        """The month of an ISO 8601 time, for example "Nov 2026"."""
        moment = datetime.fromisoformat(at).astimezone(UTC)
        return f"{self.t('time.months').split(' ')[moment.month - 1]} {moment.year}"

    def moment(self, at: str) -> Markup:
        """An ISO 8601 time, for example "29 Nov 2026, 17:06 UTC"."""
        return self.t("time.moment", date=self.date(at), time=f"{datetime.fromisoformat(at).astimezone(UTC):%H:%M}")


LANGUAGES = {path.stem: Language(path.stem) for path in sorted(FOLDER.glob("*.json"))}


def chosen(kept: str | None, accepted: str) -> Language:
    """The language of a reader: the one they chose if there is such a one, otherwise by their Accept-Language."""
    if kept in LANGUAGES:
        return LANGUAGES[kept]
    wishes = []
    for position, wish in enumerate(accepted[:MAX_ACCEPTED_CHARACTERS].split(",")):
        tag, _, quality = wish.partition(";")
        code = tag.strip().split("-")[0].lower()
        weight = re.fullmatch(r"\s*q=([01](?:\.\d{0,3})?)\s*", quality)
        if code in LANGUAGES and (not quality or weight):
            wishes.append((-float(weight[1]) if weight else -1.0, position, code))
    wishes = [wish for wish in wishes if wish[0] < 0]
    return LANGUAGES[min(wishes)[2] if wishes else DEFAULT]


_AS_NAMES = (
    *("page.formerMember", "page.guest", "page.moderator", "page.somebody", "thread.deleted", "quote.deleted"),
    *("post.deleted", "post.deletedParent", "post.discussionDeleted", "edit.currentDeleted"),
    *("post.deletedByAuthor", "post.deletedByModerator", "post.erased"),
    *("post.discussionDeletedByAuthor", "post.discussionDeletedByModerator", "post.discussionErased"),
)


def shown_as_names() -> list[str]:
    """What the page writes in place of a person's name, beside one or in place of a post, in all languages."""
    keys = [key.split(".") for key in _AS_NAMES]
    return [
        language.strings[section][name].replace("{handle}", "")
        for language in LANGUAGES.values()
        for section, name in keys
    ]
