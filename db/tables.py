"""The tables, as SQLAlchemy knows them; the migrations make them, and a test holds both together.

Moments are `timestamptz` on PostgreSQL and ISO 8601 text of fixed width in UTC on SQLite, so that text sorts as time.
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

users = Table(
    "users",
    metadata,
    Column("id", Id, primary_key=True),
    Column("handle", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("avatar_url", Text),
    Column("email", Text),
    Column("issuer", Text),
    Column("subject", Text),
    Column("is_guest", Boolean, nullable=False, server_default=false()),
    Column("legacy_id", Text, unique=True),
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

categories = Table(
    "categories",
    metadata,
    Column("id", Id, primary_key=True),
    Column("slug", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("description", Text),
)

discussions = Table(
    "discussions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("category_id", ForeignKey("categories.id")),
    Column("title", Text, nullable=False),
    Column("locked", Boolean, nullable=False, server_default=false()),
    # What a cursor to the very beginning of the log carries, where there is no event to take a tag from.
    Column("epoch", LargeBinary, nullable=False),
    Column("log_floor", BigInteger, nullable=False, server_default="0"),
    Column("legacy_slug", Text),
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
    Column("user_id", ForeignKey("users.id"), primary_key=True, autoincrement=False),
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
    Column("author_id", ForeignKey("users.id")),
    Column("body", Text, nullable=False),
    Column("body_html", Text, nullable=False),
    Column("body_text", Text, nullable=False),
    Column("renderer", Integer, nullable=False),
    Column("version", BigInteger, nullable=False, server_default="1"),
    Column("created_at", Moment, nullable=False),
    Column("last_edited_at", Moment),
    Column("deleted_at", Moment),
    Column("legacy_id", Text, unique=True),
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

# Versions that have been superseded; the present one stands in `posts`.
revisions = Table(
    "revisions",
    metadata,
    Column("post_id", ForeignKey("posts.id"), primary_key=True, autoincrement=False),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("editor_id", ForeignKey("users.id")),
    Column("title", Text),
    Column("body", Text, nullable=False),
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
    Column("attributed_name", Text, nullable=False),
    # The person an unresolved quote names; a resolved one is its source's author's.
    Column("attributed_id", ForeignKey("users.id")),
    Column("body_html", Text, nullable=False),
    Column("body_text", Text, nullable=False),
    Column("own_text", Text, nullable=False),
    Column("verbatim", Boolean, nullable=False),
    # The source's version of which the quoting post's readers have been told.
    Column("notified_version", BigInteger, nullable=False, server_default="0"),
    Index(None, "post_id", "ordinal"),
    Index(None, "source_id", "post_id"),
)

mentions = Table(
    "mentions",
    metadata,
    Column("post_id", ForeignKey("posts.id"), primary_key=True, autoincrement=False),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("user_id", ForeignKey("users.id")),
    Column("attributed_name", Text, nullable=False),
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
    Column("kind", Text, nullable=False),
    Column("post_id", ForeignKey("posts.id")),
    Column("version", BigInteger, nullable=False),
    Column("actor_id", ForeignKey("users.id")),
    Column("client_mutation_id", Text),
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
    # Drawn for each move, so that a position that was filled anew after a restored backup is another one.
    Column("epoch", LargeBinary, nullable=False),
)

# One row: the lock of the feed, held by whoever moves what waits in feed_outbox into it.
feed_head = Table(
    "feed_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("last_position", BigInteger, nullable=False),
    Column("epoch", LargeBinary, nullable=False),
    Column("log_floor", BigInteger, nullable=False, server_default="0"),
)

# Sources that were edited or deleted, until the readers of each quoting post have been told.
pending_quote_notifications = Table(
    "pending_quote_notifications",
    metadata,
    Column("post_id", ForeignKey("posts.id"), primary_key=True, autoincrement=False),
    Column("version", BigInteger, nullable=False),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True, autoincrement=False),
    Column("mutation", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("outcome", Text),
    Column("created_at", Moment, nullable=False),
    Index(None, "created_at"),
)

# Random bytes made once by `migrate`: the key of cursors, and that of tokens where none is set.
secrets = Table(
    "secrets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", LargeBinary, nullable=False),
)
