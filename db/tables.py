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
    true,
)
from sqlalchemy.dialects.postgresql import TEXT

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
# Compared by code points, so that ranges of an index are beginnings of texts.
_ByCodePoints = Text().with_variant(TEXT(collation="C"), "postgresql")
Moment = DateTime(timezone=True).with_variant(Text(), "sqlite")

_OPERATORS_WORDS = kept("Operators write it about a subject, and no person's name belongs there.")
_CONSTANT = kept("One of the constants of the code.")
_NUMBERS = kept("Numbers and ids; where they name a person, the text that names them goes, and these with it.")


def _partial(condition: str, *columns: str, name: str | None = None) -> Index:
    """An index of the rows that a condition such as `listed AND locked` is true of, on both databases.

    Its columns should be columns of the index, too: SQLite before 3.41 would look them up in each row.
    """
    on_sqlite = " AND ".join(f"{each} = 1" if each.isidentifier() else each for each in condition.split(" AND "))
    return Index(name, *columns, postgresql_where=text(condition), sqlite_where=text(on_sqlite))


def _of_listed(*columns: str, name: str | None = None) -> Index:
    """An index of what lists show: what is deleted and holds up nothing costs their pages nothing."""
    return _partial("listed", *columns, "listed", name=name)


_CHOSEN_BY = {
    "every": ["locked"],
    "category": ["category_id", "locked"],
    "author": ["author_id", "locked"],
    "author_category": ["author_id", "category_id", "locked"],
}
"""What lists of discussions are chosen by, in indexes that go on with what they are ordered by. A list of locked and
unlocked ones is two ranges of an index."""

SPECIAL_RIGHTS = "suspended_at IS NOT NULL OR role <> 'MEMBER'"
"""Who may do something else than a member or a guest may."""

users = Table(
    "users",
    metadata,
    Column("id", Id, primary_key=True),
    Column("handle", Text, nullable=False, unique=True, info=BLANKED),
    Column("name", Text, nullable=False, info=BLANKED),
    Column("name_key", Text, nullable=False, info=BLANKED),
    # By these, names that look alike are found. Null for who was erased; that of the handle also for people of earlier
    # versions whose handle looks like an older one.
    Column("handle_skeleton", Text, info=BLANKED),
    Column("name_skeleton", Text, info=BLANKED),
    Column("avatar_url", Text, info=BLANKED),
    Column("email", Text, info=BLANKED),
    Column("issuer", Text, info=BLANKED),
    Column("subject", Text, info=BLANKED),
    Column("is_guest", Boolean, nullable=False, server_default=false()),
    # An AuthorRole but GUEST, since a guest stays one.
    Column("role", Text, nullable=False, server_default="MEMBER", info=BLANKED),
    # Whether a token gave the role, so that the next one without it takes it away.
    Column("role_is_of_token", Boolean, nullable=False, server_default=false()),
    # Since when they have it: what was issued before says nothing of it. Null for who never had another one.
    Column("role_given_at", Moment),
    # Whether all that they write is held.
    Column("premoderated", Boolean, nullable=False, server_default=false()),
    Column("legacy_id", Text, unique=True, info=BLANKED),
    Column("created_at", Moment, nullable=False),
    Column("suspended_at", Moment),
    UniqueConstraint("issuer", "subject"),
    Index(None, "name_key"),
    Index(None, "name_skeleton"),
    # SQLite adds no constraint to a table that exists, but an index.
    Index("uq_users_handle_skeleton", "handle_skeleton", unique=True),
    # Few people are, and every process looks again and again which of those connected to it are.
    Index("ix_users_special_rights", "id", postgresql_where=text(SPECIAL_RIGHTS), sqlite_where=text(SPECIAL_RIGHTS)),
)

# By what people are found who are looked for by the beginning of a name: those who are suspended are not.
user_search_keys = Table(
    "user_search_keys",
    metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True, autoincrement=False, info=DELETED),
    Column("key", _ByCodePoints, primary_key=True, info=DELETED),
    Index(None, "key", "user_id"),
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
    # Lists show the lowest first.
    Column("position", BigInteger, nullable=False, server_default="0"),
    # Whether all that is written in it is held.
    Column("premoderated", Boolean, nullable=False, server_default=false()),
    # The number of the site's event by which it was made or changed last; 0 if it has none.
    Column("last_event", BigInteger, nullable=False, server_default="0"),
    Index(None, "position", "id"),
    Index(None, "last_event"),
)

