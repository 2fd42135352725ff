// What browsers do not tell of a text field, and changes that they can undo.

/** The styles that decide where the characters of a text field are. */
const LAYOUT = ["font", "letterSpacing", "wordSpacing", "lineHeight", "padding", "textAlign", "direction", "unicodeBidi", "tabSize", "overflowWrap", "wordBreak"];

/** The box on the screen of the character at an index of a textarea's text, as it is in a copy of the field. */
export function characterBox(area, at) {
  const style = getComputedStyle(area);
  const field = area.getBoundingClientRect();
  const copy = document.createElement("div");
  copy.textContent = area.value;
  for (const name of LAYOUT) copy.style[name] = style[name];
  Object.assign(copy.style, { position: "fixed", visibility: "hidden", boxSizing: "border-box", whiteSpace: "pre-wrap" });
  copy.style.width = `${area.clientWidth}px`;
  copy.style.left = `${field.left + area.clientLeft}px`;
  copy.style.top = `${field.top + area.clientTop - area.scrollTop}px`;
  document.body.append(copy);
  const range = document.createRange();
  range.setStart(copy.firstChild, at);
  range.setEnd(copy.firstChild, at + 1);
  const box = range.getBoundingClientRect();
  copy.remove();
  return box;
}

/**
 * Changes the text of a field as if it were typed, so that undo takes it back: `{from, to, insert, select}` as `edited` returns
 * it. Calls `onWrite` with the text where the browser does not fire an input event for it.
 */
export function change(area, { from, to, insert, select }, onWrite) {
  area.focus();
  area.setSelectionRange(from, to);
  const isDone = insert ? document.execCommand("insertText", false, insert) : document.execCommand("delete");
  if (!isDone) {
    area.setRangeText(insert);
    onWrite(area.value);
  }
  area.setSelectionRange(...select);
}
