// The state that all views share: session, router, connection, outbox, notices and site.
import { Observable } from "./observable.js";
import { advice, asErrors } from "./components.js";
import { Connection } from "./connection.js";
import { givenCategories } from "./given.js";
import { Outbox } from "./outbox.js";
import { Router } from "./router.js";
import { Session } from "./session.js";
import { t } from "./i18n.js";
import { tabHasOwnViewer, viewerStorage } from "./storage.js";

export const session = new Session();
export const router = new Router();
export const connection = new Connection(session, "/graphql");
export const outbox = new Outbox({
  storage: viewerStorage,
  execute: (document, variables) => session.execute(document, variables),
  viewerId: () => session.viewer?.user.id ?? null,
});

addEventListener("storage", ({ key }) => key?.startsWith("parley:outbox:") && !tabHasOwnViewer() && outbox.reread());
addEventListener("online", () => outbox.flush());
connection.subscribe(() => connection.state === "open" && outbox.flush());

const RETRY_MS = 5_000;

/** Short messages: announced to screen readers, and shown for a while at the edge of the page. */
class Notices extends Observable {
  announced = "";
  shown = null;
  #timer = null;

  /** Announces a sentence to screen readers. */
  announce(text) {
    this.announced = text;
    this.notify();
  }

  /** Shows a sentence for 8 seconds, optionally with an `action` {label, act}. */
  show(text, action = null) {
    clearTimeout(this.#timer);
    this.shown = { text, action };
    this.#timer = setTimeout(() => this.clear(), 8_000);
    this.announce(text);
  }

  clear() {
    this.shown = null;
    this.notify();
  }
}

export const notices = new Notices();

/** The site's name, limits and categories, once loaded. */
class Site extends Observable {
  name = document.getElementById("app")?.dataset.site ?? "Parley";
  limits = { replyLength: 40_000, openingPostLength: 100_000, titleLength: 200, depth: 100 };
  categories = givenCategories;
  terms = null;
  /** For how many days what was deleted can be restored. */
  deletedDays = 0;
  /** Whether the above are those of the server. */
  isLoaded = false;
  /** Whether the server runs only trusted documents: then the page shows the server's HTML. */
  isClosed = false;
  /** The open sign-in dialog as {then, inTab}; null while it is closed. */
  signingIn = null;

  /** Loads the site, and tries again for as long as the server can't be reached. */
  async load() {
    const loaded = await this.#loaded();
    if (!loaded) return;
    const { site, categories } = loaded;
    Object.assign(this, { name: site.name, limits: site.limits, terms: site.terms, deletedDays: site.deletedDays, categories: categories.nodes, isLoaded: true });
    this.notify();
  }

  /** Replaces a category by its present state, or adds it, in its place; null takes it away. */
  replaceCategory(id, category) {
    const others = this.categories.filter((one) => one.id !== id);
    const after = category ? others.findIndex(({ position }) => position > category.position) : -1;
    const place = after === -1 ? others.length : after;
    this.categories = [...others.slice(0, place), ...(category ? [category] : []), ...others.slice(place)];
    this.notify();
  }

  async #loaded() {
    for (;;) {
      try {
        return await session.start();
      } catch (error) {
        if (error.code === "DOCUMENT_NOT_TRUSTED") {
          this.isClosed = true;
          router.isDisabled = true;
          this.notify();
          return null;
        }
        notices.show(advice(asErrors(error)[0]));
        await new Promise((go) => setTimeout(go, RETRY_MS));
      }
    }
  }

  /** Opens the sign-in dialog, and calls `then` after a sign-in. `inTab`: signs in in this tab only. */
  openSignIn(then = () => {}, { inTab = tabHasOwnViewer() } = {}) {
    this.signingIn = { then, inTab };
    this.notify();
  }

  closeSignIn(isSignedIn) {
    const { then } = this.signingIn;
    this.signingIn = null;
    this.notify();
    if (isSignedIn) outbox.reread();
    // After the dialog has closed and has returned the focus.
    if (isSignedIn) setTimeout(then, 0);
  }
}

export const site = new Site();
