"""The pages of people: who they are, and what they have written."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from text.handles import HANDLE_LENGTH
from transports.caching import NO_CACHE
from web import documents
from web.pages import address_of_person
from web.responses import Missing, Responses
from web.source import Data


class PeoplePages:
    """Pages that are made each time: of most people they are seldom read."""

    def __init__(self, responses: Responses) -> None:
        self._responses = responses
        self._source = responses.source

    async def person(self, request: Request) -> Response:
        """A person's replies, or the discussions they started, newest first. Raises Missing."""
        handle = request.path_params["handle"]
        # As people write them, handles may have an @ before them; and decomposed letters are longer.
        if len(handle) > 2 * HANDLE_LENGTH:
            raise Missing("user.missing", hint="user.missingHint", handle=f"@{handle[:HANDLE_LENGTH]}…")
        show = "discussions" if request.query_params.get("show") == "discussions" else "replies"
        name = f"USER_{show.upper()}"
        after = request.query_params.get("after")
        asked = {"handle": handle, "after": after}
        data = await self._source.read(request.scope, documents.OF_USER[name], asked)
        user = data["user"]
        if user is None:
            raise Missing("user.missing", hint="user.missingHint", handle=f"@{handle}")
        here = address_of_person(user)
        if user["handle"] != handle:
            query = f"?{request.url.query}" if request.url.query else ""
            return RedirectResponse(here + query, headers={"Cache-Control": NO_CACHE})
        found = user["posts"]["pageInfo"]
        shown = f"{here}?show={show}"
        page = self._responses.html(
            request,
            "person.html",
            user=user,
            show=show,
            here=here,
            posts=[post for post in user["posts"]["nodes"] if _is_shown(post)],
            preceding=shown if after else None,
            following=f"{shown}&after={found['endCursor']}" if found["hasNextPage"] else None,
            given=[] if after else [documents.given(name, data, **asked)],
        )
        self._source.charge(request.scope, len(page.body))
        return self._responses.by_content(request, page)


def _is_shown(post: Data) -> bool:
    return "DELETED" not in (post["state"], post.get("discussion", post)["state"])
