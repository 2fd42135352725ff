"""All that people do here, drawn by chance: for histories that mirrors and counters are compared after."""

import random
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from db import categories
from tests.support.http import Data, Person, claims, put, signed

WRITE = """mutation ($input: {type}!) {{ it: {name}(input: $input) {{ {result} {{ {fields} }}
  errors {{ ... on MutationError {{ code }} }} }} }}"""
POST = "id version body"


@dataclass(slots=True)
class Written:
    """A post as those who wrote it last know it."""

    id: str
    discussion: str
    author: str
    """The handle."""
    version: int
    body: str


@dataclass(slots=True)
class Acts:
    """What there is, and what some people do with it. Several threads may act at once; what is refused is no matter."""

    people: list[Person]
    moderator: Person
    database_url: str
    discussions: list[Written] = field(default_factory=list)
    replies: list[Written] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    leaving: set[str] = field(default_factory=set)
    """Handles of people whom nobody names or quotes any more, since they are being erased."""
    refused: dict[str, int] = field(default_factory=dict)
    done: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def act(self, person: Person, chance: random.Random) -> None:
        """Does one thing that a person may do, or a moderator."""
        if person.handle in self.leaving:
            return
        if not self.discussions or not self.replies:
            self._start(person, chance)
            self._reply(person, chance)
            return
        acts: dict[Callable[[Person, random.Random], None], int] = {
            self._reply: 34,
            self._quote: 10,
            self._mention: 5,
            self._edit: 14,
            self._delete: 14,
            self._restore: 10,
            self._start: 5,
            self._edit_discussion: 6,
            self._move: 4,
            self._lock_or_unlock: 4,
            self._delete_discussion: 2,
            self._restore_discussion: 4,
        }
        (chosen,) = chance.choices(list(acts), list(acts.values()))
        chosen(person, chance)

    def rename(self, at: int) -> None:
        """Lets a person come with another name from now on."""
        person = self.people[at]
        said = claims(person.handle, name=f"{person.name} {secrets.token_hex(2)}")
        self.people[at] = replace(person, token=signed(said))
        self.people[at].ask("{ viewer { user { id } } }")

    def leave(self, person: Person) -> None:
        """Lets somebody do nothing any more who is erased."""
        self.leaving.add(person.handle)

    def person(self, handle: str) -> Person:
        """Somebody as they come now."""
        return next(person for person in self.people if person.handle == handle)

    def add_category(self) -> None:
        """Makes a category."""
        name = f"c{secrets.token_hex(4)}"
        made = put(self.database_url, lambda tx: categories.category(tx, slug=name, name=name, description=None))
        self.categories.append(f"C_{made}")

    def _write(self, name: str, person: Person, **given: object) -> Data | None:
        """The post that a mutation returns; None where it was refused, as it may be after what others have done."""
        result = "reply" if name.endswith("Reply") else "discussion"
        kind = f"{name[0].upper()}{name[1:]}Input"
        document = WRITE.format(type=kind, name=name, result=result, fields=POST)
        answer = person.post(document, input=given).json()
        payload = answer["data"]["it"] if answer.get("data") else {"errors": [], result: None}
        codes = [error["extensions"]["code"] for error in answer.get("errors", ())]
        assert set(codes) <= {"UNAUTHENTICATED"}, answer
        with self._lock:
            self.done[name] = self.done.get(name, 0) + 1
            for code in [*codes, *(error["code"] for error in payload["errors"])]:
                self.refused[f"{name} {code}"] = self.refused.get(f"{name} {code}", 0) + 1
        found: Data | None = payload[result]
        return found

    def _start(self, person: Person, chance: random.Random) -> None:
        place = {"categoryId": chance.choice(self.categories)} if self.categories and chance.random() < 0.7 else {}
        post = self._write(
            "startDiscussion", person, title=f"Title {_words(chance)}", body=f"Body {_words(chance)}.", **place
        )
        if post is not None:
            self.discussions.append(Written(post["id"], post["id"], person.handle, post["version"], post["body"]))

    def _reply(self, person: Person, chance: random.Random) -> None:
        self._add(person, chance, f"Reply {_words(chance)}.")

    def _quote(self, person: Person, chance: random.Random) -> None:
        source = chance.choice(chance.choice([self.replies, self.discussions]))
        if source.author in self.leaving:
            return
        words = source.body.rpartition("\n")[2]
        quotes = [{"sourceId": source.id, "text": words}]
        self._add(person, chance, f"As it was said: {_words(chance)}.", quotes=quotes)

    def _mention(self, person: Person, chance: random.Random) -> None:
        named = chance.choice(self.people).handle
        if named not in self.leaving:
            self._add(person, chance, f"Well, @{named}, {_words(chance)}.")

    def _add(self, person: Person, chance: random.Random, body: str, **more: object) -> None:
        discussion = chance.choice(self.discussions[-6:]).id
        others = [reply.id for reply in self.replies if reply.discussion == discussion]
        to = {"replyToId": chance.choice(others)} if others and chance.random() < 0.75 else {}
        post = self._write("addReply", person, discussionId=discussion, body=body, **to, **more)
        if post is not None:
            self.replies.append(Written(post["id"], discussion, person.handle, post["version"], post["body"]))

    def _edit(self, _: Person, chance: random.Random) -> None:
        reply = chance.choice(self.replies[-40:])
        body = f"Edited {_words(chance)}."
        post = self._write(
            "editReply", self.person(reply.author), replyId=reply.id, expectedVersion=reply.version, body=body
        )
        if post is not None:
            reply.version, reply.body = post["version"], post["body"]

    def _delete(self, _: Person, chance: random.Random) -> None:
        reply = chance.choice(self.replies[-40:])
        author = self.person(reply.author)
        by = chance.choice([author, author, self.moderator])
        self._write("deleteReply", by, replyId=reply.id)

    def _restore(self, _: Person, chance: random.Random) -> None:
        reply = chance.choice(self.replies[-40:])
        by = chance.choice([self.person(reply.author), self.moderator])
        if (post := self._write("restoreReply", by, replyId=reply.id)) is not None:
            reply.version = post["version"]

    def _edit_discussion(self, _: Person, chance: random.Random) -> None:
        discussion = chance.choice(self.discussions)
        given = chance.choice([{"title": f"Renamed {_words(chance)}"}, {"body": f"Begun otherwise {_words(chance)}."}])
        self._change(discussion, self.person(discussion.author), **given)

    def _move(self, _: Person, chance: random.Random) -> None:
        discussion = chance.choice(self.discussions)
        self._change(discussion, self.moderator, categoryId=chance.choice([*self.categories, None]))

    def _change(self, discussion: Written, by: Person, **given: object) -> None:
        post = self._write(
            "editDiscussion", by, discussionId=discussion.id, expectedVersion=discussion.version, **given
        )
        if post is not None:
            discussion.version, discussion.body = post["version"], post["body"]

    def _lock_or_unlock(self, _: Person, chance: random.Random) -> None:
        discussion = chance.choice(self.discussions).id
        self._write(
            chance.choice(["lockDiscussion", "unlockDiscussion", "unlockDiscussion"]),
            self.moderator,
            discussionId=discussion,
        )

    def _delete_discussion(self, _: Person, chance: random.Random) -> None:
        self._write("deleteDiscussion", self.moderator, discussionId=chance.choice(self.discussions).id)

    def _restore_discussion(self, _: Person, chance: random.Random) -> None:
        discussion = chance.choice(self.discussions)
        by = chance.choice([self.person(discussion.author), self.moderator])
        if (post := self._write("restoreDiscussion", by, discussionId=discussion.id)) is not None:
            discussion.version = post["version"]
            for reply in self.replies:
                if reply.discussion == discussion.id:
                    reply.version += 2


def _words(chance: random.Random) -> str:
    return f"{chance.getrandbits(40):010x}"
