// What the page asks for, and what it gets: by hand, where the other examples have a code generator.

export interface Reply {
  id: string;
  lastEvent: number;
  path: number[];
  state: "VISIBLE" | "DELETED";
  bodyHtml: string;
  author: { name: string } | null;
}

export interface Page {
  nodes: Reply[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

export interface Discussion {
  id: string;
  title: string;
  replyCount: number;
  eventNumber: number;
  eventCursor: string;
  thread: Page;
}

/** What a discussion's events bring: how it is by now, and the post that each is about. */
export type Item =
  | { __typename: "ReplyAdded" | "ReplyEdited" | "ReplyRestored"; discussion: Heading; reply: Reply }
  | { __typename: "ReplyDeleted"; discussion: Heading; reply: Reply; unlisted: string[] }
  | { __typename: "PostChanged" | "QuoteStatusChanged"; discussion: Heading; post: Reply | { __typename: "Discussion" } }
  | { __typename: "DiscussionUpdated"; discussion: Heading }
  | { __typename: "CaughtUp" };

export type Heading = Pick<Discussion, "title" | "replyCount" | "eventNumber">;

const REPLY = `id lastEvent path state bodyHtml author { name }`;
const PAGE = `nodes { ${REPLY} } pageInfo { hasNextPage endCursor }`;

export const THREAD = `query ($number: Int!) {
  discussion(number: $number) { id title replyCount eventNumber eventCursor thread(first: 100) { ${PAGE} } }
}`;

/** A further page. It has no `eventCursor`: the thread is followed from that of the first. */
export const MORE = `query ($number: Int!, $after: String!) {
  discussion(number: $number) { thread(first: 100, after: $after) { ${PAGE} } }
}`;

export const EVENTS = `subscription ($discussionId: ID!, $after: String!) {
  discussionEvents(discussionId: $discussionId, after: $after) {
    __typename
    cursor
    ... on DiscussionEvent { discussion { title replyCount eventNumber } }
    ... on ReplyAdded { reply { ${REPLY} } }
    ... on ReplyEdited { reply { ${REPLY} } }
    ... on ReplyDeleted { reply { ${REPLY} } unlisted }
    ... on ReplyRestored { reply { ${REPLY} } edges { node { state } } }
    ... on PostChanged { post { __typename ... on Reply { ${REPLY} } } }
    ... on QuoteStatusChanged { post { __typename ... on Reply { ${REPLY} } } }
  }
}`;

export const ADD_REPLY = `mutation ($input: AddReplyInput!) {
  addReply(input: $input) { reply { ${REPLY} } errors { code message } }
}`;
