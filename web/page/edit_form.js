// Editing a post in place. A conflicting edit is shown and never overwritten without the editor's choice.
import { html, useEffect, useState } from "./libraries.js";
import * as documents from "./documents.js";
import { draftAt, dropDraft, keepDraft } from "./drafts.js";
import { Editor } from "./editor.js";
import { heldPosts } from "./held_posts.js";
import { notices, session, site } from "./state.js";
import { newKey } from "./keys.js";
import { Errors, asErrors } from "./components.js";
import { t } from "./i18n.js";
import { PostBody } from "./post_body.js";

export function EditForm({ post, discussionId, near, onDone, onSaved }) {
  const place = `edit:${post.id}`;
  const isDiscussion = post.__typename === "Discussion";
  const [draft, setDraft] = useState(() => draftAt(place));
  const [current, setCurrent] = useState(null);
  const [errors, setErrors] = useState([]);
  const [isBusy, setBusy] = useState(false);
  const [isSaved, setSaved] = useState(draft ? true : null);

  useEffect(() => {
    if (!draft) load();
  }, []);

  async function load() {
    try {
      const { node } = await session.execute(documents.SOURCE, { id: post.id });
      setDraft({ body: node.body, title: node.title, version: node.version, key: newKey() });
    } catch (error) {
      setErrors(asErrors(error));
    }
  }

  function write(changes) {
    // A new key for a changed text; the same text sent twice is one edit.
    const next = { ...draft, key: newKey(), ...changes };
    setDraft(next);
    setSaved(keepDraft(place, next));
  }

  async function save(chosen = draft) {
    if (!session.viewer) return site.openSignIn(() => save(chosen));
    setBusy(true);
    setErrors([]);
    const found = await sent(chosen);
    setBusy(false);
    setErrors(found);
    const conflict = found.find(({ code }) => code === "EDIT_CONFLICT");
    if (conflict) setCurrent(conflict.current);
  }

  async function sent({ body, title, version, key }) {
    const input = { body, expectedVersion: version, clientMutationId: key };
    try {
      const payload = isDiscussion
        ? (await session.execute(documents.EDIT_DISCUSSION, { input: { ...input, discussionId: post.id, title } })).editDiscussion
        : (await session.execute(documents.EDIT_REPLY, { input: { ...input, replyId: post.id } })).editReply;
      if (!payload.errors.length) {
        dropDraft(place);
        if (payload.held) heldPosts.add(payload.held);
        else onSaved(payload.reply ?? payload.discussion);
        const dropped = payload.droppedQuoteIds?.length;
        if (dropped) notices.show(t("edit.droppedQuotes", { count: dropped }));
        onDone();
      }
      return payload.errors;
    } catch (error) {
      return asErrors(error);
    }
  }

  function discard() {
    dropDraft(place);
    onDone();
  }

  if (!draft) return html`<div class="editing"><${Errors} errors=${errors} /><p class="hint">${t("edit.loading")}</p></div>`;
  if (current) {
    const resume = (chosen) => {
      setErrors([]);
      setCurrent(null);
      write(chosen);
      return chosen;
    };
    return html`<div class="editing">
      <${Errors} errors=${errors.filter(({ code }) => code !== "EDIT_CONFLICT")} />
      <${Conflict}
        current=${current}
        mine=${draft}
        onMine=${() => save(resume({ ...draft, version: current.version, key: newKey() }))}
        onTheirs=${discard}
        onMerge=${() => resume({ ...draft, version: current.version })}
      />
    </div>`;
  }
  return html`<div class="editing" role="group" aria-label=${t("edit.label")}>
    ${post.version > draft.version && html`<p class="notice" role="status">${t("edit.editedMeanwhile")}</p>`}
    ${isDiscussion && html`<label class="field">${t("new.titleField")}
      <input dir=${draft.title ? "auto" : null} value=${draft.title} maxlength=${site.limits.titleLength} onInput=${(event) => write({ title: event.target.value })} />
    </label>`}
    <${Editor}
      id=${`edit-${post.id}`}
      label=${t("edit.text")}
      body=${draft.body}
      isSaved=${isSaved}
      near=${near}
      discussionId=${discussionId}
      rows=${8}
      limit=${isDiscussion ? site.limits.openingPostLength : site.limits.replyLength}
      preview=${() => ({ body: draft.body, discussionId, quotes: [], replyToId: null })}
      onWrite=${(body) => write({ body })}
      onSend=${() => save()}
      onEscape=${onDone}
    />
    <${Errors} errors=${errors} />
    <footer>
      <button type="button" onClick=${discard}>${draftAt(place) ? t("edit.discard") : t("page.cancel")}</button>
      <button type="button" class="primary" disabled=${isBusy} onClick=${() => save()}>${t("edit.save")}</button>
    </footer>
  </div>`;
}

function Conflict({ current, mine, onMine, onTheirs, onMerge }) {
  const isDeleted = current.state === "DELETED";
  return html`<section class="conflict" role="alert" aria-label=${t("edit.conflict")}>
    <h3>${t("edit.conflictHeading")}</h3>
    <div class="sides">
      <div class="side" data-side="theirs">
        <h4>${t("edit.current")} <small>${t("edit.currentVersion", { number: current.version })}</small></h4>
        ${isDeleted ? html`<p>${t("edit.currentDeleted")}</p>` : html`<${PostBody} bodyHtml=${current.bodyHtml} />`}
      </div>
      <div class="side" data-side="mine">
        <h4>${t("edit.yours")} <small>${t("edit.yoursVersion", { number: mine.version })}</small></h4>
        <pre dir="auto" tabindex="0" aria-label=${t("edit.yours")}>${mine.body}</pre>
      </div>
    </div>
    <footer>
      <button type="button" onClick=${onTheirs}>${t("edit.keepCurrent")}</button>
      ${!isDeleted && html`<button type="button" onClick=${onMerge}>${t("edit.continue")}</button>
        <button type="button" class="primary" onClick=${onMine}>${t("edit.saveMine")}</button>`}
    </footer>
  </section>`;
}