_OF_THE_TITLE = kept("It is who gave a title to a discussion of others; the row of the person is anonymous then.")

discussions = Table(
    "discussions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("category_id", ForeignKey("categories.id")),
    Column("title", Text, nullable=False, info=REWRITTEN),
    Column("locked", Boolean, nullable=False, server_default=false()),
    Column("legacy_slug", _ByCodePoints, info=REWRITTEN),
    Column("created_at", Moment, nullable=False),
    Column("deleted_at", Moment),
    Column("pinned_at", Moment),
    # The moderator who gave it its present title; null if that is its author's.
    Column("retitled_by_id", BigInteger, info=_OF_THE_TITLE),
    # That of the opening post; null once the discussion is deleted or its author is erased.
    Column("author_id", BigInteger, info=BLANKED),
    # Lists in the order of starting, and counts, leave out what is deleted.
    *(
        _partial("deleted_at IS NULL", *chosen, "created_at", "id", "deleted_at", name=f"ix_discussions_{name}")
        for name, chosen in _CHOSEN_BY.items()
    ),
    Index(None, "legacy_slug"),
    # Few are pinned.
    _partial("pinned_at IS NOT NULL", "pinned_at", "id", name="ix_discussions_pinned"),
)

# The end of each log (db.logs), by its id: that of a discussion is the discussion's. Narrow and alone: this row is the
# lock of a log, held by every write to its commit.
log_heads = Table(
    "log_heads",
    metadata,
    Column("log_id", BigInteger, primary_key=True, autoincrement=False),
    # The epoch of cursors at the beginning of the log, before its first event.
    Column("epoch", LargeBinary, nullable=False),
    Column("log_floor", BigInteger, nullable=False, server_default="0"),
    Column("last_event", BigInteger, nullable=False, server_default="0"),
    # That of the last event; before the first one, that of the beginning.
    Column("last_epoch", LargeBinary, nullable=False),
    Column("last_reply", BigInteger, nullable=False, server_default="0"),
    # One more with every transaction that held this lock, whether or not it appended an event.
    Column("revision", BigInteger, nullable=False, server_default="0"),
)

# What lists of discussions are ordered by, beside copies of what they are chosen by (db.discussions.relist), so that an
# index holds both: a page of any list is one range of one index.
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
    Column("category_id", BigInteger),
    Column("author_id", BigInteger, info=BLANKED),
    Column("locked", Boolean, nullable=False, server_default=false()),
    # Whether lists show it: false once it is deleted.
    Column("listed", Boolean, nullable=False, server_default=true()),
    *(
        _of_listed(*chosen, key, "discussion_id", name=f"ix_discussion_counts_{name}_{order}")
        for name, chosen in _CHOSEN_BY.items()
        for order, key in (("activity", "last_activity_at"), ("replies", "reply_count"))
    ),
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
    # How many visible posts they have in it: who has none is no participant.
    Column("post_count", BigInteger, nullable=False, server_default="1"),
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
    # The number of the last event that changed what is shown of it; 0 if none has since the upgrade to these events.
    Column("last_event", BigInteger, nullable=False, server_default="0"),
    Column("created_at", Moment, nullable=False),
    Column("last_edited_at", Moment),
    Column("deleted_at", Moment),
    # Whether lists show and count it: db/listing.py.
    Column("listed", Boolean, nullable=False, server_default=true()),
    Column(
        "legacy_id",
        Text,
        unique=True,
        info=kept("It names a post of an archive, so that importing the archive again does not bring it back."),
    ),
    UniqueConstraint("discussion_id", "sequence"),
    _of_listed("discussion_id", "path"),
    _of_listed("discussion_id", "newest_path"),
    _of_listed("discussion_id", "depth", "path"),
    _of_listed("discussion_id", "depth", "newest_path"),
    # With the id, so that a search of older posts passes over newer ones in the index alone.
    _of_listed("discussion_id", "created_at", "sequence", "id"),
    _of_listed("reply_to_id", "sequence"),
    # With all that replies of a person are chosen by, so that they are counted in the index alone.
    Index(None, "author_id", "created_at", "id", "sequence", "discussion_id"),
    Index(None, "created_at", "id"),
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
    # As in `discussions`.
    Column("retitled_by_id", BigInteger, info=_OF_THE_TITLE),
)

