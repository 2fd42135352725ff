// The page: its header and notices, and the view that the address names.
import { html, render, useEffect, useLayoutEffect, useRef, useState } from "./libraries.js";
import { DiscussionPage } from "./discussion_page.js";
import { FrontPage, SearchPage } from "./front_page.js";
import { notices, outbox, router, session, site } from "./state.js";
import { Icon, useObservables } from "./components.js";
import { Avatar } from "./users.js";
import { ServerHtml } from "./server_html.js";
import { SignIn } from "./sign_in.js";
import { NewDiscussionPage } from "./new_discussion.js";
import { storage } from "./storage.js";

const THEME = "parley:theme";
const THEMES = { auto: ["half", "As the system"], light: ["sun", "Light"], dark: ["moon", "Dark"] };

function App() {
  useObservables(router, session, site);
  if (site.isClosed) return html`<${Closed} />`;
  const place = router.place;
  const isNew = place.page === "front" && location.hash === "#new";
  return html`
    <a class="skip" href="#main" onClick=${toMain}>Skip to the content</a>
    <${Header} place=${place} />
    ${session.expired && !site.signingIn && html`<div class="banner" role="alert">
      Your session has ended. Your drafts are kept. <button type="button" class="primary small" onClick=${() => site.openSignIn()}>Sign in again</button>
    </div>`}
    ${isNew
      ? html`<${NewDiscussionPage} />`
      : place.page === "discussion"
        ? html`<${DiscussionPage} key=${place.number} number=${place.number} sequence=${place.sequence} />`
        : place.page === "search"
          ? html`<${SearchPage} query=${place.query} />`
          : html`<${FrontPage} key=${location.search} />`}
    <${Notices} />
    ${site.signingIn && html`<${SignIn} />`}
  `;
}

/** Shown if the server runs only trusted documents, which those of this page are not. */
function Closed() {
  return html`
    <header class="top"><a class="brand" href="/"><${Logo} /><bdi>${site.name}</bdi></a></header>
    <main id="main" class="page" tabindex="-1">
      <p class="notice" data-closed>This server only runs the GraphQL documents of its own clients, and the documents of this page are not among them. You can read what follows, but it does not update. Reload the page to see changes.</p>
      <${ServerHtml} />
    </main>
  `;
}

function Header({ place }) {
  return html`<header class="top">
    <a class="brand" href="/"><${Logo} /><bdi>${site.name}</bdi></a>
    <${Search} query=${place.query ?? ""} />
    <div class="top-actions">
      <${Theme} />
      <${Account} />
    </div>
  </header>`;
}

function Search({ query }) {
  const [text, setText] = useState(query);
  const timer = useRef(null);
  useEffect(() => setText(query), [query]);
  const go = (value) => {
    clearTimeout(timer.current);
    const isOnSearchPage = location.pathname === "/search";
    router.go(`/search?q=${encodeURIComponent(value)}`, { instead: isOnSearchPage });
  };
  const typed = ({ target: { value } }) => {
    setText(value);
    clearTimeout(timer.current);
    // The search page shows results while the visitor types; other pages wait for Enter.
    if (location.pathname === "/search") timer.current = setTimeout(() => go(value), 250);
  };
  const submit = (event) => {
    event.preventDefault();
    go(text);
  };
  return html`<form class="search-field" role="search" action="/search" onSubmit=${submit}>
    <${Icon} name="search" />
    <input type="search" name="q" aria-label="Search discussions and replies" placeholder="Search" dir="auto" value=${text} onInput=${typed} />
  </form>`;
}

function Theme() {
  const [theme, setTheme] = useState(storage.getItem(THEME) ?? "auto");
  useLayoutEffect(() => {
    document.documentElement.dataset.theme = theme;
    storage.setItem(THEME, theme);
  }, [theme]);
  const names = Object.keys(THEMES);
  const next = names[(names.indexOf(theme) + 1) % names.length];
  return html`<button type="button" class="quiet square" data-action="theme" aria-label=${`Colours: ${THEMES[theme][1]}. Change to: ${THEMES[next][1]}`} title=${THEMES[theme][1]} onClick=${() => setTheme(next)}>
    <${Icon} name=${THEMES[theme][0]} />
  </button>`;
}

function Account() {
  useObservables(session);
  const { viewer } = session;
  if (!viewer) return html`<button type="button" class="primary small" onClick=${() => site.openSignIn()}>Sign in</button>`;
  const switchUser = ({ currentTarget }) => {
    currentTarget.closest("details").open = false;
    site.openSignIn(undefined, { inTab: true });
  };
  return html`<details class="account">
    <summary><${Avatar} user=${viewer.user} size="small" /><span class="unseen">Signed in as </span><bdi>${viewer.user.name}</bdi></summary>
    <div class="menu">
      <p><bdi>${viewer.user.name}</bdi><small>@${viewer.user.handle}${viewer.isGuest ? ", a guest" : ""}${viewer.isModerator ? ", moderator" : ""}</small></p>
      <button type="button" data-action="switch-user" onClick=${switchUser}>Sign in as somebody else in this tab</button>
      <button type="button" onClick=${() => session.signOut()}>Sign out</button>
    </div>
  </details>`;
}

function Notices() {
  useObservables(notices);
  const { announced, shown } = notices;
  return html`
    <div class="unseen" aria-live="polite" data-announced>${announced}</div>
    ${shown && html`<div class="toast">
      <span>${shown.text}</span>
      ${shown.action && html`<button type="button" class="link" onClick=${() => (shown.action.act(), notices.clear())}>${shown.action.label}</button>`}
      <button type="button" class="quiet square" aria-label="Dismiss" onClick=${() => notices.clear()}><${Icon} name="close" /></button>
    </div>`}
  `;
}

function Logo() {
  return html`<svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
    <path class="logo-back" d="M4 8a4 4 0 0 1 4-4h13a4 4 0 0 1 4 4v8a4 4 0 0 1-4 4h-8l-6 5v-5.2A4 4 0 0 1 4 16z" />
    <path class="logo-front" d="M15 16.500a3 3 0 0 1 3-3h8a3 3 0 0 1 3 3V22a3 3 0 0 1-3 3v4l-4.500-4H18a3 3 0 0 1-3-3z" />
  </svg>`;
}

function toMain(event) {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

const root = document.getElementById("app");
root.replaceChildren();
render(html`<${App} />`, root);
site.load().then(() => outbox.flush());
