"""The codes of errors that are not raised by a resolver: the request's own, and those of the transports."""

from enum import StrEnum


class RequestErrorCode(StrEnum):
    """What stands under `extensions.code` of an error that execution or a transport reports."""

    BAD_ARGUMENT = "BAD_ARGUMENT"
    """The request, or the value of an argument or variable, is not well-formed."""
    DOCUMENT_NOT_TRUSTED = "DOCUMENT_NOT_TRUSTED"
    """The server runs the documents of its manifest only, and the document is not one of them."""
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    """The document has a syntax error."""
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    """The document is not valid for the schema."""
    INTERNAL = "INTERNAL"
    """The server failed. The log has the details under `extensions.errorId`."""
    INVALID_TEXT = "INVALID_TEXT"
    """A text of the request has half of a surrogate pair, which is no character."""
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    """No document is known by this hash or id. Apollo's clients send the document then."""
    PERSISTED_QUERY_NOT_SUPPORTED = "PERSISTED_QUERY_NOT_SUPPORTED"
    """The server keeps no documents by hash. Apollo's clients send documents from then on."""
    RATE_LIMITED = "RATE_LIMITED"
    """A limit per viewer, address or connection is reached."""
    REQUEST_TOO_LARGE = "REQUEST_TOO_LARGE"
    """The request has more bytes than its transport takes."""
    SINGLE_CONNECTION_UNAVAILABLE = "SINGLE_CONNECTION_UNAVAILABLE"
    """The request uses graphql-sse's single connection mode, which the server does not support."""
    TOO_COSTLY = "TOO_COSTLY"
    """The document is too long, too deep or too repetitive, or its result may hold too many values."""
    UNAUTHENTICATED = "UNAUTHENTICATED"
    """The token is invalid or has expired."""
