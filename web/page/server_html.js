// The view that the server has sent with the page, shown until the scripts have its data.
import { html } from "./libraries.js";

const view = document.querySelector("#app main");
const address = location.pathname + location.search;
const served = view && { className: view.className, __html: view.innerHTML };

/** The server's view; at another address than the one it was sent for, `children`. */
export function ServerHtml({ children = null }) {
  if (!served || location.pathname + location.search !== address) return children;
  return html`<main id="main" class=${served.className} tabindex="-1" aria-busy="true" dangerouslySetInnerHTML=${served}></main>`;
}
