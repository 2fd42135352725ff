// The body of a post. The server has sanitised it.
import { html, memo, useLayoutEffect, useRef } from "./libraries.js";
import { postPath } from "./router.js";

const STATUS_TEXTS = {
  VERBATIM: null,
  ABRIDGED: "Shortened: the source says more where the … is",
  SOURCE_EDITED: "The source has been edited since",
  SOURCE_DELETED: "The source was deleted",
  ALTERED: "Differs from the source",
  UNRESOLVED: "Source not found",
};

/** How many levels of headings the page itself has. */
const PAGE_HEADINGS = 2;

/** A post's `bodyHtml`, with the source and the status above each quote. */
export const PostBody = memo(function PostBody({ bodyHtml, quotes = [], postId, number }) {
  const element = useRef(null);
  useLayoutEffect(() => {
    const { current } = element;
    current.innerHTML = withoutStyles(bodyHtml);
    for (const quote of current.querySelectorAll("blockquote[data-quote-id]")) {
      const known = quotes.find(({ id }) => id === quote.dataset.quoteId);
      if (known) addSourceLine(quote, known, number);
    }
    improveAccess(current);
  }, [bodyHtml, JSON.stringify(quotes)]);
  return html`<div ref=${element} class="post-body" dir="auto" data-post=${postId}></div>`;
});

// Tables align their cells by style attributes, which the page's Content-Security-Policy forbids.
function withoutStyles(bodyHtml) {
  return bodyHtml.replace(/<(t[dh]) style="text-align: ?(left|right|center);?">/g, '<$1 class="align-$2">');
}

function improveAccess(body) {
  for (const wide of body.querySelectorAll("pre, table")) {
    const frame = document.createElement("div");
    frame.className = "wide";
    frame.tabIndex = 0;
    frame.setAttribute("role", "group");
    frame.setAttribute("aria-label", wide.tagName === "PRE" ? "Code" : "Table");
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
  for (const image of body.querySelectorAll("img")) {
    image.loading = "lazy";
    image.referrerPolicy = "no-referrer";
  }
}

/** Adds a line above a quote: who said it, in which post, and whether the source has changed. */
function addSourceLine(blockquote, quote, number) {
  const line = document.createElement("p");
  line.className = "quote-source";
  line.dataset.status = quote.status;
  const name = document.createElement("bdi");
  name.textContent = quote.attributedName || "Somebody";
  line.append(name, " said");
  if (quote.source) line.append(" in ", link(quote.source, number));
  if (STATUS_TEXTS[quote.status]) {
    const status = document.createElement("span");
    status.className = "quote-status";
    status.textContent = STATUS_TEXTS[quote.status];
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
      mark.title = "Something is left out here";
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
  const elsewhere = source.discussion.number === number ? "" : ` of "${source.discussion.title}"`;
  anchor.textContent = (source.__typename === "Reply" ? `reply ${source.sequence}` : "the opening post") + elsewhere;
  return anchor;
}

function plain(text) {
  return text.replace(/\s+/g, " ").trim();
}

/** The plain text of a selection or a post: paragraphs separated, without the lines that the page has added. */
export function textOf(node) {
  if (node.nodeType === Node.TEXT_NODE) return node.data.replace(/\s+/g, " ");
  if (node.nodeType === Node.ELEMENT_NODE) {
    if (node.classList.contains("quote-source")) return "";
    if (node.tagName === "BR") return "\n";
    if (node.tagName === "IMG") return node.alt;
  }
  const inside = [...node.childNodes].map(textOf).join("");
  const isBlock = node.nodeType === Node.ELEMENT_NODE && /^(P|LI|PRE|H[1-6]|BLOCKQUOTE|TR|UL|OL)$/.test(node.tagName);
  return isBlock ? `${inside.trim()}\n\n` : inside;
}
