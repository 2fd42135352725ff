"""Posts: what opening posts and replies have in common."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

import resolvers.deletions
import resolvers.discussions
import resolvers.html
import resolvers.mentions
import resolvers.posts
import resolvers.quotes
import resolvers.revisions
import resolvers.users
from db.kinds import AuthorRole, PostState
from execution.batch import batch
from schema.deletions import Deletion
from schema.mentions import Mention
from schema.pages import FORWARD, Node, QuoteConnection, RevisionConnection
from schema.quotes import Quote
from schema.scalars import Html
from schema.users import User

if TYPE_CHECKING:
    from schema.discussions import Discussion


@strawberry.interface
class Post(Node):
    """What a person wrote: the opening post of a discussion, or a reply."""

    discussion: Annotated["Discussion", strawberry.lazy("schema.discussions")] = batch(resolvers.discussions.of_posts)
    """The discussion it belongs to; for a discussion, itself."""
    author: User | None = batch(resolvers.users.of_posts)
    """Who wrote it; null for a tombstone, and once the account is erased."""
    author_role: AuthorRole | None = batch(resolvers.posts.author_roles)
    """What its author is here now; null without an author."""
    by_discussion_author: bool = batch(resolvers.posts.by_discussion_author)
    """Whether its author started the discussion; false without an author."""
    state: PostState
    """Whether it can be read."""
    body: str
    """Its Markdown source; empty for a tombstone."""
    body_html: Html = batch(resolvers.html.of_bodies)
    """Its body as HTML, with absolute links; a quote is <blockquote data-quote-id=…>, a mention of a user
    <a class="mention" data-user-id=…>, and a link to a post of this site has a data-post-id."""
    body_text: str
    """Its body as plain text."""
    excerpt: str = batch(resolvers.posts.excerpts)
    """The beginning of its text on one line, of at most 200 characters, with ▮▮▮ for each spoiler; empty for a
    tombstone."""
    created_at: datetime
    """When it was written."""
    last_edited_at: datetime | None
    """When it was last edited; null if it never was."""
    deleted_at: datetime | None
    """When it was deleted; null if it was not."""
    deletion: Deletion | None = batch(resolvers.deletions.of_posts)
    """How it was deleted; null if it was not."""
    version: int
    """1, then one more with every edit, deletion or restoring: what an edit names, and what quotes refer to."""
    last_event: int
    """The number of the last event that changed what is shown of it, counts aside: of two copies, keep the one with the
    higher number. 0 if nothing has changed since before there was this field."""
    version_proof: str = batch(resolvers.posts.version_proofs)
    """Proof that this version was read: send it with a quote of it, in case that the post is edited meanwhile."""
    quotes: list[Quote] = batch(
        resolvers.quotes.of_posts, max_depth="How deep nested quotes are returned; 0 returns the outermost only."
    )
    """The quotes it makes, in order of appearance, outer before inner."""
    quoted_by: QuoteConnection = batch(resolvers.quotes.of_sources, **FORWARD)
    """The quotes made of it; each node's `post` is the one that quotes."""
    mentions: list[Mention] = batch(resolvers.mentions.of_posts)
    """The people it names, in order of appearance."""
    revisions: RevisionConnection = batch(resolvers.revisions.of_posts, **FORWARD)
    """All its versions but tombstones; readable by its author and moderators, and by nobody while it is deleted."""
    url: str = batch(resolvers.posts.urls)
    """Its address for people."""
    viewer_can_reply: bool = batch(resolvers.posts.viewer_can_reply)
    """Whether the viewer may answer it."""
    viewer_can_edit: bool = batch(resolvers.posts.viewer_can_edit)
    """Whether the viewer may edit it."""
    viewer_can_delete: bool = batch(resolvers.posts.viewer_can_delete)
    """Whether the viewer may delete it; false for a tombstone, also to a moderator who may delete it once more."""
    viewer_can_report: bool = batch(resolvers.posts.viewer_can_report)
    """Whether the viewer may report it: a visible post of somebody else, with a token of somebody not suspended."""
    viewer_can_restore: bool = batch(resolvers.deletions.viewer_can_restore)
    """Whether the viewer may restore it by restoreReply or restoreDiscussion; false if it is not deleted."""
