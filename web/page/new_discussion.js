// The view that starts a discussion.
import { html, useEffect, useState } from "./libraries.js";
import { Editor } from "./editor.js";
import { heldPosts } from "./held_posts.js";
import { START_DISCUSSION } from "./documents.js";
import { draftAt, dropDraft, keepDraft } from "./drafts.js";
import { router, session, site } from "./state.js";
import { newKey } from "./keys.js";
import { Errors, asErrors, useObservables } from "./components.js";
import { t } from "./i18n.js";
import { discussionPath } from "./router.js";

const PLACE = "new";

export function NewDiscussionPage() {
  useObservables(site, session);
  const [draft, setDraft] = useState(() => draftAt(PLACE) ?? { title: "", body: "", categoryId: null, key: newKey() });
  const [errors, setErrors] = useState([]);
  const [isBusy, setBusy] = useState(false);
  const [isSaved, setSaved] = useState(draft.title || draft.body ? true : null);
  useEffect(() => {
    document.title = `${t("new.title")} · ${site.name}`;
  }, []);
  const write = (changes) => {
    // A new key for a changed text; the same text sent twice is one discussion.
    const next = { ...draft, ...changes, key: newKey() };
    setDraft(next);
    setSaved(keepDraft(PLACE, next));
  };
  const send = async () => {
    if (!session.viewer) return site.openSignIn(send);
    setBusy(true);
    const { key, ...input } = draft;
    try {
      const { startDiscussion } = await session.execute(START_DISCUSSION, { input: { ...input, clientMutationId: key } });
      setErrors(startDiscussion.errors);
      if (!startDiscussion.errors.length) {
        dropDraft(PLACE);
        if (startDiscussion.held) heldPosts.add(startDiscussion.held);
        // What is held is shown above the list.
        router.go(startDiscussion.discussion ? discussionPath(startDiscussion.discussion) : "/");
      }
    } catch (error) {
      setErrors(asErrors(error));
    }
    setBusy(false);
  };
  return html`<main id="main" class="page new" tabindex="-1">
    <h1>${t("new.heading")}</h1>
    <form
      class="card"
      onSubmit=${(event) => {
        event.preventDefault();
        send();
      }}
    >
      <label class="field">${t("new.titleField")}
        <input name="title" dir=${draft.title ? "auto" : null} value=${draft.title} maxlength=${site.limits.titleLength} autocomplete="off" onInput=${(event) => write({ title: event.target.value })} />
      </label>
      ${site.categories.length > 0 && html`<label class="field">${t("new.category")}
        <select value=${draft.categoryId ?? ""} onChange=${(event) => write({ categoryId: event.target.value || null })}>
          <option value="">${t("new.noCategory")}</option>
          ${site.categories.map(({ id, name }) => html`<option key=${id} value=${id}>${name}</option>`)}
        </select>
      </label>`}
      <${Editor}
        id="new-text"
        label=${t("new.opening")}
        autofocus=${false}
        body=${draft.body}
        isSaved=${isSaved}
        rows=${10}
        limit=${site.limits.openingPostLength}
        preview=${() => ({ body: draft.body, discussionId: null, replyToId: null, quotes: [] })}
        onWrite=${(body) => write({ body })}
        onSend=${send}
      />
      <${Errors} errors=${errors} />
      <footer>
        <a class="button quiet" href="/">${t("composer.closeKeeping")}</a>
        <button type="submit" class="primary" disabled=${isBusy}>${t("new.start")}</button>
      </footer>
    </form>
  </main>`;
}
