"""Persisted documents: sent by a hash or an id.

Sources: GraphQL over HTTP, appendix A "Persisted Documents" (`documentId`), and Apollo's automatic persisted queries
(`extensions.persistedQuery`), whose clients recognise errors by these messages and codes.
"""

import json
from collections import OrderedDict
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from execution.documents import KEPT, KEPT_CHARACTERS, Document, Documents
from execution.error_codes import RequestErrorCode
from execution.operation import Charge, Operation, RequestRefused, request_error, uncharged

Mode = Literal["off", "apq", "trusted"]
"""Nothing is persisted; what clients send with its hash is; or only the documents of a manifest run."""

APOLLO = "apollo-persisted-query-manifest"
_HASH = "sha256:"


class Persisted:
    """Finds the document of an operation, by its text, hash or id."""

    def __init__(self, documents: Documents, mode: Mode, manifest: Mapping[str, str]) -> None:
        """`manifest`: the trusted documents by their ids. Raises ValueError for an invalid one."""
        self.documents = documents
        self._mode = mode
        self._hashed: OrderedDict[str, str] = OrderedDict()
        self._characters = 0
        self._trusted: dict[str, Document] = {}
        self._trusted_texts: dict[str, Document] = {}
        for document_id, text in manifest.items():
            try:
                document = documents.read(text)
            except RequestRefused as refused:
                raise ValueError(f'The document "{document_id}" cannot be served: {refused}') from refused
            self._trusted_texts[text] = self._trusted[document_id] = self._trusted[_identifier_of(text)] = document

    def unread(self, operation: Operation) -> str | None:
        """Returns the text of the document that `document` would have to read; None if it need not, or will refuse."""
        if self._mode == "trusted":
            return None
        identifier, text = _identifier(operation), operation.query
        if not text:
            text = self._hashed.get(identifier or "")
        elif identifier is not None and self._mode == "apq" and identifier != _identifier_of(text):
            return None
        return None if not text or text in self.documents else text

    def document(self, operation: Operation, *, charge: Charge = uncharged, is_ours: bool = False) -> Document:
        """Returns the document of an operation. Raises RequestRefused, as Documents does and for unknown documents.

        `is_ours`: the operation is the server's own, which may run any document in any mode.
        """
        identifier, text = _identifier(operation), operation.query
        if not text and identifier is None:
            raise RequestRefused([request_error(RequestErrorCode.BAD_ARGUMENT, "The request has no `query`.")])
        if self._mode == "trusted" and not is_ours:
            return self._trust(identifier, text)
        if text:
            keeps = identifier is not None and self._mode == "apq"
            if keeps:
                return self._keep(str(identifier), text, charge)
            return self.documents.of_text(text, charge)
        if self._mode == "off":
            raise RequestRefused(
                [request_error(RequestErrorCode.PERSISTED_QUERY_NOT_SUPPORTED, "PersistedQueryNotSupported")]
            )
        kept = self._hashed.get(str(identifier))
        if kept is None:
            raise _not_found()
        self._hashed.move_to_end(str(identifier))
        return self.documents.of_text(kept, charge)

    def _trust(self, identifier: str | None, text: str | None) -> Document:
        if text:
            document = self._trusted_texts.get(text)
            if document is None:
                message = "Only the documents of this server's manifest run here, and this is none of them."
                raise RequestRefused([request_error(RequestErrorCode.DOCUMENT_NOT_TRUSTED, message)])
            return document
        # The ids of a manifest may be bare hashes, which Apollo's clients send as such.
        name = identifier or ""
        document = self._trusted.get(name) or self._trusted.get(name.removeprefix(_HASH))
        if document is None:
            raise _not_found()
        return document

    def _keep(self, identifier: str, text: str, charge: Charge) -> Document:
        """Returns the document of a text, and keeps the text by its hash if it is valid."""
        if identifier != _identifier_of(text):
            message = f"The hash of the `query` is not {identifier.removeprefix(_HASH)[:64]}."
            raise RequestRefused([request_error(RequestErrorCode.BAD_ARGUMENT, message)])
        document = self.documents.of_text(text, charge)
        if identifier not in self._hashed:
            self._hashed[identifier] = text
            self._characters += len(text)
            while self._characters > KEPT_CHARACTERS or len(self._hashed) > KEPT:
                _, dropped = self._hashed.popitem(last=False)
                self._characters -= len(dropped)
        return document


def read_manifest(path: Path) -> dict[str, str]:
    """Returns the documents of a manifest by their ids. Raises ValueError for a malformed one.

    Two forms are known: an object of ids and documents, as Relay's compiler and graphql-codegen write it, and Apollo's.
    """
    try:
        manifest = json.loads(path.read_bytes())
    except OSError as error:
        raise ValueError(f"It can't be read: {error.strerror}.") from error
    except ValueError as error:
        raise ValueError(f"It is not JSON: {error}.") from error
    if not isinstance(manifest, dict):
        raise ValueError("It holds no JSON object.")
    entries = _apollo_entries(manifest) if manifest.get("format") == APOLLO else list(manifest.items())
    documents: dict[str, str] = {}
    for document_id, text in entries:
        if not isinstance(document_id, str) or not isinstance(text, str):
            raise ValueError(f'The entry "{document_id}" is not an id with the text of a document.')
        if documents.setdefault(document_id, text) != text:
            raise ValueError(f'The id "{document_id}" is that of two documents.')
    return documents


def _apollo_entries(manifest: dict[str, Any]) -> list[tuple[Any, Any]]:
    operations = manifest.get("operations")
    if manifest.get("version") != 1 or not isinstance(operations, list):
        raise ValueError(f"Of {APOLLO}, version 1 with a list of `operations` is known.")
    return [
        (one.get("id"), one.get("body")) if isinstance(one, dict) else (f"number {number}", None)
        for number, one in enumerate(operations, start=1)
    ]


def _identifier(operation: Operation) -> str | None:
    """Returns the id of an operation's document; of a hash with the prefix, wherever it was sent."""
    if operation.document_id is not None:
        return operation.document_id
    persisted = operation.extensions.get("persistedQuery") if operation.extensions else None
    if persisted is None:
        return None
    if not isinstance(persisted, dict) or persisted.get("version") != 1:
        raise RequestRefused([request_error(RequestErrorCode.BAD_ARGUMENT, "Of `persistedQuery`, version 1 is known.")])
    digest = persisted.get("sha256Hash")
    if not isinstance(digest, str):
        raise RequestRefused(
            [request_error(RequestErrorCode.BAD_ARGUMENT, "`persistedQuery` needs a `sha256Hash`, a string.")]
        )
    return _HASH + digest


def _identifier_of(text: str) -> str:
    # A lone surrogate has no bytes in UTF-8; what is no text has no hash that a client could have worked out.
    return _HASH + sha256(text.encode(errors="replace")).hexdigest()


def _not_found() -> RequestRefused:
    return RequestRefused([request_error(RequestErrorCode.PERSISTED_QUERY_NOT_FOUND, "PersistedQueryNotFound")])