# What is kept of each tombstone. Its words are in the last of its revisions, until they are purged or the post is
# restored; then there is no row.
deleted_posts = Table(
    "deleted_posts",
    metadata,
    Column("post_id", ForeignKey("posts.id"), primary_key=True, autoincrement=False),
    # The number of the event that deleted it in its discussion's log: one for all posts of a deleted discussion.
    Column("act", BigInteger, nullable=False),
    Column("by", Text, nullable=False, info=_CONSTANT),
    Column("by_user_id", ForeignKey("users.id"), info=BLANKED),
    Column("at", Moment, nullable=False),
    Column("reason", Text, info=REWRITTEN),
    Column("author_id", ForeignKey("users.id"), info=BLANKED),
    # Whether its author had deleted it before a moderator did: moderators never get to read or restore it then.
    Column("is_raised", Boolean, nullable=False, server_default=false()),
    # False once its words are purged or erased, and for tombstones of before there was this table.
    Column("is_kept", Boolean, nullable=False, server_default=false()),
    Column("purged_at", Moment),
    # Its quotes and mentions without their words, as JSON; null if they are to be found again in what erasure left.
    Column("quotes", Text, info=_NUMBERS),
    Column("mentions", Text, info=_NUMBERS),
    # The act of moderation that deleted it; null for others.
    Column("audit_entry_id", BigInteger),
    Index(None, "author_id"),
    _partial("audit_entry_id IS NOT NULL", "audit_entry_id", "post_id", name="ix_deleted_posts_of_acts"),
    Index(
        "ix_deleted_posts_to_purge",
        "at",
        postgresql_where=text("purged_at IS NULL"),
        sqlite_where=text("purged_at IS NULL"),
    ),
)

