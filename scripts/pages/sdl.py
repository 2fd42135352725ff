"""The reference: all types, fields, arguments and enums of the schema with their words, on pages that link across."""

from collections.abc import Iterable, Iterator

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLType,
    GraphQLUnionType,
    get_named_type,
    print_ast,
)

PAGES = {
    "queries": ("Queries", "What can be read: the fields of `Query`."),
    "mutations": ("Mutations", "What can be written: the fields of `Mutation`. Expected errors are in `errors`."),
    "subscriptions": ("Subscriptions", "What can be followed: the fields of `Subscription`."),
    "objects": ("Objects", "What is answered, and the pages of lists."),
    "payloads": ("Payloads", "What mutations answer."),
    "events": ("Stream items", "What streams bring. Each has a `cursor` to go on from."),
    "mutation-errors": ("Mutation errors", "Expected errors of mutations, as data; [what to do](errors.md)."),
    "interfaces": ("Interfaces", "What types have in common."),
    "inputs": ("Inputs", "What clients send."),
    "enums": ("Enums", "Values by name."),
    "scalars": ("Scalars", "Values by themselves."),
}
"""The pages by name, in their order: title and first sentence."""
_ROOTS = {"Query": "queries", "Mutation": "mutations", "Subscription": "subscriptions"}


