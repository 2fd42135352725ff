"""The page's strings: every key that is used exists, and each language has all of them."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from tests.support.servers import ROOT
from web.languages import DEFAULT, LANGUAGES, PLURALS, Strings

WEB = ROOT / "web"
SECTIONS = LANGUAGES[DEFAULT].strings
IN_WORDS = {"zero", "one", "two"}
KEYS = {f"{section}.{name}" for section, strings in SECTIONS.items() for name in strings}
NAMED = re.compile(rf"""["'`](({"|".join(SECTIONS)})\.(?!(?:html|js|css)\b)(\w*))(["'`]|\$\{{)""")
"""A key in the sources, or the beginning of keys that are completed by a value, such as `errors.${code}`."""


def used(sources: str) -> tuple[set[str], set[str]]:
    """The keys in the sources, and the beginnings of keys."""
    found = [(match[1], match[4]) for match in NAMED.finditer(sources)]
    return {key for key, end in found if end != "${"}, {key for key, end in found if end == "${"}


def sources() -> Iterator[str]:
    paths = [
        path
        for folder, kind in (("page", "*.js"), ("templates", "*"), (".", "*.py"))
        for path in (WEB / folder).glob(kind)
    ]
    return (path.read_text() for path in paths)


def test_every_string_that_the_page_uses_exists() -> None:
    keys, beginnings = used("\n".join(sources()))
    assert keys - KEYS == set()
    assert [begin for begin in beginnings if not any(key.startswith(begin) for key in KEYS)] == []


def test_a_key_in_the_sources_is_found() -> None:
    assert used('t("post.reply") t(`errors.${code}`) "./post.js"') == ({"post.reply"}, {"errors."})


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def forms(text: str | dict[str, str]) -> dict[str, str]:
    """A string by plural category."""
    return text if isinstance(text, dict) else {"other": text}


def differences(strings: Strings, categories: set[str]) -> list[str]:
    """Where a translation differs from English in its keys or placeholders, or lacks a plural form of its language."""
    wrong = []
    for section in SECTIONS | strings:
        if list(SECTIONS.get(section, {})) != list(strings.get(section, {})):
            wrong.append(f"{section}: other keys")
            continue
        for name, english in SECTIONS[section].items():
            text, values = strings[section][name], placeholders(forms(english)["other"])
            if isinstance(english, dict) and set(text) != categories:
                wrong.append(f"{section}.{name}: its plural forms are not {sorted(categories)}")
            for category, form in forms(text).items():
                # What is said of none, one or two may have the number, or its persons, in words.
                needed = set() if category in IN_WORDS else values
                if not needed <= placeholders(form) <= values:
                    wrong.append(f"{section}.{name}: {category} has {sorted(placeholders(form))}, not {sorted(values)}")
    return wrong


@pytest.mark.parametrize("code", sorted(LANGUAGES))
def test_each_language_has_all_strings_with_their_placeholders_and_plural_forms(code: str) -> None:
    categories = {PLURALS[code](count) for count in range(1_000)} | {"other"}
    assert differences(LANGUAGES[code].strings, categories) == []


def test_a_difference_of_a_translation_is_found() -> None:
    def changed(section: str, name: str, text: str | dict[str, str]) -> list[str]:
        return differences(SECTIONS | {section: SECTIONS[section] | {name: text}}, {"one", "other"})

    assert changed("post", "reply", "Antworten") == []
    assert changed("post", "more", "Mehr") == ["post: other keys"]
    assert changed("post", "replyBy", "Antwort {nummer}") == [
        "post.replyBy: other has ['nummer'], not ['name', 'number']"
    ]
    assert len(changed("thread", "replies", {"other": "{count}"})) == 1


def test_a_count_that_is_not_exact_says_that_there_are_more() -> None:
    english = LANGUAGES["en"]
    assert english.t("thread.replies", count=10_000, is_exact=False) == "10,000+ replies"
    assert english.t("thread.replies", count=10_000) == "10,000 replies"


def test_plural_forms_and_numbers_are_those_of_browsers() -> None:
    if shutil.which("node") is None:
        pytest.skip("NOT TESTED: plural forms against Intl, since node is not installed. Install Node.js to run this.")
    numbers = [*range(1_100), 10_000, 1_234_567]
    script = """
        const [codes, numbers] = JSON.parse(process.argv[1]);
        const forms = code => numbers.map(number => new Intl.PluralRules(code).select(number));
        const written = code => numbers.map(number => new Intl.NumberFormat(code).format(number));
        console.log(JSON.stringify(codes.map(code => [forms(code), written(code)])));
    """
    command = ["node", "--eval", script, json.dumps([sorted(LANGUAGES), numbers])]
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    ours = [
        [[PLURALS[code](number) for number in numbers], [LANGUAGES[code].number(number) for number in numbers]]
        for code in sorted(LANGUAGES)
    ]
    assert told == ours
