"""The files of the page and of the libraries it uses, under addresses that change with them.

All files stand below one version, a hash over all of them, so that modules import each other by relative addresses and
browsers may keep them for good.
"""

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

FOLDER = Path(__file__).parent
FOLDERS = ("page", "vendor")
MEDIA_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
"""What is served; files of other kinds stay here."""
KEPT = "public, max-age=31536000, immutable"
FRESH = "no-cache"
SECURE = {"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin"}


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    packed: bytes
    media_type: str
    etag: str


class Assets:
    """The files as they were at the start of the process."""

    def __init__(self, folder: Path = FOLDER) -> None:
        paths = sorted(path for name in FOLDERS for path in (folder / name).rglob("*") if path.suffix in MEDIA_TYPES)
        self._files = {path.relative_to(folder).as_posix(): _read(path) for path in paths}
        whole = hashlib.sha256()
        for name, file in self._files.items():
            whole.update(f"{name} {file.etag}\n".encode())
        self.version = whole.hexdigest()[:16]

    def url(self, name: str) -> str:
        """Where a file is served, as `page/app.js`."""
        assert name in self._files, name
        return f"/assets/{self.version}/{name}"

    async def serve(self, request: Request) -> Response:
        """A file. One of another version is today's, since a page that is being replaced may still ask for it."""
        file = self._files.get(request.path_params["name"])
        if file is None:
            return Response("There is no such file.\n", 404, media_type="text/plain; charset=utf-8")
        is_present = request.path_params["version"] == self.version
        headers = {
            **SECURE,
            "Cache-Control": KEPT if is_present else FRESH,
            "ETag": file.etag,
            "Vary": "Accept-Encoding",
        }
        if file.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(file.packed, headers={**headers, "Content-Encoding": "gzip"}, media_type=file.media_type)
        return Response(file.content, headers=headers, media_type=file.media_type)


def _read(path: Path) -> _File:
    content = path.read_bytes()
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    return _File(content, gzip.compress(content, mtime=0), MEDIA_TYPES[path.suffix], etag)
