// The GraphQL documents of the page. Any client could send the same.

const PERSON = `fragment PersonParts on User { id handle name avatarUrl }`;

export const POST = `fragment PostParts on Post {
  __typename id version lastEvent versionProof state bodyHtml createdAt lastEditedAt deletedAt
  author { ...PersonParts } authorRole byDiscussionAuthor
  deletion { by at reason body }
  viewerCanEdit viewerCanDelete viewerCanReply viewerCanRestore viewerCanReport
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

const COUNTS = `fragment Counts on Discussion { id eventNumber replyCount participantCount viewCount lastActivityAt }`;

/** The counts of the replies above one. */
const ANCESTORS = `ancestors { id replyCount descendantCount }`;

export const DISCUSSION = `fragment DiscussionParts on Discussion {
  ...PostParts ...Counts
  number title locked pinned
  category { id name slug }
}
${COUNTS}`;

const PAGE = `fragment PageParts on ThreadConnection {
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  edges { cursor node { ...ReplyParts } }
}`;

export const START = `query {
  site { name version terms deletedDays limits { replyLength openingPostLength titleLength depth } }
  viewer { isGuest isModerator suspension { reason until } tokenExpiresAt user { ...PersonParts } }
  categories(first: 50) { nodes { id name slug description position } }
}
${PERSON}`;

const LISTED = `fragment Listed on Discussion {
  id number eventNumber title state locked pinned replyCount participantCount lastActivityAt createdAt excerpt
  author { ...PersonParts }
  category { id name slug }
  latest: replies(last: 3) { nodes { sequence state createdAt author { ...PersonParts } } }
}
${PERSON}`;

/** Pinned discussions come with the first page, also those that an order puts on later ones. */
export const DISCUSSIONS = `query ($after: String, $filter: DiscussionFilter, $orderBy: DiscussionOrder, $pinned: DiscussionFilter, $isFirst: Boolean!) {
  feedCursor
  pinned: discussions(first: 10, filter: $pinned, orderBy: $orderBy) @include(if: $isFirst) { nodes { ...Listed } }
  discussions(first: 20, after: $after, filter: $filter, orderBy: $orderBy) {
    pageInfo { hasNextPage endCursor } nodes { ...Listed }
  }
}
${LISTED}`;

const FOUND = `fragment Found on Post {
  __typename id createdAt author { ...PersonParts } discussion { number title } ... on Reply { sequence }
}
${PERSON}`;

export const SEARCH_DISCUSSIONS = `query ($query: String!, $filter: SearchFilter, $orderBy: SearchOrder!, $after: String) {
  found: searchDiscussions(query: $query, filter: $filter, orderBy: $orderBy, first: 20, after: $after) {
    totalCount totalCountIsExact pageInfo { hasNextPage endCursor } edges { title snippet matchCount post { ...Found } }
  }
}
${FOUND}`;

export const SEARCH_POSTS = `query ($query: String!, $filter: SearchFilter, $orderBy: SearchOrder!, $after: String) {
  found: search(query: $query, filter: $filter, orderBy: $orderBy, first: 20, after: $after) {
    totalCount totalCountIsExact pageInfo { hasNextPage endCursor } edges { title snippet node { ...Found } }
  }
}
${FOUND}`;

export const SEARCH_FILTER = `query ($author: String!, $category: String!, $number: Int!, $by: Boolean!, $within: Boolean!, $in: Boolean!) {
  author: user(handle: $author) @include(if: $by) { id }
  category(slug: $category) @include(if: $within) { id }
  discussion(number: $number) @include(if: $in) { id number title }
}`;

const USER = `fragment UserParts on User {
  ...PersonParts isGuest createdAt
  replies(first: 1) { totalCount totalCountIsExact }
  discussions(first: 1) { totalCount totalCountIsExact }
}`;

export const USER_REPLIES = `query ($handle: String!, $after: String) {
  user(handle: $handle) {
    ...UserParts
    posts: replies(first: 20, after: $after) {
      pageInfo { hasNextPage endCursor }
      nodes { id state sequence createdAt excerpt discussion { number title state } }
    }
  }
}
${USER}
${PERSON}`;

export const USER_DISCUSSIONS = `query ($handle: String!, $after: String) {
  user(handle: $handle) {
    ...UserParts
    posts: discussions(first: 20, after: $after) { pageInfo { hasNextPage endCursor } nodes { ...Listed } }
  }
}
${USER}
${LISTED}`;

export const FEED = `subscription ($after: String, $filter: FeedFilter) {
  feed(after: $after, filter: $filter) {
    __typename cursor
    ... on FeedItem {
      event {
        __typename
        ... on DiscussionEvent { discussion { ...Listed } }
        ... on UserChanged { user { ...PersonParts } }
        ... on UserErased { userId }
        ... on CategoryChanged { categoryId category { id name slug description position } }
      }
    }
  }
}
${LISTED}`;

export const THREAD = `query ($number: Int!, $root: ID, $around: Int, $first: Int!, $maxDepth: Int, $order: SiblingOrder!) {
  discussion(number: $number) {
    eventCursor
    ...DiscussionParts
    thread(root: $root, first: $first, aroundSequence: $around, maxDepth: $maxDepth, order: $order) { ...PageParts }
  }
}
${DISCUSSION}
${PAGE}
${REPLY}`;

export const REPLY_AT = `query ($number: Int!, $sequence: Int!) {
  discussion(number: $number) { reply(sequence: $sequence) { ...ReplyParts } }
}
${REPLY}`;

export const THREAD_PAGE = `query (
  $number: Int!, $first: Int, $after: String, $last: Int, $before: String, $root: ID, $maxDepth: Int, $order: SiblingOrder!
) {
  discussion(number: $number) {
    eventNumber
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
    ... on DiscussionEvent { eventNumber clientMutationId discussion { ...Counts } }
    ... on ReplyAdded { edge { cursor } reply { ...ReplyParts } edges { node { sequence state } } ${ANCESTORS} }
    ... on ReplyEdited { reply { ...ReplyParts } }
    ... on ReplyDeleted { reply { ...ReplyParts } unlisted ${ANCESTORS} }
    ... on ReplyRestored { reply { ...ReplyParts } edge { cursor } edges { node { sequence state } } ${ANCESTORS} }
    ... on PostChanged { post { ...AnyPost } }
    ... on QuoteStatusChanged { post { ...AnyPost } }
    ... on DiscussionUpdated { changes post: discussion { ...DiscussionParts } }
  }
}
fragment AnyPost on Post { ... on Reply { ...ReplyParts } ... on Discussion { ...DiscussionParts } }
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

