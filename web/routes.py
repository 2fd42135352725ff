"""The routes of pages, feeds and files."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from web import atom, documents
from web.assets import NO_CACHE, SECURITY_HEADERS, Assets
from web.kept import KeptPages, Page
from web.pages import address, build, page_templates
from web.source import Data, DataTooLarge, DataUnavailable, OverBudget, Source, Version

Endpoint = Callable[[Request], Awaitable[Response]]
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' https: data:;"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Content-Security-Policy of the pages: a browser loads files of this server, and the images that posts show."""
GRAPHIQL_POLICY = POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'").replace(
    "img-src 'self' https: data:", "img-src 'self' data:; font-src 'self' data:; worker-src 'self' blob:"
)
"""Content-Security-Policy of GraphiQL, whose editor sets styles with scripts."""
FEWER = 5
"""How many posts a page or feed shows whose posts are too large together."""
MAX_NUMBER = 2**31 - 1
"""The highest number of a discussion: more does not fit a GraphQL Int."""


class _Number(Convertor[int]):
    """The number of a discussion in an address. What has more digits than a number can have matches no route."""

    regex = "[0-9]{1,10}"

    def convert(self, value: str) -> int:
        return int(value)

    def to_string(self, value: int) -> str:
        return str(value)


register_url_convertor("number", _Number())


def routes(source: Source, *, public_url: str, site_name: str) -> list[BaseRoute]:
    """The front page, threads, feeds and GraphiQL, and the files that they load."""
    assets = Assets()
    pages = _Pages(source, assets, public_url=public_url, site_name=site_name)
    return [
        Route("/", pages.or_refused(pages.front)),
        Route("/d/{number:number}", pages.or_refused(pages.thread)),
        Route("/d/{number:number}/feed.atom", pages.or_refused(pages.discussion_feed)),
        Route("/d/{number:number}/{slug:path}", pages.or_refused(pages.thread)),
        Route("/search", pages.or_refused(pages.front)),
        Route("/feed.atom", pages.or_refused(pages.site_feed)),
        Route("/graphiql", pages.graphiql),
        Route("/favicon.ico", lambda _request: RedirectResponse(assets.url("page/icon.svg"))),
        Route("/robots.txt", _robots),
        Route("/assets/{version}/{name:path}", assets.serve),
    ]


