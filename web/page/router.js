// Which page an address shows, and going from one to the other without loading anew.
import { Changing } from "./changing.js";

/** A title as it stands in addresses; the server sends any other form of it here. */
export function slug(title) {
  return (title.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).join("-").slice(0, 80).replace(/-+$/, "") || "discussion";
}

export function discussionPath({ number, title }) {
  return `/d/${number}/${slug(title)}`;
}

/** Where a post stands, by its discussion and, for a reply, its sequence. */
export function postPath({ discussion, sequence }) {
  return discussionPath(discussion) + (sequence ? `#reply-${sequence}` : "");
}

export class Router extends Changing {
  /** Gives what a place needs to be shown as it was left, which comes back with it as `left`; set by the place. */
  leaving = () => ({ scroll: scrollY });
  /** Whether links are the browser's own affair. */
  isOff = false;

  constructor() {
    super();
    addEventListener("popstate", () => this.changed());
    document.addEventListener("click", (event) => this.#clicked(event));
  }

  /** `{page: "discussion", number, sequence}`, `{page: "search", query}`, or `{page: "front"}`. */
  get place() {
    const { pathname, search, hash } = location;
    const found = /^\/d\/(\d+)(?:\/|$)/.exec(pathname);
    if (found) return { page: "discussion", number: Number(found[1]), sequence: Number(/^#reply-(\d+)$/.exec(hash)?.[1] ?? 0) };
    if (pathname === "/search") return { page: "search", query: new URLSearchParams(search).get("q") ?? "" };
    return { page: "front" };
  }

  /** What the place that is shown was left with, where the visitor came back to it; null where it is new. */
  get left() {
    return history.state?.left ?? null;
  }

  go(address, { instead = false } = {}) {
    const from = location.pathname;
    if (!instead) history.replaceState({ left: this.leaving() }, "");
    history[instead ? "replaceState" : "pushState"](null, "", address);
    if (location.pathname !== from && !instead) scrollTo(0, 0);
    this.changed();
  }

  #clicked(event) {
    if (this.isOff || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target.closest?.("a[href]");
    if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
    if (link.pathname !== "/" && link.pathname !== "/search" && !/^\/d\/\d+\/?[^/]*$/.test(link.pathname)) return;
    event.preventDefault();
    this.go(link.href);
  }
}
