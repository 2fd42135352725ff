"""Documents: parsed and validated once, then kept by their text."""

from collections import OrderedDict

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
    specified_rules,
    validate,
)

from execution.errors import formatted
from execution.operation import RequestRefused, request_error

MAX_TOKENS = 2_000
MAX_DEPTH = 50
"""How many levels of fields a document may nest."""
MAX_FIELDS = 2_000
"""How many fields a document may select once every fragment is spread where it stands."""
KEPT = 1_000
"""How many documents are kept: those used last."""


class Documents:
    """The documents of one schema, parsed and valid."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._kept: OrderedDict[str, DocumentNode] = OrderedDict()

    def document(self, text: str) -> DocumentNode:
        """Raises RequestRefused with GRAPHQL_PARSE_FAILED or GRAPHQL_VALIDATION_FAILED."""
        kept = self._kept.get(text)
        if kept is not None:
            self._kept.move_to_end(text)
            return kept
        try:
            document = parse(text, max_tokens=MAX_TOKENS)
            errors = validate(self._schema, document, specified_rules)
        except GraphQLSyntaxError as error:
            raise RequestRefused([formatted(error, code="GRAPHQL_PARSE_FAILED")]) from error
        except (RecursionError, UnicodeEncodeError) as error:
            message = "The document is nested too deeply, or is not text."
            raise RequestRefused([formatted(GraphQLError(message), code="GRAPHQL_PARSE_FAILED")]) from error
        if errors:
            raise RequestRefused([formatted(error, code="GRAPHQL_VALIDATION_FAILED") for error in errors])
        depth, fields = _size(document)
        if depth > MAX_DEPTH:
            message = f"The document nests {depth} levels of fields; {MAX_DEPTH} are allowed."
            raise RequestRefused([request_error("TOO_COSTLY", message)])
        if fields > MAX_FIELDS:
            message = f"The document selects {fields} fields, fragments spread out; {MAX_FIELDS} are allowed."
            raise RequestRefused([request_error("TOO_COSTLY", message)])
        self._kept[text] = document
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return document


def _size(document: DocumentNode) -> tuple[int, int]:
    """The levels and the number of fields its largest operation selects.

    A fragment is measured once, however often it is spread, so this is linear in the document.
    """
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    measured: dict[str, tuple[int, int]] = {}

    def below(selections: SelectionSetNode | None) -> tuple[int, int]:
        deepest, fields = 0, 0
        for node in selections.selections if selections is not None else ():
            if isinstance(node, FieldNode):
                depth, inside = below(node.selection_set)
                depth, inside = depth + 1, inside + 1
            elif isinstance(node, FragmentSpreadNode):
                name = node.name.value
                if name not in measured:
                    measured[name] = below(fragments[name].selection_set)
                depth, inside = measured[name]
            else:
                assert isinstance(node, InlineFragmentNode)
                depth, inside = below(node.selection_set)
            deepest, fields = max(deepest, depth), fields + inside
        return deepest, fields

    sizes = [below(node.selection_set) for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    return max((depth for depth, _ in sizes), default=0), max((fields for _, fields in sizes), default=0)
