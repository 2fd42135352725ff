"""Why a websocket is closed.

Sources: PROTOCOL.md of graphql-ws and its `CloseCode`, for 44xx; RFC 6455, section 7.4, and IANA's registry of close
codes, for the others. Which code is used depends on what graphql-ws clients do with it: 4400, 4401, 4406, 4409 and 4429
end a client for good, after the others it reconnects, with connection parameters requested again.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

MAX_REASON_BYTES = 123
"""What a close frame has room for (RFC 6455, section 5.5)."""


class CloseCode(IntEnum):
    """The codes with which the server closes a websocket."""

    INVALID_FRAME_PAYLOAD_DATA = 1007
    POLICY_VIOLATION = 1008
    """The page's origin is not allowed. The handshake is answered with 403, so clients do not see the code."""
    MESSAGE_TOO_BIG = 1009
    SERVICE_RESTART = 1012
    TRY_AGAIN_LATER = 1013
    BAD_REQUEST = 4400
    UNAUTHORIZED = 4401
    FORBIDDEN = 4403
    SUBPROTOCOL_NOT_ACCEPTABLE = 4406
    CONNECTION_INITIALISATION_TIMEOUT = 4408
    PING_TIMEOUT = 4408
    """The same code, since clients reconnect after it; the protocol names none for pings without a pong."""
    SUBSCRIBER_ALREADY_EXISTS = 4409
    TOO_MANY_INITIALISATION_REQUESTS = 4429


@dataclass(frozen=True, slots=True)
class Close:
    """The code and the reason of a close."""

    code: CloseCode
    reason: str

    def message(self) -> dict[str, Any]:
        """Returns the ASGI message, its reason cut to what a close frame has room for."""
        reason = self.reason.encode()[:MAX_REASON_BYTES].decode(errors="ignore")
        return {"type": "websocket.close", "code": self.code.value, "reason": reason}
