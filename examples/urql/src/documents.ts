// What the page asks for. graphql-codegen types each of these from the schema: `npm run generate`.
import { graphql } from "./generated";

export const THREAD = graphql(`
  query Thread($number: Int!) {
    discussion(number: $number) {
      id
      title
      replyCount
      eventCursor
      thread(first: 100) {
        ...Page
      }
    }
  }

  fragment Page on ThreadConnection {
    nodes {
      ...ReplyParts
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }

  fragment ReplyParts on Reply {
    id
    lastEvent
    path
    state
    bodyHtml
    author {
      id
      name
    }
  }
`);

/** A further page. It has no `eventCursor`: the thread is followed from that of the first. */
export const MORE = graphql(`
  query More($number: Int!, $after: String!) {
    discussion(number: $number) {
      id
      thread(first: 100, after: $after) {
        ...Page
      }
    }
  }
`);

export const EVENTS = graphql(`
  subscription Events($discussionId: ID!, $after: String!) {
    discussionEvents(discussionId: $discussionId, after: $after) {
      __typename
      cursor
      ... on DiscussionEvent {
        discussion {
          id
          title
          replyCount
        }
      }
      ... on ReplyAdded {
        reply {
          ...ReplyParts
        }
      }
      ... on ReplyEdited {
        reply {
          ...ReplyParts
        }
      }
      ... on ReplyDeleted {
        reply {
          ...ReplyParts
        }
        unlisted
      }
      ... on ReplyRestored {
        reply {
          ...ReplyParts
        }
        edges {
          node {
            id
            state
          }
        }
      }
      ... on PostChanged {
        post {
          id
          ... on Reply {
            ...ReplyParts
          }
        }
      }
      ... on QuoteStatusChanged {
        post {
          id
          ... on Reply {
            ...ReplyParts
          }
        }
      }
    }
  }
`);

/**
 * Selects the id alone: the stream delivers the reply itself. So all versions of a reply arrive in one way and in order, and a
 * slow response can't undo a newer edit.
 */
export const ADD_REPLY = graphql(`
  mutation AddReply($input: AddReplyInput!) {
    addReply(input: $input) {
      reply {
        id
      }
      errors {
        code
        message
      }
    }
  }
`);
