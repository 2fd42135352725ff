// The HTML that the server sent with the page, shown until the scripts have loaded the data.
import { html } from "./libraries.js";

const root = document.getElementById("app");
const address = location.pathname;
const content = root?.querySelector(".plain")?.innerHTML ?? "";

/** The server's HTML; at another address than the one it was sent for, `children`. */
export function ServerHtml({ children = null }) {
  if (!content || location.pathname !== address) return children;
  return html`<div class="plain" dangerouslySetInnerHTML=${{ __html: content }}></div>`;
}
