// The viewer who is signed in, and their token.
import { Observable } from "./observable.js";
import * as documents from "./documents.js";
import { takeGiven } from "./given.js";
import { t } from "./i18n.js";
import { RequestError, NetworkError, execute } from "./graphql.js";
import { separateTab, tabHasOwnViewer, viewerStorage } from "./storage.js";

const KEY = "parley:session";
const MAX_TIMER_MS = 2 ** 31 - 1;

export class Session extends Observable {
  /** {isModerator, isGuest, suspension, user}; null while nobody is signed in. */
  viewer = null;
  /** Whether the token of the last viewer has expired. */
  expired = false;
  /** Whether the visitor has disconnected the page: then no request is sent. */
  isDisconnected = false;
  token = null;
  #timer = null;

  constructor() {
    super();
    this.token = viewerStorage().getItem(KEY);
    addEventListener("storage", ({ key, newValue }) => {
      // Another tab has signed in or out. This tab follows, unless it has a viewer of its own.
      if (key !== KEY || newValue === this.token || tabHasOwnViewer()) return;
      this.token = newValue;
      this.start().catch(() => this.#setViewer(null));
    });
  }

  /** Returns the data of an operation, executed as the viewer. `signal` aborts it. Throws NetworkError or RequestError. */
  async execute(document, variables, { signal } = {}) {
    if (this.isDisconnected) throw Object.assign(new NetworkError(t("errors.DISCONNECTED")), { unsent: true });
    const { token } = this;
    try {
      return takeGiven(document, variables) ?? (await execute(document, variables, { token, signal }));
    } catch (error) {
      if (!(error instanceof RequestError) || !error.refusesToken || !token) throw error;
      if (token === this.token) this.end();
      // Reading needs no token; only a mutation has to wait for one.
      if (document.trimStart().startsWith("mutation")) throw error;
      return execute(document, variables, { signal });
    }
  }

  /** {reason, until} while the viewer may read and write nothing, else null. */
  get suspension() {
    return this.viewer?.suspension ?? null;
  }

  /** A text that changes with what the viewer may do: what depends on it is to be loaded again. */
  get rights() {
    return this.viewer && `${this.viewer.user.id} ${this.viewer.isModerator} ${this.suspension !== null}`;
  }

  /** Loads the viewer again, whose rights have changed. */
  async refresh() {
    try {
      await this.start();
    } catch (error) {
      console.info("The viewer could not be loaded again:", error.message);
    }
  }

  /** Loads the viewer and returns the site; called at the start and after each change of the token. */
  async start() {
    const { viewer, ...site } = await this.execute(documents.START);
    this.#setViewer(viewer);
    return site;
  }

  /** Signs in as a guest, with `inTab` in this tab only. Returns the errors, none on success. */
  async signInAsGuest(name, { inTab = false } = {}) {
    const { signInAsGuest } = await this.execute(documents.SIGN_IN_AS_GUEST, { input: { name } });
    if (!signInAsGuest.errors.length) await this.signIn(signInAsGuest.token, { inTab });
    return signInAsGuest.errors;
  }

  /** Signs in with a token, with `inTab` in this tab only. Throws RequestError if the server rejects it. */
  async signIn(token, { inTab = false } = {}) {
    const { viewer } = await execute(documents.START, {}, { token });
    if (inTab) separateTab();
    this.token = token;
    viewerStorage().setItem(KEY, token);
    this.#setViewer(viewer);
  }

  signOut() {
    this.#forget();
    this.expired = false;
    this.notify();
  }

  /** Goes on without a token that the server has refused. Drafts stay, and the page says why. */
  end() {
    if (this.token === null) return;
    this.expired = true;
    this.#forget();
    this.notify();
  }

  setDisconnected(isDisconnected) {
    this.isDisconnected = isDisconnected;
    this.notify();
  }

  #setViewer(viewer) {
    this.viewer = viewer;
    clearTimeout(this.#timer);
    if (viewer) {
      this.expired = false;
      const left = Date.parse(viewer.tokenExpiresAt) - Date.now();
      if (left < MAX_TIMER_MS) this.#timer = setTimeout(() => this.end(), left);
    }
    this.notify();
  }

  #forget() {
    viewerStorage().removeItem(KEY);
    clearTimeout(this.#timer);
    this.token = null;
    this.viewer = null;
  }
}
