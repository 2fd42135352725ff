"""The addresses this room answers."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from web import atom, documents
from web.assets import FRESH, SECURE, Assets
from web.shell import Data, Shell, address

Ask = Callable[[str, Mapping[str, Any]], Awaitable[Data]]
"""`ask(document, variables)` runs a query as a reader without a token and gives its data. Raises NoAnswer."""


class NoAnswer(Exception):
    """What a page is made of can't be read at present."""


POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' https: data:;"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What a browser may load for the page: our own files, and pictures that posts show."""
GRAPHIQL_POLICY = POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'").replace(
    "img-src 'self' https: data:", "img-src 'self' data:; font-src 'self' data:; worker-src 'self' blob:"
)
"""GraphiQL's editor sets styles as it goes."""
MOST_NUMBER = 2**31 - 1


def routes(ask: Ask, *, public_url: str, site_name: str) -> list[BaseRoute]:
    """The page, its threads, feeds, GraphiQL, and the files they load."""
    assets = Assets()
    pages = _Pages(ask, Shell(assets, public_url), public_url, site_name)
    return [
        Route("/", pages.made(pages.front)),
        Route("/d/{number:int}", pages.made(pages.thread)),
        Route("/d/{number:int}/feed.atom", pages.made(pages.discussion_feed)),
        Route("/d/{number:int}/{slug:path}", pages.made(pages.thread)),
        Route("/search", pages.made(pages.front)),
        Route("/feed.atom", pages.made(pages.site_feed)),
        Route("/graphiql", pages.graphiql),
        Route("/favicon.ico", lambda _request: RedirectResponse(assets.url("page/icon.svg"))),
        Route("/robots.txt", _robots),
        Route("/assets/{version}/{name:path}", assets.serve),
    ]


class _Pages:
    def __init__(self, ask: Ask, shell: Shell, public_url: str, site: str) -> None:
        self._ask = ask
        self._shell = shell
        self._public_url = public_url
        self._site = site

    def made(self, page: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        """The page, or where it can't be made that it can't, which is no reason to forget its address."""

        async def answer(request: Request) -> Response:
            try:
                return await page(request)
            except NoAnswer:
                return self._missing(request, 503, "This can't be shown right now.")

        return answer

    async def front(self, request: Request) -> Response:
        return _html(request, self._shell.front(await self._ask(documents.DISCUSSIONS, {})))

    async def thread(self, request: Request) -> Response:
        found = await self._discussion(documents.THREAD, request)
        if found is None:
            return self._missing(request, 404, "There is no such discussion.")
        if found["state"] == "DELETED":
            return self._missing(request, 410, "This discussion was deleted.")
        if f"/d/{found['number']}/{request.path_params.get('slug', '')}" != address(found):
            # Titles change; the number is what counts. The browser keeps the fragment.
            return RedirectResponse(quote(address(found)), 308 if "slug" in request.path_params else 307)
        return _html(request, self._shell.thread(found, self._site))

    async def site_feed(self, request: Request) -> Response:
        found = await self._ask(documents.SITE_FEED, {})
        return _cached(request, atom.of_site(found, self._public_url), atom.MEDIA_TYPE)

    async def discussion_feed(self, request: Request) -> Response:
        found = await self._discussion(documents.DISCUSSION_FEED, request)
        if found is None or found["state"] == "DELETED":
            return self._missing(request, 404 if found is None else 410, "There is no such feed.")
        return _cached(request, atom.of_discussion(found, self._public_url), atom.MEDIA_TYPE)

    async def graphiql(self, request: Request) -> Response:
        return _html(request, self._shell.graphiql(self._site), policy=GRAPHIQL_POLICY)

    async def _discussion(self, document: str, request: Request) -> Data | None:
        number = request.path_params["number"]
        if number > MOST_NUMBER:
            return None
        found: Data | None = (await self._ask(document, {"number": number}))["discussion"]
        return found

    def _missing(self, request: Request, status: int, what: str) -> Response:
        return _html(request, self._shell.missing(self._site, what=what), status=status)


def _html(request: Request, text: str, *, status: int = 200, policy: str = POLICY) -> Response:
    response = _cached(request, text.encode(), "text/html", status=status)
    response.headers["Content-Security-Policy"] = policy
    response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
    return response


def _cached(request: Request, content: bytes, media_type: str, *, status: int = 200) -> Response:
    """An answer that is asked for anew each time, and sent only where it has changed."""
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {**SECURE, "Cache-Control": FRESH, "ETag": etag}
    if status == 200 and etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(content, status, headers, media_type=media_type + "; charset=utf-8")


async def _robots(_request: Request) -> Response:
    return Response("User-agent: *\nDisallow: /graphql\nDisallow: /search\n", media_type="text/plain")
