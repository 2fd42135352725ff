// The composer of a reply, at the foot of the screen, so that the thread stays readable.
import { html, useEffect, useLayoutEffect, useRef, useState } from "./libraries.js";
import { outbox, session, site } from "./state.js";
import { Icon, Errors, useObservables } from "./components.js";
import { Editor } from "./editor.js";
import { t } from "./i18n.js";
import { change } from "./text_field.js";

export function Composer({ composerState, liveDiscussion, onSend }) {
  useObservables(composerState, session);
  const [errors, setErrors] = useState([]);
  const panel = useRef(null);
  const { isOpen, replyTo, quotes } = composerState;
  const chips = quotes.filter(({ isInText }) => !isInText);
  useEffect(() => setErrors([]), [isOpen, replyTo?.id]);
  useLayoutEffect(() => {
    // Leaves room to scroll to what the panel covers.
    const height = isOpen ? panel.current.offsetHeight : 0;
    document.documentElement.style.setProperty("--composer", `${height}px`);
    return () => document.documentElement.style.removeProperty("--composer");
  }, [isOpen, chips.length]);
  if (!isOpen) return null;
  const close = () => {
    liveDiscussion.stopTyping();
    composerState.close();
    document.getElementById(replyTo ? `reply-${replyTo.sequence}` : "opening")?.focus({ preventScroll: true });
  };
  const send = () => {
    if (!composerState.body.trim()) return setErrors([{ code: "BODY_EMPTY" }]);
    if (!session.viewer) return site.openSignIn(send);
    liveDiscussion.stopTyping();
    const { key } = outbox.add(composerState.draft, session.viewer.user);
    composerState.done();
    onSend(key);
  };
  const name = html`<bdi>${replyTo?.author?.name ?? t("page.formerMember")}</bdi>`;
  const post = replyTo && html`<a href=${`#reply-${replyTo.sequence}`}>${t("quote.reply", { number: replyTo.sequence })}</a>`;
  return html`<section ref=${panel} class="composer" aria-label=${t("composer.label")} data-parent=${replyTo ? replyTo.sequence : 0}>
    <header>
      <p><${Icon} name="reply" /><span>${replyTo ? t("composer.replyTo", { name, post }) : t("thread.replyToDiscussion")}</span></p>
      <button type="button" class="quiet square" aria-label=${t("composer.closeKeeping")} onClick=${close}><${Icon} name="close" /></button>
    </header>
    ${chips.length > 0 && html`<ul class="quote-chips" aria-label=${t("composer.quotes")}>
      ${chips.map((quote) => html`<${QuoteChip} key=${quote.key} quote=${quote} composerState=${composerState} />`)}
    </ul>`}
    <${Editor}
      key=${replyTo?.id ?? "opening"}
      id="composer-text"
      label=${t("composer.label")}
      body=${composerState.body}
      caret=${composerState.caret}
      limit=${site.limits.replyLength}
      isSaved=${composerState.isSaved}
      near=${() => [...(replyTo?.author ? [replyTo.author] : []), ...liveDiscussion.people]}
      discussionId=${composerState.discussionId}
      preview=${() => composerState.preview}
      onWrite=${(body) => {
        composerState.write(body);
        liveDiscussion.type();
      }}
      onSend=${send}
      onEscape=${close}
    />
    <${Errors} errors=${errors} />
    <footer>
      <span class="hint">${session.viewer ? t("composer.asUser", { name: html`<bdi>${session.viewer.user.name}</bdi>` }) : t("composer.signInFirst")}</span>
      <button type="button" class="primary" onClick=${send}>${t("composer.send")}</button>
    </footer>
  </section>`;
}

/** A quote that precedes the reply. It can be moved into the text, to answer it point by point. */
function QuoteChip({ quote, composerState }) {
  const name = quote.name ?? t("page.somebody");
  const area = () => document.getElementById("composer-text");
  const remove = () => {
    composerState.removeQuote(quote.key);
    area().focus();
  };
  const intoText = () => {
    const { value, selectionStart } = area();
    const { body, caret } = composerState.moveIntoText(quote.key, value, selectionStart);
    change(area(), { from: 0, to: value.length, insert: body, select: [caret, caret] }, (text) => composerState.write(text));
  };
  return html`<li class="quote-chip" data-source=${quote.sourceId}>
    <${Icon} name="quote" /><span class="quote-excerpt"><strong><bdi>${name}</bdi></strong> <bdi>${quote.text}</bdi></span>
    <button type="button" class="quiet small" data-action="into-text" onClick=${intoText}><${Icon} name="into" /><span>${t("composer.intoText")}</span></button>
    <button type="button" class="quiet square" data-action="remove-quote" aria-label=${t("composer.removeQuote", { name })} onClick=${remove}><${Icon} name="close" /></button>
  </li>`;
}
