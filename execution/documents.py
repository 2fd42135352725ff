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
        if (depth := _depth(document)) > MAX_DEPTH:
            message = f"The document nests {depth} levels of fields; {MAX_DEPTH} are allowed."
            raise RequestRefused([request_error("TOO_COSTLY", message)])
        self._kept[text] = document
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return document


def _depth(document: DocumentNode) -> int:
    """The levels of fields its deepest operation nests. A fragment is measured once, however often it is spread."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    measured: dict[str, int] = {}

    def below(selections: SelectionSetNode | None) -> int:
        deepest = 0
        for node in selections.selections if selections is not None else ():
            if isinstance(node, FieldNode):
                deepest = max(deepest, 1 + below(node.selection_set))
            elif isinstance(node, FragmentSpreadNode):
                name = node.name.value
                if name not in measured:
                    measured[name] = below(fragments[name].selection_set)
                deepest = max(deepest, measured[name])
            elif isinstance(node, InlineFragmentNode):
                deepest = max(deepest, below(node.selection_set))
        return deepest

    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    return max((below(node.selection_set) for node in operations), default=0)
