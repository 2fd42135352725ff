// What lives as long as the page does.
import { Changing } from "./changing.js";
import { Connection } from "./live.js";
import { Outbox } from "./outbox.js";
import { Router } from "./router.js";
import { Session } from "./session.js";
import { isOwn, personal } from "./storage.js";

export const session = new Session();
export const router = new Router();
export const connection = new Connection(session, "/graphql");
export const outbox = new Outbox({
  storage: personal,
  ask: (document, variables) => session.ask(document, variables),
  person: () => session.viewer?.user.id ?? null,
});

addEventListener("storage", ({ key }) => key?.startsWith("parley:outbox:") && !isOwn() && outbox.reread());
addEventListener("online", () => outbox.flush());
connection.watch(() => connection.state === "open" && outbox.flush());

const RETRY_MS = 5_000;

/** What is told besides: to those who listen to the page, and in passing at its edge. */
class Notices extends Changing {
  spoken = "";
  passing = null;
  #timer = null;

  /** Reads a sentence out, when what is being read out is over. */
  speak(text) {
    this.spoken = text;
    this.changed();
  }

  /** Shows a sentence for a while, with an `action` {label, act} perhaps. */
  show(text, action = null) {
    clearTimeout(this.#timer);
    this.passing = { text, action };
    this.#timer = setTimeout(() => this.clear(), 8_000);
    this.speak(text);
  }

  clear() {
    this.passing = null;
    this.changed();
  }
}

export const notices = new Notices();

/** The site's name, limits and categories, once they are known. */
class Site extends Changing {
  name = document.getElementById("app")?.dataset.site ?? "Parley";
  limits = { replyLength: 40_000, openingPostLength: 100_000, titleLength: 200, depth: 100 };
  categories = [];
  terms = null;
  /** Whether the server runs no documents but those of its own clients: then there is what it has put into the page. */
  isClosed = false;
  /** Whether the sign-in dialog is open, and what is to be done once somebody has signed in. */
  signingIn = null;

  /** Reads them, however long the server is away. */
  async load() {
    const started = await this.#started();
    if (!started) return;
    const { site, categories } = started;
    Object.assign(this, { name: site.name, limits: site.limits, terms: site.terms, categories: categories.nodes });
    this.changed();
  }

  async #started() {
    for (;;) {
      try {
        return await session.start();
      } catch (error) {
        if (error.code === "DOCUMENT_NOT_TRUSTED") {
          this.isClosed = true;
          router.isOff = true;
          this.changed();
          return null;
        }
        notices.show(error.message);
        await new Promise((go) => setTimeout(go, RETRY_MS));
      }
    }
  }

  /** Asks who is there, then goes on. `inTab`: who is here from now on is so in this tab alone. */
  askToSignIn(then = () => {}, { inTab = isOwn() } = {}) {
    this.signingIn = { then, inTab };
    this.changed();
  }

  signInDone(isSignedIn) {
    const { then } = this.signingIn;
    this.signingIn = null;
    this.changed();
    if (isSignedIn) outbox.reread();
    // After the dialog is gone, and has given the focus back.
    if (isSignedIn) setTimeout(then, 0);
  }
}

export const site = new Site();
