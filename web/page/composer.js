// Where a reply is written: it stands at the foot of the screen, so that one can read on while writing.
import { html, useEffect, useLayoutEffect, useRef, useState } from "./libraries.js";
import { PREVIEW } from "./documents.js";
import { outbox, session, site } from "./here.js";
import { Icon, Problems, asErrors, counted, useChanges } from "./parts.js";
import { Words } from "./words.js";

/** A text with its tools: what it will look like, how much room is left, Ctrl+Enter to send. */
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
  const look = async () => {
    setShown({ isLoading: true });
    try {
      const { previewBody } = await session.ask(PREVIEW, preview());
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
      <button type="button" aria-pressed=${shown !== null} disabled=${!body.trim()} onClick=${look}>Preview</button>
      <span class="hint">Markdown works. <kbd>Ctrl</kbd> <kbd>Enter</kbd> sends.</span>
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
      ${shown.isLoading ? html`<p class="hint">Drawing…</p>` : html`<${Problems} errors=${shown.errors} />`}
      ${shown.bodyHtml && html`<${Words} bodyHtml=${shown.bodyHtml} />`}
    </div>`}
  </div>`;
}

export function Composer({ composing, conversation, onSend }) {
  useChanges(composing, session);
  const [errors, setErrors] = useState([]);
  const panel = useRef(null);
  const { isOpen, replyTo } = composing;
  useEffect(() => setErrors([]), [isOpen, replyTo?.id]);
  useLayoutEffect(() => {
    // What the panel covers must be reachable by scrolling.
    const height = isOpen ? panel.current.offsetHeight : 0;
    document.documentElement.style.setProperty("--composer", `${height}px`);
    return () => document.documentElement.style.removeProperty("--composer");
  }, [isOpen]);
  if (!isOpen) return null;
  const close = () => {
    conversation.stopTyping();
    composing.close();
    focusPost(replyTo);
  };
  const send = () => {
    if (!composing.body.trim()) return setErrors([{ code: "BODY_EMPTY" }]);
    if (!session.viewer) return site.askToSignIn(send);
    conversation.stopTyping();
    const { key } = outbox.add(composing.draft, session.viewer.user);
    composing.done();
    focusPost(replyTo);
    onSend(key);
  };
  const preview = () => {
    const { discussionId, body, quotes } = composing.draft;
    return { discussionId, body, quotes, replyToId: replyTo?.id ?? null };
  };
  const name = replyTo?.author?.name ?? "a former member";
  return html`<section ref=${panel} class="composer" aria-label="Your reply" data-place=${replyTo ? replyTo.sequence : 0}>
    <header>
      <p>
        <${Icon} name="reply" />
        <span>
          ${replyTo
            ? html`Reply to <bdi>${name}</bdi>, <a href=${`#reply-${replyTo.sequence}`}>reply ${replyTo.sequence}</a>`
            : "Reply to the discussion"}
        </span>
      </p>
      <button type="button" class="quiet square" aria-label="Close; your draft is kept" onClick=${close}><${Icon} name="close" /></button>
    </header>
    <${Editor}
      key=${replyTo?.id ?? "opening"}
      id="composer-text"
      label="Your reply"
      body=${composing.body}
      caret=${composing.caret}
      limit=${site.limits.replyLength}
      preview=${preview}
      onWrite=${(body) => {
        composing.caret = null;
        composing.write(body);
        conversation.type();
      }}
      onSend=${send}
      onEscape=${close}
    />
    <${Problems} errors=${errors} />
    <footer>
      <span class="hint">${session.viewer ? html`As <bdi>${session.viewer.user.name}</bdi>` : "You will be asked for a name"}</span>
      <button type="button" class="primary" onClick=${send}>Send</button>
    </footer>
  </section>`;
}

function focusPost(replyTo) {
  const post = document.getElementById(replyTo ? `reply-${replyTo.sequence}` : "opening");
  post?.focus({ preventScroll: true });
}
