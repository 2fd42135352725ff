// The audit log: what moderators did, with filters.
import { AsOf, ConnectionBadge, Errors, Icon, Nothing, PersonField, Skeleton, asErrors, html, moderatePath, router, session, t, useEffect, useLayoutEffect, useMemo, useObservables, useState } from "./app.js";
import { AuditEntries } from "./audit_entries.js";
import { AuditEntry } from "./audit_entry.js";
import { MEMBER_BY_HANDLE } from "./moderate_documents.js";

/** The kinds of acts that can be filtered by. */
const KINDS = {
  decisions: ["PUBLISH", "REJECT", "DISMISS"],
  deletions: ["DELETE_POST", "RESTORE_POST", "DELETE_DISCUSSION", "RESTORE_DISCUSSION", "REMOVE_POSTS", "RESTORE_POSTS"],
  discussions: ["LOCK_DISCUSSION", "UNLOCK_DISCUSSION", "PIN_DISCUSSION", "UNPIN_DISCUSSION", "MOVE_DISCUSSION", "RETITLE_DISCUSSION"],
  people: ["SUSPEND_USER", "UNSUSPEND_USER", "SET_ROLE", "PREMODERATE_USER"],
  categories: ["ADD_CATEGORY", "EDIT_CATEGORY"],
};

export function AuditLogPart({ given }) {
  const actions = KINDS[given.acts] ?? null;
  const actor = usePerson(given.by ?? "");
  const user = usePerson(given.person ?? "");
  const change = (changes) => router.go(moderatePath("log", { ...given, ...changes }), { instead: true });
  return html`<section class="log" aria-labelledby="log-title">
    <h2 id="log-title" class="unseen">${t("moderation.log")}</h2>
    <form class="log-filters" aria-label=${t("log.filters")} onSubmit=${(event) => event.preventDefault()}>
      <label class="field">${t("log.acts")}
        <select value=${given.acts ?? ""} onChange=${({ target }) => change({ acts: target.value })}>
          <option value="">${t("list.all")}</option>
          ${Object.keys(KINDS).map((name) => html`<option key=${name} value=${name}>${t(`log.acts_${name}`)}</option>`)}
        </select>
      </label>
      <${PersonField} id="log-by" label=${t("log.by")} placeholder=${t("search.anybody")} handle=${given.by ?? ""} choose=${(by) => change({ by })} />
      <${PersonField} id="log-person" label=${t("log.about")} placeholder=${t("search.anybody")} handle=${given.person ?? ""} choose=${(person) => change({ person })} />
    </form>
    <${Errors} errors=${[...actor.errors, ...user.errors]} />
    ${!actor.isLoading && !user.isLoading && html`<${Entries} key=${JSON.stringify([given, actor.id, user.id])} actions=${actions} actorId=${actor.id} userId=${user.id} />`}
  </section>`;
}

function Entries({ actions, actorId, userId }) {
  const entries = useMemo(() => {
    const filter = Object.fromEntries(Object.entries({ actions, actorId, userId }).filter(([, value]) => value));
    const holds = (entry) => (!actions || actions.includes(entry.action)) && (!actorId || entry.actor?.id === actorId) && (!userId || entry.user?.id === userId);
    return new AuditEntries(filter, holds);
  }, []);
  useObservables(entries);
  useLayoutEffect(() => {
    entries.open();
    return () => entries.close();
  }, []);
  const { nodes, errors, waiting, isLoading, hasMore, follower } = entries;
  return html`<p class="status-line"><${ConnectionBadge} follower=${follower} liveHint=${t("log.liveHint")} /><${AsOf} follower=${follower} /></p>
    <${Errors} errors=${errors}><button type="button" onClick=${() => entries.open()}>${t("page.tryAgain")}</button><//>
    <p role="status">${waiting.length > 0 && html`<button type="button" class="small" data-action="show-pending" onClick=${() => entries.show()}><${Icon} name="up" />${t("log.show", { count: waiting.length })}</button>`}</p>
    <ul class="list entries" aria-busy=${isLoading}>
      ${nodes.map((entry) => html`<${AuditEntry} key=${entry.id} entry=${entry} onUndone=${(made) => entries.undone(made)} />`)}
    </ul>
    ${isLoading && !nodes.length && html`<${Skeleton} />`}
    ${!isLoading && !nodes.length && !errors.length && html`<${Nothing} icon="list" title=${t("log.nothing")} />`}
    ${hasMore && html`<div class="sentinel"><button type="button" class="quiet" data-action="more" onClick=${() => entries.more()}>${t("list.more")}</button></div>`}`;
}

/** The id of the person with a handle; null without one. */
function usePerson(handle) {
  const [found, setFound] = useState({ handle: "", id: null, errors: [] });
  useEffect(() => {
    if (!handle) return setFound({ handle, id: null, errors: [] });
    let isCurrent = true;
    session.execute(MEMBER_BY_HANDLE, { handle }).then(
      ({ user }) => isCurrent && setFound({ handle, id: user?.id ?? null, errors: user ? [] : [{ code: "NO_SUCH_PERSON", message: t("user.missing", { handle: `@${handle}` }) }] }),
      (error) => isCurrent && setFound({ handle, id: null, errors: asErrors(error) }),
    );
    return () => (isCurrent = false);
  }, [handle]);
  return { ...found, isLoading: found.handle !== handle };
}
