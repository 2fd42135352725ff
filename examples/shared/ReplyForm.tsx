// Writes a reply, and shows it until the stream has brought it.
import { type FormEvent, useState } from "react";

interface Pending {
  /** Its clientMutationId. However often it is sent under this key, it is written once. */
  key: string;
  body: string;
  /** The reply it has become, once the server has said so. */
  id?: string;
}

interface Props {
  /** Who is answered; null for the discussion itself. */
  to: string | null;
  onAnswerDiscussion: () => void;
  /** Sends a reply and returns its id. Throws the errors of the server. */
  send: (body: string, clientMutationId: string) => Promise<string>;
  isShown: (id: string) => boolean;
}

export function ReplyForm({ to, onAnswerDiscussion, send, isShown }: Props) {
  const [body, setBody] = useState("");
  const [pending, setPending] = useState<Pending[]>([]);
  const [failure, setFailure] = useState("");

  async function submit(event: FormEvent) {
    event.preventDefault();
    const key = crypto.randomUUID();
    setPending((all) => [...all, { key, body }]);
    setBody("");
    setFailure("");
    try {
      const id = await send(body, key);
      setPending((all) => all.map((one) => (one.key === key ? { ...one, id } : one)));
    } catch (error) {
      // Nothing was written: put back what was typed.
      setPending((all) => all.filter((one) => one.key !== key));
      setBody((typed) => typed || body);
      setFailure((error as Error).message);
    }
  }

  const waiting = pending.filter(({ id }) => !id || !isShown(id));
  return (
    <form onSubmit={submit}>
      <ol>
        {waiting.map(({ key, body, id }) => (
          <li key={key} className="pending">
            {body} <i>{id ? "sent" : "sending…"}</i>
          </li>
        ))}
      </ol>
      {failure && <p role="alert">{failure}</p>}
      <label>
        {to ? `Your reply to ${to}` : "Your reply"}
        <textarea required value={body} onChange={(event) => setBody(event.target.value)} />
      </label>
      <button>Send</button>{" "}
      {to && (
        <button type="button" onClick={onAnswerDiscussion}>
          Answer the discussion instead
        </button>
      )}
    </form>
  );
}
