"""The GraphQL queries behind the pages and feeds of this room, and how much each shows.

Pages read what the scripts of web/page/ would, in their fragments, and carry it for them.
"""

from typing import Any

from web.page_documents import DOCUMENTS
from web.source import Data

THREAD_REPLIES = 50
LISTED_DISCUSSIONS = 20
"""As the scripts show at first."""

THREAD = f"""
query ($number: Int!, $replies: Int!, $after: String, $around: Int, $reply: Int!) {{ discussion(number: $number) {{
  eventCursor ...DiscussionParts excerpt
  reply(sequence: $reply) {{ excerpt }}
  thread(first: $replies, after: $after, aroundSequence: $around) {{ ...PageParts }}
}} }}
{DOCUMENTS["DISCUSSION"]}
{DOCUMENTS["PAGE"]}
{DOCUMENTS["REPLY"]}
"""

EARLIER_REPLIES = """
query ($number: Int!, $replies: Int!, $before: String!) { discussion(number: $number) {
  thread(last: $replies, before: $before) { nodes { sequence } }
} }
"""

DISCUSSIONS = f"""
query (
  $count: Int!, $after: String, $orderBy: DiscussionOrder, $filter: DiscussionFilter, $pinned: DiscussionFilter,
  $isFirst: Boolean!
) {{
  feedCursor
  pinned: discussions(first: 10, filter: $pinned, orderBy: $orderBy) @include(if: $isFirst) {{ nodes {{ ...Listed }} }}
  discussions(first: $count, after: $after, orderBy: $orderBy, filter: $filter) {{
    pageInfo {{ hasNextPage endCursor }} nodes {{ ...Listed }}
  }}
  categories(first: 50) {{ nodes {{ id name slug description position }} }}
}}
{DOCUMENTS["LISTED"]}
"""

CATEGORY = "query ($slug: String!) { category(slug: $slug) { id slug name description } }"

LATEST_REPLIES = 3
"""Of each discussion of the list. Same number as in LISTED of page/documents.js."""
LATEST = {"field": "LAST_ACTIVITY_AT", "direction": "DESC"}
"""The order of the list, of the type DiscussionOrder."""

OF_USER = {name: DOCUMENTS[name] for name in ("USER_REPLIES", "USER_DISCUSSIONS")}
"""A page of a person's posts, with who the person is."""

FEED = """
query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Post {
  state bodyHtml createdAt lastEditedAt author { name } discussion { number title }
  ... on Reply { sequence }
} } }
"""

DISCUSSION_TITLE = """
query ($number: Int!) { discussion(number: $number) { number title } }
"""


def given(document: str, data: Data, **variables: Any) -> Data:
    """A result that the page's scripts need not request: they ask for this document with these variables at least."""
    return {"document": document, "variables": variables, "data": data}
