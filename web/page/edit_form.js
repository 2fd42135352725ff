// Editing a post in place. A conflicting edit is shown and never overwritten without the editor's choice.
import { html, useEffect, useState } from "./libraries.js";
import * as documents from "./documents.js";
import { draftAt, dropDraft, keepDraft } from "./drafts.js";
import { Editor } from "./composer.js";
import { notices, session, site } from "./state.js";
import { newKey } from "./keys.js";
import { Errors, asErrors, counted } from "./components.js";
import { PostBody } from "./post_body.js";

export function EditForm({ post, discussionId, onDone, onSaved }) {
  const place = `edit:${post.id}`;
  const isDiscussion = post.__typename === "Discussion";
  const [draft, setDraft] = useState(() => draftAt(place));
  const [current, setCurrent] = useState(null);
  const [errors, setErrors] = useState([]);
  const [isBusy, setBusy] = useState(false);

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
    keepDraft(place, next);
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
        onSaved(payload.reply ?? payload.discussion);
        const dropped = payload.droppedQuoteIds.length;
        if (dropped) notices.show(`Saved. ${counted(dropped, "quote")} of the text before ${dropped > 1 ? "are" : "is"} no longer in it, or changed.`);
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

  if (!draft) return html`<div class="editing"><${Errors} errors=${errors} /><p class="hint">Loading the text…</p></div>`;
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
  return html`<div class="editing" role="group" aria-label="Edit">
    ${post.version > draft.version && html`<p class="notice" role="status">
      This post was edited while you were editing. When you save, you will see both versions and choose one.
    </p>`}
    ${isDiscussion && html`<label class="field">Title
      <input dir="auto" value=${draft.title} maxlength=${site.limits.titleLength} onInput=${(event) => write({ title: event.target.value })} />
    </label>`}
    <${Editor}
      id=${`edit-${post.id}`}
      label="The text of this post"
      body=${draft.body}
      caret=${null}
      rows=${8}
      limit=${isDiscussion ? site.limits.openingPostLength : site.limits.replyLength}
      preview=${() => ({ body: draft.body, discussionId, quotes: [], replyToId: null })}
      onWrite=${(body) => write({ body })}
      onSend=${() => save()}
      onEscape=${onDone}
    />
    <${Errors} errors=${errors} />
    <footer>
      <button type="button" onClick=${discard}>${draftAt(place) ? "Discard changes" : "Cancel"}</button>
      <button type="button" class="primary" disabled=${isBusy} onClick=${() => save()}>Save</button>
    </footer>
  </div>`;
}

function Conflict({ current, mine, onMine, onTheirs, onMerge }) {
  const isDeleted = current.state === "DELETED";
  return html`<section class="conflict" role="alert" aria-label="Edit conflict">
    <h3>This post was edited while you were editing</h3>
    <div class="sides">
      <div class="side" data-side="theirs">
        <h4>Current text <small>version ${current.version}</small></h4>
        ${isDeleted ? html`<p>This post was deleted.</p>` : html`<${PostBody} bodyHtml=${current.bodyHtml} />`}
      </div>
      <div class="side" data-side="mine">
        <h4>Your text <small>based on version ${mine.version}</small></h4>
        <pre dir="auto" tabindex="0" aria-label="Your text">${mine.body}</pre>
      </div>
    </div>
    <footer>
      <button type="button" onClick=${onTheirs}>Keep the current text</button>
      ${!isDeleted && html`<button type="button" onClick=${onMerge}>Continue editing mine</button>
        <button type="button" class="primary" onClick=${onMine}>Save mine instead</button>`}
    </footer>
  </section>`;
}
