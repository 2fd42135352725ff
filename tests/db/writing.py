"""Posts written inside a transaction of the test's own, without the rules of the use cases and without rendering."""

import db.discussions
import db.posts
import db.replies
import db.search
from db import idempotency, paths
from db.database import Event, Position, Transaction
from db.kinds import EventKind
from db.posts import PostDraft, PostPlace
from text import said


def draft(text: str = "Words.", title: str = "") -> PostDraft:
    """A post of one paragraph. `title` is the discussion's, for an opening post."""
    return PostDraft(text, f"<p>{text}</p>", text, said.normalised(text), db.search.entry(title, text))


async def start_discussion(
    tx: Transaction,
    author_id: int,
    title: str = "A title",
    *,
    post: PostDraft | None = None,
    category_id: int | None = None,
) -> int:
    """Inserts a discussion with its opening post and an empty log, and returns its id."""
    discussion_id = await db.discussions.insert_discussion(
        tx, title=title, category_id=category_id, author_id=author_id
    )
    opening = post or draft(title=title)
    await db.posts.insert_post(tx, opening, PostPlace(discussion_id), author_id=author_id)
    return discussion_id


async def add_reply(
    tx: Transaction, discussion_id: int, author_id: int, reply_to_id: int | None = None, *, post: PostDraft
) -> tuple[int, Position]:
    """Inserts and counts a reply, appends its event, and returns the post's id and the event's position."""
    words = idempotency.words_parameters("addReply", None, tx.at)
    found = await tx.lock_log_and_read(
        db.replies.new_reply, discussion_id, events=1, replies=1, parent=reply_to_id, author=author_id, **words
    )
    assert found is not None
    path = paths.child(found.parent_path or b"", found.last_reply)
    place = PostPlace(discussion_id, found.last_reply, reply_to_id, path, found.last_event)
    post_id = await db.posts.insert_post(tx, post, place, author_id=author_id, post_id=found.post_id)
    await db.replies.count_reply(tx, place, author_id=author_id, takes_part=found.takes_part)
    event = Event(
        EventKind.REPLY_ADDED,
        post_id,
        1,
        author_id,
        author_id=author_id,
        answered_id=found.answered_id,
        category_id=found.category_id,
        people=await _people(tx, post_id),
    )
    return post_id, tx.append(event)


async def _people(tx: Transaction, post_id: int) -> list[int]:
    (subject,) = await tx.rows(db.posts.subjects, ids=[post_id])
    return subject.people
