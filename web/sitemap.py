"""The sitemap: the addresses of all discussions, for crawlers. Source: sitemaps.org, protocol 0.9."""

import asyncio
from urllib.parse import quote
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import Response

from web.kept import Page
from web.pages import address
from web.responses import Missing, Responses
from web.source import Listed

PART_DISCUSSIONS = 2_000
"""How many numbers of discussions one part covers. It may list up to 50,000, but is read and written at once."""
MAX_PARTS = 50_000
"""Of an index; of more, the newest are listed."""
MEDIA_TYPE = "application/xml"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


class Sitemap:
    """The index, its parts, and robots.txt, which names it."""

    def __init__(self, responses: Responses) -> None:
        self._responses = responses
        self._source = responses.source
        self._public_url = responses.public_url

    async def robots(self, request: Request) -> Response:
        rules = "".join(f"Disallow: {path}\n" for path in ("/graphql", "/search", "/language"))
        text = f"User-agent: *\n{rules}Sitemap: {self._public_url}/sitemap.xml\n"
        return self._responses.by_content(request, Page(text.encode(), "text/plain"))

    async def index(self, request: Request) -> Response:
        newest = await self._source.newest_number(request.scope)
        last = -(-newest // PART_DISCUSSIONS)
        parts = range(max(1, last - MAX_PARTS + 1), last + 1)
        entries = "".join(f"<sitemap><loc>{self._public_url}/sitemap/{part}.xml</loc></sitemap>\n" for part in parts)
        body = f"{_HEAD}<sitemapindex {_NAMESPACE}>\n{entries}</sitemapindex>\n"
        self._source.charge(request.scope, len(body))
        return self._responses.by_content(request, Page(body.encode(), MEDIA_TYPE))

    async def part(self, request: Request) -> Response:
        number = request.path_params["number"]
        last = number * PART_DISCUSSIONS
        newest = await self._source.newest_number(request.scope)
        if not 0 <= last - PART_DISCUSSIONS < newest:
            raise Missing("server.noSitemap", number=number)
        listed = await self._source.discussions_between(request.scope, last - PART_DISCUSSIONS + 1, last)
        # Two thousand titles take tens of milliseconds, which others should not wait for.
        page = Page(await asyncio.to_thread(self._written, listed), MEDIA_TYPE)
        self._source.charge(request.scope, len(page.body))
        return self._responses.by_content(request, page)

    def _written(self, listed: list[Listed]) -> bytes:
        entries = "".join(
            f"<url><loc>{escape(self._public_url + quote(address({'number': one.number, 'title': one.title})))}</loc>"
            f"<lastmod>{one.last_activity_at:%Y-%m-%dT%H:%M:%SZ}</lastmod></url>\n"
            for one in listed
        )
        return f"{_HEAD}<urlset {_NAMESPACE}>\n{entries}</urlset>\n".encode()
