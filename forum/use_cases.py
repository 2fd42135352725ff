"""How a use case runs: once per idempotency key, within the write limits, to its end, in one transaction.

A use case is one function that reads top to bottom:

    @use_case(DiscussionLocked, …)
    async def add_reply(forum: Forum, actor: Actor, command: AddReply) -> Outcome:
        draft = await drafts.prepare(…)                       # slow work, no lock held
        async with forum.unit_of_work(actor, command) as work:
            head = await rules.lock_discussion(work.tx, …)    # rules, rows, counts, events
            …
            work.done(…)
        return work.outcome                                   # after the commit and the notification

The decorator keeps what surrounds it: a repeat of the same key returns the earlier outcome, a duplicate under way in
this process is joined, and a caller may be cancelled while the use case runs to its end.
"""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, is_dataclass, replace
from datetime import datetime, timedelta
from functools import partial, wraps
from typing import Any, ClassVar, Protocol, TypeVar

import orjson

import db.held
import db.posts
from db import idempotency
from db.database import Database, Event, Position, Transaction, finished
from db.kinds import EventKind, FilterAnswer, HeldState
from db.rows import ReplyRow
from forum.errors import DomainError, IdempotencyKeyReused, NotSignedIn, RateLimited, Suspended
from forum.limits import Limits
from forum.policy import Policy
from forum.single_flight import SingleFlight
from text import workers
from text.name_rules import NameRules

REPEATED_SECONDS = 60
"""For so long the same words of the same person in the same place are a double click."""


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """A client's key for one write, and what it asked for under it."""

    text: str
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class Actor:
    """Who writes, and with what rights."""

    user_id: int
    is_moderator: bool = False
    address: str = ""
    """What counts as one client's address (an address, or a /64 network of IPv6); write limits count it."""
    key: IdempotencyKey | None = None
    is_guest: bool = False
    is_client: bool = False
    """Whether they call over the API, where a button may be pressed twice: commands, importers and demo data mean all
    they write."""

    @property
    def acting_id(self) -> int | None:
        """What events and entries name as who did it; None for the operator, who has no account."""
        return self.user_id or None

    def event(self, kind: EventKind, post_id: int | None, version: int, **concerns: Any) -> Event:
        """An event that this actor causes. `concerns`: the other fields of Event."""
        return Event(kind, post_id, version, self.acting_id, self.key.text if self.key else None, **concerns)


