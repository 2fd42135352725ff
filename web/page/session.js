// Who is signed in here, and with which token.
import { Changing } from "./changing.js";
import * as documents from "./documents.js";
import { Refused, Unreachable, ask } from "./graphql.js";
import { becomeOwn, isOwn, personal } from "./storage.js";

const KEY = "parley:session";
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export class Session extends Changing {
  /** `isModerator`, `isGuest`, `user`; null while nobody is signed in. */
  viewer = null;
  /** Whether somebody was signed in until the token ended. */
  expired = false;
  /** Whether the visitor has cut the connection: then nothing goes out at all. */
  cut = false;
  token = null;
  #timer = null;

  constructor() {
    super();
    this.token = personal().getItem(KEY);
    addEventListener("storage", ({ key, newValue }) => {
      // Another tab has signed in or out: it is the same person here, but where this tab has one of its own.
      if (key !== KEY || newValue === this.token || isOwn()) return;
      this.token = newValue;
      this.start().catch(() => this.#become(null));
    });
  }

  /** The data of an operation, asked as who is signed in. Throws Unreachable or Refused. */
  async ask(document, variables) {
    if (this.cut) throw Object.assign(new Unreachable("The connection is cut."), { unsent: true });
    const { token } = this;
    try {
      return await ask(document, variables, { token });
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== "UNAUTHENTICATED" || !token) throw error;
      if (token === this.token) this.expire();
      // Reading needs no token; only what is written has to wait.
      if (document.trimStart().startsWith("mutation")) throw error;
      return ask(document, variables);
    }
  }

  /** What the site is and who asks; once at the start and after each change of the token. */
  async start() {
    const { viewer, ...site } = await this.ask(documents.START);
    this.#become(viewer);
    return site;
  }

  /** Gives the errors, none where the guest is signed in. `inTab`: in this tab alone. */
  async signInAsGuest(name, { inTab = false } = {}) {
    const { signInAsGuest } = await this.ask(documents.SIGN_IN_AS_GUEST, { input: { name } });
    if (!signInAsGuest.errors.length) await this.signIn(signInAsGuest.token, { inTab });
    return signInAsGuest.errors;
  }

  /** Signs in with a token; `inTab`: in this tab alone. Throws Refused where it is not good. */
  async signIn(token, { inTab = false } = {}) {
    const { viewer } = await ask(documents.START, {}, { token });
    if (inTab) becomeOwn();
    this.token = token;
    personal().setItem(KEY, token);
    this.#become(viewer);
  }

  signOut() {
    this.#forget();
    this.expired = false;
    this.changed();
  }

  /** The token has ended: what was typed stays, and whoever wrote it is asked to sign in again. */
  expire() {
    this.expired = this.token !== null;
    this.#forget();
    this.changed();
  }

  setCut(cut) {
    this.cut = cut;
    this.changed();
  }

  #become(viewer) {
    this.viewer = viewer;
    clearTimeout(this.#timer);
    if (viewer) {
      this.expired = false;
      const left = Date.parse(viewer.tokenExpiresAt) - Date.now();
      if (left < LONGEST_TIMER_MS) this.#timer = setTimeout(() => this.expire(), left);
    }
    this.changed();
  }

  #forget() {
    clearTimeout(this.#timer);
    personal().removeItem(KEY);
    this.token = null;
    this.viewer = null;
  }
}
