"""Serves the files of the page and of the libraries it uses, under addresses that change with their content.

All addresses contain one version, a hash of all files. So modules can import each other by relative addresses, and
browsers may cache them for a year without asking.
"""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from transports.caching import NO_CACHE, NO_STORE, etag_of, is_current

FOLDER = Path(__file__).parent
FOLDERS = ("bundle", "page", "strings/moderation", "vendor")
MEDIA_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
"""The kinds of files that are served; no others are."""
IMMUTABLE = "public, max-age=31536000, immutable"
SECURITY_HEADERS = {"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin"}


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    gzipped: bytes
    media_type: str
    etag: str


class Assets:
    """The files, read once at the start of the process."""

    def __init__(self, folder: Path = FOLDER) -> None:
        paths = sorted(path for name in FOLDERS for path in (folder / name).rglob("*") if path.suffix in MEDIA_TYPES)
        self._files = {path.relative_to(folder).as_posix(): _read(path) for path in paths}
        version = hashlib.sha256()
        for name, file in self._files.items():
            version.update(f"{name} {file.etag}\n".encode())
        self.version = version.hexdigest()[:16]

    def url(self, name: str) -> str:
        """The address of a file, given its path such as `page/app.js`."""
        assert name in self._files, name
        return f"/assets/{self.version}/{name}"

    async def serve(self, request: Request) -> Response:
        """Serves a file, the current one for any version: a page loaded before an upgrade may request the former."""
        file = self._files.get(request.path_params["name"])
        if file is None:
            return PlainTextResponse("There is no such file. Reload the page.\n", 404, {"Cache-Control": NO_STORE})
        is_of_this_version = request.path_params["version"] == self.version
        headers = {
            **SECURITY_HEADERS,
            "Cache-Control": IMMUTABLE if is_of_this_version else NO_CACHE,
            "ETag": file.etag,
            "Vary": "Accept-Encoding",
        }
        if is_current(request.headers, file.etag):
            return Response(status_code=304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(file.gzipped, headers={**headers, "Content-Encoding": "gzip"}, media_type=file.media_type)
        return Response(file.content, headers=headers, media_type=file.media_type)


def _read(path: Path) -> _File:
    content = path.read_bytes()
    return _File(content, _gzipped(content), MEDIA_TYPES[path.suffix], etag_of(content))


@cache
def _gzipped(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)
