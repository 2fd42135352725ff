// The page: its header and notices, and the view that the address names.
import { html, render, useEffect, useLayoutEffect, useRef, useState } from "./libraries.js";
import { DiscussionPage, Empty } from "./discussion_page.js";
import { FrontPage } from "./front_page.js";
import { SearchPage } from "./search_page.js";
import { notices, outbox, router, session, site } from "./state.js";
import { Icon, useObservables } from "./components.js";
import { Menu } from "./menus.js";
import { ForModerators, Moderate } from "./moderators.js";
import { LostConnection } from "./connection_status.js";
import { DemoPanel, isDemo } from "./demo.js";
import { language, languages, t } from "./i18n.js";
import { Avatar } from "./users.js";
import { ServerHtml } from "./server_html.js";
import { searchPath } from "./router.js";
import { Shortcuts } from "./shortcuts.js";
import { SignIn } from "./sign_in.js";
import { NewDiscussionPage } from "./new_discussion.js";
import { storage } from "./storage.js";
import { UserPage } from "./user_page.js";

export * from "./shared.js";

const THEME = "parley:theme";
const THEMES = { auto: ["half", t("page.themeAuto")], light: ["sun", t("page.themeLight")], dark: ["moon", t("page.themeDark")] };

const moment = new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short" });

const VIEWS = {
  front: () => html`<${FrontPage} key=${location.search} />`,
  discussion: ({ number, sequence, root }) => html`<${DiscussionPage} key=${number} number=${number} sequence=${sequence} root=${root} />`,
  search: (place) => html`<${SearchPage} place=${place} />`,
  moderate: (place) => html`<${Moderate} place=${place} />`,
  user: ({ handle, kind }) => html`<${UserPage} key=${handle} handle=${handle} kind=${kind} />`,
  missing: () => html`<${Empty} title=${t("page.missing")}><p>${t("page.missingHint")}</p><//>`,
};

function App() {
  useObservables(router, session, site);
  if (site.isClosed) return html`<${Closed} />`;
  const place = router.place;
  const isNew = place.page === "front" && location.hash === "#new";
  return html`
    <a class="skip" href="#main" onClick=${toMain}>${t("page.skip")}</a>
    <${Header} place=${place} />
    ${session.expired && !site.signingIn && html`<div class="banner" role="alert">
      ${t("page.sessionEnded")} <button type="button" class="primary small" onClick=${() => site.openSignIn()}>${t("page.signInAgain")}</button>
    </div>`}
    ${session.suspension && html`<div class="banner" role="alert">${suspended(session.suspension)}</div>`}
    ${isNew ? html`<${NewDiscussionPage} />` : VIEWS[place.page](place)}
    <${LostConnection} />
    <${Notices} />
    <${Shortcuts} />
    ${site.signingIn && html`<${SignIn} />`}
  `;
}

/** That the viewer is suspended, until when, why, and what they still can do. */
function suspended({ reason, until }) {
  const time = until && html`<time datetime=${until}>${moment.format(new Date(until))}</time>`;
  return html`<p>${until ? t("page.suspendedUntil", { time }) : t("page.suspended")} ${reason && html`${t("post.reason", { reason: html`<bdi>${reason}</bdi>` })} `}${t("page.suspendedHint")}</p>`;
}

/** Shown if the server runs only trusted documents, which those of this page are not. */
function Closed() {
  return html`
    <header class="top"><a class="brand" href="/"><${Logo} /><bdi>${site.name}</bdi></a></header>
    <p class="notice closed" data-closed>${t("page.closed")}</p>
    <${ServerHtml} />
  `;
}

function Header({ place }) {
  return html`<header class="top">
    <a class="brand" href="/"><${Logo} /><bdi>${site.name}</bdi></a>
    <${Search} place=${place} />
    <div class="top-actions">
      ${isDemo && html`<${DemoPanel} />`}
      ${session.viewer?.isModerator && html`<${ForModerators} part="ModerateLink" isCurrent=${place.page === "moderate"} />`}
      <${Display} />
      <${Account} />
    </div>
  </header>`;
}

