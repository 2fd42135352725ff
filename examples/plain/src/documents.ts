// What the page asks for, and what it gets: by hand, where the other examples have a code generator.

export interface Reply {
  id: string;
  version: number;
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
  eventCursor: string;
  thread: Page;
}

export type Item =
  | { __typename: "ReplyAdded"; discussion: { replyCount: number }; reply: Reply }
  | { __typename: "ReplyEdited" | "ReplyDeleted"; reply: Reply }
  | { __typename: "QuoteStatusChanged"; post: Reply | { __typename: "Discussion" } }
  | { __typename: "DiscussionUpdated"; discussion: { title: string } }
  | { __typename: "CaughtUp" };

const REPLY = `id version path state bodyHtml author { name }`;
const PAGE = `nodes { ${REPLY} } pageInfo { hasNextPage endCursor }`;

export const THREAD = `query ($number: Int!) {
  discussion(number: $number) { id title replyCount eventCursor thread(first: 100) { ${PAGE} } }
}`;

/** A further page. It has no `eventCursor`: the thread is followed from that of the first. */
export const MORE = `query ($number: Int!, $after: String!) {
  discussion(number: $number) { thread(first: 100, after: $after) { ${PAGE} } }
}`;

export const EVENTS = `subscription ($discussionId: ID!, $after: String!) {
  discussionEvents(discussionId: $discussionId, after: $after) {
    __typename
    cursor
    ... on ReplyAdded { discussion { replyCount } reply { ${REPLY} } }
    ... on ReplyEdited { reply { ${REPLY} } }
    ... on ReplyDeleted { reply { ${REPLY} } }
    ... on QuoteStatusChanged { post { __typename ... on Reply { ${REPLY} } } }
    ... on DiscussionUpdated { discussion { title } }
  }
}`;

export const ADD_REPLY = `mutation ($input: AddReplyInput!) {
  addReply(input: $input) { reply { ${REPLY} } errors { code message } }
}`;