class Reference:
    """The pages of one schema, which was built of its SDL."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._types = {name: each for name, each in sorted(schema.type_map.items()) if not name.startswith("__")}
        self._givers = self._who_gives()

    def pages(self) -> dict[str, str]:
        """The Markdown of each page by its name."""
        return {name: self._page(name) for name in PAGES}

    def undescribed(self) -> list[str]:
        """What has no words, by its coordinate."""
        found = []
        for name, each in self._types.items():
            if name not in _specified and not each.description:
                found.append(name)
            for part, member in _members(each).items():
                if not member.description:
                    found.append(f"{name}.{part}")
                if isinstance(member, GraphQLField):
                    found += [f"{name}.{part}({arg}:)" for arg, one in member.args.items() if not one.description]
        return found

    def _page(self, name: str) -> str:
        title, words = PAGES[name]
        parts = [f"# {title}", words]
        for each in self._types.values():
            if self._home(each) == name:
                parts += self._root(each) if each.name in _ROOTS else self._type(each)
        return "\n\n".join(parts) + "\n"

    def _home(self, each: GraphQLNamedType) -> str:
        """The page that contains a type."""
        match each:
            case GraphQLObjectType(name=name) if name in _ROOTS:
                return _ROOTS[name]
            case GraphQLObjectType(name=name):
                over = {interface.name for interface in each.interfaces}
                if "MutationError" in over:
                    return "mutation-errors"
                if "StreamItem" in over:
                    return "events"
                return "payloads" if name.endswith("Payload") else "objects"
            case GraphQLInterfaceType() | GraphQLUnionType():
                return "interfaces"
            case GraphQLInputObjectType():
                return "inputs"
            case GraphQLEnumType():
                return "enums"
        return "scalars"

    def _root(self, each: GraphQLNamedType) -> Iterator[str]:
        for name, field in _members(each).items():
            assert isinstance(field, GraphQLField)
            yield f"## `{name}` {{ #{each.name}.{name} }}"
            yield f"returns {self._shown(field.type)}"
            yield from _words(field)
            yield from self._arguments(field.args)

    def _type(self, each: GraphQLNamedType) -> Iterator[str]:
        yield f"## `{each.name}` {{ #{each.name} }}"
        yield from _words(each)
        if isinstance(each, GraphQLScalarType):
            if each.specified_by_url:
                yield f"Specified by <{each.specified_by_url}>."
            return
        if isinstance(each, GraphQLObjectType | GraphQLInterfaceType) and each.interfaces:
            yield "Is a " + ", ".join(self._link(one) for one in each.interfaces) + "."
        if isinstance(each, GraphQLInterfaceType | GraphQLUnionType):
            yield "Is one of " + ", ".join(self._link(one) for one in self._schema.get_possible_types(each)) + "."
        if isinstance(each, GraphQLEnumType):
            yield _table(("value", "what it says"), ((f"`{name}`", _line(one)) for name, one in each.values.items()))
        elif isinstance(each, GraphQLInputObjectType):
            yield self._arguments_table(each.fields, "field")
        else:
            for name, field in _members(each).items():
                assert isinstance(field, GraphQLField)
                yield f"#### `{name}` : {self._shown(field.type)} {{ #{each.name}.{name} }}"
                yield from _words(field)
                yield from self._arguments(field.args)
        if givers := self._givers.get(each.name):
            links = (f"[`{at}`]({self._address(at)})" for at in givers)
            verb = "Taken by" if isinstance(each, GraphQLInputObjectType) else "Used in"
            yield f"{verb} {', '.join(links)}."

    def _arguments(self, arguments: dict[str, GraphQLArgument]) -> Iterator[str]:
        if arguments:
            yield self._arguments_table(arguments, "argument")

    def _arguments_table(self, arguments: dict[str, GraphQLArgument] | dict[str, GraphQLInputField], what: str) -> str:
        rows = ((f"`{name}`", self._shown(one.type) + _default(one), _line(one)) for name, one in arguments.items())
        return _table((what, "type", "what it says"), rows)

    def _shown(self, shown: GraphQLType) -> str:
        """A type as it is written, linked: brackets and exclamation marks stand outside of the link."""
        named = get_named_type(shown)
        before, after = str(shown).split(named.name)
        wrapped = f"`{before}`" if before else "", f"`{after}`" if after else ""
        return f"{wrapped[0]}{self._link(named)}{wrapped[1]}"

    def _link(self, named: GraphQLNamedType) -> str:
        return f"[`{named.name}`]({self._address(named.name)})"

    def _address(self, coordinate: str) -> str:
        return f"{self._home(self._types[coordinate.split('.')[0]])}.md#{coordinate}"

    def _who_gives(self) -> dict[str, list[str]]:
        """By type the coordinates of the fields that give or take it."""
        givers: dict[str, list[str]] = {}
        for name, each in self._types.items():
            for part, member in _members(each).items():
                at = name if isinstance(each, GraphQLInputObjectType) else f"{name}.{part}"
                if isinstance(member, GraphQLField | GraphQLInputField):
                    givers.setdefault(get_named_type(member.type).name, []).append(at)
                if isinstance(member, GraphQLField):
                    for argument in member.args.values():
                        givers.setdefault(get_named_type(argument.type).name, []).append(at)
        # Scalars stand everywhere.
        return {
            name: list(dict.fromkeys(found))
            for name, found in givers.items()
            if not isinstance(self._types[name], GraphQLScalarType)
        }


_specified = {"Boolean", "Float", "ID", "Int", "String"}


def _members(each: GraphQLNamedType) -> dict[str, GraphQLField | GraphQLInputField]:
    if isinstance(each, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
        return {**each.fields}
    return {}


def _words(described: GraphQLNamedType | GraphQLField) -> Iterator[str]:
    if described.description:
        yield _escaped(described.description)
    if isinstance(described, GraphQLField) and described.deprecation_reason:
        yield f"**Deprecated**: {_escaped(described.deprecation_reason)}"


def _line(described: object) -> str:
    """A description in one line, for a table."""
    words = " ".join(_escaped(getattr(described, "description", None) or "").split())
    reason = getattr(described, "deprecation_reason", None)
    return f"{words} **Deprecated**: {_escaped(reason)}" if reason else words


def _escaped(text: str) -> str:
    """Descriptions are plain text with Markdown's code marks: tags are shown, and a bar ends no cell."""
    return text.replace("<", "&lt;").replace("|", "\\|")


def _default(one: GraphQLArgument | GraphQLInputField) -> str:
    value = one.ast_node.default_value if one.ast_node is not None else None
    return f" = `{print_ast(value)}`" if value is not None else ""


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    titles = list(head)
    lines = [titles, ["---"] * len(titles), *map(list, rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