function Search({ place }) {
  const query = place.query ?? "";
  const isOnSearchPage = place.page === "search";
  const [text, setText] = useState(query);
  const timer = useRef(null);
  useEffect(() => setText(query), [query]);
  const go = (value) => {
    clearTimeout(timer.current);
    router.go(searchPath({ ...(isOnSearchPage && place), query: value }), { instead: isOnSearchPage });
  };
  const typed = ({ target: { value } }) => {
    setText(value);
    clearTimeout(timer.current);
    // The search page shows results while the visitor types; other pages wait for Enter.
    if (isOnSearchPage) timer.current = setTimeout(() => go(value), 250);
  };
  const submit = (event) => {
    event.preventDefault();
    go(text);
  };
  return html`<form class="search-field" role="search" action="/search" onSubmit=${submit}>
    <${Icon} name="search" />
    <input type="search" name="q" aria-label=${t("page.searchLabel")} placeholder=${t("page.search")} dir=${text ? "auto" : null} value=${text} onInput=${typed} />
  </form>`;
}

/** The colours and the language. The server keeps the language, and leads back to this page. */
function Display() {
  const [theme, setTheme] = useState(storage.getItem(THEME) ?? "auto");
  useLayoutEffect(() => {
    document.documentElement.dataset.theme = theme;
    storage.setItem(THEME, theme);
  }, [theme]);
  // The fragment of a link stays when it is redirected.
  const choose = (event) => (event.currentTarget.hash = location.hash);
  return html`<${Menu} className="quiet square" action="display" label=${t("page.display")} button=${html`<${Icon} name="display" />`}>
    <p><small>${t("page.colours")}</small></p>
    ${Object.entries(THEMES).map(([name, [icon, label]]) => html`<button type="button" key=${name} aria-pressed=${name === theme} onClick=${() => setTheme(name)}><${Icon} name=${icon} />${label}</button>`)}
    <p><small>${t("page.language")}</small></p>
    ${Object.entries(languages).map(([code, name]) => html`<a key=${code} class="button" href=${`/language/${code}`} rel="nofollow" lang=${code} hreflang=${code} aria-current=${code === language ? "true" : null} onClick=${choose}>${name}</a>`)}
  <//>`;
}

function Account() {
  useObservables(session);
  const { viewer } = session;
  if (!viewer) return html`<button type="button" class="primary small" onClick=${() => site.openSignIn()}>${t("page.signIn")}</button>`;
  const { name, handle } = viewer.user;
  const role = viewer.isGuest ? "page.guest" : viewer.isModerator ? "page.moderator" : null;
  const button = html`<${Avatar} user=${viewer.user} size="small" /><span class="unseen">${t("page.signedInAs", { name })}</span><bdi aria-hidden="true">${name}</bdi>`;
  return html`<${Menu} className="account" button=${button}>
    <p><bdi>${name}</bdi><small>${role ? t(role, { handle: `@${handle}` }) : `@${handle}`}</small></p>
    <button type="button" data-action="sign-out" onClick=${() => session.signOut()}>${t("page.signOut")}</button>
  <//>`;
}

function Notices() {
  useObservables(notices);
  const { announced, shown } = notices;
  return html`
    <div class="unseen" aria-live="polite" data-announced>${announced}</div>
    ${shown && html`<div class="toast">
      <span>${shown.text}</span>
      ${shown.action && html`<button type="button" class="link" onClick=${() => (shown.action.act(), notices.clear())}>${shown.action.label}</button>`}
      <button type="button" class="quiet square" aria-label=${t("page.dismiss")} onClick=${() => notices.clear()}><${Icon} name="close" /></button>
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

// Rings of the focus are for those who use the keyboard.
addEventListener("keydown", () => (document.documentElement.dataset.keyboard = ""), true);
addEventListener("pointerdown", () => delete document.documentElement.dataset.keyboard, true);

// The server's later pages of the list are for readers without scripts: here the list begins at its top, and goes on.
if (router.place.page === "front" && new URLSearchParams(location.search).has("after")) history.replaceState(null, "", "/");

const root = document.getElementById("app");
root.replaceChildren();
delete root.dataset.served;
render(html`<${App} />`, root);
site.load().then(() => outbox.flush());
