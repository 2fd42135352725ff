// What the server has put into the page, shown until what it is made of anew has come.
import { html } from "./libraries.js";

const root = document.getElementById("app");
const address = location.pathname;
const content = root?.querySelector(".plain")?.innerHTML ?? "";

/** The page as it was served; at another address what is given instead. */
export function Served({ children = null }) {
  if (!content || location.pathname !== address) return children;
  return html`<div class="plain" dangerouslySetInnerHTML=${{ __html: content }}></div>`;
}
