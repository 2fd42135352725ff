// A discussion with its replies, live, and a form to reply.
import { useMemo, useState, useSyncExternalStore } from "react";
import { graphql, useLazyLoadQuery, useMutation, usePaginationFragment, useSubscription } from "react-relay";
import { edgesInOrder } from "./cache";
import { connection, ResyncRequired, whileEventsWait } from "../../shared/following";
import type { Thread_discussion$key } from "./__generated__/Thread_discussion.graphql";
import type { ThreadAddReplyMutation } from "./__generated__/ThreadAddReplyMutation.graphql";
import type { ThreadEventsSubscription } from "./__generated__/ThreadEventsSubscription.graphql";
import type { ThreadPageQuery } from "./__generated__/ThreadPageQuery.graphql";
import type { ThreadQuery } from "./__generated__/ThreadQuery.graphql";
import { Reply } from "./Reply";
import { ReplyForm } from "../../shared/ReplyForm";
import { signIn } from "../../shared/session";

const QUERY = graphql`
  query ThreadQuery($number: Int!) {
    discussion(number: $number) {
      id
      eventCursor
      ...Thread_discussion
    }
  }
`;

const DISCUSSION = graphql`
  fragment Thread_discussion on Discussion
  @argumentDefinitions(count: { type: "Int", defaultValue: 100 }, cursor: { type: "String" })
  @refetchable(queryName: "ThreadPageQuery") {
    id
    title
    replyCount
    thread(first: $count, after: $cursor) @connection(key: "Thread_thread") {
      __id
      edges {
        cursor
        node {
          id
          path
          author {
            name
          }
          ...Reply_reply
        }
      }
      pageInfo {
        endCursor
        hasNextPage
      }
    }
  }
`;

const EVENTS = graphql`
  subscription ThreadEventsSubscription($discussionId: ID!, $after: String!, $connections: [ID!]!) {
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
        edge @appendEdge(connections: $connections) {
          cursor
          node {
            id
            path
            author {
              name
            }
            ...Reply_reply
          }
        }
      }
      ... on ReplyEdited {
        reply {
          ...Reply_reply
        }
      }
      ... on ReplyDeleted {
        reply {
          ...Reply_reply
        }
        unlisted @deleteEdge(connections: $connections)
      }
      ... on ReplyRestored {
        edge @appendEdge(connections: $connections) {
          cursor
          node {
            id
            path
            author {
              name
            }
            ...Reply_reply
          }
        }
        edges {
          node {
            state
          }
        }
      }
      ... on PostChanged {
        post {
          id
          ... on Reply {
            ...Reply_reply @alias(as: "reply")
          }
        }
      }
      ... on QuoteStatusChanged {
        post {
          id
          ... on Reply {
            ...Reply_reply @alias(as: "reply")
          }
        }
      }
    }
  }
`;

/**
 * Selects the id alone: the stream delivers the reply itself. So all versions of a reply arrive in one way and in order, and a
 * slow response can't undo a newer edit.
 */
const ADD_REPLY = graphql`
  mutation ThreadAddReplyMutation($input: AddReplyInput!) {
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
`;

interface Props {
  number: number;
  onResync: () => void;
}

export function Thread({ number, onResync }: Props) {
  const { discussion } = useLazyLoadQuery<ThreadQuery>(QUERY, { number });
  if (!discussion) return <p>There is no such discussion.</p>;
  return <Loaded discussion={discussion} cursor={discussion.eventCursor} onResync={onResync} />;
}

interface LoadedProps {
  discussion: Thread_discussion$key;
  cursor: string;
  onResync: () => void;
}

function Loaded({ discussion, cursor, onResync }: LoadedProps) {
  const { data, hasNext, loadNext } = usePaginationFragment<ThreadPageQuery, Thread_discussion$key>(
    DISCUSSION,
    discussion,
  );
  const { id, title, replyCount, thread } = data;
  const [addReply] = useMutation<ThreadAddReplyMutation>(ADD_REPLY);
  const [replyTo, setReplyTo] = useState<{ id: string; name: string | undefined } | null>(null);
  const [failure, setFailure] = useState<Error | null>(null);
  const state = useSyncExternalStore(connection.watch, () => connection.state);

  const connectionId = thread?.__id ?? "";
  const events = useMemo(
    () => ({
      subscription: EVENTS,
      // From the cursor of the thread as it was loaded; from then on `follow` carries the cursor along by itself.
      variables: { discussionId: id, after: cursor, connections: [connectionId] },
      onError: (error: Error) => (error instanceof ResyncRequired ? onResync() : setFailure(error)),
    }),
    [id, cursor, connectionId],
  );
  useSubscription<ThreadEventsSubscription>(events);

  function send(body: string, clientMutationId: string): Promise<string> {
    const input = { discussionId: id, replyToId: replyTo?.id ?? null, body, clientMutationId };
    return signIn().then(
      () =>
        new Promise((sent, refused) => {
          addReply({
            variables: { input },
            onCompleted({ addReply: { reply, errors } }) {
              if (!reply) return refused(new Error(errors.map(({ message }) => message).join(" ")));
              setReplyTo(null);
              sent(reply.id);
            },
            onError: refused,
          });
        }),
    );
  }

  if (failure) return <p role="alert">{failure.message}</p>;
  const edges = thread ? edgesInOrder(thread) : [];
  return (
    <>
      <h1>{title}</h1>
      <p>
        <span role="status" data-connection={state}>
          {state}
        </span>
        , {replyCount} replies
      </p>
      <ol>
        {edges.map(({ node }) => (
          <Reply key={node.id} reply={node} onReply={() => setReplyTo({ id: node.id, name: node.author?.name })} />
        ))}
      </ol>
      {hasNext && (
        <button
          onClick={() => whileEventsWait(() => new Promise((loaded) => loadNext(100, { onComplete: loaded })))}
        >
          Show more
        </button>
      )}
      <ReplyForm
        to={replyTo?.name ?? null}
        onAnswerDiscussion={() => setReplyTo(null)}
        send={send}
        isShown={(sent) => edges.some(({ node }) => node.id === sent)}
      />
    </>
  );
}
