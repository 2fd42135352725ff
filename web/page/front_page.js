// The front page: the list of discussions.
import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from "./libraries.js";
import { AsOf, ConnectionBadge } from "./connection_status.js";
import { formatNumber, listed, t } from "./i18n.js";
import { router, site } from "./state.js";
import { listOf } from "./discussion_list.js";
import { HeldCard } from "./held_card.js";
import { heldPosts } from "./held_posts.js";
import { Timestamp } from "./timestamps.js";
import { Icon, Errors, Nothing, Skeleton, useObservables } from "./components.js";
import { Category, Faces } from "./users.js";
import { discussionPath } from "./router.js";
import { ServerHtml } from "./server_html.js";

const ORDERS = { LAST_ACTIVITY_AT: t("list.byActivity"), CREATED_AT: t("list.byNewest"), REPLY_COUNT: t("list.byReplies") };
const MAX_FACES = 3;

export function FrontPage() {
  const category = new URLSearchParams(location.search).get("category");
  const [field, setField] = useState("LAST_ACTIVITY_AT");
  const found = site.categories.find(({ slug }) => slug === category);
  const isReady = !category || Boolean(found);
  const list = useMemo(() => listOf({ categoryId: found?.id ?? null, field }), [found?.id, field]);
  useObservables(list, site, heldPosts);
  // Before the browser paints: the page may have come with the data.
  useLayoutEffect(() => {
    document.title = site.name;
    if (!isReady) return undefined;
    // Who comes back finds the rows where they were.
    list.open({ keepsPlaces: router.restored !== null });
    return () => list.close();
  }, [list, isReady]);
  useLayoutEffect(() => {
    if (router.restored) scrollTo({ top: router.restored.scroll, behavior: "instant" });
  }, []);
  const nodes = isReady ? list.nodes : [];
  const isUnknown = !isReady && site.isLoaded;
  const isLoading = !isUnknown && list.isLoading && !nodes.length;
  const isEmpty = isReady && !list.isLoading && !nodes.length && !list.errors.length;
  const view = html`<main id="main" class="page front" tabindex="-1">
    <div class="head list-head">
      <h1>${found ? html`<bdi>${found.name}</bdi>` : t("list.title")}</h1>
      ${!isUnknown && html`<p class="status-line list-status"><${ConnectionBadge} follower=${list.follower} liveHint=${t("connection.liveListHint")} /><${AsOf} follower=${list.follower} /></p>`}
      <label class="order"><span class="unseen">${t("list.order")}</span>
        <select value=${field} onChange=${(event) => setField(event.target.value)}>
          ${Object.entries(ORDERS).map(([value, label]) => html`<option key=${value} value=${value}>${label}</option>`)}
        </select>
      </label>
      <a class="button primary" href="/#new" aria-label=${t("list.start")}><${Icon} name="plus" /><span>${t("list.start")}</span></a>
    </div>
    <nav class="rail filters" aria-label=${t("list.categories")}>
      <p class="filters-title" aria-hidden="true">${t("list.categories")}</p>
      <a class="chip" href="/" aria-current=${!category ? "page" : null}>${t("list.all")}</a>
      ${site.categories.map((one) => html`<a key=${one.slug} class="chip" href=${`/?category=${one.slug}`} aria-current=${one.slug === category ? "page" : null}><${Category} category=${one} /></a>`)}
    </nav>
    <div class="column">
      ${found?.description && html`<p class="hint" dir="auto">${found.description}</p>`}
      <${Errors} errors=${list.errors}><button type="button" onClick=${() => list.open()}>${t("page.tryAgain")}</button><//>
      ${heldPosts.discussions.map((held) => html`<${HeldCard} key=${held.id} held=${held} />`)}
      <ul class="list" aria-busy=${list.isLoading}>
        ${nodes.map((discussion) => html`<${Row} key=${discussion.id} discussion=${discussion} isNew=${list.fresh.has(discussion.id)} />`)}
      </ul>
      ${isEmpty && html`<${Nothing} icon="speech" title=${t("list.empty")}><a class="button primary" href="/#new">${t("list.start")}</a><//>`}
      ${isUnknown && html`<${Nothing} icon="search" title=${t("list.noCategory")}><a class="button" href="/">${t("page.allDiscussions")}</a><//>`}
      ${isLoading && html`<${Skeleton} />`}
      ${isReady && list.hasMore && html`<${More} list=${list} />`}
    </div>
    <${Pending} list=${list} />
  </main>`;
  return isLoading ? html`<${ServerHtml}>${view}<//>` : view;
}

