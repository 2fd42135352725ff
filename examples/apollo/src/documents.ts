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
    version
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
      ... on ReplyAdded {
        discussion {
          id
          replyCount
        }
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
      }
      ... on QuoteStatusChanged {
        post {
          id
          ... on Reply {
            ...ReplyParts
          }
        }
      }
      ... on DiscussionUpdated {
        discussion {
          id
          title
        }
      }
    }
  }
`);

/**
 * Asks for no more than the id: the stream brings the reply itself. Thus all that is known of a reply comes one way and in
 * order, and an answer that was long under way can't undo an edit that was received before it.
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
