"""People named in a body."""

from sqlalchemy import select

from db.rows import MentionRow
from db.statements import Reads, Statement, among
from db.tables import mentions

of_posts = Statement(
    select(
        mentions.c.post_id,
        mentions.c.ordinal,
        mentions.c.user_id,
        mentions.c.attributed_name,
        mentions.c.start,
        mentions.c.length,
    )
    .where(among(mentions.c.post_id, "ids"))
    .order_by(mentions.c.post_id, mentions.c.ordinal),
    MentionRow,
    reads=Reads(of_people=("user_id",)),
)
