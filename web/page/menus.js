// Menus and cards in the top layer, which Escape and a press outside close (the popover attribute).
import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from "./libraries.js";

const GAP = 6;
let menus = 0;

/** A button that opens a menu: `button` is what the button shows, the children are its items. A chosen item closes it. */
export function Menu({ button, label = null, className = "", menuClass = "", action = null, children }) {
  const id = useMemo(() => `menu-${(menus += 1)}`, []);
  const opener = useRef(null);
  const menu = useRef(null);
  const [isOpen, setOpen] = useState(false);
  useLayoutEffect(() => {
    if (!isOpen) return undefined;
    // The browser shows the menu after this; it has no size before.
    const frame = requestAnimationFrame(() => placeAt(menu.current, opener.current));
    // It goes with its button, and off the screen with it.
    const scrolled = () => {
      const { top, bottom } = opener.current.getBoundingClientRect();
      if (bottom < 0 || top > innerHeight) menu.current.hidePopover();
      else placeAt(menu.current, opener.current);
    };
    addEventListener("scroll", scrolled, { passive: true });
    return () => {
      cancelAnimationFrame(frame);
      removeEventListener("scroll", scrolled);
    };
  }, [isOpen]);
  // What was chosen may have taken the menu away already.
  const chosen = (event) => event.target.closest("button, a") && menu.current?.hidePopover();
  return html`<button type="button" ref=${opener} class=${className} data-action=${action} popovertarget=${id} aria-expanded=${isOpen} aria-label=${label} title=${label}>${button}</button>
    <div ref=${menu} id=${id} popover="auto" class="menu ${menuClass}" onBeforeToggle=${({ newState }) => setOpen(newState === "open")} onClick=${chosen}>
      ${isOpen && children}
    </div>`;
}

/** Places an element of the top layer below another, their ends in line; above it if there is more room. */
export function placeAt(element, anchor) {
  const box = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = element;
  const isRightToLeft = getComputedStyle(anchor).direction === "rtl";
  const left = isRightToLeft ? box.left : box.right - width;
  const isBelow = box.bottom + GAP + height <= innerHeight || box.top < innerHeight / 2;
  element.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
  element.style.top = `${isBelow ? box.bottom + GAP : box.top - GAP - height}px`;
}

const WIDE = matchMedia("(min-width: 1041px)");

/** Whether there is room for the rail beside the column. */
export function useIsWide() {
  const [isWide, setWide] = useState(WIDE.matches);
  useEffect(() => {
    const changed = () => setWide(WIDE.matches);
    WIDE.addEventListener("change", changed);
    return () => WIDE.removeEventListener("change", changed);
  }, []);
  return isWide;
}
