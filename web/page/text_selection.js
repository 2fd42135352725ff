// Quoting a selection: a button near the selected text, also after a selection by keyboard.
import { html, useEffect, useState } from "./libraries.js";
import { Icon } from "./components.js";
import { t } from "./i18n.js";
import { textOf } from "./post_body.js";
import { HEADER_HEIGHT } from "./reply_list.js";
import { useShortcuts } from "./shortcuts.js";

/** The selection inside one post as {postId, text, box}; null if there is none or it spans posts. */
export function selectedText() {
  const selection = getSelection();
  if (!selection || selection.isCollapsed || !selection.rangeCount) return null;
  const range = selection.getRangeAt(0);
  const words = elementOf(range.commonAncestorContainer)?.closest(".post-body[data-post]");
  if (!words) return null;
  const text = textOf(copyOf(range)).replace(/\n{3,}/g, "\n\n").trim();
  return text ? { postId: words.dataset.post, text, box: range.getBoundingClientRect() } : null;
}

/** What is selected. A list item whose beginning is not has no number in it. */
function copyOf(range) {
  const copy = range.cloneContents();
  const { commonAncestorContainer: whole, startContainer, startOffset } = range;
  const begun = [];
  for (let item = elementOf(startContainer).closest("li"); item && item !== whole && whole.contains(item); item = item.parentElement.closest("li")) {
    begun.unshift(item);
  }
  const copies = copy.querySelectorAll("li");
  begun.forEach((item, at) => {
    const before = document.createRange();
    before.setStart(item, 0);
    before.setEnd(startContainer, startOffset);
    if (before.toString().trim()) delete copies[at].dataset.marker;
  });
  return copy;
}

export function QuoteButton({ onQuote }) {
  const [found, setFound] = useState(null);
  useEffect(() => {
    let timer = null;
    const look = () => {
      clearTimeout(timer);
      // During a drag the selection changes with every pixel.
      timer = setTimeout(() => setFound(selectedText()), 120);
    };
    const scrolled = () => setFound(selectedText());
    document.addEventListener("selectionchange", look);
    addEventListener("scroll", scrolled, { passive: true });
    return () => {
      clearTimeout(timer);
      document.removeEventListener("selectionchange", look);
      removeEventListener("scroll", scrolled);
    };
  }, []);
  useShortcuts({
    Escape: () => {
      if (!found) return false;
      getSelection().removeAllRanges();
    },
  });
  // It leaves the screen with the selection.
  if (!found || found.box.bottom < HEADER_HEIGHT || found.box.top > innerHeight) return null;
  const { box } = found;
  const place = {
    left: `${clamp(8, box.left + box.width / 2 - 60, innerWidth - 150)}px`,
    top: `${clamp(72, box.bottom + 52 < innerHeight ? box.bottom + 8 : box.top - 48, innerHeight - 52)}px`,
  };
  const quote = () => {
    getSelection().removeAllRanges();
    setFound(null);
    onQuote(found);
  };
  // A press would clear the selection before it is read.
  return html`<button type="button" class="quote-button" style=${place} onPointerDown=${(event) => event.preventDefault()} onClick=${quote}>
    <${Icon} name="quote" />${t("thread.quoteThis")}
  </button>`;
}

/** Keeps the button on the screen: a long selection may begin and end outside of it. */
function clamp(min, value, max) {
  return Math.max(min, Math.min(max, value));
}

function elementOf(node) {
  return node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement;
}
