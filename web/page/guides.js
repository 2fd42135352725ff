// The lines at the side of nested replies: one for each ancestor, lit while its branch is under the pointer.
import { html } from "./libraries.js";
import { scrollIntoView } from "./scrolling.js";
import { t } from "./i18n.js";

/** The lines of a reply. A click on one collapses the branch that it spans. */
export function Guides({ path, actions }) {
  const collapse = (event) => {
    const article = event.target.closest("article");
    const sequence = path[path.length - 1 - depthOf(article) + levelAt(event, article)];
    actions.toggle({ sequence });
    // The beginning of a long branch may be far above the pointer.
    setTimeout(() => scrollIntoView(document.getElementById(`reply-${sequence}`)), 0);
  };
  return html`<div class="guides" aria-hidden="true" title=${t("post.collapseBranch")} onClick=${collapse}></div>`;
}

let lit = { posts: [], level: -1 };

/** Lights the line under a mouse, or else that of the branch which the post under it is in; none without an event. */
export function light(event) {
  if (event && event.pointerType !== "mouse") return;
  const article = event?.currentTarget;
  const level = !article ? -1 : event.target.closest(".guides") ? levelAt(event, article) : depthOf(article) - 1;
  if (level === lit.level && lit.posts.includes(article)) return;
  for (const post of lit.posts) post.style.removeProperty("--lit");
  lit = { level, posts: level < 0 ? [] : branchOf(article, level) };
  for (const post of lit.posts) post.style.setProperty("--lit", level);
}

/** The rows around one that are in the same branch of a level. */
function branchOf(article, level) {
  const rows = [article];
  for (const step of ["previousElementSibling", "nextElementSibling"]) {
    for (let row = article[step]; row && depthOf(row) > level; row = row[step]) rows.push(row);
  }
  return rows;
}

function depthOf(row) {
  return Number(row.style.getPropertyValue("--depth"));
}

/** The level of the line next to the pointer: 0 for that of a reply to the opening post. */
function levelAt({ clientX }, article) {
  const box = article.querySelector(":scope > .guides").getBoundingClientRect();
  const style = getComputedStyle(article);
  const along = style.direction === "rtl" ? box.right - clientX : clientX - box.left;
  return Math.max(0, Math.min(depthOf(article) - 1, Math.floor(along / Number.parseFloat(style.getPropertyValue("--indent")))));
}
