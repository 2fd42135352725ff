"""Measures a document before slower steps: its depth, its length, and how often it repeats a path.

Depth and length count each fragment wherever it is spread. Each fragment is measured once for that, and only a document
that is short enough is then visited with its fragments spread: the time is linear in the document.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from graphql import (
    ArgumentNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
)

from execution.error_codes import RequestErrorCode
from execution.errors import formatted
from execution.operation import RequestRefused, request_error

MAX_NESTING = 200
"""How deep selections may nest, of fields and of fragments: later steps are recursive."""
MAX_REPEATS = 30
"""How often one response path may be selected: comparing fields to be merged takes quadratic time."""


class _Size(NamedTuple):
    depth: int
    """Levels of fields."""
    nesting: int
    """Levels of selections of any kind."""
    length: int
    """Selections, and variables used in them."""


def measure(document: DocumentNode, *, max_length: int, max_depth: int) -> None:
    """Raises RequestRefused: TOO_COSTLY for a document that is too deep, too long, or repeats itself too often.

    GRAPHQL_VALIDATION_FAILED for a fragment cycle, which has no length. Nothing else need be valid yet.
    """
    measuring = _Measuring(document)
    size = measuring.whole()
    if size.depth > max_depth:
        raise _too_costly(f"The document nests {size.depth} levels of fields; {max_depth} are allowed.")
    if size.nesting > MAX_NESTING:
        raise _too_costly(f"The document nests {size.nesting} selections and fragments; {MAX_NESTING} are allowed.")
    if size.length > max_length:
        message = (
            "With its fragments spread where they stand, the document has {} selections and variables; {} are allowed."
        )
        raise _too_costly(message.format(size.length, max_length))
    for selections in measuring.roots():
        _count([selections], measuring.fragments, "")


class _Measuring:
    """Measures a document, and each of its fragments once."""

    def __init__(self, document: DocumentNode) -> None:
        self.fragments: dict[str, FragmentDefinitionNode] = {}
        self._definitions: list[OperationDefinitionNode | FragmentDefinitionNode] = []
        for node in document.definitions:
            if isinstance(node, FragmentDefinitionNode):
                self.fragments[node.name.value] = node
            if isinstance(node, OperationDefinitionNode | FragmentDefinitionNode):
                self._definitions.append(node)
        self._sizes: dict[str, _Size | None] = {}
        self._spread: set[int] = set()

    def whole(self) -> _Size:
        """Returns the greatest depth and nesting, and the sum of the lengths of the roots."""
        sizes = {id(node): self._below(node.selection_set) for node in self._definitions}
        return _Size(
            max((size.depth for size in sizes.values()), default=0),
            max((size.nesting for size in sizes.values()), default=0),
            sum(size.length for node, size in sizes.items() if node not in self._spread),
        )

    def roots(self) -> Iterator[SelectionSetNode]:
        """Yields operations, and fragments that no definition spreads: together they contain all selections."""
        return (node.selection_set for node in self._definitions if id(node) not in self._spread)

    def _below(self, selections: SelectionSetNode) -> _Size:
        deepest, nesting, length = 0, 0, 0
        for node in selections.selections:
            length += 1 + _variables(node.directives)
            inside = _Size(0, 0, 0)
            if isinstance(node, FieldNode):
                length += _variables_of(node.arguments)
                if node.selection_set is not None:
                    inside = self._below(node.selection_set)
                deepest = max(deepest, inside.depth + 1)
            elif isinstance(node, FragmentSpreadNode):
                inside = self._fragment(node)
            elif isinstance(node, InlineFragmentNode):
                inside = self._below(node.selection_set)
            deepest = max(deepest, inside.depth)
            nesting = max(nesting, inside.nesting + 1)
            length += inside.length
        return _Size(deepest, nesting, length)

    def _fragment(self, spread: FragmentSpreadNode) -> _Size:
        name = spread.name.value
        fragment = self.fragments.get(name)
        if fragment is None:
            return _Size(0, 0, 0)
        if name not in self._sizes:
            self._spread.add(id(fragment))
            self._sizes[name] = None
            self._sizes[name] = self._below(fragment.selection_set)
        size = self._sizes[name]
        if size is None:
            error = GraphQLError(f"Cannot spread fragment '{name}' within itself.", spread)
            raise RequestRefused([formatted(error, code=RequestErrorCode.GRAPHQL_VALIDATION_FAILED)])
        return size


def _variables(directives: Iterable[DirectiveNode] | None) -> int:
    return sum(_variables_of(directive.arguments) for directive in directives or ())


def _variables_of(arguments: Iterable[ArgumentNode] | None) -> int:
    return sum(_variables_in(argument.value) for argument in arguments or ())


def _variables_in(value: ValueNode) -> int:
    if isinstance(value, ListValueNode):
        return sum(_variables_in(item) for item in value.values)
    if isinstance(value, ObjectValueNode):
        return sum(_variables_in(field.value) for field in value.fields)
    return isinstance(value, VariableNode)


def _count(sets: Sequence[SelectionSetNode], fragments: Mapping[str, FragmentDefinitionNode], path: str) -> None:
    """Visits selections with fragments spread, all those of one response object at a time."""
    fields: dict[str, list[FieldNode]] = {}
    waiting = list(sets)
    while waiting:
        for node in waiting.pop().selections:
            if isinstance(node, FieldNode):
                fields.setdefault((node.alias or node.name).value, []).append(node)
            elif isinstance(node, InlineFragmentNode):
                waiting.append(node.selection_set)
            elif isinstance(node, FragmentSpreadNode) and node.name.value in fragments:
                waiting.append(fragments[node.name.value].selection_set)
    for key, nodes in fields.items():
        if len(nodes) > MAX_REPEATS:
            raise _too_costly(f"The document selects `{path}{key}` {len(nodes)} times; {MAX_REPEATS} are allowed.")
        below = [node.selection_set for node in nodes if node.selection_set is not None]
        if below:
            _count(below, fragments, f"{path}{key}.")


def _too_costly(message: str) -> RequestRefused:
    return RequestRefused([request_error(RequestErrorCode.TOO_COSTLY, message)])
