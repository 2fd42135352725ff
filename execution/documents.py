"""Documents: parsed, measured and validated once, then cached by their text."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Literal

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    parse,
)

from execution.cost import Costs, DocumentCosts, OperationCost
from execution.error_codes import RequestErrorCode
from execution.errors import formatted
from execution.measure import measure
from execution.operation import Charge, RequestRefused, request_error, uncharged
from execution.validation import validate

if TYPE_CHECKING:
    from execution.plan import Planner

CHARACTERS_PER_TOKEN = 20
"""The maximal length per allowed token: long texts belong in variables."""
CHARGE_PER_CHARACTER = 5
"""What a document costs that is not cached, whether it turns out to be valid or not: reading it takes up to 10 µs a
character, and there is no cost of the operation yet to charge it by."""
KEPT = 500
"""The size of the cache in documents; the least recently used are dropped."""
KEPT_CHARACTERS = 200_000
"""The size of the cache in characters: a parsed document takes up to 200 times its length."""

Kind = Literal["query", "mutation", "subscription"]
_KINDS: dict[OperationType, Kind] = {
    OperationType.QUERY: "query",
    OperationType.MUTATION: "mutation",
    OperationType.SUBSCRIPTION: "subscription",
}


@dataclass(frozen=True, slots=True)
class DocumentLimits:
    """The limits of documents and operations."""

    tokens: int = 2_000
    """Also of selections, once all fragments are spread."""
    depth: int = 50
    """Levels of fields."""
    cost: int = 500_000
    """Values that a result may hold."""
    answer_bytes: int = 8 * 2**20
    """The size of a result, and of the results that a subscription delivers at once."""
    event_cost: int = 10_000
    """Values that an event of a subscription may hold."""
    variable_values: int = 5_000
    """Values that the variables of a request may hold, before they are coerced."""


@dataclass(slots=True)
class DocumentOperation:
    """An operation of a document, with its cost and planner."""

    kind: Kind
    name: str | None
    definition: OperationDefinitionNode
    cost: OperationCost
    planner: "Planner | None" = None


class Document:
    """A valid document."""

    def __init__(self, node: DocumentNode, costs: Costs, text: str) -> None:
        self.node = node
        self.size = len(text)
        """The length of its text in characters."""
        self.digest = blake2b(text.encode(errors="surrogatepass"), digest_size=16).digest()
        """What names it among all documents."""
        self._costs = DocumentCosts(costs, node)
        self._definitions = {
            definition.name.value if definition.name else None: definition
            for definition in node.definitions
            if isinstance(definition, OperationDefinitionNode)
        }
        self._operations: dict[str | None, DocumentOperation] = {}

    def operation(self, name: str | None) -> DocumentOperation:
        """Returns the operation of that name, or the only one. Raises RequestRefused with BAD_ARGUMENT."""
        # An empty name is none. Source: GraphQL over HTTP, section 5.4 "GET".
        known = self._operations.get(name or None)
        if known is None:
            definition = self._pick(name or None)
            own_name = definition.name.value if definition.name else None
            known = DocumentOperation(
                _KINDS[definition.operation], own_name, definition, self._costs.of_operation(definition)
            )
            self._operations[name or None] = known
        return known

    def _pick(self, name: str | None) -> OperationDefinitionNode:
        if name is None and len(self._definitions) == 1:
            return next(iter(self._definitions.values()))
        if name is not None and name in self._definitions:
            return self._definitions[name]
        message = f"The document has {len(self._definitions)} operations: `operationName` must say which to run."
        if name is not None:
            message = f'The document has no operation "{name[:60]}".'
        raise RequestRefused([request_error(RequestErrorCode.BAD_ARGUMENT, message)])


class Documents:
    """The documents of one schema."""

    def __init__(
        self,
        schema: GraphQLSchema,
        *,
        limits: DocumentLimits,
        sizes: Mapping[str, int],
        weights: Mapping[str, int] | None = None,
    ) -> None:
        """`sizes` and `weights`: see execution.cost.Costs."""
        self._schema = schema
        self._limits = limits
        self._costs = Costs(schema, sizes, weights)
        self._kept: OrderedDict[str, Document] = OrderedDict()
        self._characters = 0
        self._thread = ThreadPoolExecutor(1, "documents")

    def __contains__(self, text: str) -> bool:
        """Whether the document of a text is cached."""
        return text in self._kept

    async def read_apart(self, text: str, charge: Charge) -> None:
        """Caches the document of a text. It is read beside the event loop, one at a time. Raises as `of_text`."""
        self._check_length(text)
        charge(CHARGE_PER_CHARACTER * len(text))
        self._keep(text, await asyncio.get_running_loop().run_in_executor(self._thread, self.read, text))

    def of_text(self, text: str, charge: Charge = uncharged) -> Document:
        """Returns the document of a text, cached. One that is not is charged for before it is read.

        Raises RequestRefused with GRAPHQL_PARSE_FAILED, GRAPHQL_VALIDATION_FAILED or TOO_COSTLY, and as `charge` does.
        """
        kept = self._kept.get(text)
        if kept is not None:
            self._kept.move_to_end(text)
            return kept
        self._check_length(text)
        charge(CHARGE_PER_CHARACTER * len(text))
        document = self.read(text)
        self._keep(text, document)
        return document

    def _keep(self, text: str, document: Document) -> None:
        if text not in self._kept:
            self._characters += len(text)
        self._kept[text] = document
        while self._characters > KEPT_CHARACTERS or len(self._kept) > KEPT:
            dropped, _ = self._kept.popitem(last=False)
            self._characters -= len(dropped)

    def read(self, text: str) -> Document:
        """Returns the document of a text, not cached. Raises as `of_text`."""
        self._check_length(text)
        try:
            node = parse(text, max_tokens=self._limits.tokens)
            measure(node, max_length=self._limits.tokens, max_depth=self._limits.depth)
            validate(self._schema, node)
        except GraphQLSyntaxError as error:
            raise RequestRefused([formatted(error, code=RequestErrorCode.GRAPHQL_PARSE_FAILED)]) from error
        except (RecursionError, UnicodeEncodeError) as error:
            message = "The document is nested too deeply, or is not text."
            raise RequestRefused(
                [formatted(GraphQLError(message), code=RequestErrorCode.GRAPHQL_PARSE_FAILED)]
            ) from error
        return Document(node, self._costs, text)

    def _check_length(self, text: str) -> None:
        longest = CHARACTERS_PER_TOKEN * self._limits.tokens
        if len(text) > longest:
            message = f"The document has {len(text)} characters; {longest} are allowed. Send long values as variables."
            raise RequestRefused([request_error(RequestErrorCode.TOO_COSTLY, message)])
