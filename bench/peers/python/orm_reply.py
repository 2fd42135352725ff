"""addReply as a user of SQLAlchemy's ORM would write it: the post with its HTML and all counts, in one transaction.

No log, no search entry, no check for double clicks.
"""

from datetime import UTC, datetime

import strawberry
from sqlalchemy import select

from bench.peers.python.models import (
    CountsModel,
    DiscussionCountsModel,
    HeadModel,
    ParticipantModel,
    PostModel,
    sessions,
)
from db import paths
from text import markdown


@strawberry.input
class AddReplyInput:
    """A new reply."""

    discussion_id: strawberry.ID
    reply_to_id: strawberry.ID | None = None
    body: str


async def write_reply(given: AddReplyInput, user: int) -> PostModel:
    """Adds the reply and returns it."""
    discussion = int(given.discussion_id[2:])
    document = markdown.read(given.body)
    async with sessions.begin() as session:
        head = await session.get_one(HeadModel, discussion, with_for_update=True)
        parent = await session.get_one(PostModel, int(given.reply_to_id[2:])) if given.reply_to_id else None
        head.last_reply += 1
        path = paths.child(parent.path if parent else b"", head.last_reply)
        post = PostModel(
            discussion_id=discussion,
            sequence=head.last_reply,
            reply_to_id=parent.id if parent else None,
            path=path,
            newest_path=paths.newest(path),
            depth=paths.depth(path),
            author_id=user,
            body=given.body,
            body_html=document.html([]),
            body_text=document.text,
            said=document.said,
            renderer=markdown.RENDERER,
            version=1,
            created_at=datetime.now(UTC),
            listed=True,
        )
        session.add(post)
        session.add(CountsModel(discussion_id=discussion, sequence=post.sequence, reply_count=0, descendant_count=0))
        above = [0, *paths.sequences(path)[:-1]]
        ancestors = select(CountsModel).where(CountsModel.discussion_id == discussion, CountsModel.sequence.in_(above))
        for counts in await session.scalars(ancestors):
            counts.descendant_count += 1
            counts.reply_count += counts.sequence == above[-1]
        counted = await session.get_one(DiscussionCountsModel, discussion)
        counted.reply_count += 1
        counted.last_activity_at = post.created_at
        participant = await session.get(ParticipantModel, (discussion, user))
        if participant is None:
            session.add(ParticipantModel(discussion_id=discussion, user_id=user, post_count=1))
            counted.participant_count += 1
        else:
            participant.post_count += 1
    return post
