"""What caches may keep of an answer, and how it is revalidated.

Sources: RFC 9110, sections 8.8.3 "ETag" and 13.1.2 "If-None-Match"; RFC 9111, section 5.2 "Cache-Control".
"""

import hashlib
import re
from typing import Final

from starlette.datastructures import Headers

from execution.results import has_errors

NO_CACHE: Final = "no-cache"
"""Any cache may keep the answer, and asks each time whether it is still so."""
PRIVATE: Final = "private, no-cache"
"""The client alone may keep the answer, and asks each time."""
NO_STORE: Final = "private, no-store"
"""No cache keeps the answer."""
EXPIRED: Final = {"X-Accel-Expires": "@1"}
"""Makes nginx keep an answer that is out of date at once, so that it asks each time: it keeps none with `no-cache`."""

_TAGS = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')


def etag_of(content: bytes) -> str:
    """The entity tag of an answer. It is weak, since an answer has it with and without compression."""
    return f'W/"{hashlib.sha256(content).hexdigest()[:32]}"'


def is_current(headers: Headers, etag: str | None) -> bool:
    """Whether the client of a GET or HEAD has the answer with this tag: If-None-Match names it, or is `*`.

    Tags are compared weakly: `W/"a"` and `"a"` are the same.
    """
    given = headers.get("if-none-match")
    if given is None or etag is None:
        return False
    if given == etag:
        return True
    given = ",".join(headers.getlist("if-none-match")).strip()
    return given == "*" or etag.removeprefix("W/") in _TAGS.findall(given)


def headers_of_result(body: bytes, *, is_get: bool, has_token: bool, etag: str | None = None) -> dict[str, str]:
    """The headers by which caches treat the result of a query or mutation; `etag` is that of its bytes, if known.

    Only what is read by GET or HEAD, without errors, may be kept.
    """
    if not is_get or has_errors(body):
        return {"Cache-Control": NO_STORE}
    tagged = {"ETag": etag or etag_of(body)}
    # nginx 1.22 and before follow the first of these two headers.
    return {"Cache-Control": PRIVATE, **tagged} if has_token else {**EXPIRED, "Cache-Control": NO_CACHE, **tagged}
