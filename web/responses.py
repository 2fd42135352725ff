"""Makes the responses of pages and feeds: kept, revalidated by ETag, and refused where data or budget lack."""

import gzip
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlsplit

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from transports.caching import EXPIRED, NO_CACHE, NO_STORE, etag_of, is_current
from web.assets import SECURITY_HEADERS, Assets
from web.kept import KeptPages, Page
from web.languages import COOKIE, Language, chosen
from web.rendering import build, page_templates
from web.source import BadPlace, DataUnavailable, OverBudget, Source

GZIP_LEVEL = 6
CHOICE_SECONDS = 365 * 86_400
Endpoint = Callable[[Request], Awaitable[Response]]
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' https: data:;"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Content-Security-Policy of the pages: a browser loads files of this server, and the images that posts show."""
KEPT = {**EXPIRED, **SECURITY_HEADERS, "Cache-Control": NO_CACHE}
"""The headers of what any cache may keep, and asks about each time."""
VARY = {"Vary": "Accept-Encoding, Accept-Language, Cookie"}


class Missing(Exception):
    """There is nothing at this address. `status` is 404 or 410."""

    def __init__(self, key: str, status: int = 404, hint: str = "page.missingHint", **values: int | str) -> None:
        """`key` is the string that says what is missing, with `values`; `hint` the one that says why."""
        super().__init__(key)
        self.key = key
        self.status = status
        self.hint = hint
        self.values = values


class Responses:
    """Makes the responses of one site."""

    def __init__(self, source: Source, assets: Assets, *, public_url: str, site_name: str, demo: bool) -> None:
        self.source = source
        self.public_url = public_url
        self.site_name = site_name
        self._templates = page_templates(assets, public_url=public_url, site_name=site_name, demo=demo)
        self._kept = KeptPages()
        self._build = f"{build()} {assets.version} {public_url} {site_name} {demo}"

    @property
    def environment(self) -> Environment:
        """The templates."""
        return self._templates.env

    def or_refused(self, page: Endpoint) -> Endpoint:
        """The page, or status 404 or 410, 429, or 503 while its data can't be read: search engines keep its address."""

        async def endpoint(request: Request) -> Response:
            try:
                return await page(request)
            except Missing as missing:
                return self._refused(request, missing.status, missing.key, hint=missing.hint, **missing.values)
            except BadPlace:
                return self._refused(request, 404, "server.endOfList")
            except DataUnavailable:
                return self._refused(request, 503, "server.unavailable")
            except OverBudget as over:
                response = self._refused(request, 429, "server.overBudget", count=over.retry_seconds)
                response.headers["Retry-After"] = str(over.retry_seconds)
                return response

        return endpoint

    async def conditional(
        self,
        request: Request,
        name: str,
        version: Callable[[], Awaitable[str]],
        make: Callable[[], Awaitable[Page]],
        *,
        query: str = "",
    ) -> Response:
        """The page of the present version, kept or made; 304 without a body if the client has it already.

        A page whose title has changed is redirected to its path, with `query`. Raises what `version` and `make` raise.
        """
        present = await version()
        etag = etag_of(repr((self._build, name, present)).encode())
        if is_current(request.headers, etag):
            return _not_modified(etag)

        async def made() -> Page:
            page = await make()
            return page if await version() == present else replace(page, is_exact=False)

        page = await self._kept.get(etag, made)
        self.source.charge(request.scope, len(page.body))
        if page.address is not None and page.address != request.scope["path"]:
            # Titles change, also back to what they were: a browser that kept this would go around in circles. It keeps
            # the fragment.
            return RedirectResponse(quote(page.address) + query, headers={"Cache-Control": NO_CACHE})
        return _response(request, page, etag)

    def by_content(self, request: Request, page: Page, *, status: int = 200, policy: str = POLICY) -> Response:
        """A page that is made each time; 304 without a body if the client has it already."""
        return _response(request, page, etag_of(page.body), status=status, policy=policy)

    def choice_of(self, code: str) -> Endpoint:
        """Keeps a language as the reader's, in a cookie, and leads back to the page that they came from."""

        async def endpoint(request: Request) -> Response:
            headers = {**SECURITY_HEADERS, "Cache-Control": NO_STORE}
            response = RedirectResponse(_came_from(request.headers.get("referer", "")), 303, headers=headers)
            is_secure = self.public_url.startswith("https:")
            response.set_cookie(COOKIE, code, CHOICE_SECONDS, path="/", secure=is_secure, httponly=True, samesite="lax")
            return response

        return endpoint

    def html(self, request: Request, template: str, *, address: str | None = None, **values: Any) -> Page:
        """Renders a page in the reader's language."""
        text = self._templates.get_template(template).render(request=request, language=language_of(request), **values)
        body = text.encode()
        return Page(body, "text/html", address, gzip.compress(body, GZIP_LEVEL, mtime=0))

    def _refused(
        self, request: Request, status: int, key: str, *, hint: str | None = None, **values: str | int
    ) -> Response:
        language = language_of(request)
        message, why = language.t(key, **values), hint and language.t(hint)
        return self.by_content(request, self.html(request, "missing.html", message=message, hint=why), status=status)


def language_of(request: Request) -> Language:
    """The language that a reader gets pages in."""
    return chosen(request.cookies.get(COOKIE), request.headers.get("accept-language", ""))


def _came_from(referer: str) -> str:
    """The path of the page that a reader came from: on this server, whatever server its address names."""
    try:
        parts = urlsplit(referer)
    except ValueError:
        return "/"
    # One more slash would name another server.
    path = "/" + parts.path.lstrip("/\\")
    return f"{path}?{parts.query}" if parts.query else path


def _response(request: Request, page: Page, etag: str, *, status: int = 200, policy: str = POLICY) -> Response:
    """The response: it is revalidated each time, and not kept if it is an error, or of no version."""
    headers = {**SECURITY_HEADERS, "Cache-Control": NO_STORE, **VARY}
    if page.is_exact and status == 200:
        if is_current(request.headers, etag):
            return _not_modified(etag)
        headers = {**KEPT, **VARY, "ETag": etag}
    if page.media_type == "text/html":
        headers |= {"Content-Security-Policy": policy, "Referrer-Policy": "strict-origin-when-cross-origin"}
    if page.gzipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(page.gzipped, status, {**headers, "Content-Encoding": "gzip"}, media_type=page.media_type)
    return Response(page.body, status, headers, media_type=page.media_type)


def _not_modified(etag: str) -> Response:
    return Response(status_code=304, headers={**KEPT, **VARY, "ETag": etag})
