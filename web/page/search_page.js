// The search page: what is found, by discussion. Its address has the words, the filters and the order.
import { html, useLayoutEffect, useMemo, useRef } from "./libraries.js";
import { t } from "./i18n.js";
import { router, site } from "./state.js";
import { resultsOf } from "./search_results.js";
import { SearchFilters, countFilters, withoutFilters } from "./search_filters.js";
import { Timestamp } from "./timestamps.js";
import { Errors, Nothing, useObservables } from "./components.js";
import { Author, Face } from "./users.js";
import { discussionPath, postPath, searchPath } from "./router.js";

export function SearchPage({ place }) {
  const { query, order } = place;
  const results = useMemo(() => resultsOf(place), [searchPath(place)]);
  useObservables(results);
  // The results of before stay until others are there.
  const before = useRef(results);
  if (results.isLoaded || results.errors.length || !query.trim()) before.current = results;
  const shown = before.current;
  useLayoutEffect(() => {
    document.title = `${query || t("search.title")} · ${site.name}`;
    if (!results.isLoaded) results.load();
  }, [results]);
  useLayoutEffect(() => {
    if (router.restored) scrollTo({ top: router.restored.scroll, behavior: "instant" });
  }, []);
  const quoted = html`<bdi>${query}</bdi>`;
  const changed = ({ target }) => router.go(searchPath({ ...place, order: target.value }), { instead: true });
  return html`<main id="main" class="page search" tabindex="-1">
    <div class="head results-head">
      <div class="list-head">
        <h1>${query ? t("search.results", { query: quoted }) : t("search.title")}</h1>
        <label class="order"><span class="unseen">${t("list.order")}</span>
          <select value=${order} onChange=${changed}>
            <option value="">${t("search.byRelevance")}</option>
            <option value="newest">${t("list.byNewest")}</option>
          </select>
        </label>
      </div>
      <p class="hint" role="status">${summary(results, place)}</p>
    </div>
    <${SearchFilters} place=${place} />
    <div class="column">
      <${Errors} errors=${shown.errors}><button type="button" onClick=${() => shown.load()}>${t("page.tryAgain")}</button><//>
      ${shown.discussion && html`<p class="within">${t("search.within", { title: html`<a href=${discussionPath(shown.discussion)}><bdi>${shown.discussion.title}</bdi></a>` })}
        <a class="button quiet small" href=${searchPath({ ...place, discussion: "" })}>${t("search.everywhere")}</a></p>`}
      <ol class="list results" aria-busy=${results.isLoading}>
        ${shown.edges.map((edge) => html`<${Result} key=${edge.post.id} ...${{ edge, place }} />`)}
      </ol>
      ${shown.isLoaded && !shown.edges.length && html`<${NothingFound} results=${shown} place=${place} />`}
      ${shown.hasMore && html`<div class="sentinel"><button type="button" class="quiet" disabled=${shown.isLoading} onClick=${() => shown.load()}>${t("list.more")}</button></div>`}
    </div>
  </main>`;
}

/** How much is found, in a sentence, with a "+" if not all was looked at. */
function summary({ isLoaded, errors, totalCount, isExact, unknown }, { query, discussion }) {
  if (!query.trim()) return t("search.hint");
  if (errors.length || unknown) return "";
  if (!isLoaded) return t("search.searching");
  return t(discussion ? "search.found" : "search.foundDiscussions", { count: totalCount, isExact });
}

function Result({ edge, place }) {
  const { post, title, snippet, matchCount } = edge;
  const time = html`<${Timestamp} at=${post.createdAt} />`;
  const where = post.sequence ? t("search.inReply", { number: post.sequence, time }) : t("search.inOpening", { time });
  // Among the posts of one discussion, its title tells nothing.
  const isTitled = !place.discussion || !post.sequence;
  return html`<li class="result">
    ${isTitled ? html`<h2 dir="auto"><a href=${postPath(post)} ...${marked(title)}></a></h2>` : html`<h2 class="sentence"><a href=${postPath(post)}>${where}</a></h2>`}
    <p class="excerpt" dir="auto" ...${marked(snippet)}></p>
    <p class="meta"><${Face} user=${post.author} size="small" /><${Author} user=${post.author} />
      ${isTitled && html`<span>${where}</span>`}
      ${matchCount > 1 && html`<a href=${searchPath({ ...place, discussion: String(post.discussion.number) })}>${t("search.allOf", { count: matchCount })}</a>`}</p>
  </li>`;
}

/** Why nothing is found, as far as it is known, and what to do. */
function NothingFound({ results, place }) {
  const named = place[results.unknown];
  const given = results.unknown === "author" ? `@${named.replace(/^@/, "")}` : named;
  const title = results.unknown ? t(`search.no_${results.unknown}`, { given: html`<bdi>${given}</bdi>` }) : t("search.nothing", { query: html`<bdi>${place.query}</bdi>` });
  const hasFilters = countFilters(place) > 0;
  return html`<${Nothing} icon="search" title=${title}>
    ${!results.unknown && html`<p>${t("search.suggestions")}</p>`}
    ${hasFilters ? html`<a class="button primary" href=${withoutFilters(place)}>${t("search.withoutFilters")}</a>` : html`<a class="button" href="/">${t("page.allDiscussions")}</a>`}
  <//>`;
}

/** The content of an element: safe HTML from the server, with the hits in <mark>. */
function marked(markup) {
  return { dangerouslySetInnerHTML: { __html: markup } };
}
