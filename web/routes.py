"""The routes of pages, feeds and files."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import quote

from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from web import atom, documents
from web.assets import NO_CACHE, SECURITY_HEADERS, Assets
from web.pages import Data, address, page_templates

Endpoint = Callable[[Request], Awaitable[Response]]
RunQuery = Callable[[str, Mapping[str, Any]], Awaitable[Data]]
"""`run_query(document, variables)` returns the data that a reader without a token sees. Raises DataUnavailable."""


class DataUnavailable(Exception):
    """The data of a page can't be read at present."""


POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' https: data:;"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Content-Security-Policy of the pages: a browser loads files of this server, and the images that posts show."""
GRAPHIQL_POLICY = POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'").replace(
    "img-src 'self' https: data:", "img-src 'self' data:; font-src 'self' data:; worker-src 'self' blob:"
)
"""Content-Security-Policy of GraphiQL, whose editor sets styles with scripts."""
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


def routes(run_query: RunQuery, *, public_url: str, site_name: str) -> list[BaseRoute]:
    """The front page, threads, feeds and GraphiQL, and the files that they load."""
    assets = Assets()
    pages = _Pages(run_query, assets, public_url=public_url, site_name=site_name)
    return [
        Route("/", pages.or_unavailable(pages.front)),
        Route("/d/{number:number}", pages.or_unavailable(pages.thread)),
        Route("/d/{number:number}/feed.atom", pages.or_unavailable(pages.discussion_feed)),
        Route("/d/{number:number}/{slug:path}", pages.or_unavailable(pages.thread)),
        Route("/search", pages.or_unavailable(pages.front)),
        Route("/feed.atom", pages.or_unavailable(pages.site_feed)),
        Route("/graphiql", pages.graphiql),
        Route("/favicon.ico", lambda _request: RedirectResponse(assets.url("page/icon.svg"))),
        Route("/robots.txt", _robots),
        Route("/assets/{version}/{name:path}", assets.serve),
    ]


class _Pages:
    def __init__(self, run_query: RunQuery, assets: Assets, *, public_url: str, site_name: str) -> None:
        self._run_query = run_query
        self._templates = page_templates(assets, public_url=public_url, site_name=site_name)
        self._public_url = public_url
        self._site_name = site_name

    def or_unavailable(self, page: Endpoint) -> Endpoint:
        """The page, or status 503 while its data can't be read, so that search engines keep its address."""

        async def endpoint(request: Request) -> Response:
            try:
                return await page(request)
            except DataUnavailable:
                return self._missing(request, 503, "This page can't be shown right now. Try again in a minute.")

        return endpoint

    async def front(self, request: Request) -> Response:
        found = await self._run_query(documents.DISCUSSIONS, {})
        return self._page(request, "discussions.html", discussions=found["discussions"]["nodes"])

    async def thread(self, request: Request) -> Response:
        found = await self._discussion(documents.THREAD, request)
        if found is None:
            return self._missing(request, 404, f"There is no discussion {request.path_params['number']}.")
        if found["state"] == "DELETED":
            return self._missing(request, 410, "This discussion was deleted.")
        if f"/d/{found['number']}/{request.path_params.get('slug', '')}" != address(found):
            # Titles change, also back to what they were: a browser that kept this would go around in circles. It keeps
            # the fragment.
            return RedirectResponse(quote(address(found)), headers={"Cache-Control": NO_CACHE})
        return self._page(request, "thread.html", discussion=found)

    async def site_feed(self, request: Request) -> Response:
        found = await self._run_query(documents.SITE_FEED, {})
        feed = atom.site_feed(
            self._templates.get_template("feed.atom"),
            found["discussions"]["nodes"],
            public_url=self._public_url,
            site_name=self._site_name,
        )
        return _conditional(request, Response(feed, media_type=atom.MEDIA_TYPE))

    async def discussion_feed(self, request: Request) -> Response:
        found = await self._discussion(documents.DISCUSSION_FEED, request)
        if found is None or found["state"] == "DELETED":
            message = f"There is no feed of discussion {request.path_params['number']}."
            return self._missing(request, 404 if found is None else 410, message)
        template = self._templates.get_template("feed.atom")
        feed = atom.discussion_feed(template, found, public_url=self._public_url)
        return _conditional(request, Response(feed, media_type=atom.MEDIA_TYPE))

    async def graphiql(self, request: Request) -> Response:
        return self._page(request, "graphiql.html", policy=GRAPHIQL_POLICY)

    async def _discussion(self, document: str, request: Request) -> Data | None:
        number = request.path_params["number"]
        if number > MAX_NUMBER:
            return None
        found: Data | None = (await self._run_query(document, {"number": number}))["discussion"]
        return found

    def _missing(self, request: Request, status: int, message: str) -> Response:
        return self._page(request, "missing.html", status=status, message=message)

    def _page(
        self, request: Request, template: str, *, status: int = 200, policy: str = POLICY, **values: Any
    ) -> Response:
        response = self._templates.TemplateResponse(request, template, values, status_code=status)
        response.headers["Content-Security-Policy"] = policy
        response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
        return _conditional(request, response)


def _conditional(request: Request, response: Response) -> Response:
    """The response, revalidated each time; status 304 without a body if the client has this content already."""
    etag = f'"{hashlib.sha256(response.body).hexdigest()[:32]}"'
    response.headers.update({**SECURITY_HEADERS, "Cache-Control": NO_CACHE, "ETag": etag})
    if response.status_code == 200 and etag in request.headers.get("if-none-match", ""):
        kept = {name: value for name, value in response.headers.items() if not name.startswith("content-")}
        return Response(status_code=304, headers=kept)
    return response


async def _robots(_request: Request) -> Response:
    return Response("User-agent: *\nDisallow: /graphql\nDisallow: /search\n", media_type="text/plain")
