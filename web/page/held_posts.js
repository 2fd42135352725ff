// What the viewer has written and a moderator has to see first, and what became of it, live in all their tabs.
import { Observable } from "./observable.js";
import * as documents from "./documents.js";
import { advice, asErrors } from "./components.js";
import { Follower } from "./follower.js";
import { connection, notices, outbox, router, session } from "./state.js";
import { storage } from "./storage.js";
import { t } from "./i18n.js";
import { discussionPath, postPath } from "./router.js";

const HIDDEN = "parley:held-hidden";
/** For how long a rejected post is shown to its author. */
const REJECTED_MS = 7 * 86_400_000;
/** What the person is told of at once, wherever they are: the sentence by the act. */
const TOLD = { DELETE_POST: "held.postDeleted", DELETE_DISCUSSION: "held.postDeleted", RESTORE_POST: "held.postRestored", RESTORE_DISCUSSION: "held.postRestored" };

class HeldPosts extends Observable {
  /** Those that wait, and those that were rejected lately, oldest first. */
  nodes = [];
  /** The id of what was sent last from this page and is not shown yet. */
  sent = null;
  #follower = null;
  #turn = 0;

  /** The held replies to a discussion, as `Thread.rows` takes pending ones. */
  entriesOf(discussionId) {
    const found = this.nodes.filter(({ kind, discussion }) => kind === "REPLY" && discussion?.id === discussionId);
    return found.map((held) => ({ key: held.id, replyTo: held.replyTo, held }));
  }

  /** The held edits by the ids of the posts that they would change. */
  get edits() {
    return new Map(this.nodes.filter(({ edits }) => edits).map((held) => [held.edits.id, held]));
  }

  get discussions() {
    return this.nodes.filter(({ kind }) => kind === "DISCUSSION");
  }

  /** Loads and follows what concerns the viewer; nothing while nobody is signed in. */
  async open() {
    const turn = (this.#turn += 1);
    this.#follower?.stop();
    this.#follower = null;
    this.nodes = [];
    this.notify();
    if (!session.viewer) return;
    try {
      const cursor = await this.#load();
      // Where connections are few, they are kept for what the view follows.
      if (turn !== this.#turn || cursor === null || connection.hasFewConnections) return;
      this.#follower = new Follower(connection, {
        query: documents.VIEWER_EVENTS,
        field: "viewerEvents",
        cursor,
        handle: (items) => this.#handle(items),
        resync: () => this.#load(),
      });
    } catch (error) {
      console.info("What is held could not be loaded:", error.message);
    }
  }

  /** Takes a post that was held instead of being published. */
  add(held) {
    this.sent = held.id;
    this.#take(held);
    this.notify();
  }

  /** Takes a post back. Returns whether that succeeded. */
  async withdraw(held) {
    try {
      const { held: now, errors } = (await session.execute(documents.WITHDRAW, { input: { heldPostId: held.id } })).withdrawHeldPost;
      if (errors.length) notices.show(advice(errors[0]));
      if (now) this.#take(now);
      this.notify();
      return !errors.length;
    } catch (error) {
      notices.show(advice(asErrors(error)[0]));
      return false;
    }
  }

  /** Shows a rejected post no more, in this browser. */
  hide({ id }) {
    storage.setItem(HIDDEN, JSON.stringify([...hidden(), id].slice(-50)));
    this.nodes = this.nodes.filter((one) => one.id !== id);
    this.notify();
  }

  async #load() {
    const turn = this.#turn;
    const { viewer } = await session.execute(documents.HELD_POSTS);
    if (turn !== this.#turn || !viewer) return null;
    this.nodes = [];
    for (const held of viewer.heldPosts.nodes) this.#take(held);
    this.notify();
    return viewer.eventCursor;
  }

  #handle(items) {
    for (const { decision, post, held } of items) {
      if (!decision) continue;
      // Where there is no websocket, nothing else says so.
      if (decision.action === "SUSPEND_USER" || decision.action === "UNSUSPEND_USER") session.refresh();
      if (held) this.#decided(held);
      else if (post && TOLD[decision.action]) this.#tell(decision, post);
    }
    this.notify();
  }

  #decided(held) {
    const wasShown = this.nodes.some(({ id }) => id === held.id);
    this.#take(held);
    if (held.state === "PUBLISHED") {
      const post = held.reply ?? held.edits;
      const address = post ? postPath(post) : held.discussion && discussionPath(held.discussion);
      notices.show(t("held.published"), address ? { label: t("outbox.show"), act: () => router.go(address) } : null);
    } else if (held.state === "REJECTED" && wasShown) {
      notices.announce(t("held.rejected"));
    }
  }

  #tell({ action, reason }, post) {
    const said = t(TOLD[action], { title: post.discussion.title });
    notices.show(reason ? `${said} ${t("post.reason", { reason })}` : said);
  }

  #take(held) {
    const others = this.nodes.filter(({ id }) => id !== held.id);
    const nodes = isShown(held) ? [...others, held] : others;
    this.nodes = nodes.sort((one, other) => (one.createdAt < other.createdAt ? -1 : 1));
  }
}

function isShown({ id, state, decision }) {
  if (state === "HELD") return true;
  return state === "REJECTED" && !hidden().includes(id) && Date.now() - Date.parse(decision?.at ?? 0) < REJECTED_MS;
}

function hidden() {
  return JSON.parse(storage.getItem(HIDDEN) ?? "[]");
}

export const heldPosts = new HeldPosts();
outbox.onHeld = (held) => heldPosts.add(held);
let viewer = null;
session.subscribe(() => {
  const now = session.viewer?.user.id ?? null;
  if (now === viewer) return;
  viewer = now;
  heldPosts.open();
});
