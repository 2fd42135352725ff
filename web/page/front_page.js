// The front page with the list of discussions, and the search page.
import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from "./libraries.js";
import { ConnectionBadge } from "./connection_status.js";
import { router, site } from "./state.js";
import { DiscussionList, listOf } from "./discussion_list.js";
import { Timestamp } from "./timestamps.js";
import { Icon, Errors, asErrors, counted, useObservables } from "./components.js";
import { Avatar, Name } from "./users.js";
import { discussionPath } from "./router.js";
import { ServerHtml } from "./server_html.js";
import { storage } from "./storage.js";

const WELCOMED = "parley:welcomed";
const ORDERS = { LAST_ACTIVITY_AT: "Latest activity", CREATED_AT: "Newest", REPLY_COUNT: "Most replies" };

export function FrontPage() {
  const category = new URLSearchParams(location.search).get("category");
  const [field, setField] = useState("LAST_ACTIVITY_AT");
  const found = site.categories.find(({ slug }) => slug === category);
  const isReady = !category || Boolean(found);
  const list = useMemo(() => listOf({ categoryId: found?.id ?? null, field }), [found?.id, field]);
  useObservables(list, site);
  useEffect(() => {
    document.title = site.name;
    if (!isReady) return undefined;
    list.open();
    return () => list.close();
  }, [list, isReady]);
  useLayoutEffect(() => {
    if (router.restored) scrollTo({ top: router.restored.scroll, behavior: "instant" });
  }, []);
  return html`<main id="main" class="page front" tabindex="-1">
    <${Welcome} />
    <div class="list-head">
      <h1>${found ? html`<bdi>${found.name}</bdi>` : "Discussions"}</h1>
      <${ConnectionBadge} follower=${list.follower} />
      <a class="button primary" href="/#new"><${Icon} name="plus" />Start a discussion</a>
    </div>
    ${found?.description && html`<p class="hint" dir="auto">${found.description}</p>`}
    <nav class="filters" aria-label="Categories">
      <a class="chip" href="/" aria-current=${!category ? "page" : null}>All</a>
      ${site.categories.map(({ slug, name }) => html`<a key=${slug} class="chip" href=${`/?category=${slug}`} aria-current=${slug === category ? "page" : null}><bdi>${name}</bdi></a>`)}
      <label class="field inline"><span class="unseen">Order</span>
        <select value=${field} onChange=${(event) => setField(event.target.value)}>
          ${Object.entries(ORDERS).map(([value, label]) => html`<option key=${value} value=${value}>${label}</option>`)}
        </select>
      </label>
    </nav>
    <${Errors} errors=${list.errors}><button type="button" onClick=${() => list.open()}>Try again</button><//>
    ${list.isLoading && !list.nodes.length && html`<${ServerHtml} />`}
    <ul class="list" aria-busy=${list.isLoading}>
      ${list.nodes.map((discussion) => html`<${Card} key=${discussion.id} discussion=${discussion} isNew=${list.fresh.has(discussion.id)} />`)}
    </ul>
    ${!list.isLoading && !list.nodes.length && !list.errors.length && html`<p class="hint">There are no discussions yet. Start the first one.</p>`}
    ${list.hasMore && html`<${More} list=${list} />`}
  </main>`;
}

function Card({ discussion, isNew }) {
  const [last] = discussion.latest.nodes;
  const isDeleted = discussion.state === "DELETED";
  return html`<li class=${`card discussion ${isNew ? "fresh" : ""}`} data-discussion=${discussion.number}>
    <${Avatar} user=${discussion.author} />
    <div class="discussion-body">
      <h2><a href=${discussionPath(discussion)} dir="auto">${isDeleted ? "Deleted discussion" : discussion.title}</a></h2>
      <p class="excerpt" dir="auto">${discussion.bodyText.slice(0, 240)}</p>
      <p class="meta">
        <${Name} user=${discussion.author} />
        ${discussion.category && html`<span class="chip small"><bdi>${discussion.category.name}</bdi></span>`}
        ${discussion.locked && html`<span class="chip small"><${Icon} name="lock" />Locked</span>`}
        <span>${last ? html`<bdi>${last.author?.name ?? "somebody"}</bdi> replied ` : "started "}<${Timestamp} at=${discussion.lastActivityAt} /></span>
      </p>
    </div>
    <p class="figures">
      <strong data-count="replies">${discussion.replyCount.toLocaleString("en")}</strong><span>${discussion.replyCount === 1 ? "reply" : "replies"}</span>
      <small>${counted(discussion.participantCount, "person", "people")}</small>
    </p>
  </li>`;
}

