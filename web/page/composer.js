// The editor for a reply, at the foot of the screen, so that the thread stays readable.
import { html, useEffect, useLayoutEffect, useRef, useState } from "./libraries.js";
import { PREVIEW } from "./documents.js";
import { outbox, session, site } from "./state.js";
import { Icon, Errors, asErrors, counted, useObservables } from "./components.js";
import { PostBody } from "./post_body.js";

/** A text field with a preview, the number of characters left, and Ctrl+Enter to send. */
export function Editor({ id, label, body, caret, limit, preview, onWrite, onSend, onEscape, autofocus = true, rows = 5 }) {
  const area = useRef(null);
  const [shown, setShown] = useState(null);
  useLayoutEffect(() => {
    if (autofocus) area.current?.focus();
  }, []);
  useLayoutEffect(() => {
    if (caret === null || caret === undefined || !area.current) return;
    area.current.focus();
    area.current.setSelectionRange(caret, caret);
    area.current.scrollTop = area.current.scrollHeight;
  }, [caret, body === "" ? 0 : 1]);
  const showPreview = async () => {
    setShown({ isLoading: true });
    try {
      const { previewBody } = await session.execute(PREVIEW, preview());
      setShown(previewBody);
    } catch (error) {
      setShown({ errors: asErrors(error) });
    }
  };
  const pressed = (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      onSend();
    } else if (event.key === "Escape") {
      onEscape?.();
    }
  };
  const left = limit - [...body].length;
  return html`<div class="editor">
    <div class="tabs" role="group" aria-label="Text or preview">
      <button type="button" aria-pressed=${shown === null} onClick=${() => setShown(null)}>Write</button>
      <button type="button" aria-pressed=${shown !== null} disabled=${!body.trim()} onClick=${showPreview}>Preview</button>
      <span class="hint">Markdown is supported. <kbd>Ctrl</kbd> <kbd>Enter</kbd> to send.</span>
      ${left < 500 && html`<span class=${left < 0 ? "left over" : "left"} role="status">${counted(left, "character")} left</span>`}
    </div>
    <label class="unseen" for=${id}>${label}</label>
    <textarea
      ref=${area}
      id=${id}
      dir="auto"
      rows=${rows}
      hidden=${shown !== null}
      placeholder=${label}
      value=${body}
      onInput=${(event) => onWrite(event.target.value)}
      onKeyDown=${pressed}
    ></textarea>
    ${shown !== null &&
    html`<div class="preview" role="region" aria-label="Preview" tabindex="0" aria-busy=${Boolean(shown.isLoading)}>
      ${shown.isLoading ? html`<p class="hint">Loading the preview…</p>` : html`<${Errors} errors=${shown.errors} />`}
      ${shown.bodyHtml && html`<${PostBody} bodyHtml=${shown.bodyHtml} />`}
    </div>`}
  </div>`;
}

export function Composer({ composerState, liveDiscussion, onSend }) {
  useObservables(composerState, session);
  const [errors, setErrors] = useState([]);
  const panel = useRef(null);
  const { isOpen, replyTo } = composerState;
  useEffect(() => setErrors([]), [isOpen, replyTo?.id]);
  useLayoutEffect(() => {
    // Leaves room to scroll to what the panel covers.
    const height = isOpen ? panel.current.offsetHeight : 0;
    document.documentElement.style.setProperty("--composer", `${height}px`);
    return () => document.documentElement.style.removeProperty("--composer");
  }, [isOpen]);
  if (!isOpen) return null;
  const close = () => {
    liveDiscussion.stopTyping();
    composerState.close();
    focusPost(replyTo);
  };
  const send = () => {
    if (!composerState.body.trim()) return setErrors([{ code: "BODY_EMPTY" }]);
    if (!session.viewer) return site.openSignIn(send);
    liveDiscussion.stopTyping();
    const { key } = outbox.add(composerState.draft, session.viewer.user);
    composerState.done();
    focusPost(replyTo);
    onSend(key);
  };
  const preview = () => {
    const { discussionId, body, quotes } = composerState.draft;
    return { discussionId, body, quotes, replyToId: replyTo?.id ?? null };
  };
  const name = replyTo?.author?.name ?? "a former member";
  return html`<section ref=${panel} class="composer" aria-label="Your reply" data-parent=${replyTo ? replyTo.sequence : 0}>
    <header>
      <p>
        <${Icon} name="reply" />
        <span>
          ${replyTo
            ? html`Reply to <bdi>${name}</bdi>, <a href=${`#reply-${replyTo.sequence}`}>reply ${replyTo.sequence}</a>`
            : "Reply to the discussion"}
        </span>
      </p>
      <button type="button" class="quiet square" aria-label="Close and keep the draft" onClick=${close}><${Icon} name="close" /></button>
    </header>
    <${Editor}
      key=${replyTo?.id ?? "opening"}
      id="composer-text"
      label="Your reply"
      body=${composerState.body}
      caret=${composerState.caret}
      limit=${site.limits.replyLength}
      preview=${preview}
      onWrite=${(body) => {
        composerState.caret = null;
        composerState.write(body);
        liveDiscussion.type();
      }}
      onSend=${send}
      onEscape=${close}
    />
    <${Errors} errors=${errors} />
    <footer>
      <span class="hint">${session.viewer ? html`As <bdi>${session.viewer.user.name}</bdi>` : "You will be asked to sign in"}</span>
      <button type="button" class="primary" onClick=${send}>Send</button>
    </footer>
  </section>`;
}

function focusPost(replyTo) {
  const post = document.getElementById(replyTo ? `reply-${replyTo.sequence}` : "opening");
  post?.focus({ preventScroll: true });
}
