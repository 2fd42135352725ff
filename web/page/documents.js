// The GraphQL documents of the page. Any client could send the same.

const PERSON = `fragment PersonParts on User { id handle name avatarUrl }`;

const POST = `fragment PostParts on Post {
  __typename id version versionProof state bodyHtml createdAt lastEditedAt deletedAt
  author { ...PersonParts }
  viewerCanEdit viewerCanDelete viewerCanReply
  quotes(maxDepth: 3) {
    id attributedName status bodyText sourceVersion
    source { __typename id version discussion { id number title } ... on Reply { sequence } }
  }
}
${PERSON}`;

const REPLY = `fragment ReplyParts on Reply {
  ...PostParts
  sequence path depth replyCount descendantCount
  replyTo { sequence author { name } }
}
${POST}`;

const COUNTS = `fragment Counts on Discussion { id version state locked replyCount participantCount viewCount lastActivityAt }`;

const DISCUSSION = `fragment DiscussionParts on Discussion {
  ...PostParts ...Counts
  number title
  category { name slug }
}
${COUNTS}`;

const PAGE = `fragment PageParts on ThreadConnection {
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  edges { cursor node { ...ReplyParts } }
}`;

export const START = `query {
  site { name version terms limits { replyLength openingPostLength titleLength depth } }
  viewer { isGuest isModerator tokenExpiresAt user { ...PersonParts } }
  categories(first: 50) { nodes { id name slug description } }
}
${PERSON}`;

const LISTED = `fragment Listed on Discussion {
  id number title state locked replyCount participantCount lastActivityAt createdAt bodyText
  author { ...PersonParts }
  category { name slug }
  latest: replies(last: 1) { nodes { sequence author { ...PersonParts } } }
}
${PERSON}`;

export const DISCUSSIONS = `query ($after: String, $filter: DiscussionFilter, $orderBy: DiscussionOrder) {
  feedCursor
  discussions(first: 20, after: $after, filter: $filter, orderBy: $orderBy) {
    totalCount pageInfo { hasNextPage endCursor } nodes { ...Listed }
  }
}
${LISTED}`;

export const SEARCH = `query ($query: String!, $after: String) {
  search(query: $query, first: 20, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    edges { snippet title node {
      __typename id createdAt author { ...PersonParts } discussion { number title } ... on Reply { sequence }
    } }
  }
}
${PERSON}`;

export const FEED = `subscription ($after: String) {
  feed(after: $after) { __typename cursor ... on FeedReply { event { discussion { ...Listed } } } }
}
${LISTED}`;

export const THREAD = `query ($number: Int!, $around: Int, $first: Int!, $maxDepth: Int, $order: SiblingOrder!) {
  discussion(number: $number) {
    eventCursor
    ...DiscussionParts
    thread(first: $first, aroundSequence: $around, maxDepth: $maxDepth, order: $order) { ...PageParts }
  }
}
${DISCUSSION}
${PAGE}
${REPLY}`;

export const THREAD_PAGE = `query (
  $number: Int!, $first: Int, $after: String, $last: Int, $before: String, $root: ID, $maxDepth: Int, $order: SiblingOrder!
) {
  discussion(number: $number) {
    thread(first: $first, after: $after, last: $last, before: $before, root: $root, maxDepth: $maxDepth, order: $order) {
      ...PageParts
    }
  }
}
${PAGE}
${REPLY}`;

export const EVENTS = `subscription ($discussionId: ID!, $after: String) {
  discussionEvents(discussionId: $discussionId, after: $after) {
    __typename cursor
    ... on ResyncRequired { reason }
    ... on DiscussionEvent { clientMutationId discussion { ...Counts } }
    ... on ReplyAdded {
      edge { cursor }
      reply { ...ReplyParts ancestors { sequence replyCount descendantCount } }
    }
    ... on ReplyEdited { reply { ...ReplyParts } }
    ... on ReplyDeleted { reply { ...ReplyParts } }
    ... on QuoteStatusChanged { post { ...PostParts ... on Reply { ...ReplyParts } ... on Discussion { ...DiscussionParts } } }
    ... on DiscussionUpdated { updated: discussion { ...DiscussionParts } }
  }
}
${DISCUSSION}
${REPLY}`;

export const PRESENCE = `subscription ($discussionId: ID!) {
  presence(discussionId: $discussionId) { readerCount readers { ...PersonParts } typing { id name } }
}
${PERSON}`;

export const SET_PRESENCE = `mutation ($input: SetPresenceInput!) { setPresence(input: $input) { errors { code message } } }`;

export const RECORD_VIEW = `mutation ($input: RecordViewInput!) {
  recordView(input: $input) { discussion { ...Counts } errors { code message } }
}
${COUNTS}`;

export const PREVIEW = `query ($body: String!, $discussionId: ID, $replyToId: ID, $quotes: [QuoteInput!]) {
  previewBody(body: $body, discussionId: $discussionId, replyToId: $replyToId, quotes: $quotes) {
    bodyHtml errors { code message }
  }
}`;

export const SOURCE = `query ($id: ID!) { node(id: $id) { ... on Post { id version body } ... on Discussion { title } } }`;

export const SIGN_IN_AS_GUEST = `mutation ($input: SignInAsGuestInput!) {
  signInAsGuest(input: $input) { token errors { code message } }
}`;

export const ADD_REPLY = `mutation ($input: AddReplyInput!) {
  addReply(input: $input) {
    edge { cursor }
    reply { ...ReplyParts ancestors { sequence replyCount descendantCount } }
    errors { code message ... on RateLimited { resetAt } }
  }
}
${REPLY}`;

export const START_DISCUSSION = `mutation ($input: StartDiscussionInput!) {
  startDiscussion(input: $input) { discussion { id number title } errors { code message path } }
}`;

const CURRENT = `... on EditConflict { current { __typename id version body bodyHtml state ... on Discussion { title } } }`;

export const EDIT_REPLY = `mutation ($input: EditReplyInput!) {
  editReply(input: $input) { droppedQuoteIds reply { ...ReplyParts } errors { code message ${CURRENT} } }
}
${REPLY}`;

export const EDIT_DISCUSSION = `mutation ($input: EditDiscussionInput!) {
  editDiscussion(input: $input) { droppedQuoteIds discussion { ...DiscussionParts } errors { code message path ${CURRENT} } }
}
${DISCUSSION}
${POST}`;

export const DELETE_REPLY = `mutation ($input: DeleteReplyInput!) {
  deleteReply(input: $input) { reply { ...ReplyParts } errors { code message } }
}
${REPLY}`;

export const DELETE_DISCUSSION = `mutation ($input: DeleteDiscussionInput!) {
  deleteDiscussion(input: $input) { discussion { ...DiscussionParts } errors { code message } }
}
${DISCUSSION}
${POST}`;

export const LOCK_DISCUSSION = `mutation ($input: LockDiscussionInput!) {
  written: lockDiscussion(input: $input) { discussion { ...DiscussionParts } errors { code message } }
}
${DISCUSSION}
${POST}`;

export const UNLOCK_DISCUSSION = `mutation ($input: UnlockDiscussionInput!) {
  written: unlockDiscussion(input: $input) { discussion { ...DiscussionParts } errors { code message } }
}
${DISCUSSION}
${POST}`;
