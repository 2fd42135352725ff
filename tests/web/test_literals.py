"""The page's sources have no sentence of their own: what people read is in the tables of web/strings/."""

import re
from collections.abc import Iterator

import pytest

from tests.support.servers import ROOT

WEB = ROOT / "web"
FOR_DEVELOPERS = {"graphiql.js", "graphiql.html"}
READ = r"aria-label|title|placeholder|alt"
MARKUP = re.compile(r"<!--.*?-->|<(kbd|code)>.*?</\1>|<[^<>]*>|&\w+;", re.DOTALL)
READ_ATTRIBUTE = re.compile(rf"""\b(?:{READ})=(?:"([^"]*)"|'([^']*)')""")
ASSIGNED = re.compile(
    rf"""(?:\.(?:title|alt|ariaLabel|placeholder|textContent|innerText) = |setAttribute\("(?:{READ})", """
    r"""|\bnotices\.(?:show|announce)\()(?:"([^"]*)"|`)"""
)
SENTENCE = re.compile(r"""(?<!console\.info\()(?<!Error\()(?<![\w.])"([A-Z][a-z]+ [^"]*)\"""")
LETTERS = re.compile(r"[^\W\d_]{2,}")
JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<(script|svg)\b.*?</\1>", re.DOTALL)
INSERTED = "\0"


def template(source: str, at: int) -> str:
    """The template literal whose text begins at a place, what it inserts left out."""
    text, depth = "", 0
    while depth or source[at] != "`":
        if source.startswith("${", at):
            text += "" if depth else INSERTED
            depth, at = depth + 1, at + 2
        elif depth and source[at] in "{}":
            depth, at = depth + (1 if source[at] == "{" else -1), at + 1
        else:
            text += "" if depth else source[at]
            at += 1
    return text


def read_in(markup: str) -> Iterator[str]:
    """Yields what a reader sees or hears of markup: texts, and the attributes that are read."""
    for match in READ_ATTRIBUTE.finditer(markup):
        yield match[1] or match[2] or ""
    yield from MARKUP.sub("\n", markup).splitlines()


def texts_of(code: str) -> Iterator[str]:
    """Yields what a script lets people read: in its markup, also within what other markup inserts, and elsewhere."""
    for match in re.finditer(r"html`", code):
        yield from read_in(template(code, match.end()))
    for match in ASSIGNED.finditer(code):
        yield match[1] if match[1] is not None else template(code, match.end())
    yield from SENTENCE.findall(code)


def literals_of_script(source: str) -> list[str]:
    code = re.sub(r"^\s*(?://|/?\*).*$", "", source, flags=re.MULTILINE)
    return [text.strip() for text in dict.fromkeys(texts_of(code)) if LETTERS.search(text)]


def literals_of_template(source: str) -> list[str]:
    return [text.strip() for text in read_in(JINJA.sub(INSERTED, source)) if LETTERS.search(text)]


@pytest.mark.parametrize(
    "source",
    [
        "html`<p>Some words</p>`",
        'html`<p class=${a ? "b" : "c"}>${t("post.reply")} left</p>`',
        "html`<${Row} key=${key}>${many.map((one) => html`<li>${one} times</li>`)}<//>`",
        'html`<button aria-label="Close" onClick=${() => close({ now: true })}>${x}</button>`',
        'line.append(name); line.title = "Something is left out";',
        'image.setAttribute("alt", "A picture");',
        "notices.show(`Saved. ${count} quotes are gone.`);",
        'const TEXTS = { LOST: "The source is lost" };',
    ],
)
def test_a_literal_in_a_script_is_found(source: str) -> None:
    assert len(literals_of_script(source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        'html`<p class="hint" dir="auto">${t("post.reply")} · ${one}</p>`',
        'html`<${Icon} name="lock" /><kbd>Ctrl</kbd>`',
        'html`<a href="/" onClick=${() => html`<b>${x}</b>`}>${y}</a>`',
        'console.info("The view was not counted:", error);',
        'throw new Error("The table has no such key");',
        "// html`<p>Some words</p>`",
    ],
)
def test_code_is_no_literal(source: str) -> None:
    assert literals_of_script(source) == []


def test_scripts_have_no_literals() -> None:
    scripts = [path for path in sorted((WEB / "page").glob("*.js")) if path.name not in FOR_DEVELOPERS]
    found = {path.name: literals_of_script(path.read_text()) for path in scripts}
    assert {name: texts for name, texts in found.items() if texts} == {}


def test_templates_have_no_literals() -> None:
    assert literals_of_template('<p title="{{ x }}">{{ y }}</p><b>by {{ z }}</b>') == ["by \0"]
    assert literals_of_template('<p title="By {{ z }}">1</p>') == ["By \0"]
    templates = [path for path in sorted((WEB / "templates").glob("*.html")) if path.name not in FOR_DEVELOPERS]
    found = {path.name: literals_of_template(path.read_text()) for path in templates}
    assert {name: texts for name, texts in found.items() if texts} == {}
