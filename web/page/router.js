// Which view an address shows, and navigation between views without a page load.
import { Observable } from "./observable.js";

/** A title as part of an address. Same rule as `slug` in web/pages.py, which redirects any other form. */
export function slug(title) {
  return (title.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).join("-").slice(0, 80).replace(/-+$/, "") || "discussion";
}

export function discussionPath({ number, title }) {
  return `/d/${number}/${slug(title)}`;
}

/** The address of a post, given its discussion and, for a reply, its sequence. */
export function postPath({ discussion, sequence }) {
  return discussionPath(discussion) + (sequence ? `#reply-${sequence}` : "");
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

  /** `{page: "discussion", number, sequence}`, `{page: "search", query}`, or `{page: "front"}`. */
  get place() {
    const { pathname, search, hash } = location;
    const match = /^\/d\/(\d+)(?:\/|$)/.exec(pathname);
    if (match) return { page: "discussion", number: Number(match[1]), sequence: Number(/^#reply-(\d+)$/.exec(hash)?.[1] ?? 0) };
    if (pathname === "/search") return { page: "search", query: new URLSearchParams(search).get("q") ?? "" };
    return { page: "front" };
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
    if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
    if (link.pathname !== "/" && link.pathname !== "/search" && !/^\/d\/\d+\/?[^/]*$/.test(link.pathname)) return;
    event.preventDefault();
    this.go(link.href);
  }
}
