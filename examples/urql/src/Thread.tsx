// A discussion with its replies, live, and a form to reply.
import { useEffect, useState, useSyncExternalStore } from "react";
import { useClient, useMutation, useQuery, useSubscription } from "urql";
import { ADD_REPLY, EVENTS, MORE, THREAD } from "./documents";
import { connection, ResyncRequired, whileEventsWait } from "../../shared/following";
import type { ReplyPartsFragment } from "./generated/graphql";
import { ReplyForm } from "../../shared/ReplyForm";
import { signIn } from "../../shared/session";

export function Thread({ number, onResync }: { number: number; onResync: () => void }) {
  const client = useClient();
  const [{ data, error }] = useQuery({ query: THREAD, variables: { number } });
  const [, addReply] = useMutation(ADD_REPLY);
  const [replyTo, setReplyTo] = useState<ReplyPartsFragment | null>(null);
  const state = useSyncExternalStore(connection.watch, () => connection.state);

  const loaded = data?.discussion;
  // The cache has taken in all that an event brings, and put a new reply in its place: see cache.ts.
  const [{ error: failure }] = useSubscription({
    query: EVENTS,
    // From the cursor of the thread as it was loaded; from then on `follow` carries the cursor along by itself.
    variables: { discussionId: loaded?.id ?? "", after: loaded?.eventCursor ?? "" },
    pause: !loaded,
  });
  const mustResync = failure?.networkError instanceof ResyncRequired;
  useEffect(() => {
    if (mustResync) onResync();
  }, [mustResync]);

  // While a thread is loaded again, the one that was shown stays.
  const [shown, setShown] = useState(loaded);
  if (loaded && loaded !== shown) setShown(loaded);
  const wrong = error ?? (mustResync ? undefined : failure);
  if (wrong) return <p role="alert">{wrong.message}</p>;
  if (!shown) return <p>{data ? "There is no such discussion." : "Loading…"}</p>;
  const { id, title, replyCount, thread } = shown;
  const replies = thread?.nodes ?? [];
  const more = thread?.pageInfo.hasNextPage ? thread.pageInfo.endCursor : null;

  async function send(body: string, clientMutationId: string): Promise<string> {
    await signIn();
    const input = { discussionId: id, replyToId: replyTo?.id ?? null, body, clientMutationId };
    const { data, error } = await addReply({ input });
    if (error) throw error;
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
        <button onClick={() => whileEventsWait(() => client.query(MORE, { number, after: more }).toPromise())}>
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
