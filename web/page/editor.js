// A text field for Markdown: tools, a preview, the number of characters left, and Ctrl+Enter to send.
import { html, useLayoutEffect, useRef, useState } from "./libraries.js";
import { PREVIEW } from "./documents.js";
import { session } from "./state.js";
import { Icon, advice, asErrors } from "./components.js";
import { t } from "./i18n.js";
import { edited } from "./markdown_editing.js";
import { PostBody } from "./post_body.js";
import { keyOf } from "./shortcuts.js";
import { useSuggestions } from "./suggestions.js";
import { change } from "./text_field.js";

/** The tools, with their keys beside Ctrl or Cmd: a letter, or the place of another key. */
const TOOLS = [
  { name: "bold", label: "composer.bold", key: "b", keys: "B" },
  { name: "italic", label: "composer.italic", key: "i", keys: "I" },
  { name: "link", label: "composer.link", key: "k", keys: "K" },
  { name: "code", label: "composer.code", key: "e", keys: "E" },
  { name: "quote", label: "composer.quote", key: "Period", shift: true, keys: "Shift+." },
  { name: "list", label: "composer.list", key: "Digit8", shift: true, keys: "Shift+8" },
  { name: "picture", label: "composer.picture" },
  { name: "spoiler", label: "composer.spoiler" },
];
const nobody = () => [];
const IS_MAC = /^(Mac|iP)/.test(navigator.platform);

/**
 * `caret`: a new object {at} focuses the text there. `isSaved`: whether the draft is stored; null while there is none.
 * `preview` returns the variables of the preview, and `near` the people to suggest while a mention is written, before those of
 * the discussion and then all others.
 */
export function Editor({ id, label, body, caret = null, limit, preview, isSaved = null, near = nobody, discussionId = null, onWrite, onSend, onEscape, autofocus = true, rows = 5 }) {
  const area = useRef(null);
  const [shown, setShown] = useState(null);
  useLayoutEffect(() => {
    if (autofocus) area.current?.focus();
  }, []);
  useLayoutEffect(() => {
    if (!caret || !area.current) return;
    area.current.focus();
    area.current.setSelectionRange(caret.at, caret.at);
    area.current.scrollTop = area.current.scrollHeight;
  }, [caret]);
  const showPreview = async () => {
    const loading = { isLoading: true };
    setShown(loading);
    const found = await session.execute(PREVIEW, preview()).then(
      ({ previewBody }) => previewBody,
      (error) => ({ errors: asErrors(error) }),
    );
    // The writer may have gone back to the text meanwhile.
    setShown((now) => (now === loading ? found : now));
  };
  const apply = (found) => change(area.current, found, onWrite);
  const use = (tool) => apply(edited(tool, area.current.value, area.current.selectionStart, area.current.selectionEnd));
  const suggestions = useSuggestions(id, { near, discussionId, apply });
  const pressed = (event) => {
    if (isComposing(event) || suggestions.pressed(event)) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      onSend();
    } else if (event.key === "Escape") {
      onEscape?.();
    } else if ((event.ctrlKey || event.metaKey) && !event.altKey) {
      const tool = toolOf(event);
      if (!tool) return;
      event.preventDefault();
      use(tool.name);
    }
  };
  const left = limit - [...body].length;
  return html`<div class="editor">
    <div class="tabs">
      <div role="group" aria-label=${t("composer.tabs")}>
        <button type="button" aria-pressed=${shown === null} onClick=${() => setShown(null)}>${t("composer.write")}</button>
        <button type="button" aria-pressed=${shown !== null} disabled=${!body.trim()} onClick=${showPreview}>${t("composer.preview")}</button>
      </div>
      ${shown === null && html`<${Toolbar} use=${use} controls=${id} />`}
    </div>
    <label class="unseen" for=${id}>${label}</label>
    <textarea
      ref=${area}
      id=${id}
      dir=${body ? "auto" : null}
      rows=${rows}
      hidden=${shown !== null}
      placeholder=${label}
      value=${body}
      ...${suggestions.field}
      onInput=${(event) => {
        onWrite(event.target.value);
        suggestions.look(event.isComposing);
      }}
      onKeyDown=${pressed}
      onBlur=${suggestions.close}
    ></textarea>
    ${suggestions.list}
    ${shown !== null &&
    html`<div class="preview" role="region" aria-label=${t("composer.preview")} tabindex="0" aria-busy=${Boolean(shown.isLoading)}>
      ${shown.isLoading && html`<p class="hint">${t("composer.loadingPreview")}</p>`}
      ${shown.errors?.map((error) => html`<p key=${error.code} class="hint" role="status" data-code=${error.code}>${advice(error)}</p>`)}
      ${shown.bodyHtml && html`<${PostBody} bodyHtml=${shown.bodyHtml} />`}
    </div>`}
    <p class="editor-foot">
      <span class="hint">${t("composer.hint", { keys: html`<span><kbd>${IS_MAC ? "⌘" : "Ctrl"}</kbd> <kbd>Enter</kbd></span>` })}</span>
      ${isSaved !== null && html`<span class="saved" role="status" data-saved=${isSaved}>${t(isSaved ? "composer.saved" : "composer.notSaved")}</span>`}
      ${left < 500 && html`<span class=${left < 0 ? "left over" : "left"} role="status">${left < 0 ? t("composer.tooLong", { count: -left }) : t("composer.left", { count: left })}</span>`}
    </p>
  </div>`;
}

/** Whether a key is one of the input method: it composes, or (in Safari) has just ended to. */
function isComposing(event) {
  return event.isComposing || event.keyCode === 229;
}

/** The tool of a pressed key; in layouts that have a letter at the place of a full stop, that letter is another key. */
function toolOf({ key, code, shiftKey }) {
  const pressed = /^\p{L}$/u.test(key) ? keyOf({ key, code }) : code;
  return TOOLS.find(({ key: its, shift = false }) => its === pressed && shift === shiftKey);
}

/** One stop for Tab, within which the arrow keys move. */
function Toolbar({ use, controls }) {
  const [at, setAt] = useState(0);
  const moved = (event) => {
    const forward = document.documentElement.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
    const backward = document.documentElement.dir === "rtl" ? "ArrowRight" : "ArrowLeft";
    const steps = { [forward]: at + 1, [backward]: at - 1, Home: 0, End: TOOLS.length - 1 };
    if (!(event.key in steps)) return;
    event.preventDefault();
    const next = (steps[event.key] + TOOLS.length) % TOOLS.length;
    setAt(next);
    event.currentTarget.children[next].focus();
  };
  // A press would take the focus from the text, and on a phone its keyboard.
  const keepFocus = (event) => event.preventDefault();
  return html`<div class="toolbar" role="toolbar" aria-label=${t("composer.tools")} aria-controls=${controls} onKeyDown=${moved} onMouseDown=${keepFocus}>
    ${TOOLS.map(({ name, label, keys }, index) => {
      const title = keys ? `${t(label)} (${IS_MAC ? "⌘" : "Ctrl"}+${keys})` : t(label);
      const shortcut = keys && `${IS_MAC ? "Meta" : "Control"}+${keys}`;
      return html`<button key=${name} type="button" class="quiet square" data-tool=${name} tabindex=${index === at ? 0 : -1} aria-label=${t(label)} aria-keyshortcuts=${shortcut} title=${title} onClick=${() => use(name)}>
        <${Icon} name=${name} />
      </button>`;
    })}
  </div>`;
}