class _Pages:
    def __init__(self, source: Source, assets: Assets, *, public_url: str, site_name: str) -> None:
        self._source = source
        self._templates = page_templates(assets, public_url=public_url, site_name=site_name)
        self._public_url = public_url
        self._site_name = site_name
        self._kept = KeptPages()
        self._build = f"{build()} {assets.version} {public_url} {site_name}"

    def or_refused(self, page: Endpoint) -> Endpoint:
        """The page, or status 503 while its data can't be read, so that search engines keep its address; or 429."""

        async def endpoint(request: Request) -> Response:
            try:
                return await page(request)
            except DataUnavailable:
                return self._missing(request, 503, "This page can't be shown right now. Try again in a minute.")
            except OverBudget as over:
                response = self._missing(request, 429, f"Too many requests from your address. {over}")
                response.headers["Retry-After"] = str(over.retry_seconds)
                return response

        return endpoint

    async def front(self, request: Request) -> Response:
        async def version() -> Version:
            return await self._source.version_of_latest(request.scope, documents.LISTED_DISCUSSIONS)

        async def make() -> Page:
            asked = {"count": documents.LISTED_DISCUSSIONS}
            found = await self._source.read(request.scope, documents.DISCUSSIONS, asked)
            return self._html(request, "discussions.html", discussions=found["discussions"]["nodes"])

        return await self._conditional(request, "front", await version(), version, make)

    async def thread(self, request: Request) -> Response:
        number = request.path_params["number"]

        async def version() -> Version | None:
            return await self._version(request, number, first=documents.THREAD_REPLIES)

        async def make() -> Page:
            asked = {"number": number}
            found = await self._read_fitting(request, documents.THREAD, asked, replies=documents.THREAD_REPLIES)
            discussion = found["discussion"]
            return await asyncio.to_thread(
                self._html, request, "thread.html", address=address(discussion), discussion=discussion
            )

        present = await version()
        if present is None:
            return self._missing(request, 404, f"There is no discussion {number}.")
        if present.deleted:
            return self._missing(request, 410, "This discussion was deleted.")
        return await self._conditional(request, f"thread {number}", present, version, make)

    async def site_feed(self, request: Request) -> Response:
        async def version() -> Version:
            discussions, replies = documents.FEED_DISCUSSIONS, documents.FEED_REPLIES
            return await self._source.version_of_latest(request.scope, discussions, newest=replies)

        async def make() -> Page:
            asked = {"count": documents.FEED_DISCUSSIONS}
            found = await self._read_fitting(request, documents.SITE_FEED, asked, replies=documents.FEED_REPLIES)
            discussions, about = found["discussions"]["nodes"], {"site_name": self._site_name}
            # Megabytes of posts take tens of milliseconds, which others should not wait for.
            feed = await asyncio.to_thread(
                atom.site_feed, self._templates.env, discussions, public_url=self._public_url, **about
            )
            return Page(feed, atom.MEDIA_TYPE)

        return await self._conditional(request, "feed", await version(), version, make)

    async def discussion_feed(self, request: Request) -> Response:
        number = request.path_params["number"]

        async def version() -> Version | None:
            return await self._version(request, number, newest=documents.DISCUSSION_FEED_REPLIES)

        async def make() -> Page:
            asked, replies = {"number": number}, documents.DISCUSSION_FEED_REPLIES
            found = await self._read_fitting(request, documents.DISCUSSION_FEED, asked, replies=replies)
            feed = await asyncio.to_thread(
                atom.discussion_feed, self._templates.env, found["discussion"], public_url=self._public_url
            )
            return Page(feed, atom.MEDIA_TYPE)

        present = await version()
        if present is None or present.deleted:
            message = f"There is no feed of discussion {number}."
            return self._missing(request, 404 if present is None else 410, message)
        return await self._conditional(request, f"feed {number}", present, version, make)

    async def graphiql(self, request: Request) -> Response:
        page = self._html(request, "graphiql.html")
        return self._response(request, page, _etag(page.body.decode()), policy=GRAPHIQL_POLICY)

    async def _version(self, request: Request, number: int, *, newest: int = 0, first: int = 0) -> Version | None:
        if number > MAX_NUMBER:
            return None
        return await self._source.version_of_discussion(request.scope, number, newest=newest, first=first)

    async def _read_fitting(self, request: Request, document: str, asked: Mapping[str, int], *, replies: int) -> Data:
        """Returns the data with so many replies, or, if they are too large together, with fewer of everything."""
        try:
            return await self._source.read(request.scope, document, {**asked, "replies": replies})
        except DataTooLarge:
            fewer = {"count": FEWER, "replies": 1} if "count" in asked else {**asked, "replies": FEWER}
            return await self._source.read(request.scope, document, fewer)

    async def _conditional(
        self,
        request: Request,
        name: str,
        present: Version,
        version: Callable[[], Awaitable[Version | None]],
        make: Callable[[], Awaitable[Page]],
    ) -> Response:
        """The page of the `present` version, kept or made; 304 without a body if the client has it already."""
        etag = _etag(self._build, name, present.text)
        if etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers={**SECURITY_HEADERS, "Cache-Control": NO_CACHE, "ETag": etag})

        async def made() -> Page:
            page = await make()
            return page if await version() == present else replace(page, is_exact=False)

        page = await self._kept.get(etag, made)
        self._source.charge(request.scope, len(page.body))
        if page.address is not None and page.address != request.scope["path"]:
            # Titles change, also back to what they were: a browser that kept this would go around in circles. It keeps
            # the fragment.
            return RedirectResponse(quote(page.address), headers={"Cache-Control": NO_CACHE})
        return self._response(request, page, etag)

    def _missing(self, request: Request, status: int, message: str) -> Response:
        page = self._html(request, "missing.html", message=message)
        return self._response(request, page, _etag(page.body.decode()), status=status)

    def _html(self, request: Request, template: str, *, address: str | None = None, **values: Any) -> Page:
        text = self._templates.get_template(template).render(request=request, **values)
        return Page(text.encode(), "text/html", address)

    def _response(
        self, request: Request, page: Page, etag: str, *, status: int = 200, policy: str = POLICY
    ) -> Response:
        """The response, which is revalidated each time."""
        headers = {**SECURITY_HEADERS, "Cache-Control": NO_CACHE}
        if page.is_exact:
            headers["ETag"] = etag
            if status == 200 and etag in request.headers.get("if-none-match", ""):
                return Response(status_code=304, headers=headers)
        if page.media_type == "text/html":
            headers |= {"Content-Security-Policy": policy, "Referrer-Policy": "strict-origin-when-cross-origin"}
        return Response(page.body, status, headers, media_type=page.media_type)


def _etag(*parts: str) -> str:
    return f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'


async def _robots(_request: Request) -> Response:
    return Response("User-agent: *\nDisallow: /graphql\nDisallow: /search\n", media_type="text/plain")
