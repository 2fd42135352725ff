// Which view an address shows, and navigation between views without a page load.
import { Observable } from "./observable.js";

/** A title as part of an address. Same rule as `slug` in web/pages.py, which redirects any other form. */
export function slug(title) {
  const folded = title.normalize("NFC").replace(/\p{Default_Ignorable_Code_Point}/gu, "").toLowerCase();
  const words = folded.replace(/(?<=[ij])\u0307/gu, "").match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu) ?? [];
  let made = "";
  let length = 0;
  for (const { segment } of new Intl.Segmenter().segment(words.join("-"))) {
    length += [...segment].length;
    if (length > 80) break;
    made += segment;
  }
  return made.replace(/-+$/, "") || "discussion";
}

export function discussionPath({ number, title }) {
  return `/d/${number}/${slug(title)}`;
}

/** The address of a person's page; `kind` says which of their posts it shows. */
export function userPath({ handle }, kind = "replies") {
  return `/u/${encodeURIComponent(handle)}${kind === "replies" ? "" : `?show=${kind}`}`;
}

/** The address of a post, given its discussion and, for a reply, its sequence. */
export function postPath({ discussion, sequence }) {
  return discussionPath(discussion) + (sequence ? `#reply-${sequence}` : "");
}

/** The highest number of a discussion: more does not fit a GraphQL Int. */
export const MAX_NUMBER = 2 ** 31 - 1;

/** The parameters of the search page's address, by their names in `place`. */
const SEARCH = { query: "q", author: "author", category: "category", discussion: "discussion", from: "from", to: "to", order: "order" };

/** The address of a part of the moderators' page, "queue", "people", "log" or "categories", with parameters. */
export function moderatePath(part = "queue", given = {}) {
  const parameters = new URLSearchParams(Object.entries(given).filter(([, value]) => value));
  return `/moderate${part === "queue" ? "" : `/${part}`}${parameters.size ? `?${parameters}` : ""}`;
}

/** The address of a search, given any of `query`, `author` (a handle), `category` (a slug), `discussion` (a number), `from` and `to` (dates) and `order`. */
export function searchPath(search) {
  const given = Object.entries(SEARCH).filter(([name]) => search[name]);
  const parameters = new URLSearchParams(given.map(([name, parameter]) => [parameter, search[name]]));
  return parameters.size ? `/search?${parameters}` : "/search";
}

function searchOf(parameters) {
  return Object.fromEntries(Object.entries(SEARCH).map(([name, parameter]) => [name, parameters.get(parameter) ?? ""]));
}

export class Router extends Observable {
  /** Returns what a view needs to be restored later, which it then finds in `restored`; set by the view. */
  saveView = () => ({ scroll: scrollY });
  /** Whether links are left to the browser. */
  isDisabled = false;

  constructor() {
    super();
    addEventListener("popstate", () => this.notify());
    document.addEventListener("click", (event) => this.#clicked(event));
  }

  /**
   * `{page: "discussion", number, sequence, root}` with the reply to show and the one whose branch is shown, 0 and null without;
   * `{page: "search", query, …}` with all that `searchPath` takes, "" for what is not given; `{page: "user", handle, kind}`,
   * `{page: "moderate", part, given}` with what `moderatePath` takes, `{page: "front"}`, or `{page: "missing"}`.
   */
  get place() {
    return placeOf(location);
  }

  /** What the view saved when the visitor left it, if they came back to it; otherwise null. */
  get restored() {
    return history.state?.restored ?? null;
  }

  go(address, { instead = false } = {}) {
    const from = location.pathname;
    if (!instead) history.replaceState({ restored: this.saveView() }, "");
    history[instead ? "replaceState" : "pushState"](null, "", address);
    if (location.pathname !== from && !instead) scrollTo(0, 0);
    this.notify();
  }

  #clicked(event) {
    if (this.isDisabled || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target.closest?.("a[href]");
    if (!link || link.target || link.hasAttribute("download")) return;
    // Links to people and posts have the site's public origin, which may be another name of the server that is open here.
    const { postId, userId } = link.dataset;
    if (link.origin !== location.origin && !postId && !userId) return;
    if (placeOf(link).page === "missing") return;
    event.preventDefault();
    this.go(`${link.pathname}${link.search}${link.hash}`);
  }
}

/** The place of an address. */
function placeOf({ pathname, search, hash }) {
  const thread = /^\/d\/(\d{1,10})(?:\/(?!feed\.atom$)[^/]*)?$/.exec(pathname);
  if (thread && Number(thread[1]) <= MAX_NUMBER) {
    // The server's own pages of a thread begin after one reply, or are around one.
    const shown = new URLSearchParams(search);
    const sequence = Number(/^#reply-(\d+)$/.exec(hash)?.[1] ?? shown.get("reply") ?? shown.get("after")) || 0;
    return { page: "discussion", number: Number(thread[1]), sequence, root: Number(shown.get("root")) || null };
  }
  const user = /^\/u\/([^/]+)$/.exec(pathname);
  if (user) {
    const kind = new URLSearchParams(search).get("show") === "discussions" ? "discussions" : "replies";
    return { page: "user", handle: decoded(user[1]), kind };
  }
  const moderate = /^\/moderate(?:\/(people|log|categories))?$/.exec(pathname);
  if (moderate) return { page: "moderate", part: moderate[1] ?? "queue", given: Object.fromEntries(new URLSearchParams(search)) };
  if (pathname === "/search") return { page: "search", ...searchOf(new URLSearchParams(search)) };
  return { page: pathname === "/" ? "front" : "missing" };
}

/** A part of an address in letters; as it is if it is not well-formed. */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
