"""The routes of pages, feeds and files."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from transports.caching import NO_CACHE, NO_STORE
from web import documents
from web.assets import Assets
from web.feeds import Feeds
from web.kept import Page
from web.languages import LANGUAGES, Language
from web.pages import address
from web.people import PeoplePages
from web.responses import POLICY, Missing, Responses, language_of
from web.sitemap import Sitemap
from web.source import Data, DataTooLarge, Part, Source

GRAPHIQL_POLICY = POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'").replace(
    "img-src 'self' https: data:", "img-src 'self' data:; font-src 'self' data:; worker-src 'self' blob:"
)
"""Content-Security-Policy of GraphiQL, whose editor sets styles with scripts."""
FEWER = 5
"""How many replies a page shows whose posts are too large together."""
MAX_DEPTH = 5
"""Replies beyond this depth are shown to readers without scripts. Same number as DEPTH in page/live_discussion.js."""
MAX_SLUG_CHARACTERS = 200
"""Of a category in an address: more is none."""
MODERATE = ("/moderate", "/moderate/people", "/moderate/log", "/moderate/categories")
"""The parts of the moderators' page. Same as in page/router.js."""
MAX_NUMBER = 2**31 - 1
"""The highest number of a discussion or reply: more does not fit a GraphQL Int."""


class _Number(Convertor[int]):
    """The number of a discussion in an address. What has more digits than a number can have matches no route."""

    regex = "[0-9]{1,10}"

    def convert(self, value: str) -> int:
        return int(value)

    def to_string(self, value: int) -> str:
        return str(value)


register_url_convertor("number", _Number())


@dataclass(frozen=True, slots=True)
class Site:
    """The pages, feeds and files of a site."""

    routes: list[BaseRoute]
    not_found: Callable[[Request, Exception], Awaitable[Response]]
    """Responds at addresses that no route has."""


def site(source: Source, *, public_url: str, site_name: str, demo: bool) -> Site:
    """The front page, threads, people, feeds, the sitemap and GraphiQL, and the files that they load."""
    assets = Assets()
    responses = Responses(source, assets, public_url=public_url, site_name=site_name, demo=demo)
    pages, feeds, sitemap, people = _Pages(responses), Feeds(responses), Sitemap(responses), PeoplePages(responses)
    routes: list[BaseRoute] = [
        Route("/", responses.or_refused(pages.front)),
        Route("/d/{number:number}", responses.or_refused(pages.thread)),
        Route("/d/{number:number}/feed.atom", responses.or_refused(feeds.of_discussion)),
        Route("/d/{number:number}/{slug:path}", responses.or_refused(pages.thread)),
        Route("/search", responses.or_refused(pages.search)),
        *(Route(path, responses.or_refused(pages.moderate)) for path in MODERATE),
        Route("/u/{handle}", responses.or_refused(people.person)),
        Route("/feed.atom", responses.or_refused(feeds.of_site)),
        Route("/sitemap.xml", responses.or_refused(sitemap.index)),
        Route("/sitemap/{number:number}.xml", responses.or_refused(sitemap.part)),
        Route("/graphiql", pages.graphiql),
        *(Route(f"/language/{code}", responses.choice_of(code)) for code in LANGUAGES),
        Route(
            "/favicon.ico", lambda _: RedirectResponse(assets.url("page/icon.svg"), headers={"Cache-Control": NO_CACHE})
        ),
        Route("/robots.txt", sitemap.robots),
        Route("/assets/{version}/{name:path}", assets.serve),
    ]
    missing = responses.or_refused(pages.missing)

    async def not_found(request: Request, _error: Exception) -> Response:
        if request.method in {"GET", "HEAD"}:
            return await missing(request)
        return PlainTextResponse("There is nothing at this address.\n", 404, {"Cache-Control": NO_STORE})

    return Site(routes, not_found)


