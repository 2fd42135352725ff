"""Requests that were sent before: the same bytes ask for the same operation, which need not be read again."""

from collections import Counter, OrderedDict

from execution.documents import KEPT_CHARACTERS
from execution.engine import Prepared

LONGEST = 16_384
"""The longest request that is kept, in bytes."""
MAX_BYTES = 4_000_000
"""The size of all that are kept, with what is prepared of each."""
PREPARED_BYTES = 2_000
"""About what a prepared operation takes besides its document."""
Request = tuple[bool, bytes]
"""Whether it is a body or else the parameters of an address, which are read in another way; and the bytes."""


class KnownRequests:
    """Prepared queries by the bytes that asked for them; the least recently used are dropped.

    Nothing of a viewer is in them: who may run one, and what it costs whom, is decided each time.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[Request, Prepared] = OrderedDict()
        self._documents: Counter[int] = Counter()
        self._bytes = 0
        self._characters = 0
        """Of the documents, each once: a parsed document takes up to 200 times its length."""

    def get(self, request: Request) -> Prepared | None:
        """The operation that these bytes ask for, if it is kept."""
        prepared = self._kept.get(request)
        if prepared is not None:
            self._kept.move_to_end(request)
        return prepared

    def keep(self, request: Request, prepared: Prepared) -> None:
        """Keeps a query by the bytes that asked for it."""
        if prepared.kind != "query" or len(request[1]) > LONGEST or request in self._kept:
            return
        self._kept[request] = prepared
        self._bytes += len(request[1]) + PREPARED_BYTES
        self._documents[id(prepared.document)] += 1
        if self._documents[id(prepared.document)] == 1:
            self._characters += prepared.document_size
        while self._bytes > MAX_BYTES or self._characters > KEPT_CHARACTERS:
            self._drop()

    def _drop(self) -> None:
        request, prepared = self._kept.popitem(last=False)
        self._bytes -= len(request[1]) + PREPARED_BYTES
        document = id(prepared.document)
        self._documents[document] -= 1
        if not self._documents[document]:
            del self._documents[document]
            self._characters -= prepared.document_size
