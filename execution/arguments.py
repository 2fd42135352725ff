"""Arguments of fields: the values of literals and variables, in the types of a resolver's signature."""

from collections.abc import Callable, Container, Sequence
from dataclasses import MISSING
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry import UNSET
from strawberry.scalars import is_scalar
from strawberry.types.arguments import StrawberryArgument, convert_argument
from strawberry.types.base import (
    StrawberryList,
    StrawberryMaybe,
    StrawberryObjectDefinition,
    StrawberryOptional,
    get_object_definition,
)
from strawberry.types.enum import StrawberryEnumDefinition, has_enum_definition

from execution.error_codes import RequestErrorCode

MAX_LIST_ITEMS = 100
"""How many items a list may have that is an argument, or part of one."""
MAX_CHARACTERS = 2_000
"""How long a String or ID may be that is an argument, or part of one, and is not known as a long text."""

Convert = Callable[[Any, str], Any]
"""`f(value, name)`: the value in its Python type. Raises GraphQLError with the argument's name."""


class Arguments:
    """Converts the coerced arguments of the fields of one schema.

    As Strawberry's `convert_arguments`, which takes 40 µs for an object of three fields: what each type needs is worked
    out once, so that an argument that a hundred aliases use is converted in microseconds.
    """

    def __init__(self, converter: Any, long_texts: Container[str] = ()) -> None:
        """`converter`: the schema's `schema_converter`. `long_texts`: see execution.engine.Engine."""
        self._config = converter.config
        self._scalars = converter.scalar_registry
        self._long_texts = long_texts
        self._objects: dict[type, Convert] = {}

    def of(self, arguments: Sequence[StrawberryArgument]) -> Callable[[dict[str, Any]], dict[str, Any]]:
        """Returns what converts the values of a field's arguments, by their GraphQL names, to those by Python names."""
        name_of = self._config.name_converter.from_argument
        converted = [(name_of(each), each.python_name, self._of_part(each.type, name_of(each))) for each in arguments]

        def convert(values: dict[str, Any]) -> dict[str, Any]:
            return {
                python_name: values[name] if of_value is None else of_value(values[name], name)
                for name, python_name, of_value in converted
                if name in values
            }

        return convert

    def _of_part(self, wanted: Any, name: str) -> Convert | None:
        """Returns what converts the values of an argument or input field of this name; None if they stay."""
        return self._of_type(wanted, None if name in self._long_texts else _short)

    def _of_type(self, wanted: Any, of_text: Convert | None) -> Convert | None:
        """Returns what converts values of a type, with `of_text` those of String and ID; None if they stay."""
        if isinstance(wanted, StrawberryOptional) and not isinstance(wanted, StrawberryMaybe):
            return self._of_type(wanted.of_type, of_text)
        if isinstance(wanted, StrawberryList):
            return self._of_list(self._of_type(wanted.of_type, of_text))
        if wanted is str or wanted is strawberry.ID:
            return of_text
        if is_scalar(wanted, self._scalars) or isinstance(wanted, StrawberryEnumDefinition):
            return None
        if has_enum_definition(wanted):
            return None
        definition = get_object_definition(wanted) if isinstance(wanted, type) else None
        if definition is not None and definition.from_input is None:
            return self._of_object(wanted, definition)
        # Anything else is Strawberry's affair, such as Maybe and lazy types.
        return lambda value, name: convert_argument(value, wanted, self._scalars, self._config, path=(name,))

    def _of_list(self, of_item: Convert | None) -> Convert:
        def convert(value: Any, name: str) -> Any:
            if value is None or value is UNSET:
                return value
            if len(value) > MAX_LIST_ITEMS:
                message = f"`{name}` has {len(value)} items; {MAX_LIST_ITEMS} are allowed."
                raise GraphQLError(message, extensions={"code": RequestErrorCode.BAD_ARGUMENT})
            return list(value) if of_item is None else [of_item(item, name) for item in value]

        return convert

    def _of_object(self, wanted: type, definition: StrawberryObjectDefinition) -> Convert:
        known = self._objects.get(wanted)
        if known is not None:
            return known
        fields: list[tuple[str, str, Convert | None]] = []

        def convert(value: Any, _name: str) -> Any:
            if value is None or value is UNSET:
                return value
            given = {
                python_name: value[name] if of_value is None else of_value(value[name], name)
                for name, python_name, of_value in fields
                if name in value
            }
            return wanted(**omitted | given)

        # Before its fields, one of which may be of the same type.
        self._objects[wanted] = convert
        name_of = self._config.name_converter.from_field
        fields += [
            (name, each.python_name, self._of_part(each.resolve_type(type_definition=definition), name))
            for each, name in zip(definition.fields, map(name_of, definition.fields), strict=True)
        ]
        # A field that may be null and has no default is None if omitted.
        omitted = {
            each.python_name: None
            for each in definition.fields
            if each.default_value is MISSING and each.default_factory is MISSING
        }
        return convert


def _short(value: Any, name: str) -> Any:
    """Returns a text that is not too long, or what stands for none."""
    if isinstance(value, str) and len(value) > MAX_CHARACTERS:
        message = f"`{name}` has {len(value)} characters; {MAX_CHARACTERS} are allowed."
        raise GraphQLError(message, extensions={"code": RequestErrorCode.BAD_ARGUMENT})
    return value
