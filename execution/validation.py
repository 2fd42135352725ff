"""Validation by graphql-core's rules, with its time bounded: the same verdict on every document that it finishes with.

Source: GraphQL specification, section 5 «Validation».
"""

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OverlappingFieldsCanBeMergedRule,
    ParallelVisitor,
    TypeInfo,
    TypeInfoVisitor,
    ValidationContext,
    specified_rules,
    visit,
)
from graphql.language.ast import QUERY_DOCUMENT_KEYS

from execution.errors import formatted
from execution.operation import RequestRefused, request_error

MAX_ERRORS = 5
"""After how many errors validation stops: telling one costs up to 7 ms, for it prints and compares what is wrong."""
MERGE_BUDGET = 10_000
"""How much comparing of fragments and fields a document may need; one comparison costs about two."""
_KEYS = {
    kind: tuple(key for key in keys if key not in ("name", "alias", "description"))
    for kind, keys in QUERY_DOCUMENT_KEYS.items()
}
"""What is visited below each kind of node: no rule looks at a name by itself, and they are half of all nodes."""


class _TooManyErrors(Exception):
    pass


class _FieldsCanBeMerged(OverlappingFieldsCanBeMergedRule):
    """The rule whose work grows with the square of the fragments in one place, on a budget."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self.rule_context.remaining_complexity_budget = MERGE_BUDGET
