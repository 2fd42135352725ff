// A discussion with its replies, live, and a form to reply.
import { useMutation, useQuery, useSubscription } from "@apollo/client/react";
import { useState, useSyncExternalStore } from "react";
import { placeReply, removeReplies } from "./cache";
import { ADD_REPLY, EVENTS, MORE, THREAD } from "./documents";
import { connection, ResyncRequired, whileEventsWait } from "../../shared/following";
import type { ReplyPartsFragment } from "./generated/graphql";
import { ReplyForm } from "../../shared/ReplyForm";
import { signIn } from "../../shared/session";

export function Thread({ number }: { number: number }) {
  const { data, previousData, error, client, fetchMore } = useQuery(THREAD, { variables: { number } });
  const [addReply] = useMutation(ADD_REPLY);
  const [replyTo, setReplyTo] = useState<ReplyPartsFragment | null>(null);
  const [failure, setFailure] = useState<Error | null>(null);
  const state = useSyncExternalStore(connection.watch, () => connection.state);

  const loaded = data?.discussion;
  useSubscription(EVENTS, {
    // From the cursor of the thread as it was loaded; from then on `follow` carries the cursor along by itself.
    variables: { discussionId: loaded?.id ?? "", after: loaded?.eventCursor ?? "" },
    skip: !loaded,
    ignoreResults: true,
    // The cache has taken in the replies that an event brings. What it can't know is where a new one belongs,
    // and which are in the thread no more.
    onData({ data: { data: event } }) {
      const item = event?.discussionEvents;
      if (!loaded || !item) return;
      if (item.__typename === "ReplyAdded" || item.__typename === "ReplyRestored") placeReply(client.cache, loaded.id, item.reply);
      if (item.__typename === "ReplyDeleted") removeReplies(client.cache, loaded.id, item.unlisted);
    },
    onError(error) {
      if (error instanceof ResyncRequired) void client.resetStore();
      else setFailure(error);
    },
  });

  const discussion = loaded ?? previousData?.discussion;
  if (error ?? failure) return <p role="alert">{(error ?? failure)!.message}</p>;
  if (!discussion) return <p>{data ? "There is no such discussion." : "Loading…"}</p>;
  const { id, title, replyCount, thread } = discussion;
  const replies = thread?.nodes ?? [];
  const more = thread?.pageInfo.hasNextPage ? thread.pageInfo.endCursor : null;

  async function send(body: string, clientMutationId: string): Promise<string> {
    await signIn();
    const input = { discussionId: id, replyToId: replyTo?.id ?? null, body, clientMutationId };
    const { data } = await addReply({ variables: { input } });
    const payload = data?.addReply;
    if (!payload?.reply) throw new Error(payload?.errors.map(({ message }) => message).join(" "));
    setReplyTo(null);
    return payload.reply.id;
  }

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
        {replies.map((reply) => (
          <Reply key={reply.id} reply={reply} onReply={() => setReplyTo(reply)} />
        ))}
      </ol>
      {more && (
        <button onClick={() => whileEventsWait(() => fetchMore({ query: MORE, variables: { number, after: more } }))}>
          Show more
        </button>
      )}
      <ReplyForm
        to={replyTo?.author?.name ?? null}
        onAnswerDiscussion={() => setReplyTo(null)}
        send={send}
        isShown={(sent) => replies.some((reply) => reply.id === sent)}
      />
    </>
  );
}

function Reply({ reply, onReply }: { reply: ReplyPartsFragment; onReply: () => void }) {
  const { id, lastEvent, path, state, author, bodyHtml } = reply;
  return (
    <li data-id={id} data-last-event={lastEvent} style={{ "--depth": path.length - 1 }}>
      <b>{state === "DELETED" ? "deleted" : author?.name}</b> <button onClick={onReply}>Reply</button>
      {/* The server has made this HTML from Markdown, and nothing in it can do harm. */}
      <div dangerouslySetInnerHTML={{ __html: bodyHtml }} />
    </li>
  );
}