OPERATOR = Actor(0, is_moderator=True)
"""Who runs a command on the server: a moderator without an account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What a use case is asked to do."""

    mutation: ClassVar[str]
    """The name under which idempotency keys are kept: the mutation's."""
    at: datetime | None = None
    """When it is dated; now if omitted. Importers say it."""

    def place_and_words(self) -> tuple[Any, ...] | None:
        """What two calls without a key have in common if the second is a double click; None if each counts."""
        return None

    @property
    def log_id(self) -> int | None:
        """The log that it locks before anything but an idempotency key, if that is known before; else None."""
        return None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a use case wrote: ids, and the position of its event, from which the payload is made."""

    discussion_id: int | None
    post_id: int | None = None
    position: Position | None = None
    """None if it appended no event."""
    body_changed: bool = False
    """Whether the body that was stored differs from the one that was sent."""
    dropped_quotes: tuple[int, ...] = ()
    """The ids of the quotes that an edit took away or changed."""
    repeated: bool = False
    """Whether it was written by an earlier call, and nothing by this one."""
    reply: ReplyRow | None = None
    """The new reply as it was committed; None where it was not this use case, or not this call, that wrote one."""
    held_id: int | None = None
    """The held post that it became, in place of what was to be written."""
    subject_id: int | None = None
    """What else it wrote, by the use case: a category, a person, a review item, an entry of the audit log."""


class LimitReached(Protocol):
    """What there was too much of, and when there is room again."""

    @property
    def what(self) -> str: ...

    @property
    def reset_at(self) -> datetime: ...


class WriteLimiter(Protocol):
    """Counts writes, the bytes of their text, and new guests."""

    async def write(
        self, user_id: int | None, address: str, *, size: int = 0, is_guest: bool = False, is_kept: bool = True
    ) -> LimitReached | None:
        """Counts one write. Returns what is reached if it is one too many."""

    async def new_guest(self, address: str) -> LimitReached | None:
        """Counts one new guest. Returns what is reached if it is one too many."""


AskFilter = Callable[[str, dict[str, Any]], Awaitable[FilterAnswer | None]]
"""Asks the outside filter about a post, by the id of the request and its document. None if it does not answer."""


@dataclass(slots=True)
class Work:
    """A use case at work: its transaction, and what it wrote, set before the transaction ends."""

    tx: Transaction
    words: bytes | None = None
    """The digest of the words by which a double click is known; None if each write counts."""
    mutation: str = ""
    is_first: bool = False
    """Whether `check_repeated` has found that it is no double click."""
    _outcome: Outcome | None = None

    @property
    def outcome(self) -> Outcome:
        assert self._outcome is not None
        return self._outcome

    def done(
        self,
        discussion_id: int | None = None,
        post_id: int | None = None,
        position: Position | None = None,
        *,
        body_changed: bool = False,
        dropped_quotes: tuple[int, ...] = (),
        reply: ReplyRow | None = None,
        held_id: int | None = None,
        subject_id: int | None = None,
    ) -> None:
        """Says what was written."""
        self._outcome = Outcome(
            discussion_id,
            post_id,
            position,
            body_changed,
            dropped_quotes,
            reply=reply,
            held_id=held_id,
            subject_id=subject_id,
        )

    @property
    def words_parameters(self) -> dict[str, Any]:
        """The parameters by which `idempotency.of_words` finds the first of a double click."""
        return idempotency.words_parameters(self.mutation, self.words, _before_repeats(self.tx))

    async def check_repeated(self, earlier: str | None) -> None:
        """Rolls back and gives the first outcome if this is a double click.

        `earlier` is what `idempotency.of_words` read under a lock that every write of these words holds.
        """
        if earlier is not None:
            await _check_taken_back(self.tx, _outcome(earlier))
        self.is_first = True


class _Repeated(Exception):
    """The same was committed before: under this key by another process a moment ago, or by the first click."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class Forum:
    """What use cases work with."""

    database: Database
    limits: Limits = field(default_factory=Limits)
    host: str | None = None
    """The host of this server: links to posts on it name sources of quotes."""
    write_limiter: WriteLimiter | None = None
    """None for commands and importers, which nothing limits."""
    source_changed: Callable[[], None] = lambda: None
    """Called after a post was edited or deleted: posts that quote it have to be notified."""
    names: NameRules = field(default_factory=NameRules)
    """The rules for names of guests."""
    proof_key: bytes = field(default_factory=partial(secrets.token_bytes, 32), repr=False)
    """The key of the proofs that somebody has read a version; all processes of a server share it."""
    policy: Policy = field(default_factory=Policy)
    """What is held before others read it."""
    ask_filter: AskFilter | None = None
    """None where no outside filter is asked."""
    flights: SingleFlight = field(default_factory=SingleFlight)

    @asynccontextmanager
    async def unit_of_work(
        self, actor: Actor, command: Command, *, locks_log: bool = True
    ) -> AsyncGenerator[Work, None]:
        """One transaction, with the outcome kept under the actor's idempotency key.

        `locks_log`: whether it locks the log that the command names, so that it may be committed with others of that.

        Without a key, what a client writes is kept under its words for REPEATED_SECONDS: a double click meanwhile rolls
        back, and gives the outcome of the first.
        """
        key, mutation = actor.key, command.mutation
        log_id = command.log_id if locks_log else None
        async with self.database.transaction(command.at, log_id=log_id, may_join=key is None) as transaction:
            if key is not None:
                earlier = await idempotency.claim(transaction, actor.user_id, mutation, key.text, key.fingerprint)
                if earlier is not None:
                    raise _Repeated(_earlier_outcome(earlier, key, mutation))
            words = command.place_and_words() if key is None and actor.is_client else None
            work = Work(transaction, None if words is None else idempotency.fingerprint_of(words), mutation)
            yield work
            if key is not None:
                await idempotency.settle(transaction, actor.user_id, mutation, key.text, _stored(work.outcome))
            elif work.words is not None:
                await _keep_words(work, work.words, actor.user_id)

    async def limit_writes(
        self, user_id: int | None, address: str, *, size: int = 0, is_guest: bool = False, is_kept: bool = True
    ) -> None:
        """Counts a write of `size` bytes of text; `is_kept` is False where it is only rendered. Raises RateLimited."""
        # What follows in this task is rendered in the queue of its address.
        workers.client.set(address or None)
        if self.write_limiter is not None:
            _check(await self.write_limiter.write(user_id, address, size=size, is_guest=is_guest, is_kept=is_kept))

    async def limit_guests(self, address: str) -> None:
        """Counts a new guest. Raises RateLimited."""
        if self.write_limiter is not None:
            _check(await self.write_limiter.new_guest(address))


async def _keep_words(work: Work, words: bytes, user_id: int) -> None:
    """Keeps an outcome under its words, at the end of its transaction. Raises _Repeated if this is a double click.

    A racing double click waits here, or at the lock before, until the first has committed.
    """
    kept = work.tx, user_id, work.mutation, words, _stored(work.outcome)
    if not work.is_first:
        earlier = await idempotency.claim_words(*kept, expired=_before_repeats(work.tx))
        if earlier is None:
            return
        await _check_taken_back(work.tx, _outcome(earlier))
    await idempotency.keep_words(*kept)


def _before_repeats(tx: Transaction) -> datetime:
    """Same words from this moment or before it are no double click."""
    return tx.at - timedelta(seconds=REPEATED_SECONDS)


async def _check_taken_back(tx: Transaction, first: Outcome) -> None:
    """Raises _Repeated, unless the post of the first outcome was deleted or withdrawn: who did that writes it again."""
    if first.held_id is not None:
        if any(row.state != HeldState.WITHDRAWN for row in await tx.rows(db.held.by_ids, ids=[first.held_id])):
            raise _Repeated(first)
    elif any(place.deleted_at is None for place in await tx.rows(db.posts.places, ids=[first.post_id])):
        raise _Repeated(first)


