"""Descriptions: the texts under the attributes of the schema's classes, given to the schema made of them."""

import ast
import inspect
import sys
from collections.abc import Iterator
from functools import cache

from graphql import (
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_nullable_type,
    is_list_type,
)
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.enum import StrawberryEnumDefinition

from execution.arguments import MAX_LIST_ITEMS

DEFINITION = "strawberry-definition"
_OURS = ("schema.", "resolvers.inputs", "forum.errors", "db.kinds")


def describe(schema: GraphQLSchema) -> None:
    """Gives every type, field, input field and enum value the text under it in its class.

    A field that is declared again without a text keeps the text of the class it is inherited from. Arguments have
    theirs from the `batch` or `follow` that declares them. A list among them says how many items it may have.
    """
    for graphql_type in schema.type_map.values():
        origin = _class_of(graphql_type)
        if origin is None:
            continue
        graphql_type.description = _texts_of(origin).get(None, graphql_type.description)
        if isinstance(graphql_type, GraphQLEnumType):
            for name, value in graphql_type.values.items():
                value.description = _text_under(name, origin)
        elif isinstance(graphql_type, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for field in graphql_type.fields.values():
                field.description = _text_under(field.extensions[DEFINITION].python_name, origin)
                for given in (field,) if isinstance(field, GraphQLInputField) else field.args.values():
                    if is_list_type(get_nullable_type(given.type)):
                        given.description = f"{given.description} At most {MAX_LIST_ITEMS}."


def _class_of(graphql_type: GraphQLNamedType) -> type | None:
    """The class a type was written as: for Edge[Reply] that is Edge. None for what is not ours, and for scalars."""
    match graphql_type.extensions.get(DEFINITION):
        case StrawberryObjectDefinition(concrete_of=StrawberryObjectDefinition(origin=generic)):
            return generic
        case StrawberryObjectDefinition(origin=origin):
            return origin
        case StrawberryEnumDefinition(wrapped_cls=enum):
            return enum
    return None


def _text_under(attribute: str, origin: type) -> str | None:
    texts = (_texts_of(ancestor).get(attribute) for ancestor in origin.__mro__)
    return next((text for text in texts if text is not None), None)


def _texts_of(origin: type) -> dict[str | None, str]:
    """Attribute → text, and under None the text of the class."""
    return _texts(origin.__module__).get(origin.__name__, {}) if origin.__module__.startswith(_OURS) else {}


@cache
def _texts(module: str) -> dict[str, dict[str | None, str]]:
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return {node.name: dict(_texts_in(node)) for node in tree.body if isinstance(node, ast.ClassDef)}


def _texts_in(node: ast.ClassDef) -> Iterator[tuple[str | None, str]]:
    if text := ast.get_docstring(node):
        yield None, _unwrapped(text)
    for declared, below in zip(node.body, node.body[1:], strict=False):
        match declared, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                yield name, _unwrapped(inspect.cleandoc(text))


def _unwrapped(text: str) -> str:
    """The text with one line per paragraph: where it was wrapped is the source's affair."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
