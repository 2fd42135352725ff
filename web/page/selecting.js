// Quoting by selection: a button near the selected words, also where they were selected with the keyboard.
import { html, useEffect, useState } from "./libraries.js";
import { Icon } from "./parts.js";
import { textOf } from "./words.js";

/** What is selected inside one post: {postId, text, box}; null where nothing is, or more than one post. */
export function selected() {
  const selection = getSelection();
  if (!selection || selection.isCollapsed || !selection.rangeCount) return null;
  const range = selection.getRangeAt(0);
  const words = elementOf(range.commonAncestorContainer)?.closest(".words[data-post]");
  if (!words) return null;
  const text = textOf(range.cloneContents()).replace(/\n{3,}/g, "\n\n").trim();
  return text ? { postId: words.dataset.post, text, box: range.getBoundingClientRect() } : null;
}

export function QuoteButton({ onQuote }) {
  const [found, setFound] = useState(null);
  useEffect(() => {
    let timer = null;
    const look = () => {
      clearTimeout(timer);
      // While a selection is being drawn, it changes with every pixel.
      timer = setTimeout(() => setFound(selected()), 120);
    };
    document.addEventListener("selectionchange", look);
    addEventListener("scroll", look, { passive: true });
    return () => {
      clearTimeout(timer);
      document.removeEventListener("selectionchange", look);
      removeEventListener("scroll", look);
    };
  }, []);
  if (!found) return null;
  const { box } = found;
  const place = {
    left: `${within(8, box.left + box.width / 2 - 60, innerWidth - 150)}px`,
    top: `${within(72, box.bottom + 52 < innerHeight ? box.bottom + 8 : box.top - 48, innerHeight - 52)}px`,
  };
  const quote = () => {
    getSelection().removeAllRanges();
    setFound(null);
    onQuote(found);
  };
  // Pressing must not take the selection away before it is read.
  return html`<button type="button" class="quote-button" style=${place} onPointerDown=${(event) => event.preventDefault()} onClick=${quote}>
    <${Icon} name="quote" />Quote this
  </button>`;
}

/** A long selection may begin and end out of sight. */
function within(least, value, most) {
  return Math.max(least, Math.min(most, value));
}

function elementOf(node) {
  return node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement;
}