def _check(reached: LimitReached | None) -> None:
    if reached is not None:
        raise RateLimited(reached.what, reached.reset_at)


def text_bytes(value: object) -> int:
    """How many bytes of text a command or an input holds, in all its fields, as UTF-8."""
    if isinstance(value, str):
        return len(value.encode(errors="surrogatepass"))
    if isinstance(value, list | tuple):
        return sum(map(text_bytes, value))
    if is_dataclass(value):
        return sum(text_bytes(getattr(value, name)) for name in value.__dataclass_fields__)
    return 0


C = TypeVar("C", bound=Command)
UseCase = Callable[[Forum, Actor, C], Awaitable[Outcome]]

ANY_WRITE: tuple[type[DomainError], ...] = (NotSignedIn, Suspended, IdempotencyKeyReused, RateLimited)
"""What every use case may raise."""
_raises: dict[object, tuple[type[DomainError], ...]] = {}


def use_case(*raises: type[DomainError]) -> Callable[[UseCase[C]], UseCase[C]]:
    """Makes a use case of a function. `raises`: its domain errors, beside those of every write."""

    def decorate(work: UseCase[C]) -> UseCase[C]:
        @wraps(work)
        async def run(forum: Forum, actor: Actor, command: C) -> Outcome:
            start = partial(_start, forum, work, actor, command)
            key = (work, actor.user_id, actor.is_moderator, actor.key)
            joined = actor.key is not None and forum.flights.is_running(key)
            task = start() if actor.key is None else forum.flights.do(key, start)
            try:
                outcome = await finished(task, expected=DomainError)
                return replace(outcome, repeated=True) if joined else outcome
            except DomainError as error:
                if type(error) not in _raises[run]:
                    raise TypeError(f"{work.__name__} raises {type(error).__name__}: name it in @use_case.") from error
                raise

        _raises[run] = (*ANY_WRITE, *raises)
        return run

    return decorate


def _start(forum: Forum, work: UseCase[C], actor: Actor, command: C) -> asyncio.Task[Outcome]:
    return forum.database.detach(_attempt(forum, work, actor, command))


async def _attempt(forum: Forum, work: UseCase[C], actor: Actor, command: C) -> Outcome:
    key = actor.key
    if key is not None:
        # A repeat costs one read, and no write limit counts it.
        earlier = await idempotency.earlier(forum.database, actor.user_id, command.mutation, key.text)
        if earlier is not None:
            return _earlier_outcome(earlier, key, command.mutation)
    await forum.limit_writes(actor.user_id, actor.address, size=text_bytes(command), is_guest=actor.is_guest)
    try:
        return await work(forum, actor, command)
    except _Repeated as repeated:
        return repeated.outcome
    except DomainError:
        # What a rule refuses before the transaction may be the effect of the same key in another process.
        if key is not None:
            earlier = await idempotency.earlier(forum.database, actor.user_id, command.mutation, key.text)
            if earlier is not None:
                return _earlier_outcome(earlier, key, command.mutation)
        raise


def _earlier_outcome(earlier: idempotency.KeyRow, key: IdempotencyKey, mutation: str) -> Outcome:
    """The outcome of an earlier write under the same key. Raises IdempotencyKeyReused if it asked for another one."""
    if earlier.fingerprint != key.fingerprint:
        message = f'The clientMutationId "{key.text}" was sent before with another input to {mutation}. Use a new one.'
        raise IdempotencyKeyReused(message, ("client_mutation_id",))
    assert earlier.outcome is not None
    return _outcome(earlier.outcome)


def _outcome(text: str) -> Outcome:
    """An earlier outcome, as `_stored` wrote it."""
    stored = orjson.loads(text)
    epoch = stored.get("epoch")
    position = Position(stored["event"], bytes.fromhex(epoch)) if epoch is not None else None
    return Outcome(
        stored.get("discussion"),
        stored.get("post"),
        position,
        stored.get("body_changed", False),
        tuple(stored.get("dropped_quotes", ())),
        repeated=True,
        held_id=stored.get("held"),
        subject_id=stored.get("subject"),
    )


def _stored(outcome: Outcome) -> str:
    stored: dict[str, Any] = {"discussion": outcome.discussion_id}
    if outcome.post_id is not None:
        stored["post"] = outcome.post_id
    if outcome.position is not None:
        stored |= {"event": outcome.position.number, "epoch": outcome.position.epoch.hex()}
    if outcome.body_changed:
        stored["body_changed"] = True
    if outcome.dropped_quotes:
        stored["dropped_quotes"] = outcome.dropped_quotes
    if outcome.held_id is not None:
        stored["held"] = outcome.held_id
    if outcome.subject_id is not None:
        stored["subject"] = outcome.subject_id
    return orjson.dumps(stored).decode()


def errors_of(use_case_function: object) -> tuple[type[DomainError], ...]:
    """The domain errors that a use case may raise."""
    return _raises[use_case_function]