/** "2 new discussions, 3 updated: show", while discussions wait to be put into their places. */
function Pending({ list }) {
  const { started, updated } = list.pending;
  const parts = [started && t("list.started", { count: started }), updated && t("list.updated", { count: updated })].filter(Boolean);
  const show = () => {
    list.show();
    scrollTo({ top: 0, behavior: "instant" });
    document.getElementById("main").focus({ preventScroll: true });
  };
  return html`<div class="new-replies" role="status">
    ${parts.length > 0 && html`<button type="button" class="new-replies-button" data-action="show-pending" onClick=${show}><${Icon} name="up" />${t("list.show", { what: listed(parts) })}</button>`}
  </div>`;
}

/** A discussion in a list. */
export function Row({ discussion, isNew = false }) {
  const last = discussion.latest.nodes.findLast(({ state }) => state === "VISIBLE");
  const writers = lastWriters(discussion);
  const isDeleted = discussion.state === "DELETED";
  return html`<li class=${`discussion ${isNew ? "fresh" : ""}`} data-discussion=${discussion.number}>
    <div class="discussion-body">
      <h2 dir="auto"><a href=${discussionPath(discussion)}>${isDeleted ? t("thread.deleted") : discussion.title}</a></h2>
      <p class="excerpt" dir="auto">${discussion.excerpt}</p>
      <p class="meta">
        ${discussion.category && html`<${Category} category=${discussion.category} />`}
        <span>${last ? written("list.replied", last) : written("list.startedBy", discussion)}</span>
        ${discussion.pinned && html`<span class="pinned"><${Icon} name="pin" /> ${t("list.pinned")}</span>`}
        ${discussion.locked && html`<span><${Icon} name="lock" /> ${t("list.locked")}</span>`}
      </p>
    </div>
    <div class="figures">
      <${Faces} users=${writers} title=${writers.map(({ name }) => name).join(", ")} />
      ${discussion.replyCount > 0 && html`<span class="count" title=${t("thread.replies", { count: discussion.replyCount })}>
        <${Icon} name="speech" /><span data-count="replies">${formatNumber(discussion.replyCount)}</span><span class="unseen">${t("list.replies", { count: discussion.replyCount })}</span>
      </span>`}
    </div>
  </li>`;
}

/** Who wrote a post and when, as a sentence of `key`. */
function written(key, { author, createdAt }) {
  return t(key, { name: html`<bdi class="name">${author?.name ?? t("page.formerMember")}</bdi>`, time: html`<${Timestamp} at=${createdAt} />` });
}

/** The people who wrote last, newest first, each once. */
function lastWriters({ author, latest }) {
  const posts = latest.nodes.filter(({ state }) => state === "VISIBLE").reverse();
  const found = new Map([...posts.map((post) => post.author), author].filter(Boolean).map((user) => [user.id, user]));
  return [...found.values()].slice(0, MAX_FACES);
}

function More({ list }) {
  const element = useRef(null);
  useEffect(() => {
    const observer = new IntersectionObserver(([{ isIntersecting }]) => isIntersecting && list.more(), { rootMargin: "600px 0px" });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [list.nodes.length]);
  return html`<div ref=${element} class="sentinel"><button type="button" class="quiet" onClick=${() => list.more()}>${t("list.more")}</button></div>`;
}
