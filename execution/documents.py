"""Documents: parsed and validated once, then kept by their text."""

from collections import OrderedDict

from graphql import DocumentNode, GraphQLError, GraphQLSchema, GraphQLSyntaxError, parse, specified_rules, validate

from execution.errors import formatted
from execution.operation import RequestRefused

MAX_TOKENS = 2_000
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
        except GraphQLSyntaxError as error:
            raise RequestRefused([formatted(error, code="GRAPHQL_PARSE_FAILED")]) from error
        except (RecursionError, UnicodeEncodeError) as error:
            message = "The document is nested too deeply, or is not text."
            raise RequestRefused([formatted(GraphQLError(message), code="GRAPHQL_PARSE_FAILED")]) from error
        if errors := validate(self._schema, document, specified_rules):
            raise RequestRefused([formatted(error, code="GRAPHQL_VALIDATION_FAILED") for error in errors])
        self._kept[text] = document
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return document
