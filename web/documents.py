"""The GraphQL queries behind the pages and feeds of this room, and how much each shows."""

THREAD_REPLIES = 50
LISTED_DISCUSSIONS = 30
FEED_DISCUSSIONS = 20
FEED_REPLIES = 10
"""Of each discussion in the feed of the site."""
DISCUSSION_FEED_REPLIES = 50

THREAD = """
query ($number: Int!, $replies: Int!) { discussion(number: $number) {
  number title state bodyHtml bodyText createdAt replyCount
  author { name }
  thread(first: $replies) { pageInfo { hasNextPage } nodes {
    sequence depth state bodyHtml createdAt author { name }
  } }
} }
"""

DISCUSSIONS = """
query ($count: Int!) { discussions(first: $count) { nodes {
  number title replyCount author { name }
} } }
"""

SITE_FEED = """
query ($count: Int!, $replies: Int!) {
  discussions(first: $count, orderBy: {field: LAST_ACTIVITY_AT, direction: DESC}) { nodes {
    number title state bodyHtml createdAt lastEditedAt author { name }
    replies(last: $replies) { nodes { sequence state bodyHtml createdAt lastEditedAt author { name } } }
  } }
}
"""

DISCUSSION_FEED = """
query ($number: Int!, $replies: Int!) { discussion(number: $number) {
  number title state bodyHtml createdAt lastEditedAt author { name }
  replies(last: $replies) { nodes { sequence state bodyHtml createdAt lastEditedAt author { name } } }
} }
"""
