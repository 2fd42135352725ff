// The page of a person: who they are, and what they have written, newest first.
import { html, useEffect, useRef, useState } from "./libraries.js";
import * as documents from "./documents.js";
import { language, t } from "./i18n.js";
import { router, session, site } from "./state.js";
import { Errors, asErrors, useObservables } from "./components.js";
import { Empty } from "./discussion_page.js";
import { Row } from "./front_page.js";
import { ServerHtml } from "./server_html.js";
import { Timestamp } from "./timestamps.js";
import { Avatar } from "./users.js";
import { moderatePath, postPath, userPath } from "./router.js";

const DOCUMENTS = { replies: documents.USER_REPLIES, discussions: documents.USER_DISCUSSIONS };
const month = new Intl.DateTimeFormat(language, { month: "short", year: "numeric" });

/** `kind`: which of their posts are shown, "replies" or "discussions". */
export function UserPage({ handle, kind }) {
  const { user, nodes, isLoading, load, errors } = usePosts(handle, kind);
  useObservables(session);
  useEffect(() => {
    if (user) document.title = `${user.name} · ${site.name}`;
  }, [user?.name]);
  if (user === null) return html`<${Empty} title=${t("user.missing", { handle: `@${handle}` })}><p>${t("user.missingHint")}</p><//>`;
  if (!user) {
    return html`<${ServerHtml}><main id="main" class="page person" tabindex="-1" aria-busy=${!errors.length}>
      <${Errors} errors=${errors}><button type="button" onClick=${() => load()}>${t("page.tryAgain")}</button><//>
    </main><//>`;
  }
  const { replies, discussions, posts } = user;
  const chip = (one, text) => html`<a class="chip" href=${userPath(user, one)} aria-current=${one === kind ? "page" : null}>${text}</a>`;
  return html`<main id="main" class="page person" tabindex="-1">
    <div class="head">
      <${Avatar} user=${user} size="huge" />
      <div>
        <h1><bdi>${user.name}</bdi></h1>
        <p class="hint"><bdi>@${user.handle}</bdi>${user.isGuest && html`<span>${t("user.guest")}</span>`}<span>${t("user.since", { month: month.format(new Date(user.createdAt)) })}</span>${session.viewer?.isModerator && html`<a href=${moderatePath("people", { person: handle })}>${t("moderate.title")}</a>`}</p>
      </div>
    </div>
    <nav class="filters" aria-label=${t("user.posts")}>
      ${chip("replies", t("thread.replies", countOf(replies)))}
      ${chip("discussions", t("user.discussions", countOf(discussions)))}
    </nav>
    <div class="column">
      <ul class="list" aria-busy=${isLoading}>
        ${nodes.map((node) => (node.sequence ? html`<${Written} key=${node.id} reply=${node} />` : html`<${Row} key=${node.id} discussion=${node} />`))}
      </ul>
      ${!nodes.length && !isLoading && html`<p class="hint">${t(kind === "replies" ? "user.noReplies" : "user.noDiscussions")}</p>`}
      <${Errors} errors=${errors} />
      ${!isLoading && posts.pageInfo.hasNextPage && html`<div class="sentinel"><button type="button" data-action="more" onClick=${() => load(posts.pageInfo.endCursor)}>${t("list.more")}</button></div>`}
    </div>
  </main>`;
}

const countOf = ({ totalCount, totalCountIsExact }) => ({ count: totalCount, isExact: totalCountIsExact });

/** The person with the last loaded page of `posts`, undefined before and null if there is none, and all posts so far. */
function usePosts(handle, kind) {
  const [found, setFound] = useState({ user: undefined, nodes: [], kind });
  const [errors, setErrors] = useState([]);
  const wanted = useRef(null);
  const load = async (after = null) => {
    const request = (wanted.current = {});
    setErrors([]);
    try {
      const { user } = await session.execute(DOCUMENTS[kind], { handle, after });
      if (request !== wanted.current) return;
      const nodes = user?.posts.nodes.filter(({ state, discussion }) => state === "VISIBLE" && discussion?.state !== "DELETED") ?? [];
      setFound((known) => ({ user, nodes: after ? [...known.nodes, ...nodes] : nodes, kind }));
    } catch (error) {
      setErrors(asErrors(error));
    }
  };
  useEffect(() => {
    load().then(() => router.restored && scrollTo({ top: router.restored.scroll, behavior: "instant" }));
  }, [kind]);
  const isLoading = found.kind !== kind;
  return { ...found, nodes: isLoading ? [] : found.nodes, isLoading, load, errors };
}

/** A reply of the person. */
function Written({ reply }) {
  const { discussion, sequence } = reply;
  return html`<li class="result" data-reply=${sequence}>
    <h2 dir="auto"><a href=${postPath(reply)}>${discussion.title}</a></h2>
    <p class="excerpt" dir="auto">${reply.excerpt}</p>
    <p class="meta"><span>${t("search.inReply", { number: sequence, time: html`<${Timestamp} at=${reply.createdAt} />` })}</span></p>
  </li>`;
}