# Large discussions that are deleted or restored in steps: how much of each is done.
deletion_jobs = Table(
    "deletion_jobs",
    metadata,
    Column("discussion_id", ForeignKey("discussions.id"), primary_key=True, autoincrement=False),
    # Or else it is restored.
    Column("is_deletion", Boolean, nullable=False),
    # That of the posts in `deleted_posts`.
    Column("act", BigInteger, nullable=False),
    # The number of the event that began it.
    Column("number", BigInteger, nullable=False),
    # The deletion whose restoring this one has ended.
    Column("former_act", BigInteger),
    # The sequences of the last post that is done, and of the last one there is.
    Column("position", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
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
    # All of the order of a page: PostgreSQL, which takes each source for one that is quoted once, would sort them all.
    Index(None, "source_id", "post_id", "ordinal"),
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

_OF_AN_EVENT = kept("It is the subject of an event; the row of the person is anonymous after an erasure.")

# The logs of discussions and of the site. An event holds the ids it is filtered by as they were then. Only those who
# act are checked by a key: checking more would cost every reply.
events = Table(
    "events",
    metadata,
    Column("log_id", BigInteger, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("epoch", LargeBinary, nullable=False),
    Column("kind", Text, nullable=False, info=_CONSTANT),
    Column("post_id", ForeignKey("posts.id")),
    Column("version", BigInteger, nullable=False),
    Column("actor_id", ForeignKey("users.id"), info=BLANKED),
    # Who wrote the post, and who wrote the post that it answers.
    Column("author_id", BigInteger, info=BLANKED),
    Column("answered_id", BigInteger, info=BLANKED),
    # The category of the discussion, and the one that it was moved out of; of CategoryChanged, the category itself.
    Column("category_id", BigInteger),
    Column("former_category_id", BigInteger),
    # Whom an event of the site is about.
    Column("user_id", BigInteger, info=_OF_AN_EVENT),
    # What changed in a discussion: names of DiscussionChange with blanks between.
    Column("changes", Text, info=_CONSTANT),
    Column("client_mutation_id", Text, info=BLANKED),
    Column("at", Moment, nullable=False),
)

# Who is quoted or mentioned in the post of an event, as it was then.
event_people = Table(
    "event_people",
    metadata,
    Column("log_id", BigInteger, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("user_id", BigInteger, primary_key=True, autoincrement=False, info=DELETED),
)

# Events that belong to a second log, `log_id`, as well, and that are not in its order yet. No keys refer to the log: it
# is written only together with the log, and checking them would cost every reply.
outbox = Table(
    "outbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("log_id", BigInteger, nullable=False),
    Column("source_log_id", BigInteger, nullable=False),
    Column("source_number", BigInteger, nullable=False),
    Index(None, "log_id", "id"),
)


def _sequenced(name: str) -> Table:
    """An order over events of other logs: positions 1, 2, 3 … without gaps."""
    return Table(
        name,
        metadata,
        Column("position", BigInteger, primary_key=True, autoincrement=False),
        Column("log_id", BigInteger, nullable=False),
        Column("number", BigInteger, nullable=False),
        # Random in each run of the sequencer: a position that is assigned again after a restored backup has another
        # epoch.
        Column("epoch", LargeBinary, nullable=False),
    )


# The events of all public logs in one order.
feed = _sequenced("feed")
# The entries of the audit log and the changes of review items in one order: the log of each says which (db.logs).
moderation_events = _sequenced("moderation_events")

_OF_THE_RECORD = kept("It is the subject of an act of moderation; the row of the person is anonymous after an erasure.")

# What moderators did: one row for each act, written in the act's own transaction.
audit_entries = Table(
    "audit_entries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("action", Text, nullable=False, info=_CONSTANT),
    # Null for what the server did by itself, and once the moderator is erased.
    Column("actor_id", ForeignKey("users.id"), info=BLANKED),
    Column("at", Moment, nullable=False),
    # Whom it concerns: who wrote the post or the discussion, or whose rights changed.
    Column("user_id", BigInteger, info=_OF_THE_RECORD),
    Column("discussion_id", BigInteger),
    Column("post_id", BigInteger),
    Column("category_id", BigInteger),
    Column("review_item_id", BigInteger),
    Column("held_post_id", BigInteger),
    Column("reason", Text, info=REWRITTEN),
    # What an undo goes back to, as JSON: numbers, names of constants, and how a category was called.
    Column("former", Text, info=kept("Numbers and ids, and how a category was called, which operators write.")),
    # The number of its event in the log of the discussion.
    Column("event_number", BigInteger),
    # The entry that it takes back.
    Column("undoes", ForeignKey("audit_entries.id")),
    # Of an act on many posts: how many there are, how many are done, and how many were passed over.
    Column("total", BigInteger),
    Column("done", BigInteger),
    Column("skipped", BigInteger),
    Index(None, "undoes"),
    Index(None, "user_id", "id"),
    Index(None, "actor_id", "id"),
    Index(None, "discussion_id", "id"),
    Index(None, "post_id", "id"),
)

# What a moderator has to decide: a post that was reported, or one that is held.
review_items = Table(
    "review_items",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", Text, nullable=False, info=_CONSTANT),
    Column("state", Text, nullable=False, server_default="OPEN", info=_CONSTANT),
    Column("post_id", ForeignKey("posts.id"), unique=True),
    Column("held_post_id", ForeignKey("held_posts.id"), unique=True),
    # The version of the post that was reported first since it was opened.
    Column("post_version", BigInteger),
    Column("discussion_id", BigInteger),
    Column("author_id", BigInteger, info=BLANKED),
    # One more with every change that its moderators see; a decision names the one it was made of.
    Column("version", BigInteger, nullable=False, server_default="1"),
    Column("claimed_by_id", ForeignKey("users.id"), info=BLANKED),
    Column("claim_ends_at", Moment),
    Column("decision_id", ForeignKey("audit_entries.id")),
    Column("opened_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Index(None, "state", "opened_at", "id"),
    Index(None, "author_id"),
)

# Each change of a review item that its moderators see.
review_changes = Table(
    "review_changes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("review_item_id", ForeignKey("review_items.id"), nullable=False),
    Column("kind", Text, nullable=False, info=_CONSTANT),
    Column("version", BigInteger, nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "review_item_id"),
)

reports = Table(
    "reports",
    metadata,
    Column("id", Id, primary_key=True),
    Column("review_item_id", ForeignKey("review_items.id"), nullable=False),
    Column("reporter_id", ForeignKey("users.id"), info=BLANKED),
    Column("post_version", BigInteger, nullable=False),
    Column("reason", Text, nullable=False, info=_CONSTANT),
    Column("note", Text, info=REWRITTEN),
    Column("at", Moment, nullable=False),
    UniqueConstraint("review_item_id", "reporter_id", "post_version"),
    Index(None, "reporter_id"),
)

# What waits for a moderator before anybody else reads it: a reply, a discussion, or the edit of a post.
held_posts = Table(
    "held_posts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", Text, nullable=False, info=_CONSTANT),
    Column("state", Text, nullable=False, server_default="HELD", info=_CONSTANT),
    Column("author_id", ForeignKey("users.id"), nullable=False, info=DELETED),
    # Null for a discussion that is not there yet.
    Column("discussion_id", ForeignKey("discussions.id")),
    Column("reply_to_id", ForeignKey("posts.id")),
    # The post that an edit changes, or that it has become.
    Column("post_id", ForeignKey("posts.id")),
    # Of an edit, the version that it was made from.
    Column("expected_version", BigInteger),
    Column("title", Text, info=REWRITTEN),
    Column("category_id", ForeignKey("categories.id")),
    # Of an edit, whether the discussion stays in its category.
    Column("keeps_category", Boolean, nullable=False, server_default=true()),
    Column("body", Text, nullable=False, info=REWRITTEN),
    Column("body_html", Text, nullable=False, info=REWRITTEN),
    # As in `deleted_posts`.
    Column("quotes", Text, info=_NUMBERS),
    Column("mentions", Text, info=_NUMBERS),
    # Why: names of HoldReason with blanks between.
    Column("reasons", Text, nullable=False, info=_CONSTANT),
    # Whether the outside filter has not answered, which publishes it if nothing else holds it.
    Column("awaits_filter", Boolean, nullable=False, server_default=false()),
    Column("client_mutation_id", Text, info=DELETED),
    Column("created_at", Moment, nullable=False),
    Column("decided_at", Moment),
    Index(None, "author_id", "id"),
    Index(None, "post_id"),
)

# Who may read, and not write. A job ends those whose time is over.
suspensions = Table(
    "suspensions",
    metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True, autoincrement=False, info=DELETED),
    Column("audit_entry_id", ForeignKey("audit_entries.id")),
    Column("at", Moment, nullable=False),
    # Null for one without an end.
    Column("ends_at", Moment),
    Column("reason", Text, info=REWRITTEN),
    _partial("ends_at IS NOT NULL", "ends_at", "user_id", name="ix_suspensions_ends_at"),
)

# From where guests and suspended people came: a guest from there is held. `network` is a keyed hash, never an address.
user_networks = Table(
    "user_networks",
    metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True, autoincrement=False, info=DELETED),
    Column("network", LargeBinary, primary_key=True),
    Column("seen_at", Moment, nullable=False),
    Index(None, "network"),
    Index(None, "seen_at"),
)

# What a person wrote that is being removed or brought back, in steps: how far each act is.
removal_jobs = Table(
    "removal_jobs",
    metadata,
    Column("audit_entry_id", ForeignKey("audit_entries.id"), primary_key=True, autoincrement=False),
    Column("author_id", ForeignKey("users.id"), info=DELETED),
    # The entry whose posts come back; null if posts are removed.
    Column("undoes", ForeignKey("audit_entries.id")),
    # Null for all posts.
    Column("begins_at", Moment),
    # The id of the last post that it takes.
    Column("last_post_id", BigInteger, nullable=False),
    # How far it is: in the order of discussions, then of sequences, the last post that is done.
    Column("discussion_id", BigInteger, nullable=False),
    Column("sequence", BigInteger, nullable=False),
)

# What concerns one person alone. The user's id is that of the log.
viewer_events = Table(
    "viewer_events",
    metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True, autoincrement=False, info=DELETED),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("epoch", LargeBinary, nullable=False),
    Column("kind", Text, nullable=False, info=_CONSTANT),
    Column("source_log_id", BigInteger, nullable=False),
    Column("source_number", BigInteger, nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "at"),
)

# How far each durable reader of a sequenced log has read. A projection moves `position`; a delivery fixes a range,
# takes a lease, and moves `position` when the range has arrived.
log_readers = Table(
    "log_readers",
    metadata,
    Column("name", Text, primary_key=True, info=_CONSTANT),
    Column("log_id", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    # That of the item at the position; null where none was read yet.
    Column("epoch", LargeBinary),
    Column("range_end", BigInteger),
    # Drawn by the process that holds the lease; null for none.
    Column("lease", LargeBinary),
    Column("lease_ends_at", Moment),
    # How often the range was begun, and when it may be again.
    Column("attempts", BigInteger, nullable=False, server_default="0"),
    Column("next_attempt_at", Moment),
)

# Sources that were edited, deleted or restored, until the readers of each quoting post have been notified.
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
