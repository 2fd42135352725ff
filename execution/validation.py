"""Validation by graphql-core's rules in bounded time. If it finishes, the result is theirs.

Source: GraphQL specification, section 5 "Validation".
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
from graphql.language.ast import QUERY_DOCUMENT_KEYS, FragmentDefinitionNode, OperationDefinitionNode
from graphql.pyutils import RefMap
from graphql.validation.validate import ValidationAbortedError
from graphql.validation.validation_context import VariableUsage, VariableUsageVisitor

from execution.error_codes import RequestErrorCode
from execution.errors import formatted
from execution.operation import RequestRefused, request_error

MAX_ERRORS = 5
"""After how many errors validation stops: the message of one takes up to 7 ms, for its suggestions."""
MERGE_BUDGET = 8_000
"""The budget for comparing fields that are to be merged: a pair of fields or of fragments costs two."""
_KEYS = {
    kind: tuple(key for key in keys if key not in ("name", "alias", "description"))
    for kind, keys in QUERY_DOCUMENT_KEYS.items()
}
"""What is visited below each kind of node. Names are not: no rule needs them, and they are half of all nodes."""
_RULES = [rule for rule in specified_rules if rule is not OverlappingFieldsCanBeMergedRule]


def validate(schema: GraphQLSchema, document: DocumentNode) -> None:
    """Raises RequestRefused with GRAPHQL_VALIDATION_FAILED and the first errors, or with TOO_COSTLY.

    The document has no fragment cycles, and its fragments spread out to a bounded size.
    """
    context = _Context(schema, document)
    rules = [rule(context) for rule in _RULES]
    try:
        visit(document, TypeInfoVisitor(context.types, ParallelVisitor([*rules, _FieldsCanBeMerged(context)])), _KEYS)
    except ValidationAbortedError as aborted:
        if not context.errors:
            message = (
                "The document's fields and fragments meet in too many pairs to be compared: spread fewer in one place."
            )
            raise RequestRefused([request_error(RequestErrorCode.TOO_COSTLY, message)]) from aborted
    if context.errors:
        raise RequestRefused(
            [formatted(error, code=RequestErrorCode.GRAPHQL_VALIDATION_FAILED) for error in context.errors]
        )


class _Context(ValidationContext):
    """The context of the rules, which collects their errors."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self.types = TypeInfo(schema)
        self.errors: list[GraphQLError] = []
        super().__init__(schema, document, self.types, self._add)
        # By identity: a lookup by value hashes the whole subtree.
        self._fragment_spreads = RefMap()  # type: ignore[assignment]
        self._recursive_variable_usages = RefMap()  # type: ignore[assignment]
        self._usages: RefMap[OperationDefinitionNode | FragmentDefinitionNode, list[VariableUsage]] = RefMap()

    def _add(self, error: GraphQLError) -> None:
        self.errors.append(error)
        if len(self.errors) == MAX_ERRORS:
            raise ValidationAbortedError("Too many errors.")

    def get_variable_usages(self, node: OperationDefinitionNode | FragmentDefinitionNode) -> list[VariableUsage]:
        """As graphql-core's, without visiting names."""
        usages: list[VariableUsage] | None = self._usages.get(node)
        if usages is None:
            visitor = VariableUsageVisitor(self.types, node if isinstance(node, FragmentDefinitionNode) else None)
            visit(node, TypeInfoVisitor(self.types, visitor), _KEYS)
            usages = self._usages[node] = visitor.usages
        return usages


class _FieldsCanBeMerged(OverlappingFieldsCanBeMergedRule):
    """The one rule that takes quadratic time, with a budget."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self.rule_context.remaining_complexity_budget = MERGE_BUDGET
