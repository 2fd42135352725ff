// The list of discussions, what was found by a search, and starting a discussion.
import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from "./libraries.js";
import { Badge } from "./connecting.js";
import { router, site } from "./here.js";
import { Listing, listingOf } from "./listing.js";
import { Moment } from "./moments.js";
import { Icon, Problems, asErrors, counted, useChanges } from "./parts.js";
import { Avatar, Name } from "./people.js";
import { discussionPath } from "./router.js";
import { Served } from "./served.js";
import { storage } from "./storage.js";

const WELCOMED = "parley:welcomed";
const ORDERS = { LAST_ACTIVITY_AT: "Latest activity", CREATED_AT: "Newest", REPLY_COUNT: "Most replies" };

export function FrontPage() {
  const category = new URLSearchParams(location.search).get("category");
  const [field, setField] = useState("LAST_ACTIVITY_AT");
  const found = site.categories.find(({ slug }) => slug === category);
  const isReady = !category || Boolean(found);
  const listing = useMemo(() => listingOf({ categoryId: found?.id ?? null, field }), [found?.id, field]);
  useChanges(listing, site);
  useEffect(() => {
    document.title = site.name;
    if (!isReady) return undefined;
    listing.open();
    return () => listing.close();
  }, [listing, isReady]);
  useLayoutEffect(() => {
    if (router.left) scrollTo({ top: router.left.scroll, behavior: "instant" });
  }, []);
  return html`<main id="main" class="page front" tabindex="-1">
    <${Welcome} />
    <div class="list-head">
      <h1>${found ? html`<bdi>${found.name}</bdi>` : "Discussions"}</h1>
      <${Badge} follower=${listing.follower} />
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
    <${Problems} errors=${listing.errors}><button type="button" onClick=${() => listing.open()}>Try again</button><//>
    ${listing.isLoading && !listing.nodes.length && html`<${Served} />`}
    <ul class="list" aria-busy=${listing.isLoading}>
      ${listing.nodes.map((discussion) => html`<${Card} key=${discussion.id} discussion=${discussion} isFresh=${listing.fresh.has(discussion.id)} />`)}
    </ul>
    ${!listing.isLoading && !listing.nodes.length && !listing.errors.length && html`<p class="hint">Nothing here yet. Start the first discussion.</p>`}
    ${listing.hasMore && html`<${More} listing=${listing} />`}
  </main>`;
}

function Card({ discussion, isFresh }) {
  const [last] = discussion.latest.nodes;
  const isGone = discussion.state === "DELETED";
  return html`<li class=${`card discussion ${isFresh ? "fresh" : ""}`} data-discussion=${discussion.number}>
    <${Avatar} person=${discussion.author} />
    <div class="discussion-body">
      <h2><a href=${discussionPath(discussion)} dir="auto">${isGone ? "Deleted discussion" : discussion.title}</a></h2>
      <p class="excerpt" dir="auto">${discussion.bodyText.slice(0, 240)}</p>
      <p class="meta">
        <${Name} person=${discussion.author} />
        ${discussion.category && html`<span class="chip small"><bdi>${discussion.category.name}</bdi></span>`}
        ${discussion.locked && html`<span class="chip small"><${Icon} name="lock" />Locked</span>`}
        <span>${last ? html`<bdi>${last.author?.name ?? "somebody"}</bdi> replied ` : "started "}<${Moment} at=${discussion.lastActivityAt} /></span>
      </p>
    </div>
    <p class="figures">
      <strong data-count="replies">${discussion.replyCount.toLocaleString("en")}</strong><span>${discussion.replyCount === 1 ? "reply" : "replies"}</span>
      <small>${counted(discussion.participantCount, "person", "people")}</small>
    </p>
  </li>`;
}

function More({ listing }) {
  const element = useRef(null);
  useEffect(() => {
    const observer = new IntersectionObserver(([{ isIntersecting }]) => isIntersecting && listing.more(), { rootMargin: "600px 0px" });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [listing.nodes.length]);
  return html`<div ref=${element} class="sentinel"><button type="button" class="quiet" onClick=${() => listing.more()}>Show more</button></div>`;
}

function Welcome() {
  const [isShown, setShown] = useState(storage.getItem(WELCOMED) === null);
  if (!isShown) return null;
  const leave = () => {
    storage.setItem(WELCOMED, "yes");
    setShown(false);
  };
  return html`<section class="welcome" aria-label="What this is">
    <button type="button" class="quiet square" aria-label="Hide this" onClick=${leave}><${Icon} name="close" /></button>
    <p class="welcome-title">Conversations that keep up with you.</p>
    <ul>
      <li><strong>Live, and never a gap.</strong> Open a discussion in two windows and write in one. Cut the connection, write on, reconnect: whatever was missed arrives, once and in order.</li>
      <li><strong>Quotes that know their source.</strong> Select words to quote them. When the source changes, the quote says so.</li>
      <li><strong>All of it is one GraphQL API.</strong> This page uses nothing else: <a href="/graphiql" target="_blank" rel="noopener">try it in GraphiQL</a>.</li>
    </ul>
  </section>`;
}

export function SearchPage({ query }) {
  const [found, setFound] = useState(null);
  const [errors, setErrors] = useState([]);
  const latest = useRef("");
  latest.current = query;
  const look = async (after = null) => {
    try {
      const { search } = await Listing.search(query, after);
      if (latest.current !== query) return;
      setErrors([]);
      setFound((known) => (after ? { ...search, edges: [...known.edges, ...search.edges] } : search));
    } catch (error) {
      setErrors(asErrors(error));
    }
  };
  useEffect(() => {
    document.title = query ? `${query} · ${site.name}` : `Search · ${site.name}`;
    if (query.trim()) look();
    else setFound(null);
  }, [query]);
  return html`<main id="main" class="page search" tabindex="-1">
    <h1>${query ? html`Found for “<bdi>${query}</bdi>”` : "Search"}</h1>
    <p class="hint" role="status">${found ? counted(found.totalCount, "post") : query ? "Looking…" : "Type words into the field above."}</p>
    <${Problems} errors=${errors} />
    <ol class="list results">
      ${found?.edges.map(({ node, snippet, title }) => html`<li key=${node.id} class="card result">
        <h2><a href=${discussionPath(node.discussion) + (node.sequence ? `#reply-${node.sequence}` : "")}><${Marked} markup=${title} /></a></h2>
        <p class="excerpt"><${Marked} markup=${snippet} /></p>
        <p class="meta"><${Avatar} person=${node.author} size="small" /><${Name} person=${node.author} />
          <span>${node.sequence ? `reply ${node.sequence}` : "opening post"}, <${Moment} at=${node.createdAt} /></span></p>
      </li>`)}
    </ol>
    ${found?.pageInfo.hasNextPage && html`<div class="sentinel"><button type="button" onClick=${() => look(found.pageInfo.endCursor)}>Show more</button></div>`}
  </main>`;
}

/** What the server has marked: safe HTML of its own. */
function Marked({ markup }) {
  return html`<bdi dir="auto" dangerouslySetInnerHTML=${{ __html: markup }}></bdi>`;
}
