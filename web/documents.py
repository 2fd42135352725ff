"""The GraphQL queries behind the pages and feeds of this room."""

THREAD = """
query ($number: Int!) { discussion(number: $number) {
  number title state locked url bodyHtml bodyText createdAt lastActivityAt replyCount
  author { name } category { name }
  thread(first: 50) { pageInfo { hasNextPage } nodes {
    sequence depth state bodyHtml createdAt author { name }
  } }
} }
"""

DISCUSSIONS = """
query { discussions(first: 30) { nodes {
  number title url bodyText replyCount lastActivityAt author { name }
} } }
"""

SITE_FEED = """
query { discussions(first: 20, orderBy: {field: LAST_ACTIVITY_AT, direction: DESC}) { nodes {
  number title url state bodyHtml createdAt lastEditedAt author { name }
  replies(last: 10) { nodes { sequence url state bodyHtml createdAt lastEditedAt author { name } } }
} } }
"""

DISCUSSION_FEED = """
query ($number: Int!) { discussion(number: $number) {
  number title url state bodyHtml createdAt lastEditedAt author { name }
  replies(last: 50) { nodes { sequence url state bodyHtml createdAt lastEditedAt author { name } } }
} }
"""
