// The queue: what waits for a decision, with keys to decide it.
import { AsOf, ConnectionBadge, Errors, Nothing, Skeleton, advice, html, moderatePath, notices, t, useEffect, useLayoutEffect, useMemo, useObservables, useRef, useShortcuts, useState } from "./app.js";
import { DecisionDialog } from "./decision_dialog.js";
import { ACTIONS, ReviewItem } from "./review_item.js";
import { ReviewItems } from "./review_items.js";

const KINDS = { all: null, reported: "REPORTED", held: "HELD" };

export function QueuePart({ given }) {
  const kind = given.kind in KINDS ? given.kind : "all";
  const items = useMemo(() => new ReviewItems(KINDS[kind]), [kind]);
  const [deciding, setDeciding] = useState(null);
  useObservables(items);
  useLayoutEffect(() => {
    items.open();
    return () => items.close();
  }, [items]);
  const arrived = useAnnouncements(items);
  const { nodes, errors, isLoading, follower } = items;

  const decide = async (item, decision) => {
    const found = await items.decide(item, decision);
    const isConflict = found.some((error) => "current" in error);
    if (!found.length) {
      notices.announce(t(`moderation.done_${decision.action}`));
      focusNext(item.id);
    } else if (isConflict) {
      focusItem(item.id);
    }
    // A conflict is shown at the item, with what it is now.
    return isConflict ? [] : found;
  };
  const act = (item, action, { asks = action === "REJECT" || action === "DELETE_POST" } = {}) => {
    if (asks) {
      setDeciding({ item, action });
      // Others see that somebody is at it. If that fails, the decision still says who was first.
      if (!item.claimedBy) items.claim(item);
    } else {
      decide(item, { action }).then((found) => found.length && notices.show(advice(found[0])));
    }
  };
  const claim = (item, release) => items.claim(item, release).then((found) => found.length && notices.show(advice(found[0])));
  useQueueKeys(items, { act, claim });

  return html`<section class="queue" aria-labelledby="queue-title">
    <div class="queue-head">
      <h2 id="queue-title" class="unseen">${t("moderation.queue")}</h2>
      <nav class="filters" aria-label=${t("moderation.kinds")}>
        ${Object.keys(KINDS).map((name) => html`<a key=${name} class="chip" href=${moderatePath("queue", { kind: name === "all" ? null : name })} aria-current=${name === kind ? "page" : null}>${t(`moderation.kind_${name}`)}</a>`)}
      </nav>
      <p class="status-line list-status"><${ConnectionBadge} follower=${follower} liveHint=${t("moderation.liveHint")} /><${AsOf} follower=${follower} /></p>
      ${items.decided > 0 && html`<button type="button" class="small" data-action="clear" onClick=${() => items.clear()}>${t("moderation.clear", { count: items.decided })}</button>`}
    </div>
    <${Errors} errors=${errors}><button type="button" onClick=${() => items.open()}>${t("page.tryAgain")}</button><//>
    <div class="review-items" aria-busy=${isLoading}>
      ${nodes.map((item) => html`<${ReviewItem} key=${item.id} item=${item} isNew=${arrived.has(item.id)} isConflict=${items.conflicts.has(item.id)} entry=${items.entryOf(item)} act=${act} claim=${claim} />`)}
    </div>
    ${isLoading && !nodes.length && html`<${Skeleton} />`}
    ${!isLoading && !nodes.length && !errors.length && html`<${Nothing} icon="check" title=${t("moderation.nothingWaits")}><p>${t("moderation.nothingHint")}</p><//>`}
    ${items.hasMore && html`<div class="sentinel"><button type="button" class="quiet" onClick=${() => items.more()}>${t("list.more")}</button></div>`}
    ${nodes.length > 0 && html`<p class="queue-keys hint">${t("moderation.keys", { next: html`<kbd>j</kbd>`, previous: html`<kbd>k</kbd>` })}</p>`}
    ${deciding && html`<${DecisionDialog} ...${deciding} onYes=${(decision) => decide(deciding.item, { action: deciding.action, ...decision })} onClose=${() => setDeciding(null)} />`}
  </section>`;
}

/** Announces what arrives while the queue is shown. Returns the ids of what has arrived. */
function useAnnouncements(items) {
  const known = useRef(null);
  const [arrived] = useState(new Set());
  const ids = items.nodes.map(({ id }) => id);
  useEffect(() => {
    known.current = null;
  }, [items]);
  useEffect(() => {
    if (items.isLoading) return;
    const added = known.current ? ids.filter((id) => !known.current.has(id)) : [];
    known.current = new Set(ids);
    for (const id of added) arrived.add(id);
    if (added.length) notices.announce(t("moderation.arrived", { count: added.length }));
  }, [ids.join(), items.isLoading]);
  return arrived;
}

const articles = () => [...document.querySelectorAll("[data-review]")];
const isOpen = (article) => article.dataset.state === "OPEN";

/** j and k move between the items; the letters of the actions act upon the one that has the focus, or else the first. */
function useQueueKeys(items, { act, claim }) {
  const step = (by) => {
    const all = articles();
    const at = all.indexOf(document.activeElement.closest("[data-review]"));
    const next = at === -1 ? all[by === 1 ? 0 : -1] : all[at + by];
    if (!next) return false;
    show(next);
  };
  const current = () => {
    const article = document.activeElement.closest("[data-review]");
    const item = article && items.nodes.find(({ id }) => id === article.dataset.review);
    return item?.state === "OPEN" ? item : null;
  };
  const acts = Object.entries(ACTIONS).map(([action, { key, kind }]) => [
    key,
    () => {
      const item = current();
      if (item?.kind !== kind) return false;
      act(item, action);
    },
  ]);
  useShortcuts({
    j: () => step(1),
    k: () => step(-1),
    c: () => {
      const item = current();
      if (!item) return false;
      claim(item, Boolean(item.claimedBy));
    },
    ...Object.fromEntries(acts),
  });
}

// After the dialog has given back the focus.
function focusItem(id) {
  setTimeout(() => show(document.querySelector(`[data-review="${CSS.escape(id)}"]`)), 0);
}

/** After a decision: the next open item, or else the one before, or the list as a whole. */
function focusNext(id) {
  const all = articles();
  const at = all.findIndex(({ dataset }) => dataset.review === id);
  const next = all.slice(at + 1).find(isOpen) ?? all.slice(0, Math.max(at, 0)).findLast(isOpen);
  setTimeout(() => show(next ?? document.getElementById("main")), 0);
}

/** Focuses an element. Who uses a pointer finds everything where it was; who uses the keyboard sees where the focus is. */
function show(element) {
  element?.focus({ preventScroll: true });
  if ("keyboard" in document.documentElement.dataset) element?.scrollIntoView({ block: "nearest", behavior: "instant" });
}