class _Pages:
    def __init__(self, responses: Responses) -> None:
        self._responses = responses
        self._source = responses.source

    async def front(self, request: Request) -> Response:
        after, slug = request.query_params.get("after"), request.query_params.get("category")

        async def version() -> str:
            asked = documents.LISTED_DISCUSSIONS, documents.LATEST_REPLIES
            return (await self._source.version_of_latest(request.scope, *asked)).text

        async def make() -> Page:
            return await self._list(request, after, slug)

        if not after and not slug:
            return await self._responses.conditional(request, f"front {language_of(request).code}", version, make)
        # Few read these: there is nothing to keep.
        page = await make()
        self._source.charge(request.scope, len(page.body))
        return self._responses.by_content(request, page)

    async def _list(self, request: Request, after: str | None, slug: str | None) -> Page:
        """A page of the discussions, or of those in a category. Raises Missing."""
        selected = await self._category(request, slug) if slug else None
        chosen = {"categoryId": selected["id"]} if selected else None
        pinned = {"pinned": True, **(chosen or {})}
        asked = {
            "after": after,
            "orderBy": documents.LATEST,
            "filter": chosen,
            "pinned": pinned,
            "isFirst": not after,
        }
        # Also a later page asks for them, to leave out what the first one has shown.
        counted = asked | {"count": documents.LISTED_DISCUSSIONS, "isFirst": True}
        data = await self._source.read(request.scope, documents.DISCUSSIONS, counted)
        categories, discussions, top = data.pop("categories")["nodes"], data["discussions"], data["pinned"]["nodes"]
        if after and not discussions["nodes"]:
            raise Missing("server.endOfList")
        found, here = discussions["pageInfo"], {"category": selected["slug"]} if selected else {}
        following = f"/?{urlencode(here | {'after': found['endCursor']})}" if found["hasNextPage"] else None
        return self._responses.html(
            request,
            "discussions.html",
            discussions=[*([] if after else top), *(one for one in discussions["nodes"] if one not in top)],
            is_first=not after,
            here=f"/?{urlencode(here)}" if here else "/",
            following=following,
            categories=categories,
            selected=selected,
            given=[] if after else [documents.given("DISCUSSIONS", data, **asked)],
        )

    async def _category(self, request: Request, slug: str) -> Data:
        found = None
        if len(slug) <= MAX_SLUG_CHARACTERS:
            found = (await self._source.read(request.scope, documents.CATEGORY, {"slug": slug}))["category"]
        if found is None:
            raise Missing("list.noCategory")
        category: Data = found
        return category

    async def search(self, request: Request) -> Response:
        """What is found needs the page's scripts. Until they are there, it is the words that are searched."""
        page = self._responses.html(request, "search.html", searched=request.query_params.get("q", "").strip())
        self._source.charge(request.scope, len(page.body))
        return self._responses.by_content(request, page)

    async def moderate(self, request: Request) -> Response:
        """What moderators do, and how to become one. The rest needs the page's scripts, and a moderator."""
        page = self._responses.html(request, "moderate.html")
        self._source.charge(request.scope, len(page.body))
        return self._responses.by_content(request, page)

    async def thread(self, request: Request) -> Response:
        number, part = request.path_params["number"], _part(request.query_params)

        async def version() -> str:
            if number > MAX_NUMBER:
                raise Missing("server.noDiscussion", hint="thread.missingHint", number=number)
            found = await self._source.version_of_discussion(request.scope, number, part, documents.THREAD_REPLIES)
            if found is None:
                raise Missing("server.noDiscussion", hint="thread.missingHint", number=number)
            if found.deleted:
                raise Missing("server.discussionDeleted", 410, hint="thread.deletedHint")
            if not found.is_there:
                key = "thread.noSuchReply" if part.reply else "server.nothingAfter"
                raise Missing(key, number=part.reply or part.after)
            return found.text

        async def make() -> Page:
            asked = {
                "number": number,
                "after": f"r{part.after}" if part.after else None,
                "around": part.reply or None,
                "reply": part.reply,
            }
            discussion = await self._read_fitting(request, asked)
            here, thread = address(discussion), discussion["thread"]
            nodes = [edge["node"] for edge in thread["edges"]]
            has_more = thread["pageInfo"]["hasNextPage"]
            return await asyncio.to_thread(
                self._responses.html,
                request,
                "thread.html",
                address=here,
                discussion=discussion,
                part=part,
                query=_query(part),
                nodes=nodes,
                names={node["sequence"]: node["author"] and node["author"]["name"] for node in nodes},
                place=_place(part, language_of(request)),
                preceding=await self._preceding(request, discussion, part),
                following=f"{here}?after={nodes[-1]['sequence']}" if has_more else None,
                max_depth=MAX_DEPTH,
                given=[] if _query(part) else [_given_thread(discussion)],
            )

        name = f"thread {number} {part} {language_of(request).code}"
        # Without scripts, a branch is the page around the reply that it begins with.
        query = f"?root={part.reply}" if "root" in request.query_params else _query(part)
        return await self._responses.conditional(request, name, version, make, query=query)

    async def missing(self, request: Request) -> Response:
        self._source.charge(request.scope, 0)
        raise Missing("page.missing")

    async def graphiql(self, request: Request) -> Response:
        page = self._responses.html(request, "graphiql.html")
        return self._responses.by_content(request, page, policy=GRAPHIQL_POLICY)

    async def _preceding(self, request: Request, discussion: Data, part: Part) -> str | None:
        """The address of the page before; None for the first page."""
        thread, here = discussion["thread"], address(discussion)
        if not (part.after or thread["pageInfo"]["hasPreviousPage"]):
            return None
        asked = {
            "number": discussion["number"],
            "replies": documents.THREAD_REPLIES + 1,
            "before": f"r{thread['edges'][0]['node']['sequence']}",
        }
        found = await self._source.read(request.scope, documents.EARLIER_REPLIES, asked)
        earlier = found["discussion"]["thread"]["nodes"]
        return f"{here}?after={earlier[0]['sequence']}" if len(earlier) > documents.THREAD_REPLIES else here

    async def _read_fitting(self, request: Request, asked: Mapping[str, int | str | None]) -> Data:
        """Returns the discussion with a page of replies, or, if they are too large together, with fewer of them."""
        for replies in (documents.THREAD_REPLIES, FEWER, 1):
            try:
                found = await self._source.read(request.scope, documents.THREAD, {**asked, "replies": replies})
            except DataTooLarge:
                if replies == 1:
                    raise
            else:
                discussion: Data = found["discussion"]
                return discussion
        raise AssertionError("The last attempt returns or raises.")


def _part(query: Mapping[str, str]) -> Part:
    """The part of a thread that an address names. Raises Missing for a number that no reply has."""
    for name in ("reply", "root", "after"):
        if (text := query.get(name)) is not None:
            if not re.fullmatch("[1-9][0-9]{0,9}", text) or int(text) > MAX_NUMBER:
                raise Missing("server.noSuchNumber")
            return Part(after=int(text)) if name == "after" else Part(reply=int(text))
    return Part()


def _place(part: Part, language: Language) -> str:
    """The part of a thread in words; empty for its beginning."""
    if not (part.reply or part.after):
        return ""
    return language.t("thread.atReply" if part.reply else "thread.fromReply", number=part.reply or part.after)


def _given_thread(discussion: Data) -> Data:
    shown = {name: value for name, value in discussion.items() if name not in {"excerpt", "reply"}}
    asked = {"number": discussion["number"], "order": "OLDEST", "around": None, "root": None}
    return documents.given("THREAD", {"discussion": shown}, **asked)


def _query(part: Part) -> str:
    return f"?reply={part.reply}" if part.reply else f"?after={part.after}" if part.after else ""
