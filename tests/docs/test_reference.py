"""What is made of the code leaves nothing out, and what is written beside it names all there is."""

import re
from pathlib import Path

import pytest
from graphql import GraphQLInterfaceType, GraphQLObjectType, build_schema

import server  # noqa: F401 - it declares the commands.
from app.commands.root import commands
from app.settings import Settings
from scripts.pages import codes, snippets, sources, tables
from scripts.pages.sdl import Reference

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = build_schema((ROOT / "schema.graphql").read_text())
ERRORS = (ROOT / "docs" / "reference" / "errors.md").read_text()


def test_every_code_has_what_to_do() -> None:
    assert codes.unexplained(ERRORS) == []


@pytest.mark.parametrize("code", ["TOO_DEEP", "RESYNC_REQUIRED", "4403", "BAD_ARGUMENT"])
def test_a_code_that_is_not_explained_is_found(code: str) -> None:
    without = re.sub(rf"^\| `{code}` .*\n", "", ERRORS, flags=re.MULTILINE)
    assert [problem.split()[0] for problem in codes.unexplained(without)] == [code]
    unexplained = re.sub(rf"^(\| `{code}` \|.*\|).*\|$", r"\1  |", ERRORS, flags=re.MULTILINE)
    assert [problem.split(",")[0] for problem in codes.unexplained(unexplained)] == [code]
    renamed = ERRORS.replace(f"| `{code}` |", f"| `{code}_OF_OLD` |")
    assert len(codes.unexplained(renamed)) == 2


def test_the_reference_has_every_type_field_argument_and_value() -> None:
    reference = Reference(SCHEMA)
    whole = "\n".join(reference.pages().values())
    assert reference.undescribed() == []
    for name, each in SCHEMA.type_map.items():
        if name.startswith("__"):
            continue
        if name not in ("Query", "Mutation", "Subscription"):
            assert f"{{ #{name} }}" in whole
        for part, field in each.fields.items() if isinstance(each, GraphQLObjectType | GraphQLInterfaceType) else ():
            assert f"{{ #{name}.{part} }}" in whole
            own = whole.split(f"{{ #{name}.{part} }}", 1)[1].split("\n#", 1)[0]
            assert all(f"| `{argument}` |" in own for argument in field.args)
    assert "= `OLDEST`" in whole and "= `false`" in whole


def test_the_tables_have_every_setting_and_command() -> None:
    written = tables.settings(Settings.model_fields)
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert f"`PARLEY_{name.upper()}` | {field.description.removesuffix('.')}" in written
    written = tables.commands(commands)
    for command in commands.registered_commands:
        assert command.callback is not None
        name = command.name or command.callback.__name__.replace("_", "-")
        assert f"## `python server.py {name}`" in written


def test_links_into_the_checkout_lead_to_pages_that_show_it() -> None:
    page = "[a](../bench/page.graphql), [b](../../bench/peers#x), [c](concepts.md), [d](https://example.com)"
    assert sources.outside(page, "a/b.md") == {"../../bench/peers": "bench/peers"}
    assert sources.outside(page, "b.md") == {"../bench/page.graphql": "bench/page.graphql"}
    assert "](source/bench/page.graphql.md)" in sources.linked(page, "b.md")
    assert set(sources.pages("bench/page.graphql")) == {"source/bench/page.graphql.md"}
    assert "source/bench/peers/index.md" in sources.pages("bench/peers")


def test_a_page_shows_code_as_it_stands() -> None:
    code = """import { a } from "b";

/** Says so. */
export function say(word: string) {
  if (word) {

    told(word);
  }
}

export const words = [
  "one",
];
export type Word = string;
"""
    said = "/** Says so. */\nexport function say(word: string) {\n  if (word) {\n\n    told(word);\n  }\n}"
    assert snippets.part(code, "say", where="") == said
    assert snippets.part(code, "words", where="") == 'export const words = [\n  "one",\n];'
    assert snippets.part(code, "Word", where="") == "export type Word = string;"
    with pytest.raises(snippets.Missing):
        snippets.part(code, "wor", where="here")
    page = '```js\n  --8<-- "web/page/keys.js"\n```'
    whole = (ROOT / "web" / "page" / "keys.js").read_text().rstrip()
    assert snippets.put_in(page) == "```js\n" + "\n".join(f"  {line}".rstrip() for line in whole.split("\n")) + "\n```"
    assert snippets.put_in('# --8<-- "web/page/keys.js:newKey"').startswith("/**")
    with pytest.raises(snippets.Missing):
        snippets.put_in('--8<-- "web/page/none.js"')
