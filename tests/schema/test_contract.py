"""What the schema promises: it is described, committed, and holds all that was promised."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, cast

import orjson
import pytest
from graphql import (
    DocumentNode,
    GraphQLNamedType,
    InputValueDefinitionNode,
    build_schema,
    is_enum_type,
    is_interface_type,
    is_introspection_type,
    is_specified_scalar_type,
    parse,
    print_ast,
    validate_schema,
)

import db.rows
from db.kinds import EventKind
from db.rows import PostRow
from forum.errors import DomainError, EditConflict, ErrorCode, LimitExceeded, RateLimited, Suspended, domain_errors
from resolvers.payloads import ErrorRow
from schema import root
from schema.scalars import of_input, rfc3339

SDL = root.sdl()
SHIPPED = build_schema(SDL)
OURS: dict[str, Any] = {
    name: graphql_type
    for name, graphql_type in SHIPPED.type_map.items()
    if not is_introspection_type(graphql_type) and not is_specified_scalar_type(graphql_type)
}
MODERATED = {"AuditEntry", "HeldPost", "Report", "ReviewItem"}
"""What moderators work with."""
PROMISED = Path(__file__).with_name("contract.graphql")
COMMITTED = Path(root.__file__).parent.parent / "schema.graphql"


def test_the_committed_schema_is_that_of_the_code() -> None:
    assert COMMITTED.read_text() == SDL, "Write it anew: python server.py schema > schema.graphql"


def test_the_schema_is_valid_when_read_back() -> None:
    assert validate_schema(SHIPPED) == []


def test_everything_is_described() -> None:
    assert list(_undescribed()) == []


def _undescribed() -> Iterator[str]:
    for name, graphql_type in OURS.items():
        if not graphql_type.description:
            yield name
        for value_name, value in getattr(graphql_type, "values", {}).items():
            if not value.description:
                yield f"{name}.{value_name}"
        for field_name, field in getattr(graphql_type, "fields", {}).items():
            if not field.description:
                yield f"{name}.{field_name}"
            for argument_name, argument in getattr(field, "args", {}).items():
                if not argument.description:
                    yield f"{name}.{field_name}({argument_name}:)"


def test_no_argument_defaults_to_null() -> None:
    assert "= null" not in SDL


def test_a_field_has_one_type_in_all_members_of_an_interface() -> None:
    found: dict[str, set[str]] = defaultdict(set)
    for interface in filter(is_interface_type, OURS.values()):
        for member in SHIPPED.get_possible_types(interface):
            # What moderators work with is asked for by itself.
            if member.name in {*MODERATED, "DecisionMade"}:
                continue
            for name, field in member.fields.items():
                found[f"{interface.name}.{name}"].add(str(field.type))
    # The contract gives a Revision a nullable title, for a reply has none, and a Discussion one that is not: a document
    # that asks a Node for both must alias one of them.
    assert {name: types for name, types in found.items() if len(types) > 1} == {
        "Node.title": {"String", "String!"},
        # Two errors say what is there now, each of its own kind.
        "MutationError.current": {"Post!", "ReviewItem"},
        # Whether a person is premoderated is for moderators.
        "Node.premoderated": {"Boolean", "Boolean!"},
    }


def test_all_that_was_promised_is_there() -> None:
    assert list(_missing(parse(PROMISED.read_text()))) == []


def _missing(promised: DocumentNode) -> Iterator[str]:
    for definition in promised.definitions:
        node: Any = definition
        name = node.name.value
        if (graphql_type := OURS.get(name)) is None:
            yield name
        elif is_enum_type(graphql_type):
            if set(graphql_type.values) != {value.name.value for value in node.values}:
                yield f"{name}: {sorted(graphql_type.values)}"
        else:
            implemented = {interface.name for interface in getattr(graphql_type, "interfaces", ())}
            yield from (
                f"{name} implements {interface.name.value}"
                for interface in getattr(node, "interfaces", None) or ()
                if interface.name.value not in implemented
            )
            yield from _missing_fields(name, graphql_type, node)


def _missing_fields(name: str, graphql_type: GraphQLNamedType, node: Any) -> Iterator[str]:
    fields: dict[str, Any] = getattr(graphql_type, "fields", {})
    for promised in node.fields or ():
        field = fields.get(promised.name.value)
        if field is None or str(field.type) != print_ast(promised.type):
            yield f"{name}.{promised.name.value}: {print_ast(promised.type)}"
        elif not isinstance(promised, InputValueDefinitionNode):
            shipped = {name: print_ast(argument.ast_node.type) for name, argument in field.args.items()}
            if shipped != {argument.name.value: print_ast(argument.type) for argument in promised.arguments or ()}:
                yield f"{name}.{promised.name.value}{shipped}"


def test_the_defaults_are_those_that_were_promised() -> None:
    assert "order: SiblingOrder! = OLDEST" in SDL
    assert "maxDepth: Int! = 0" in SDL


def test_every_member_of_an_interface_is_in_the_schema() -> None:
    members = {
        interface.name: {member.name for member in SHIPPED.get_possible_types(interface)}
        for interface in filter(is_interface_type, OURS.values())
    }
    assert members["MutationError"] == {error.__name__ for error in domain_errors()}
    assert members["Node"] == MODERATED | {"Category", "Discussion", "Quote", "Reply", "Revision", "User"}
    assert members["Post"] == {"Discussion", "Reply"}
    of_the_site = {"CategoryChanged", "UserChanged", "UserErased"}
    assert members["SiteEvent"] == of_the_site
    assert members["DiscussionEvent"] | of_the_site == members["LogEvent"] == set(map(str, EventKind))
    assert not members["DiscussionEvent"] & of_the_site
    of_moderation = {"AuditEntryAdded", "DecisionMade", "ReviewItemChanged", "ReviewItemOpened"}
    assert members["StreamItem"] == members["LogEvent"] | of_moderation | {"CaughtUp", "FeedItem", "ResyncRequired"}


def test_every_domain_error_has_its_type_and_no_two_share_a_code() -> None:
    errors = domain_errors()
    assert len({error.code for error in errors}) == len(errors) == len(ErrorCode)
    assert [root.typename(ErrorRow(_raised(error))) for error in errors] == [error.__name__ for error in errors]


def _raised(error: type[DomainError]) -> DomainError:
    if issubclass(error, EditConflict):
        return error("What is wrong.", (), cast(PostRow, None))
    if issubclass(error, LimitExceeded):
        return error("What is wrong.", (), 1)
    if issubclass(error, Suspended):
        return error(None, None)
    if issubclass(error, RateLimited):
        return error("writes", datetime.now(UTC))
    return error("What is wrong.")


@pytest.mark.parametrize("driver", ["sqlite", "postgresql"])
@pytest.mark.parametrize(
    ("row", "name"),
    [
        (db.rows.DiscussionRow, "Discussion"),
        (db.rows.ReplyRow, "Reply"),
        (db.rows.QuoteRow, "Quote"),
        (db.rows.RevisionRow, "Revision"),
        (db.rows.UserRow, "User"),
        (db.rows.CategoryRow, "Category"),
    ],
)
def test_a_row_of_either_driver_finds_its_type(row: type[db.rows.Row], driver: str, name: str) -> None:
    assert root.of_class(getattr(row, driver)) == name


@pytest.mark.parametrize("kind", EventKind)
def test_event_has_the_type_of_its_kind(kind: str) -> None:
    values = ", ".join(f"'{kind}'" if column == "kind" else "NULL" for column in db.rows.EventRow.columns)
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.row_factory = db.rows.EventRow.sqlite
        row = connection.execute(f"SELECT {values}").fetchone()
        assert root.typename(row) == kind


def test_a_value_that_is_no_row_of_any_type_is_refused() -> None:
    with pytest.raises(TypeError, match="No GraphQL type is declared for a str"):
        root.typename("a reply")


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 3, 12, 30, tzinfo=UTC),
        datetime(2026, 11, 3, 12, 30, 59, 1, tzinfo=UTC),
        datetime(2026, 11, 3, 12, 30, 59, 120_000, tzinfo=UTC),
        datetime(26, 1, 1, tzinfo=UTC),
    ],
)
def test_a_moment_is_written_as_orjson_writes_it(moment: datetime) -> None:
    assert f'"{rfc3339(moment)}"'.encode() == orjson.dumps(moment, option=orjson.OPT_UTC_Z)
    assert of_input(rfc3339(moment)) == moment


def test_a_moment_is_always_written_in_utc() -> None:
    assert rfc3339(datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=2)))) == "2025-12-31T23:00:00Z"
    with pytest.raises(ValueError, match="has no time zone"):
        rfc3339(datetime(2026, 1, 1))  # noqa: DTZ001 - what is refused is one without a zone.
