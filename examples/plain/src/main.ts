// The page: loads a thread, draws it, follows it and replies. `?over=sse` follows by server-sent events.
import { ADD_REPLY, type Discussion, EVENTS, type Item, MORE, type Page, type Reply, THREAD } from "./documents";
import { eventStream } from "./event-stream";
import { fetchUntilAnswered } from "../../shared/fetching";
import { connection, follow, ResyncRequired, websocket, whileEventsWait } from "../../shared/following";
import { signIn } from "../../shared/session";
import { Thread } from "./thread";
import "../../shared/style.css";

const parameters = new URLSearchParams(location.search);
const number = Number(parameters.get("discussion") ?? 1);
const transport = parameters.get("over") === "sse" ? eventStream("/graphql") : websocket("/graphql");

const app = document.getElementById("app")!;
app.innerHTML = `
  <h1>Loading…</h1>
  <p><span role="status"></span>, <span id="count">0</span> replies</p>
  <ol id="replies"></ol>
  <button id="more" hidden>Show more</button>
  <p role="alert"></p>
  <form>
    <label><span id="to">Your reply</span> <textarea required></textarea></label>
    <button>Send</button> <button type="button" id="instead" hidden>Answer the discussion instead</button>
  </form>`;
const find = <E extends HTMLElement>(selector: string) => app.querySelector<E>(selector)!;
const form = find<HTMLFormElement>("form");
const text = find<HTMLTextAreaElement>("textarea");

let thread: Thread | null = null;
let replyTo: Reply | null = null;

async function load(): Promise<void> {
  const { discussion } = await ask<{ discussion: Discussion | null }>(THREAD, { number });
  if (!discussion) return showMessage("There is no such discussion.");
  const loaded = (thread = new Thread(discussion));
  draw();
  const operation = { query: EVENTS, variables: { discussionId: loaded.id, after: loaded.eventCursor } };
  follow<{ discussionEvents: Item }>(transport, operation, {
    next({ data }) {
      loaded.handle(data!.discussionEvents);
      draw();
    },
    error: (error) => (error instanceof ResyncRequired ? void load() : showMessage(error.message)),
    complete: () => showMessage("This discussion has ended."),
  });
}

async function showMore(): Promise<void> {
  const [shown, after] = [thread!, thread!.more];
  await whileEventsWait(async () => {
    const { discussion } = await ask<{ discussion: { thread: Page } }>(MORE, { number, after });
    shown.addPage(discussion.thread);
  });
  draw();
}

async function send(): Promise<void> {
  const [shown, body] = [thread!, text.value];
  showMessage("");
  try {
    await signIn();
    const { addReply } = await ask<{ addReply: { reply: Reply | null; errors: { message: string }[] } }>(ADD_REPLY, {
      // However often this is sent under its key, it is written once.
      input: { discussionId: shown.id, replyToId: replyTo?.id ?? null, body, clientMutationId: crypto.randomUUID() },
    });
    if (!addReply.reply) return showMessage(addReply.errors.map(({ message }) => message).join(" "));
    // The stream brings it, too, before or after this: it is the same reply.
    shown.take(addReply.reply);
    if (text.value === body) text.value = "";
    answer(null);
    draw();
  } catch (error) {
    showMessage((error as Error).message);
  }
}

async function ask<Data>(query: string, variables: object): Promise<Data> {
  const response = await fetchUntilAnswered("/graphql", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(errors.map(({ message }: { message: string }) => message).join(" "));
  return data;
}

function draw(): void {
  if (!thread) return;
  find("h1").textContent = thread.title;
  find("#count").textContent = String(thread.replyCount);
  find("#more").hidden = !thread.more;
  find("#replies").replaceChildren(...thread.replies.map(drawn));
}

function drawn(reply: Reply): HTMLElement {
  const row = document.createElement("li");
  row.dataset["id"] = reply.id;
  row.dataset["lastEvent"] = String(reply.lastEvent);
  row.style.setProperty("--depth", String(reply.path.length - 1));
  // The server has made this HTML from Markdown, and nothing in it can do harm.
  row.innerHTML = `<b></b> <button>Reply</button><div>${reply.bodyHtml}</div>`;
  row.querySelector("b")!.textContent = reply.state === "DELETED" ? "deleted" : (reply.author?.name ?? "");
  row.querySelector("button")!.onclick = () => answer(reply);
  return row;
}

function answer(reply: Reply | null): void {
  replyTo = reply;
  find("#instead").hidden = !reply;
  find("#to").textContent = reply?.author ? `Your reply to ${reply.author.name}` : "Your reply";
}

function showMessage(message: string): void {
  find("[role=alert]").textContent = message;
}

function drawState(): void {
  const badge = find("[role=status]");
  badge.textContent = badge.dataset["connection"] = connection.state;
}

form.onsubmit = (event) => {
  event.preventDefault();
  void send();
};
find("#instead").onclick = () => answer(null);
find("#more").onclick = () => void showMore();
connection.watch(drawState);
drawState();
void load();
