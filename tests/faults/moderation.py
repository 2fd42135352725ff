"""Those who report and decide, through every fault, and those who follow what moderators do."""

from dataclasses import dataclass, field
from time import time
from typing import Any

from tests.faults.feeds import MUTATIONS
from tests.faults.history import ADDED, DELETED, ActFrame, FollowedModeration, Write
from tests.faults.people import ADD, Follower, Writer

BEGIN = "{ moderationCursor }"
STREAM = """subscription ($after: String) { it: moderationEvents(after: $after) { __typename cursor
  ... on ReviewItemOpened { reviewItem { id version state } }
  ... on ReviewItemChanged { reviewItem { id version state } }
  ... on AuditEntryAdded { entry { id action } } ... on ResyncRequired { reason } } }"""
ERRORS = "errors { __typename message }"
REPORT = f"mutation ($input: ReportPostInput!) {{ it: reportPost(input: $input) {{ reported {ERRORS} }} }}"
DECIDE = (
    "mutation ($input: DecideReviewInput!) { it: decideReview(input: $input) {"
    f" reviewItem {{ id version state post {{ id }} }} {ERRORS} }} }}"
)
QUEUE = """query ($author: ID!) {
  reviewQueue(first: 100, filter: { authorId: $author }) { nodes { id version post { id } } } }"""


@dataclass(slots=True)
class Reviewer(Writer):
    """A moderator with two companions: one writes, one reports it, and the moderator dismisses that or deletes it.

    All three write in a discussion that nobody else writes in.
    """

    author: str = ""
    """The token of who writes."""
    reporter: str = ""
    """The token of who reports."""
    author_id: str = ""
    room: int = 0
    acts: int = 0
    """How many decisions were acknowledged."""

    async def open(self) -> None:
        """Starts the discussion."""
        given = {"title": f"A room of {self.name}", "body": "To begin with."}
        write = Write(f"{self.name}-room", 0, "DiscussionStarted", time())
        started = await self._done(write, MUTATIONS["startDiscussion"], given, self.author)
        write.discussion = self.room = int(started["discussion"]["id"].removeprefix("D_"))

    async def _write_once(self) -> None:
        number = len(self.writes)
        key = f"{self.name}-{number}"
        given = {"discussionId": f"D_{self.room}", "body": f"Doubtful words of {key}."}
        added = await self._done(Write(key, self.room, ADDED, time()), ADD, given, self.author)
        if added is None:
            return
        self.writes[-1].post = int(added["reply"]["id"].removeprefix("R_"))
        reply = added["reply"]["id"]
        await self._until_answered(REPORT, {"postId": reply, "reason": "SPAM", "clientMutationId": key}, self.reporter)
        items = (await self._until_asked(QUEUE, {"author": self.author_id}))["reviewQueue"]["nodes"]
        item = next((each for each in items if each["post"] is not None and each["post"]["id"] == reply), None)
        if item is None:
            self.town.complaints.append(f"Reply {reply} was reported and is not in the queue.")
            return
        decision = {"reviewItemId": item["id"], "expectedVersion": item["version"], "reason": f"As {key} asks."}
        if self.chance.random() < 0.5:
            write = Write(f"{key}-deleted", self.room, DELETED, time())
            decided = await self._done(write, DECIDE, decision | {"action": "DELETE_POST"}, self.token)
            write.post = self.writes[-2].post
        else:
            decision |= {"action": "DISMISS", "clientMutationId": f"{key}-dismissed"}
            decided = await self._until_answered(DECIDE, decision, self.token)
        self.acts += decided is not None

    async def _done(self, write: Write, document: str, given: dict[str, Any], token: str) -> Any:
        """Writes down what has an event in the log of the discussion, and sends it until it is acknowledged."""
        self.writes.append(write)
        answer = await self._until_answered(document, given | {"clientMutationId": write.key}, token)
        if answer is not None:
            write.acknowledged = time()
        return answer

    async def _until_answered(self, document: str, given: dict[str, Any], token: str) -> Any:
        answer = (await self._until_asked(document, {"input": given}, token))["it"]
        if answer["errors"]:
            self.town.complaints.append(f"{given} was refused: {answer['errors']}.")
            return None
        return answer

    async def _until_asked(self, document: str, variables: dict[str, Any], token: str | None = None) -> Any:
        return await self.town.asked(self.chance, document, variables, token or self.token)


@dataclass
class ModerationFollower(Follower[FollowedModeration]):
    """A moderator who follows all that moderators do."""

    token: str = field(default="", kw_only=True)

    @property
    def credentials(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"}

    async def begin(self) -> None:
        """Takes the cursor of now."""
        self.cursor = (await self.town.asked(self.chance, BEGIN, {}, self.token))["moderationCursor"]
        self.followed.first = self.town.cursors.read(self.cursor).number

    def wanted(self) -> tuple[str, dict[str, Any]]:
        return STREAM, {}

    def take(self, item: dict[str, Any], at: float) -> None:
        here = self.town.cursors.read(item["cursor"])
        subject = item.get("reviewItem") or item.get("entry")
        assert subject is not None, item
        number = int(subject["id"].partition("_")[2])
        frame = ActFrame(at, here.number, here.epoch, item["__typename"], number, subject.get("version", 0))
        self.followed.frames.append(frame)
