"""The feeds and their archives over HTTP."""

import asyncio
import re

from starlette.requests import Request
from starlette.responses import Response

from web import atom, documents
from web.kept import Page
from web.pages import address
from web.responses import Missing, Responses
from web.source import Data, DataTooLarge, FeedPost

MAX_KEY = 2**63 - 1


class Feeds:
    """The feed of the site, and those of discussions."""

    def __init__(self, responses: Responses) -> None:
        self._responses = responses
        self._source = responses.source

    async def of_site(self, request: Request) -> Response:
        feed = atom.Feed(title=self._responses.site_name, id="site", page="/", path="/feed.atom")
        return await self._respond(request, None, feed)

    async def of_discussion(self, request: Request) -> Response:
        return await self._respond(request, request.path_params["number"], None)

    async def _respond(self, request: Request, number: int | None, feed: atom.Feed | None) -> Response:
        until = _until(request.query_params.get("until"))
        posts: list[FeedPost] = []

        async def version() -> str:
            found = await self._source.feed_posts(request.scope, number, until, atom.MAX_POSTS)
            posts[:] = found.posts
            is_empty = not atom.of_document(posts, until) and (number is not None or until is not None)
            # An archive of posts that are still to come would change.
            if is_empty or (until is not None and until > found.newest):
                raise Missing("server.noFeed")
            if number is not None and posts[0].discussion_deleted:
                raise Missing("server.discussionDeleted", 410)
            return repr([post.version for post in posts])

        async def make() -> Page:
            listed = list(posts)
            found = await self._read(request, atom.of_document(listed, until))
            about = feed or await self._feed_of(request, number)
            # Megabytes of posts take tens of milliseconds, which others should not wait for.
            base, environment = self._responses.public_url, self._responses.environment
            body = await asyncio.to_thread(atom.document, environment, about, listed, found, until, base)
            return Page(body, atom.MEDIA_TYPE)

        return await self._responses.conditional(request, f"feed {number} {until}", version, make)

    async def _read(self, request: Request, posts: list[FeedPost]) -> list[Data | None]:
        """The content of posts, None for what was deleted; of fewer if they are too large together."""
        ids = [post.id for post in posts if not post.deleted]
        try:
            nodes = (await self._source.read(request.scope, documents.FEED, {"ids": ids}))["nodes"] if ids else []
        except DataTooLarge:
            if len(posts) == 1:
                raise
            return await self._read(request, posts[: len(posts) // 2])
        by_id = {
            key: {"sequence": 0} | node
            for key, node in zip(ids, nodes, strict=True)
            if node and node["state"] == "VISIBLE"
        }
        return [by_id.get(post.id) for post in posts]

    async def _feed_of(self, request: Request, number: int | None) -> atom.Feed:
        found = await self._source.read(request.scope, documents.DISCUSSION_TITLE, {"number": number})
        discussion = found["discussion"]
        path = f"/d/{number}/feed.atom"
        return atom.Feed(discussion["title"], f"discussion-{number}", address(discussion), path)


def _until(text: str | None) -> int | None:
    """The key up to which an archive has posts. Raises Missing for what is none."""
    if text is None:
        return None
    if not re.fullmatch("0|[1-9][0-9]{0,18}", text) or int(text) > MAX_KEY:
        raise Missing("server.noFeed")
    return int(text)
