"""Where everything begins: queries, mutations, subscriptions, and the schema made of them."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import strawberry
from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    get_nullable_type,
    is_list_type,
    lexicographic_sort_schema,
    print_schema,
)
from strawberry.schema.config import StrawberryConfig

import resolvers.audit
import resolvers.categories
import resolvers.discussions
import resolvers.events
import resolvers.feed
import resolvers.held
import resolvers.moderation_events
import resolvers.nodes
import resolvers.posts
import resolvers.presence
import resolvers.previews
import resolvers.replies
import resolvers.reviews
import resolvers.sanctions
import resolvers.search
import resolvers.site
import resolvers.threads
import resolvers.users
import resolvers.viewer
import resolvers.viewer_events
from db.kinds import DiscussionChange, HoldReason
from execution.batch import Turn, batch, follow
from forum.limits import Limits
from forum.quotes import MAX_OMISSIONS
from live.presence_view import MAX_LISTED
from schema import events, payloads
from schema import moderation_events as _moderation_events  # noqa: F401 - its types are items of a stream.
from schema import viewer_events as _viewer_events  # noqa: F401 - as above.
from schema.audit import AuditEntryConnection
from schema.categories import Category
from schema.descriptions import DEFINITION, describe
from schema.directives import with_directives
from schema.discussions import Discussion
from schema.errors import describe_codes, error_types
from schema.pages import DISCUSSIONS, FORWARD, CategoryConnection, DiscussionConnection, Node
from schema.posts import Post
from schema.presence import Presence
from schema.previews import Preview
from schema.reviews import ReviewItemConnection
from schema.scalars import SCALARS
from schema.search import SEARCH, DiscussionSearchResultConnection, SearchResultConnection
from schema.site import RateLimit, Site
from schema.users import User, Viewer
from text.mentions import MAX_MENTIONS

INPUT = {"input": "What to do."}
FOLLOWED = {
    "discussion_id": "The discussion to follow.",
    "after": "The cursor to resume from, an eventCursor or that of the last item handled; from now on if omitted.",
}


@strawberry.type
class Query:
    """What can be read."""

    node: Node | None = batch(resolvers.nodes.by_id, id="The id of any object.")
    """The object with this id; null if there is none."""
    nodes: list[Node | None] = batch(resolvers.nodes.by_ids, ids="The ids of any objects.")
    """The objects with these ids, in the same order; null for each if there is none."""
    discussion: Discussion | None = batch(
        resolvers.discussions.find,
        id="Its id.",
        number="Its number for people.",
        legacy_url="Where it stood before an import, or the bare old id.",
    )
    """One discussion, named by exactly one of the arguments, else BAD_ARGUMENT; null if there is none."""
    post: Post | None = batch(
        resolvers.posts.by_legacy_url,
        legacy_url="/xn/detail/…, an address with ?commentId=…, percent-encoded or not, or the bare old id.",
    )
    """The very post that an address from before an import names; null if there is none."""
    discussions: DiscussionConnection = batch(
        resolvers.discussions.listed, **DISCUSSIONS, filter="Which discussions are listed; all if omitted."
    )
    """All discussions."""
    categories: CategoryConnection = batch(resolvers.categories.listed, **FORWARD)
    """All categories, by their positions, then the oldest first."""
    category: Category | None = batch(resolvers.categories.by_slug, slug="Its name in addresses.")
    """One category; null if there is none."""
    user: User | None = batch(resolvers.users.by_handle, handle="The person's unique name, without the @.")
    """One person; null if there is none, or if they were erased."""
    people: list[User] = batch(
        resolvers.users.starting_with,
        query="The beginning of a handle, or of a name from any of its words on, with or without an @.",
        discussion_id="The discussion whose authors come first.",
        first="How many at most; 20 if omitted, at most 100.",
    )
    """The people whom an unfinished name may mean, for completion: without regard to case and accents, in any script.

    Those who wrote the discussion's opening post or one of its 500 latest posts come first, then all in the order of
    their names. Suspended people are not among them. A query without a letter or digit finds nobody.
    """
    search: SearchResultConnection = batch(resolvers.search.posts_found, Turn.LEADING, **SEARCH)
    """The discussions and replies that have all words of a query, without regard to case and accents.

    A deleted post is found no more at once, an edited one by its new words. A query without words finds nothing.

    All is found of a query with a word, or a filter, that at most 1,000 posts match. Otherwise a search looks at the
    newest 1,000 posts with its rarest word, or of a filter whose posts are rarer, and `totalCountIsExact` is false. A
    single unfinished word that more than one of 64 posts has is looked for in the newest 4,096 posts, of which the
    newest 1,000 that match are ordered and counted.
    """
    search_discussions: DiscussionSearchResultConnection = batch(
        resolvers.search.discussions_found, Turn.LEADING, **SEARCH
    )
    """The discussions with posts that `search` finds, each once, with the post that comes first.

    It looks at the same posts as `search`, and counts among them.
    """
    preview_body: Preview = batch(
        resolvers.previews.of_body,
        Turn.APART,
        body="The Markdown as it would be sent.",
        discussion_id="The discussion it would be in; omit it for a new discussion.",
        reply_to_id="The reply it would answer.",
        quotes="What it would quote, as in the mutation's input.",
    )
    """
    What a body would read like, without writing it; the errors are those that a mutation would answer. It needs no
    token. It counts as a write; the anonymous readers of one address count as one person.
    """
    viewer: Viewer | None = batch(resolvers.viewer.current)
    """The viewer; null for an anonymous reader."""
    site: Site = batch(resolvers.site.current)
    """What this server is and allows."""
    feed_cursor: str = batch(resolvers.feed.cursor, Turn.APART)
    """The current end of the feed. It is read before all other fields: what they show can only be newer."""
    feed_events: events.FeedConnection = batch(
        resolvers.feed.page,
        Turn.APART,
        after="The cursor that the page starts behind: a feedCursor, or that of an item.",
        filter="Which events it brings; all if omitted.",
        first="How many at most; 20 if omitted, at most 100.",
    )
    """The same as the subscription `feed` brings, for clients that poll.

    A page looks through 1,000 events at most: with a filter it may have fewer than were asked for, and hasNextPage says
    whether to go on from endCursor.
    """
    review_queue: ReviewItemConnection | None = batch(
        resolvers.reviews.queue, **FORWARD, filter="Which items are listed; all open ones if omitted."
    )
    """What moderators have to decide, the oldest first. To everyone else it is null, with the error NOT_ALLOWED."""
    audit_log: AuditEntryConnection | None = batch(
        resolvers.audit.listed, **FORWARD, filter="Which entries are listed; all if omitted."
    )
    """What moderators did, the newest first. To everyone else it is null, with the error NOT_ALLOWED."""
    moderation_cursor: str | None = batch(resolvers.moderation_events.cursor, Turn.APART)
    """The current end of `moderationEvents`. It is read before all other fields: what they show can only be newer.

    To everyone but moderators it is null, with the error NOT_ALLOWED.
    """
    rate_limit: RateLimit | None = batch(resolvers.site.rate_limit, Turn.APART)
    """What this very operation costs, and what is left; null if nothing is counted."""


@strawberry.type
class Mutation:
    """What can be written. Each payload says in `errors` what went wrong."""

    start_discussion: payloads.StartDiscussionPayload = batch(resolvers.discussions.start, **INPUT)
    """Starts a discussion."""
    edit_discussion: payloads.EditDiscussionPayload = batch(resolvers.discussions.edit, **INPUT)
    """Edits the title, opening post or category of a discussion."""
    delete_discussion: payloads.DeleteDiscussionPayload = batch(resolvers.discussions.delete, **INPUT)
    """Turns a discussion into a tombstone: by its author while it has no replies, or a moderator. Its streams end.

    A moderator who deletes what its author has deleted raises that to a deletion by a moderator.
    """
    restore_discussion: payloads.RestoreDiscussionPayload = batch(resolvers.discussions.restore, **INPUT)
    """Brings a deleted discussion back with its title, and with the posts that were deleted in the same act."""
    add_reply: payloads.AddReplyPayload = batch(resolvers.replies.add, **INPUT)
    """Answers a discussion or a reply."""
    edit_reply: payloads.EditReplyPayload = batch(resolvers.replies.edit, **INPUT)
    """Edits a reply; a lost race is an EditConflict, never a silent overwrite."""
    delete_reply: payloads.DeleteReplyPayload = batch(resolvers.replies.delete, **INPUT)
    """Turns a reply into a tombstone: its place, its sequence and its answers stay; lists show it above one.

    A moderator who deletes what its author has deleted raises that to a deletion by a moderator.
    """
    restore_reply: payloads.RestoreReplyPayload = batch(resolvers.replies.restore, **INPUT)
    """Brings a deleted reply back as it was, with the ids of its quotes: if its author deleted it, for its author.

    Else for moderators, and in a locked discussion for moderators alone.
    """
    lock_discussion: payloads.LockDiscussionPayload = batch(resolvers.discussions.lock, **INPUT)
    """Stops a discussion from taking replies."""
    unlock_discussion: payloads.UnlockDiscussionPayload = batch(resolvers.discussions.unlock, **INPUT)
    """Lets a locked discussion take replies again."""
    withdraw_held_post: payloads.WithdrawHeldPostPayload = batch(resolvers.held.withdraw, **INPUT)
    """Takes back a post, or an edit, that waits for a moderator."""
    pin_discussion: payloads.PinDiscussionPayload = batch(resolvers.discussions.pin, **INPUT)
    """Pins a discussion, for lists to show it before the others: by a moderator, also a locked one."""
    unpin_discussion: payloads.UnpinDiscussionPayload = batch(resolvers.discussions.unpin, **INPUT)
    """Ends that a discussion is pinned."""
    move_discussion: payloads.MoveDiscussionPayload = batch(resolvers.discussions.move, **INPUT)
    """Puts a discussion in another category, or in none: by a moderator, also a locked one."""
    retitle_discussion: payloads.RetitleDiscussionPayload = batch(resolvers.discussions.retitle, **INPUT)
    """Gives a discussion another title, and its opening post its next version: by a moderator, also a locked one."""
    add_category: payloads.AddCategoryPayload = batch(resolvers.categories.add, **INPUT)
    """Makes a category: by a moderator."""
    edit_category: payloads.EditCategoryPayload = batch(resolvers.categories.edit, **INPUT)
    """Changes a category: by a moderator. Its slug stays, so that addresses do."""
    suspend_user: payloads.SuspendUserPayload = batch(resolvers.sanctions.suspend, **INPUT)
    """Lets a person read, and write nothing until a time: moderators alone. It ends by itself then."""
    unsuspend_user: payloads.UnsuspendUserPayload = batch(resolvers.sanctions.unsuspend, **INPUT)
    """Ends a suspension: moderators alone."""
    set_role: payloads.SetRolePayload = batch(resolvers.sanctions.set_role, **INPUT)
    """Makes a person a moderator or an application, or a member again: moderators alone."""
    premoderate_user: payloads.PremoderateUserPayload = batch(resolvers.sanctions.premoderate, **INPUT)
    """Has all that a person writes held until a moderator publishes it, or no longer: moderators alone."""
    remove_posts: payloads.RemovePostsPayload = batch(resolvers.audit.remove, **INPUT)
    """Removes what a person wrote, in the background: by a moderator. `undo` brings it back as one.

    Discussions that the person started go as a whole, with the replies of others. What is written meanwhile stays.
    """
    undo: payloads.UndoPayload = batch(resolvers.audit.take_back, **INPUT)
    """Takes back an act of moderation by the inverse act: by a moderator.

    It is a Conflict if the act was taken back already, or its subject is no longer what the act made of it. What
    removePosts did comes back in the background, but for what was changed since, which `skipped` counts.
    """
    record_view: payloads.RecordViewPayload = batch(resolvers.discussions.record_view, **INPUT)
    """Counts that a discussion was opened, once per viewer or address in 30 minutes."""
    set_presence: payloads.SetPresencePayload = batch(resolvers.presence.set_presence, **INPUT)
    """Notifies those who watch a discussion that the viewer is in it, for 20 seconds.

    Repeat it within 20 seconds to stay. It ends with the websocket that it is sent over.
    """
    report_post: payloads.ReportPostPayload = batch(resolvers.reviews.report, **INPUT)
    """Reports a post to the moderators, who see all reports of a post together."""
    claim_review: payloads.ClaimReviewPayload = batch(resolvers.reviews.claim, **INPUT)
    """Shows other moderators for ten minutes that the viewer looks at a review item."""
    decide_review: payloads.DecideReviewPayload = batch(resolvers.reviews.decide, **INPUT)
    """Decides a review item. If somebody else has decided or it has changed meanwhile, it is a Conflict."""
    sign_in_as_guest: payloads.SignInAsGuestPayload = batch(resolvers.viewer.sign_in_as_guest, **INPUT)
    """Adds a user who is known by name only, if the site allows guests."""


@strawberry.type
class Subscription:
    """Streams that can be followed."""

    reply_added: events.ReplyAdded = follow(resolvers.events.replies_added, **FOLLOWED)
    """Every reply added, once each and in order, right after `after`.

    A cursor that cannot be continued from ends it with one error, RESYNC_REQUIRED or BAD_CURSOR. To be able to resume,
    pass `after` from the start: a Discussion's eventCursor.
    """
    discussion_events: events.DiscussionStreamItem = follow(resolvers.events.discussion_events, **FOLLOWED)
    """All that happens in a discussion; CaughtUp comes once, after the replay or at once if there is none."""
    presence: Presence = follow(resolvers.presence.watched, discussion_id="The discussion to watch.")
    """Who is in a discussion: at once, then when that has changed, at most once a second; ends with the discussion."""
    feed: events.FeedStreamItem = follow(
        resolvers.feed.follow,
        filter="Which events it brings; all if omitted.",
        after="The cursor to resume from, a feedCursor or that of the last item handled; from now on if omitted.",
    )
    """All that happens, once each and in one order, that of each log: FeedItem, CaughtUp, ResyncRequired.

    CaughtUp comes after the replay, or at once if there is none, and again where the filter passed over many
    events: it carries the cursor past them.
    """
    moderation_events: events.ModerationStreamItem = follow(
        resolvers.moderation_events.follow,
        after="The cursor to resume from, a moderationCursor or that of the last item handled; from now on if omitted.",
    )
    """What there is to decide and what moderators did, once each and in one order; CaughtUp comes after the replay.

    For moderators: to everyone else it is the error NOT_ALLOWED, and it ends with the role.
    """
    viewer_events: events.ViewerStreamItem = follow(
        resolvers.viewer_events.follow,
        after="The cursor to resume from, the viewer's eventCursor or that of the last item; from now on if omitted.",
    )
    """What concerns the viewer alone, once each and in order; CaughtUp comes after the replay.

    It is kept for seven days. Without a token it is the error UNAUTHENTICATED.
    """


def _object_types(base: type) -> Iterator[type]:
    child: Any
    for child in base.__subclasses__():
        if not child.__strawberry_definition__.is_interface:
            yield child
        yield from _object_types(child)


schema = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    # Fields name only their interfaces.
    types=[*_object_types(Node), *dict.fromkeys(_object_types(events.StreamItem)), *error_types()],
    config=StrawberryConfig(scalar_map=SCALARS),
)


POSTS = ("Post", "Discussion", "Reply")
WEIGHTS = {
    "Query.search": 5_000,
    "Query.searchDiscussions": 5_000,
    "Query.people": 500,
    **{f"{post}.{text}": 20 for post in (*POSTS, "Revision") for text in ("body", "bodyHtml")},
    **{f"{post}.{text}": 20 for post in POSTS for text in ("bodyText", "excerpt")},
    "Deletion.body": 20,
    **{f"HeldPost.{text}": 20 for text in ("body", "bodyHtml")},
    **{
        f"{listed}Connection.{total}": 250
        for listed in ("Discussion", "HeldPost", "Reply", "Thread", "Quote", "ReviewItem", "Report", "AuditEntry")
        for total in ("totalCount", "totalCountIsExact")
    },
}
"""What fields cost that are not like others, by `Type.field`. A search takes as long as that many values, and so does
the statement that counts a list, up to 2 ms. The text of a post has some kB; of the texts of an answer, the bytes are
counted besides."""

LONG_TEXTS = frozenset({"title", "body", "text", "reason"})
"""The arguments and input fields whose texts have a maximum and an error of their own."""


def sizes(limits: Limits) -> dict[str, int]:
    """How long lists may be that are selected without a size, by `Type.field`; for what an operation costs."""
    quotes = max(1, limits.quotes or 1)
    return {
        "DiscussionUpdated.changes": len(DiscussionChange),
        "HeldPost.reasons": len(HoldReason),
        "Discussion.thread": resolvers.threads.DEFAULT_PAGE_SIZE,
        "Quote.omissions": MAX_OMISSIONS,
        **{f"{edit}Payload.droppedQuoteIds": quotes for edit in ("EditReply", "EditDiscussion")},
        "Reply.ancestors": limits.depth,
        **{f"{event}.ancestors": limits.depth for event in ("ReplyAdded", "ReplyDeleted", "ReplyRestored")},
        "ReplyDeleted.unlisted": limits.depth + 1,
        **{f"{event}.edges": limits.depth + 1 for event in ("ReplyAdded", "ReplyRestored")},
        "Presence.readers": MAX_LISTED,
        "Presence.typing": MAX_LISTED,
        # A payload has one error, whose path leads to a part of an item of a list in the input.
        **{f"{name}.{field}": size for field, size in (("errors", 1), ("path", 4)) for name in _with_list(field)},
        **{f"{post}.quotes": quotes for post in POSTS},
        **{f"{post}.mentions": MAX_MENTIONS for post in POSTS},
        # Of what was imported, a reply may be deeper.
        "Reply.path": limits.depth + 1,
    }


def _with_list(field: str) -> Iterator[str]:
    """Yields the types that have a list of this name."""
    for name, graphql_type in schema._schema.type_map.items():
        found = getattr(graphql_type, "fields", {}).get(field)
        if found is not None and is_list_type(get_nullable_type(found.type)):
            yield name


def typename(row: Any, *_: object) -> str:
    """The GraphQL type of a row behind an interface, in place of graphql-core's `resolve_type`.

    A row says it as `graphql_type`. The attribute `of_class` tells the executor the type of all rows of a class.
    Raises TypeError for what is no row of any type.
    """
    name = getattr(row, "graphql_type", None)
    if not isinstance(name, str):
        raise TypeError(f"No GraphQL type is declared for a {type(row).__qualname__}.")
    return name


@cache
def of_class(row_class: type) -> str | None:
    """The GraphQL type of all rows of a class; None if each row says it, and for what is no row."""
    name = getattr(row_class, "graphql_type", None)
    return name if isinstance(name, str) else None


vars(typename)["of_class"] = of_class


@cache
def sdl() -> str:
    """The schema in GraphQL's own language, sorted: the text of the committed schema.graphql."""
    marked = {
        (graphql_type.name, name)
        for graphql_type in schema._schema.type_map.values()
        if isinstance(graphql_type, GraphQLObjectType)
        for name, field in graphql_type.fields.items()
        if (known := field.extensions.get(DEFINITION)) is not None and known.directives
    }
    return with_directives(print_schema(lexicographic_sort_schema(schema._schema)), marked) + "\n"


def _resolve_interfaces_by_row() -> None:
    for graphql_type in schema._schema.type_map.values():
        if isinstance(graphql_type, GraphQLInterfaceType):
            graphql_type.resolve_type = typename
        elif isinstance(graphql_type, GraphQLObjectType):
            # Strawberry checks whether a value is an instance of its class, which a row never is.
            graphql_type.is_type_of = None


_resolve_interfaces_by_row()
describe(schema._schema)
describe_codes(schema._schema.type_map["ErrorCode"].values)  # type: ignore[attr-defined]
