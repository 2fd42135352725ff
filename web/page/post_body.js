// The body of a post. The server has sanitised it.
import { html, memo, render, useLayoutEffect, useRef } from "./libraries.js";
import { Icon } from "./components.js";
import { t } from "./i18n.js";
import { postPath } from "./router.js";

/** What is said of a quote that is not verbatim. */
const STATUS_TEXTS = {
  ABRIDGED: "quote.abridged",
  SOURCE_EDITED: "quote.edited",
  SOURCE_DELETED: "quote.deleted",
  ALTERED: "quote.altered",
  UNRESOLVED: "quote.unresolved",
};

/** How many levels of headings the page itself has. */
const PAGE_HEADINGS = 2;

/** A post's `bodyHtml`, with the source and the status above each quote. */
export const PostBody = memo(function PostBody({ bodyHtml, quotes = [], postId, number }) {
  const element = useRef(null);
  useLayoutEffect(() => {
    const { current } = element;
    current.innerHTML = bodyHtml;
    for (const quote of current.querySelectorAll("blockquote[data-quote-id]")) {
      const known = quotes.find(({ id }) => id === quote.dataset.quoteId);
      if (known) addSourceLine(quote, known, number);
    }
    improveAccess(current);
  }, [bodyHtml, JSON.stringify(quotes)]);
  return html`<div ref=${element} class="post-body" data-post=${postId}></div>`;
});

function improveAccess(body) {
  for (const wide of body.querySelectorAll("pre, table")) {
    const frame = document.createElement("div");
    frame.className = "wide";
    frame.tabIndex = 0;
    frame.setAttribute("role", "group");
    frame.setAttribute("aria-label", t(wide.tagName === "PRE" ? "post.code" : "post.table"));
    wide.replaceWith(frame);
    frame.append(wide);
  }
  // Headings of a post are announced one level below the page's own, without skipping a level.
  const headings = [...body.querySelectorAll("h1, h2, h3, h4, h5, h6")];
  const ranks = [...new Set(headings.map(({ tagName }) => tagName))].sort();
  let above = PAGE_HEADINGS;
  for (const heading of headings) {
    above = Math.min(6, above + 1, PAGE_HEADINGS + 1 + ranks.indexOf(heading.tagName));
    heading.setAttribute("aria-level", String(above));
  }
  for (const spoiler of body.querySelectorAll(".spoiler")) {
    spoiler.setAttribute("role", "button");
    // Its name must not be the words that it hides.
    spoiler.setAttribute("aria-label", t("composer.spoiler"));
    const reveal = () => {
      for (const name of ["role", "aria-label"]) spoiler.removeAttribute(name);
      spoiler.tabIndex = -1;
    };
    spoiler.addEventListener("click", reveal);
    spoiler.addEventListener("keydown", ({ key }) => (key === "Enter" || key === " ") && reveal());
  }
  for (const item of body.querySelectorAll("li")) item.dataset.marker = markerOf(item);
  for (const image of body.querySelectorAll("img")) {
    image.loading = "lazy";
    image.referrerPolicy = "no-referrer";
    image.addEventListener("error", () => image.replaceWith(brokenPicture(image)), { once: true });
  }
}

/** Instead of a picture that can't be loaded: what it shows, and which server did not send it. */
function brokenPicture({ alt, src }) {
  const place = document.createElement("span");
  place.className = "broken-picture";
  place.dataset.alt = alt;
  place.dir = document.documentElement.dir;
  const why = t("post.brokenPicture", { host: new URL(src).host });
  render(html`<${Icon} name="picture" /><span>${alt && html`<b dir="auto">${alt}</b>`}${why}</span>`, place);
  return place;
}

/** What the plain text of an item begins with: its number, the box of its task, or the label of a note. */
function markerOf(item) {
  const { label } = item.dataset;
  if (label) return `[^${label}]: `;
  const list = item.parentElement;
  const number = list.tagName === "OL" ? `${list.start + [...list.children].indexOf(item)}. ` : "";
  const box = item.querySelector(":scope > input[type=checkbox]");
  return `${number}${box ? `[${box.checked ? "x" : " "}] ` : ""}`;
}

