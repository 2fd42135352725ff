"""Every type, field, argument and value that the pages name is in the schema, or belongs to something else by name."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLInterfaceType, GraphQLObjectType, build_schema

from scripts.pages import blocks

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = build_schema((ROOT / "schema.graphql").read_text())
PAGES = [page for page in blocks.pages() if "decisions" not in page.parts]
"""Decisions name what the code was called when they were taken."""
_OTHERS = {
    "HTTP and the protocols": """Accept Authorization Bearer Connection Host Origin Retry-After Upgrade Vary
        documentId errorId operationName subscriptionSpec""",
    "browsers": "EventSource Infinity localStorage sessionStorage",
    "client libraries and codegen": """GraphQLWsLink HttpLink connectionParams enumsAsTypes fetchSubscriptions
        keyArgs keyFields onData relayStylePagination resetStore retryAttempts shouldRetry singleConnection
        subscriptionExchange variableValues""",
    "programs of the pages and examples": "forgetSession toFetch whileEventsWait",
    "the system, and peers": "Dockerfile LimitNOFILE loadMany loadOne",
}
OTHERS = {name for names in _OTHERS.values() for name in names.split()}
"""Names in the pages that are of something else than the schema."""
_FENCED = re.compile(r"^( *)(`{3,}|~{3,}).*?^\1\2", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_CALL = re.compile(r"(?P<owner>[A-Z]\w+)\.(?P<member>[a-z]\w*)")
_NAME = re.compile(r"(?<![\w./@*\u2026-])(?:[A-Z][a-z]+(?:[A-Z][a-z]*)*|[a-z]+(?:[A-Z][a-z0-9]*)+)(?![\w/*-])")
_SENTENCE = re.compile(r"[A-Za-z] [a-z]|\*\*|^@|[=;$]")


def _members() -> dict[str, set[str]]:
    """The fields, arguments and values of each type."""
    found: dict[str, set[str]] = {}
    for name, each in SCHEMA.type_map.items():
        if isinstance(each, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            found[name] = {*each.fields, *(arg for field in each.fields.values() for arg in getattr(field, "args", {}))}
        elif isinstance(each, GraphQLEnumType):
            found[name] = set(each.values)
    return found


MEMBERS = _members()
KNOWN = {*SCHEMA.type_map, *OTHERS, *(member for members in MEMBERS.values() for member in members)}


def unknown(markdown: str) -> Iterator[str]:
    """Yields the names in inline code that nothing has, and members that their type does not have."""
    for span in _SPAN.findall(_FENCED.sub("", markdown)):
        if _SENTENCE.search(span):
            continue
        for call in _CALL.finditer(span):
            if call["owner"] in SCHEMA.type_map and call["member"] not in MEMBERS.get(call["owner"], ()):
                yield call[0]
        yield from (name for name in _NAME.findall(span) if name not in KNOWN)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_page_names_what_there_is(page: Path) -> None:
    assert list(unknown(page.read_text())) == []


def test_what_is_not_there_is_found() -> None:
    page = "`DiscussionDeleted`, `Reply.words`, `addReplay`, `thread(first: 1)`, `ReplyAdded.reply`, `Reply`"
    assert list(unknown(page)) == ["DiscussionDeleted", "Reply.words", "addReplay"]


def test_each_other_name_is_used() -> None:
    pages = "\n".join(page.read_text() for page in PAGES)
    assert sorted(name for name in OTHERS if name not in pages) == []
