"""The tables, as SQLAlchemy knows them; the migrations make them, and a test compares both.

Moments are `timestamptz` on PostgreSQL and ISO 8601 text of fixed width in UTC on SQLite, so that text sorts as time.
Their columns are called `at` or end in `_at`, and those of HTML end in `_html`: an import tells them by that.
A column that refers to `users` or holds free text declares what erasing a person does to it (db.personal).
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from db.personal import BLANKED, DELETED, REWRITTEN, kept

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite makes ids by itself only for a column of type INTEGER.
Id = BigInteger().with_variant(Integer(), "sqlite")
Moment = DateTime(timezone=True).with_variant(Text(), "sqlite")

_OPERATORS_WORDS = kept("Operators write it about a subject, and no person's name belongs there.")
_CONSTANT = kept("One of the constants of the code.")

users = Table(
    "users",
    metadata,
    Column("id", Id, primary_key=True),
    Column("handle", Text, nullable=False, unique=True, info=BLANKED),
    Column("name", Text, nullable=False, info=BLANKED),
    Column("name_key", Text, nullable=False, info=BLANKED),
    Column("avatar_url", Text, info=BLANKED),
    Column("email", Text, info=BLANKED),
    Column("issuer", Text, info=BLANKED),
    Column("subject", Text, info=BLANKED),
    Column("is_guest", Boolean, nullable=False, server_default=false()),
    Column("legacy_id", Text, unique=True, info=BLANKED),
    Column("created_at", Moment, nullable=False),
    Column("suspended_at", Moment),
    UniqueConstraint("issuer", "subject"),
    Index(None, "name_key"),
    # Few people are suspended, and every process asks again and again whether those connected to it are.
    Index(
        "ix_users_suspended",
        "id",
        postgresql_where=text("suspended_at IS NOT NULL"),
        sqlite_where=text("suspended_at IS NOT NULL"),
    ),
)

# What people were called before: nobody reads it but their erasure.
former_names = Table(
    "former_names",
    metadata,
    Column("id", Id, primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False, info=DELETED),
    Column("handle", Text, nullable=False, info=DELETED),
    Column("name", Text, nullable=False, info=DELETED),
    Column("ended_at", Moment, nullable=False),
    Index(None, "user_id"),
)

# Whose tokens are refused for good. `digest` is a hash of issuer and subject, keyed by the `key` of its row.
erased_identities = Table(
    "erased_identities",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("erased_at", Moment, nullable=False),
)

categories = Table(
    "categories",
    metadata,
    Column("id", Id, primary_key=True),
    Column("slug", Text, nullable=False, unique=True, info=_OPERATORS_WORDS),
    Column("name", Text, nullable=False, info=_OPERATORS_WORDS),
    Column("description", Text, info=_OPERATORS_WORDS),
)

discussions = Table(
    "discussions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("category_id", ForeignKey("categories.id")),
    Column("title", Text, nullable=False, info=REWRITTEN),
    Column("locked", Boolean, nullable=False, server_default=false()),
    # The epoch of cursors at the beginning of the log, before its first event.
    Column("epoch", LargeBinary, nullable=False),
    Column("log_floor", BigInteger, nullable=False, server_default="0"),
    Column("legacy_slug", Text, info=REWRITTEN),
    Column("created_at", Moment, nullable=False),
    Column("deleted_at", Moment),
    Index(None, "created_at", "id"),
    Index(None, "category_id", "id"),
    Index(None, "legacy_slug"),
)

# Narrow and alone: this row is the lock of a discussion, held by every write to its commit.
discussion_heads = Table(
    "discussion_heads",
    metadata,
    Column(
        "discussion_id",
        ForeignKey("discussions.id"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("last_event", BigInteger, nullable=False, server_default="0"),
    Column("last_reply", BigInteger, nullable=False, server_default="0"),
)

discussion_counts = Table(
    "discussion_counts",
    metadata,
    Column(
        "discussion_id",
        ForeignKey("discussions.id"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("reply_count", BigInteger, nullable=False, server_default="0"),
    Column("participant_count", BigInteger, nullable=False, server_default="1"),
    Column("last_activity_at", Moment, nullable=False),
    Index(None, "last_activity_at", "discussion_id"),
    Index(None, "reply_count", "discussion_id"),
)

participants = Table(
    "participants",
    metadata,
    Column(
        "discussion_id",
        ForeignKey("discussions.id"),
        primary_key=True,
        autoincrement=False,
    ),
    Column(
        "user_id",
        ForeignKey("users.id"),
        primary_key=True,
        autoincrement=False,
        info=kept("It counts people; the row of the person is anonymous after an erasure."),
    ),
)

discussion_views = Table(
    "discussion_views",
    metadata,
    Column(
        "discussion_id",
        ForeignKey("discussions.id"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("view_count", BigInteger, nullable=False, server_default="0"),
)

# Who looked when, for as long as a second look does not count. `viewer` is a keyed hash, never an address.
recent_views = Table(
    "recent_views",
    metadata,
    Column(
        "discussion_id",
        ForeignKey("discussions.id"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("viewer", LargeBinary, primary_key=True),
    Column("seen_at", Moment, nullable=False),
    Index(None, "seen_at"),
)

# The opening post is sequence 0 with an empty path, so quotes, revisions and mentions have one key.
posts = Table(
    "posts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("discussion_id", ForeignKey("discussions.id"), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("reply_to_id", ForeignKey("posts.id")),
    Column("path", LargeBinary, nullable=False),
    Column("newest_path", LargeBinary, nullable=False),
    Column("depth", Integer, nullable=False),
    Column("author_id", ForeignKey("users.id"), info=BLANKED),
    Column("body", Text, nullable=False, info=REWRITTEN),
    Column("body_html", Text, nullable=False, info=REWRITTEN),
    Column("body_text", Text, nullable=False, info=REWRITTEN),
    # What it says, for comparing quotes with it: null for a tombstone, and until a new renderer has read the body.
    Column("said", Text, info=REWRITTEN),
    Column("renderer", Integer, nullable=False),
    Column("version", BigInteger, nullable=False, server_default="1"),
    Column("created_at", Moment, nullable=False),
    Column("last_edited_at", Moment),
    Column("deleted_at", Moment),
    Column(
        "legacy_id",
        Text,
        unique=True,
        info=kept("It names a post of an archive, so that importing the archive again does not bring it back."),
    ),
    UniqueConstraint("discussion_id", "sequence"),
    Index(None, "discussion_id", "path"),
    Index(None, "discussion_id", "newest_path"),
    Index(None, "discussion_id", "depth", "path"),
    Index(None, "discussion_id", "depth", "newest_path"),
    Index(None, "discussion_id", "created_at", "sequence"),
    Index(None, "reply_to_id", "sequence"),
    Index(None, "author_id", "created_at", "id"),
)

# Apart from the posts, because every reply changes the row of each ancestor: on the wide row that is costly.
reply_counts = Table(
    "reply_counts",
    metadata,
    Column(
        "discussion_id",
        ForeignKey("discussions.id"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("reply_count", BigInteger, nullable=False, server_default="0"),
    Column("descendant_count", BigInteger, nullable=False, server_default="0"),
)

# Versions that have been superseded; the present one is in `posts`.
revisions = Table(
    "revisions",
    metadata,
    Column("post_id", ForeignKey("posts.id"), primary_key=True, autoincrement=False),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("editor_id", ForeignKey("users.id"), info=BLANKED),
    Column("title", Text, info=REWRITTEN),
    Column("body", Text, nullable=False, info=REWRITTEN),
    # As in `posts`; null until a new renderer has read the body.
    Column("body_html", Text, info=REWRITTEN),
    Column("said", Text, info=REWRITTEN),
    Column("renderer", Integer, nullable=False, server_default="0"),
    Column("created_at", Moment, nullable=False),
)

quotes = Table(
    "quotes",
    metadata,
    # Drawn by us, because the rendered post names it before it is stored.
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("post_id", ForeignKey("posts.id"), nullable=False),
    Column("parent_id", BigInteger),
    Column("ordinal", Integer, nullable=False),
    Column("depth", Integer, nullable=False),
    Column("source_id", ForeignKey("posts.id")),
    Column("source_version", BigInteger),
    Column("attributed_name", Text, nullable=False, info=REWRITTEN),
    # The person an unresolved quote names; a resolved one is its source's author's.
    Column("attributed_id", ForeignKey("users.id"), info=REWRITTEN),
    Column("body_html", Text, nullable=False, info=REWRITTEN),
    Column("body_text", Text, nullable=False, info=REWRITTEN),
    Column("said", Text, info=REWRITTEN),
    # Whether the quoted version says it.
    Column("comparison", Text, nullable=False, server_default="NOT_SAID", info=_CONSTANT),
    # The source's version of which the quoting post's readers have been notified.
    Column("notified_version", BigInteger, nullable=False, server_default="0"),
    Index(None, "post_id", "ordinal"),
    Index(None, "source_id", "post_id"),
)

mentions = Table(
    "mentions",
    metadata,
    Column("post_id", ForeignKey("posts.id"), primary_key=True, autoincrement=False),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("user_id", ForeignKey("users.id"), info=REWRITTEN),
    Column("attributed_name", Text, nullable=False, info=REWRITTEN),
    Column("start", Integer, nullable=False),
    Column("length", Integer, nullable=False),
    Index(None, "user_id", "post_id"),
)

events = Table(
    "events",
    metadata,
    Column(
        "discussion_id",
        ForeignKey("discussions.id"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("epoch", LargeBinary, nullable=False),
    Column("kind", Text, nullable=False, info=_CONSTANT),
    Column("post_id", ForeignKey("posts.id")),
    Column("version", BigInteger, nullable=False),
    Column("actor_id", ForeignKey("users.id"), info=BLANKED),
    Column("client_mutation_id", Text, info=BLANKED),
    Column("at", Moment, nullable=False),
)

# Replies that are in their discussion's log and not yet in the feed. No keys refer to the log: it is written only
# together with the log, and checking them would cost every reply.
feed_outbox = Table(
    "feed_outbox",
    metadata,
    Column("discussion_id", BigInteger, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
)

# The replies of all discussions in one order: positions 1, 2, 3 … without gaps.
feed = Table(
    "feed",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("discussion_id", BigInteger, nullable=False),
    Column("number", BigInteger, nullable=False),
    # Random in each run of the sequencer: a position that is assigned again after a restored backup has another epoch.
    Column("epoch", LargeBinary, nullable=False),
)

# One row: the lock of the feed, held by the sequencer while it moves replies from feed_outbox into the feed.
feed_head = Table(
    "feed_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("last_position", BigInteger, nullable=False),
    Column("epoch", LargeBinary, nullable=False),
    Column("log_floor", BigInteger, nullable=False, server_default="0"),
)

# Sources that were edited or deleted, until the readers of each quoting post have been notified.
pending_quote_notifications = Table(
    "pending_quote_notifications",
    metadata,
    Column("post_id", ForeignKey("posts.id"), primary_key=True, autoincrement=False),
    Column("version", BigInteger, nullable=False),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True, autoincrement=False, info=DELETED),
    Column("mutation", Text, primary_key=True, info=DELETED),
    Column("key", Text, primary_key=True, info=DELETED),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("outcome", Text, info=DELETED),
    Column("created_at", Moment, nullable=False),
    Index(None, "created_at"),
)

# Random bytes made once by `migrate`: the key of cursors, and that of tokens where none is set.
secrets = Table(
    "secrets",
    metadata,
    Column("name", Text, primary_key=True, info=_CONSTANT),
    Column("value", LargeBinary, nullable=False),
)