/** Adds a line above a quote: who said it, in which post, and whether the source has changed. */
function addSourceLine(blockquote, quote, number) {
  const line = document.createElement("p");
  line.className = "quote-source";
  line.dataset.status = quote.status;
  line.dir = document.documentElement.dir;
  const name = document.createElement("bdi");
  name.textContent = quote.attributedName || t("page.somebody");
  line.append(...(quote.source ? t("quote.saidIn", { name, post: link(quote.source, number) }) : t("quote.said", { name })));
  if (STATUS_TEXTS[quote.status]) {
    const status = document.createElement("span");
    status.className = "quote-status";
    status.textContent = t(STATUS_TEXTS[quote.status]);
    line.append(" ", status);
  }
  const opening = blockquote.firstElementChild;
  if (opensWithAttribution(opening, quote)) opening.replaceWith(line);
  else blockquote.prepend(line);
  if (quote.status === "ABRIDGED") markOmissions(blockquote);
}

const ELLIPSIS = /\[ ?(?:…|\.{3})[.…]* ?\]|\( ?(?:…|\.{3})[.…]* ?\)|(?:…|\.{3})[.…]*/g;

/** Marks where an abridged quote leaves words out; quotes inside it have marks of their own. */
function markOmissions(blockquote) {
  const texts = document.createTreeWalker(blockquote, NodeFilter.SHOW_TEXT);
  const own = [];
  while (texts.nextNode()) {
    const { parentElement } = texts.currentNode;
    if (parentElement.closest("blockquote") === blockquote && !parentElement.closest(".quote-source, .omission")) own.push(texts.currentNode);
  }
  for (const text of own) {
    // From the end, so that the places before it stay where they are.
    for (const { index, 0: ellipsis } of [...text.data.matchAll(ELLIPSIS)].reverse()) {
      const mark = document.createElement("mark");
      mark.className = "omission";
      mark.title = t("quote.omission");
      mark.textContent = ellipsis;
      text.splitText(index).splitText(ellipsis.length);
      text.nextSibling.replaceWith(mark);
    }
  }
}

/** Whether a quote begins with a paragraph that only names its author. */
function opensWithAttribution(paragraph, quote) {
  const text = paragraph?.tagName === "P" ? paragraph.textContent.trim() : "";
  return /[:：]$/.test(text) && text.includes(quote.attributedName) && !plain(quote.bodyText).startsWith(plain(text));
}

function link(source, number) {
  const anchor = document.createElement("a");
  anchor.href = postPath(source);
  const kind = source.__typename === "Reply" ? "quote.reply" : "quote.opening";
  const { title } = source.discussion;
  anchor.textContent = source.discussion.number === number ? t(kind, { number: source.sequence }) : t(`${kind}Of`, { number: source.sequence, title });
  return anchor;
}

function plain(text) {
  return text.replace(/\s+/g, " ").trim();
}

/** The plain text of a selection or a post: paragraphs separated, without the lines that the page has added. */
export function textOf(node) {
  if (node.nodeType === Node.TEXT_NODE) return node.data.replace(/\s+/g, " ");
  if (node.nodeType === Node.ELEMENT_NODE) {
    if (node.matches(".quote-source, .footnote-back")) return "";
    if (node.matches(".footnote-ref")) return `[^${node.dataset.label}]`;
    if (node.tagName === "BR") return "\n";
    if (node.tagName === "IMG") return node.alt;
    if (node.classList.contains("broken-picture")) return node.dataset.alt;
  }
  const inside = [...node.childNodes].map(textOf).join("");
  const isBlock = node.nodeType === Node.ELEMENT_NODE && /^(P|LI|PRE|H[1-6]|BLOCKQUOTE|TR|UL|OL)$/.test(node.tagName);
  return isBlock ? `${node.dataset.marker ?? ""}${inside.trim()}\n\n` : inside;
}
