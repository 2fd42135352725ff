// Removing what somebody wrote: what it would be first, then the act and its progress.
import { Errors, Icon, asErrors, html, language, newKey, session, t, useEffect, useRef, useState } from "./app.js";
import { Progress } from "./audit_entry.js";
import { isUnderWay } from "./audit_entries.js";
import { ENTRIES, REMOVE_POSTS } from "./moderate_documents.js";
import { UndoButton } from "./undo_button.js";

const MAX_REASON = 500;
const PROGRESS_MS = 1_000;
const HOUR_MS = 3_600_000;
const SINCE = { hour: HOUR_MS, day: 24 * HOUR_MS, week: 7 * 24 * HOUR_MS, ever: null };

export function RemovePosts({ person }) {
  const [isOpen, setOpen] = useState(false);
  const [choice, setChoice] = useState("day");
  const [reason, setReason] = useState("");
  /** What it would remove: {since, posts, discussions, repliesOfOthers}. */
  const [counted, setCounted] = useState(null);
  const [entry, setEntry] = useState(null);
  const [errors, setErrors] = useState([]);
  const [isBusy, setBusy] = useState(false);
  useProgress(entry, setEntry);
  const send = async (input) => {
    setBusy(true);
    setErrors([]);
    try {
      const { removePosts } = await session.execute(REMOVE_POSTS, { input: { authorId: person.id, reason: reason.trim() || null, ...input } });
      setErrors(removePosts.errors);
      return removePosts.errors.length ? null : removePosts;
    } catch (error) {
      setErrors(asErrors(error));
      return null;
    } finally {
      setBusy(false);
    }
  };
  const count = async (event) => {
    event.preventDefault();
    const since = SINCE[choice] === null ? person.createdAt : new Date(Date.now() - SINCE[choice]).toISOString();
    const found = await send({ since, dryRun: true });
    if (found) setCounted({ ...found, since });
  };
  const remove = async () => {
    const found = await send({ since: counted.since, dryRun: false, clientMutationId: newKey() });
    if (!found) return;
    setCounted(null);
    setEntry(found.auditEntry);
  };
  if (entry) {
    const isRemoval = entry.action === "REMOVE_POSTS";
    const [begun, finished] = isRemoval ? ["removal.begun", "removal.finished"] : ["removal.restoring", "removal.restored"];
    return html`<section class="card fields" data-removal=${entry.id}>
      <p>${t(isUnderWay(entry) ? begun : finished, { name: html`<bdi>${person.name}</bdi>` })}</p>
      <${Progress} entry=${entry} />
      ${!isUnderWay(entry) && html`<${UndoButton} entry=${entry} onUndone=${setEntry} />`}
    </section>`;
  }
  if (!isOpen) return html`<p><button type="button" data-action="remove-posts" onClick=${() => setOpen(true)}>${t("removal.title")}</button> <small class="hint">${t("removal.hint")}</small></p>`;
  return html`<form class="fields card" aria-label=${t("removal.title")} onSubmit=${count}>
    <label class="field">${t("removal.since")}
      <select value=${choice} onChange=${({ target }) => (setChoice(target.value), setCounted(null))}>
        ${Object.keys(SINCE).map((name) => html`<option key=${name} value=${name}>${t(`removal.since_${name}`)}</option>`)}
      </select>
    </label>
    <label class="field">${t("removal.reason")}<input type="text" name="reason" maxlength=${MAX_REASON} dir=${reason ? "auto" : null} autocomplete="off" value=${reason} onInput=${({ target }) => setReason(target.value)} /></label>
    <${Errors} errors=${errors} />
    ${counted && html`<${Counted} counted=${counted} />`}
    <footer>
      <button type="button" onClick=${() => (setOpen(false), setCounted(null))}>${t("page.cancel")}</button>
      ${counted && counted.posts + counted.discussions > 0
        ? html`<button type="button" class="danger" data-action="remove" disabled=${isBusy} onClick=${remove}><${Icon} name="trash" />${t("removal.remove")}</button>`
        : html`<button type="submit" class="primary" disabled=${isBusy}>${t("removal.count")}</button>`}
    </footer>
  </form>`;
}

/** What the act would remove. */
function Counted({ counted: { posts, discussions, repliesOfOthers, since } }) {
  const time = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(new Date(since));
  return html`<div class="notice" role="status" data-counted=${posts}>
    <p>${t("removal.from", { time })}</p>
    <ul>
      <li>${t("removal.posts", { count: posts })}</li>
      <li>${t("removal.discussions", { count: discussions })}</li>
      ${repliesOfOthers > 0 && html`<li>${t("removal.ofOthers", { count: repliesOfOthers })}</li>`}
    </ul>
  </div>`;
}

/** Looks up an act's entry until it is done. */
function useProgress(entry, setEntry) {
  const latest = useRef(entry);
  latest.current = entry;
  const isToWatch = Boolean(entry && isUnderWay(entry));
  useEffect(() => {
    if (!isToWatch) return undefined;
    const timer = setInterval(async () => {
      try {
        const { nodes } = await session.execute(ENTRIES, { ids: [latest.current.id] });
        if (nodes[0]) setEntry(nodes[0]);
      } catch (error) {
        // The next look may succeed.
        console.info("The progress could not be read:", error.message);
      }
    }, PROGRESS_MS);
    return () => clearInterval(timer);
  }, [isToWatch, entry?.id]);
}
