// The GraphQL documents of the moderators' script. Any client could send the same.
import { DISCUSSION, POST } from "./app.js";

const PERSON = `fragment PersonParts on User { id handle name avatarUrl }`;

const DECISION = `fragment DecisionParts on Decision { action by { ...PersonParts } reason at }`;

const ITEM = `fragment ItemParts on ReviewItem {
  id kind state version postVersion title body reportCount createdAt updatedAt claimedUntil
  author { ...PersonParts }
  claimedBy { ...PersonParts }
  decision { ...DecisionParts }
  post {
    __typename id version state authorRole discussion { id number title }
    deletion { by } ... on Reply { sequence }
  }
  held {
    id kind state title body bodyHtml reasons createdAt
    discussion { id number title } category { name }
    replyTo { sequence } edits { id discussion { id number title } ... on Reply { sequence } }
  }
  reports(first: 20) { nodes { id reason note postVersion at reporter { ...PersonParts } } }
}
${PERSON}
${DECISION}`;

const ENTRY = `fragment EntryParts on AuditEntry {
  id action at reason canUndo total done skipped
  actor { ...PersonParts }
  user { ...PersonParts }
  discussion { number title state }
  post { id state discussion { number title } ... on Reply { sequence } }
  category { slug name }
  held { id kind title discussion { number title } }
  undoes { id action at }
  undoneBy { id }
}`;

export const OPEN_ITEMS = `query ($first: Int!) {
  moderationCursor
  reviewQueue(filter: { state: OPEN }, first: $first) { pageInfo { hasNextPage } nodes { id } }
}`;

export const OPEN_ITEM_EVENTS = `subscription ($after: String) {
  moderationEvents(after: $after) {
    __typename cursor
    ... on ReviewItemOpened { reviewItem { id state } }
    ... on ReviewItemChanged { reviewItem { id state } }
  }
}`;

export const QUEUE = `query ($filter: ReviewQueueFilter, $first: Int!, $after: String) {
  moderationCursor
  reviewQueue(filter: $filter, first: $first, after: $after) { pageInfo { hasNextPage endCursor } nodes { ...ItemParts } }
}
${ITEM}`;

export const MODERATION_EVENTS = `subscription ($after: String) {
  moderationEvents(after: $after) {
    __typename cursor
    ... on ReviewItemOpened { reviewItem { ...ItemParts } }
    ... on ReviewItemChanged { reviewItem { ...ItemParts } }
    ... on AuditEntryAdded { entry { ...EntryParts reviewItem { id } } }
  }
}
${ITEM}
${ENTRY}`;

export const DECIDE = `mutation ($input: DecideReviewInput!) {
  decideReview(input: $input) {
    reviewItem { ...ItemParts }
    errors { code message ... on Conflict { current { ...ItemParts } } }
  }
}
${ITEM}`;

export const CLAIM = `mutation ($input: ClaimReviewInput!) {
  claimReview(input: $input) { reviewItem { ...ItemParts } errors { code message } }
}
${ITEM}`;

export const UNDO = `mutation ($input: UndoInput!) {
  undo(input: $input) { auditEntry { ...EntryParts } errors { code message } }
}
${ENTRY}
${PERSON}`;

export const LOG = `query ($filter: AuditLogFilter, $first: Int!, $after: String) {
  moderationCursor
  auditLog(filter: $filter, first: $first, after: $after) { pageInfo { hasNextPage endCursor } nodes { ...EntryParts } }
}
${ENTRY}
${PERSON}`;

export const LOG_EVENTS = `subscription ($after: String) {
  moderationEvents(after: $after) { __typename cursor ... on AuditEntryAdded { entry { ...EntryParts } } }
}
${ENTRY}
${PERSON}`;

export const ENTRIES = `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on AuditEntry { ...EntryParts } } }
${ENTRY}
${PERSON}`;

const MEMBER = `fragment MemberParts on User {
  ...PersonParts isGuest role createdAt premoderated
  suspension { reason until at by { ...PersonParts } }
  replies(first: 1) { totalCount totalCountIsExact }
  discussions(first: 1) { totalCount totalCountIsExact }
}
${PERSON}`;

export const MEMBER_BY_HANDLE = `query ($handle: String!) { user(handle: $handle) { ...MemberParts } }
${MEMBER}`;

const ofMember = (name, Input) => `mutation ($input: ${Input}Input!) {
  written: ${name}(input: $input) { user { ...MemberParts } errors { code message } }
}
${MEMBER}`;

export const SUSPEND = ofMember("suspendUser", "SuspendUser");
export const UNSUSPEND = ofMember("unsuspendUser", "UnsuspendUser");
export const SET_ROLE = ofMember("setRole", "SetRole");
export const PREMODERATE = ofMember("premoderateUser", "PremoderateUser");

export const REMOVE_POSTS = `mutation ($input: RemovePostsInput!) {
  removePosts(input: $input) {
    posts discussions repliesOfOthers auditEntry { ...EntryParts } errors { code message }
  }
}
${ENTRY}
${PERSON}`;

const CATEGORY = `fragment CategoryParts on Category { id slug name description position premoderated }`;

export const CATEGORIES = `query { categories(first: 100) { nodes { ...CategoryParts } } }
${CATEGORY}`;

export const ADD_CATEGORY = `mutation ($input: AddCategoryInput!) {
  written: addCategory(input: $input) { category { ...CategoryParts } errors { code message path } }
}
${CATEGORY}`;

export const EDIT_CATEGORY = `mutation ($input: EditCategoryInput!) {
  written: editCategory(input: $input) { category { ...CategoryParts } errors { code message path } }
}
${CATEGORY}`;

const ofDiscussion = (name, Input) => `mutation ($input: ${Input}Input!) {
  written: ${name}(input: $input) { discussion { ...DiscussionParts } errors { code message } }
}
${DISCUSSION}
${POST}`;

export const PIN = ofDiscussion("pinDiscussion", "PinDiscussion");
export const UNPIN = ofDiscussion("unpinDiscussion", "UnpinDiscussion");
export const MOVE = ofDiscussion("moveDiscussion", "MoveDiscussion");
export const RETITLE = ofDiscussion("retitleDiscussion", "RetitleDiscussion");
