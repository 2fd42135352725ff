// A reply in a thread.
import { graphql, useFragment } from "react-relay";
import type { Reply_reply$key } from "./__generated__/Reply_reply.graphql";

const REPLY = graphql`
  fragment Reply_reply on Reply {
    id
    lastEvent
    path
    state
    bodyHtml
    author {
      name
    }
  }
`;

interface Props {
  reply: Reply_reply$key;
  onReply: () => void;
}

export function Reply({ reply, onReply }: Props) {
  const { id, lastEvent, path, state, author, bodyHtml } = useFragment(REPLY, reply);
  return (
    <li data-id={id} data-last-event={lastEvent} style={{ "--depth": path.length - 1 }}>
      <b>{state === "DELETED" ? "deleted" : author?.name}</b> <button onClick={onReply}>Reply</button>
      {/* The server has made this HTML from Markdown, and nothing in it can do harm. */}
      <div dangerouslySetInnerHTML={{ __html: bodyHtml }} />
    </li>
  );
}