export const PEOPLE = `query ($query: String!, $first: Int, $discussionId: ID) {
  people(query: $query, first: $first, discussionId: $discussionId) { ...PersonParts }
}
${PERSON}`;

export const SOURCE = `query ($id: ID!) { node(id: $id) { ... on Post { id version body } ... on Discussion { title } } }`;

const HELD = `fragment HeldParts on HeldPost {
  id kind state title body bodyHtml reasons createdAt
  author { ...PersonParts }
  discussion { id number title }
  replyTo { sequence depth }
  edits { id discussion { number title } ... on Reply { sequence } }
  reply { sequence discussion { number title } }
  decision { reason at }
}`;

export const HELD_POSTS = `query { viewer { eventCursor heldPosts(first: 20) { nodes { ...HeldParts } } } }
${HELD}
${PERSON}`;

export const VIEWER_EVENTS = `subscription ($after: String) {
  viewerEvents(after: $after) {
    __typename cursor
    ... on DecisionMade { decision { action reason at } post { id discussion { number title } } held { ...HeldParts } }
  }
}
${HELD}
${PERSON}`;

export const WITHDRAW = `mutation ($input: WithdrawHeldPostInput!) {
  withdrawHeldPost(input: $input) { held { ...HeldParts } errors { code message } }
}
${HELD}
${PERSON}`;

export const SIGN_IN_AS_GUEST = `mutation ($input: SignInAsGuestInput!) {
  signInAsGuest(input: $input) { token errors { code message } }
}`;

export const ADD_REPLY = `mutation ($input: AddReplyInput!) {
  addReply(input: $input) {
    edge { cursor }
    reply { ...ReplyParts ${ANCESTORS} }
    held { ...HeldParts }
    errors { code message ... on RateLimited { resetAt } }
  }
}
${HELD}
${REPLY}`;

export const START_DISCUSSION = `mutation ($input: StartDiscussionInput!) {
  startDiscussion(input: $input) { discussion { id number title } held { ...HeldParts } errors { code message path } }
}
${HELD}
${PERSON}`;

const CURRENT = `... on EditConflict { current { __typename id version body bodyHtml state ... on Discussion { title } } }`;

export const EDIT_REPLY = `mutation ($input: EditReplyInput!) {
  editReply(input: $input) { droppedQuoteIds reply { ...ReplyParts } held { ...HeldParts } errors { code message ${CURRENT} } }
}
${HELD}
${REPLY}`;

export const EDIT_DISCUSSION = `mutation ($input: EditDiscussionInput!) {
  editDiscussion(input: $input) { droppedQuoteIds discussion { ...DiscussionParts } held { ...HeldParts } errors { code message path ${CURRENT} } }
}
${HELD}
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

export const RESTORE_REPLY = `mutation ($input: RestoreReplyInput!) {
  restoreReply(input: $input) { reply { ...ReplyParts } errors { code message } }
}
${REPLY}`;

export const RESTORE_DISCUSSION = `mutation ($input: RestoreDiscussionInput!) {
  restoreDiscussion(input: $input) { errors { code message } }
}`;

export const REPORT = `mutation ($input: ReportPostInput!) { reportPost(input: $input) { reported errors { code message } } }`;

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
