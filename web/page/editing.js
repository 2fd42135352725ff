// Changing what was written, in its place; a change that somebody else made meanwhile is shown, never overwritten unseen.
import { html, useEffect, useState } from "./libraries.js";
import * as documents from "./documents.js";
import { draftAt, dropDraft, keepDraft } from "./drafts.js";
import { Editor } from "./composer.js";
import { session, site } from "./here.js";
import { newKey } from "./keys.js";
import { Problems, asErrors } from "./parts.js";
import { Words } from "./words.js";

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
      const { node } = await session.ask(documents.SOURCE, { id: post.id });
      setDraft({ body: node.body, title: node.title, version: node.version, key: newKey() });
    } catch (error) {
      setErrors(asErrors(error));
    }
  }

  function write(changes) {
    // Another text is another edit; the same one sent twice is one.
    const next = { ...draft, key: newKey(), ...changes };
    setDraft(next);
    keepDraft(place, next);
  }

  async function save(chosen = draft) {
    if (!session.viewer) return site.askToSignIn(() => save(chosen));
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
        ? (await session.ask(documents.EDIT_DISCUSSION, { input: { ...input, discussionId: post.id, title } })).editDiscussion
        : (await session.ask(documents.EDIT_REPLY, { input: { ...input, replyId: post.id } })).editReply;
      if (!payload.errors.length) {
        dropDraft(place);
        onSaved(payload.reply ?? payload.discussion);
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

  if (!draft) return html`<div class="editing"><${Problems} errors=${errors} /><p class="hint">Loading the text…</p></div>`;
  if (current) {
    const goOn = (chosen) => {
      setErrors([]);
      setCurrent(null);
      write(chosen);
      return chosen;
    };
    return html`<div class="editing">
      <${Problems} errors=${errors.filter(({ code }) => code !== "EDIT_CONFLICT")} />
      <${Conflict}
        current=${current}
        mine=${draft}
        onMine=${() => save(goOn({ ...draft, version: current.version, key: newKey() }))}
        onTheirs=${discard}
        onMerge=${() => goOn({ ...draft, version: current.version })}
      />
    </div>`;
  }
  return html`<div class="editing" role="group" aria-label="Edit">
    ${post.version > draft.version && html`<p class="notice" role="status">
      This was changed while you were editing. When you save, you will see both versions and choose.
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
    <${Problems} errors=${errors} />
    <footer>
      <button type="button" onClick=${discard}>${draftAt(place) ? "Discard changes" : "Cancel"}</button>
      <button type="button" class="primary" disabled=${isBusy} onClick=${() => save()}>Save</button>
    </footer>
  </div>`;
}

function Conflict({ current, mine, onMine, onTheirs, onMerge }) {
  const isGone = current.state === "DELETED";
  return html`<section class="conflict" role="alert" aria-label="Edit conflict">
    <h3>Somebody changed this while you were editing</h3>
    <div class="sides">
      <div class="side" data-side="theirs">
        <h4>As it is now <small>version ${current.version}</small></h4>
        ${isGone ? html`<p>It was deleted.</p>` : html`<${Words} bodyHtml=${current.bodyHtml} />`}
      </div>
      <div class="side" data-side="mine">
        <h4>Yours <small>made from version ${mine.version}</small></h4>
        <pre dir="auto" tabindex="0" aria-label="Your text">${mine.body}</pre>
      </div>
    </div>
    <footer>
      <button type="button" onClick=${onTheirs}>Keep theirs, drop mine</button>
      ${!isGone && html`<button type="button" onClick=${onMerge}>Work on mine first</button>
        <button type="button" class="primary" onClick=${onMine}>Replace theirs with mine</button>`}
    </footer>
  </section>`;
}