function More({ list }) {
  const element = useRef(null);
  useEffect(() => {
    const observer = new IntersectionObserver(([{ isIntersecting }]) => isIntersecting && list.more(), { rootMargin: "600px 0px" });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [list.nodes.length]);
  return html`<div ref=${element} class="sentinel"><button type="button" class="quiet" onClick=${() => list.more()}>Show more</button></div>`;
}

function Welcome() {
  const [isShown, setShown] = useState(storage.getItem(WELCOMED) === null);
  if (!isShown) return null;
  const hide = () => {
    storage.setItem(WELCOMED, "yes");
    setShown(false);
  };
  return html`<section class="welcome" aria-label="About this site">
    <button type="button" class="quiet square" aria-label="Hide this" onClick=${hide}><${Icon} name="close" /></button>
    <p class="welcome-title">Discussions that update live.</p>
    <ul>
      <li><strong>Live and complete.</strong> Open a discussion in two windows and write in one. Disconnect, write more, reconnect: every missed reply arrives once and in order.</li>
      <li><strong>Quotes with a source.</strong> Select text to quote it. When the source is edited or deleted, the quote says so.</li>
      <li><strong>One GraphQL API.</strong> This page uses nothing else: <a href="/graphiql" target="_blank" rel="noopener">try it in GraphiQL</a>.</li>
    </ul>
  </section>`;
}

export function SearchPage({ query }) {
  const [found, setFound] = useState(null);
  const [errors, setErrors] = useState([]);
  const latest = useRef("");
  latest.current = query;
  const search = async (after = null) => {
    try {
      const { search: results } = await DiscussionList.search(query, after);
      if (latest.current !== query) return;
      setErrors([]);
      setFound((known) => (after ? { ...results, edges: [...known.edges, ...results.edges] } : results));
    } catch (error) {
      setErrors(asErrors(error));
    }
  };
  useEffect(() => {
    document.title = query ? `${query} · ${site.name}` : `Search · ${site.name}`;
    if (query.trim()) search();
    else setFound(null);
  }, [query]);
  return html`<main id="main" class="page search" tabindex="-1">
    <h1>${query ? html`Results for "<bdi>${query}</bdi>"` : "Search"}</h1>
    <p class="hint" role="status">${found ? counted(found.totalCount, "post") : query ? "Searching…" : "Type words into the search field."}</p>
    <${Errors} errors=${errors} />
    <ol class="list results">
      ${found?.edges.map(({ node, snippet, title }) => html`<li key=${node.id} class="card result">
        <h2><a href=${discussionPath(node.discussion) + (node.sequence ? `#reply-${node.sequence}` : "")}><${Marked} markup=${title} /></a></h2>
        <p class="excerpt"><${Marked} markup=${snippet} /></p>
        <p class="meta"><${Avatar} user=${node.author} size="small" /><${Name} user=${node.author} />
          <span>${node.sequence ? `reply ${node.sequence}` : "opening post"}, <${Timestamp} at=${node.createdAt} /></span></p>
      </li>`)}
    </ol>
    ${found?.pageInfo.hasNextPage && html`<div class="sentinel"><button type="button" onClick=${() => search(found.pageInfo.endCursor)}>Show more</button></div>`}
  </main>`;
}

/** Safe HTML from the server, with the hits in <mark>. */
function Marked({ markup }) {
  return html`<bdi dir="auto" dangerouslySetInnerHTML=${{ __html: markup }}></bdi>`;
}
