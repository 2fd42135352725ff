// What only moderators need of the page: a script, words and styles of their own, loaded when the first part of it is shown.
import { html, useEffect, useState } from "./libraries.js";
import { addStrings, language, t } from "./i18n.js";
import { session, site } from "./state.js";
import { Errors, Skeleton, asErrors, useObservables } from "./components.js";
import { Empty } from "./discussion_page.js";
import { NetworkError } from "./graphql.js";
import { ServerHtml } from "./server_html.js";

let loading = null;

/** Loads the moderators' script. Throws NetworkError; the next call tries again. */
function load() {
  loading ??= loadAll().catch((cause) => {
    loading = null;
    throw new NetworkError("The moderators' part of the page can't be loaded.", { cause });
  });
  return loading;
}

async function loadAll() {
  const [found, strings] = await Promise.all([import("./moderate.js"), loadStrings(), loadStyles()]);
  addStrings(strings);
  return found;
}

async function loadStrings() {
  const response = await fetch(new URL(`../strings/moderation/${language}.json`, import.meta.url));
  if (!response.ok) throw new Error(`status ${response.status}`);
  return response.json();
}

function loadStyles() {
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: new URL("./moderate.css", import.meta.url).href });
  return new Promise((go, fail) => {
    link.addEventListener("load", go);
    link.addEventListener("error", fail);
    document.head.append(link);
  });
}

/** A component of the moderators' script by its name `part`. Until it is there, `waiting(errors, retry)` is shown. */
export function ForModerators({ part, waiting = () => null, ...props }) {
  const [found, setFound] = useState(null);
  const [errors, setErrors] = useState([]);
  const attempt = () => {
    setErrors([]);
    load().then(setFound, (error) => setErrors(asErrors(error)));
  };
  useEffect(attempt, []);
  return found ? html`<${found[part]} ...${props} />` : waiting(errors, attempt);
}

/** The moderators' page; for everybody else, what it is and how to get there. */
export function Moderate({ place }) {
  useObservables(session, site);
  const { viewer } = session;
  if (viewer?.isModerator) return html`<${ForModerators} part="ModeratePage" place=${place} waiting=${Waiting} />`;
  if (!site.isLoaded) return html`<${ServerHtml}><main id="main" class="page" tabindex="-1" aria-busy="true"><p class="unseen" role="status">${t("page.loading")}</p><${Skeleton} /></main><//>`;
  return html`<${Empty} title=${t("moderate.title")}>
    <p>${t("moderate.about")}</p>
    <p>${viewer ? t("moderate.notModerator", { name: html`<bdi>${viewer.user.name}</bdi>` }) : t("moderate.notSignedIn")}</p>
    ${!viewer && html`<button type="button" class="primary" onClick=${() => site.openSignIn()}>${t("page.signIn")}</button>`}
  <//>`;
}

function Waiting(errors, retry) {
  return html`<main id="main" class="page moderate" tabindex="-1" aria-busy=${!errors.length}>
    <h1>${t("moderate.title")}</h1>
    <${Errors} errors=${errors}><button type="button" onClick=${retry}>${t("page.tryAgain")}</button><//>
    ${!errors.length && html`<${Skeleton} />`}
  </main>`;
}
