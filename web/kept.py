"""Keeps the pages that were made last, so that readers of the same page share it."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

MAX_PAGES = 100
MAX_BYTES = 16 * 2**20


@dataclass(frozen=True, slots=True)
class Page:
    """A page or feed as it is sent."""

    body: bytes
    media_type: str
    address: str | None = None
    """The path at which it is; None if there is no other."""
    gzipped: bytes | None = None
    is_exact: bool = True
    """Whether it is of the version that was asked for: not if something was written while it was made."""

    @property
    def size(self) -> int:
        """The bytes that it holds."""
        return len(self.body) + len(self.gzipped or b"")


class KeptPages:
    """Pages by their ETag, the least recently used dropped first. A page that many ask for at once is made once."""

    def __init__(self, *, max_pages: int = MAX_PAGES, max_bytes: int = MAX_BYTES) -> None:
        self._max_pages = max_pages
        self._max_bytes = max_bytes
        self._pages: OrderedDict[str, Page] = OrderedDict()
        self._bytes = 0
        self._making: dict[str, asyncio.Task[Page]] = {}

    async def get(self, etag: str, make: Callable[[], Awaitable[Page]]) -> Page:
        """Returns the page with this ETag, made if it is not kept. Raises what `make` raises."""
        page = self._pages.get(etag)
        if page is not None:
            self._pages.move_to_end(etag)
            return page
        task = self._making.get(etag)
        if task is None:
            task = self._making[etag] = asyncio.create_task(self._make(etag, make))
            task.add_done_callback(lambda _: self._making.pop(etag))
        # Others may wait for it, too, if this request is cancelled.
        return await asyncio.shield(task)

    async def _make(self, etag: str, make: Callable[[], Awaitable[Page]]) -> Page:
        page = await make()
        if page.is_exact and page.size <= self._max_bytes:
            self._pages[etag] = page
            self._bytes += page.size
            while len(self._pages) > self._max_pages or self._bytes > self._max_bytes:
                _, dropped = self._pages.popitem(last=False)
                self._bytes -= dropped.size
        return page
