"""What mkdocs calls while it builds the site: pages that are made of the code, and what is put into those of docs/."""

from collections.abc import Callable
from pathlib import Path

from graphql import build_schema
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

import server  # noqa: F401 - it declares the commands.
from app.commands.root import commands
from app.settings import Settings
from scripts.pages import blocks, codes, snippets, sources, tables
from scripts.pages.sdl import Reference

ROOT = Path(__file__).resolve().parents[2]
ERRORS = "reference/errors.md"

SCHEMA = build_schema((ROOT / "schema.graphql").read_text(encoding="utf-8"))
MADE: dict[str, Callable[[], str]] = {
    "settings": lambda: tables.settings(Settings.model_fields),
    "commands": lambda: tables.commands(commands),
}
"""What a page asks for by a comment: `<!-- made: settings -->`."""


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Adds the reference, and the files of the checkout that pages link to."""
    made = {f"reference/{name}.md": text for name, text in Reference(SCHEMA).pages().items()}
    for file in list(files.documentation_pages()):
        for path in sources.outside(file.content_string, file.src_uri).values():
            made |= sources.pages(path)
    for uri, text in made.items():
        files.append(File.generated(config, uri, content=text))
    return files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Puts in what is made of the code, and takes out what is for the tests."""
    if page.file.src_uri == ERRORS and (problems := codes.unexplained(markdown)):
        raise PluginError("\n".join([f"docs/{ERRORS}:", *problems]))
    if page.file.generated_by is not None:
        return markdown
    for name, make in MADE.items():
        markdown = markdown.replace(f"<!-- made: {name} -->", make())
    try:
        return snippets.put_in(blocks.without_marks(sources.linked(markdown, page.file.src_uri)))
    except snippets.Missing as missing:
        raise PluginError(f"docs/{page.file.src_uri}: {missing}") from missing
