"""The directive `@semanticNonNull`: null only beside an error.

Source: the GraphQL nullability working group's draft, as Apollo Kotlin, Relay and codegen read it.
"""

import re
from typing import Any

import strawberry
from strawberry.schema_directive import Location


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="semanticNonNull",
    description="The field is null only if the response has an error for it: clients may take it for non-null.",
)
class SemanticNonNull:
    """Null only beside an error."""


def semantic_non_null(field: Any) -> Any:
    """Marks a nullable field that is null only beside an error."""
    field.directives = [*field.directives, SemanticNonNull()]
    return field


def with_directives(sdl: str, marked: set[tuple[str, str]]) -> str:
    """Writes the directive into an SDL, after the fields that are `marked` by their types and names."""
    for type_name, name in sorted(marked):
        declared = re.compile(rf"(^type {type_name} .*?^  {name}(?:\(.*?^  \))?: [^\n]+)", re.DOTALL | re.MULTILINE)
        sdl, found = declared.subn(r"\1 @semanticNonNull", sdl, count=1)
        if not found:
            raise LookupError(f"The SDL has no field {type_name}.{name} to mark.")
    return sdl
