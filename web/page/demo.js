// The demo panel, on servers that were started with --demo: what to try here, and the controls for it.
import { html } from "./libraries.js";
import { t } from "./i18n.js";
import { connection, session, site } from "./state.js";
import { Icon, useObservables } from "./components.js";
import { Menu } from "./menus.js";

export const isDemo = "demo" in (document.getElementById("app")?.dataset ?? {});

export function DemoPanel() {
  useObservables(session);
  const { isDisconnected } = session;
  const graphiql = html`<a href="/graphiql" target="_blank" rel="noopener">${t("demo.apiLink")}</a>`;
  const button = html`<${Icon} name="flask" /><span>${t("demo.label")}</span>`;
  return html`<${Menu} className="small demo-button" menuClass="demo" action="demo" button=${button}>
    <h2>${t("demo.title")}</h2>
    <ul>
      <li><strong>${t("demo.liveTitle")}</strong> ${t("demo.live")}</li>
      <li><strong>${t("demo.quotesTitle")}</strong> ${t("demo.quotes")}</li>
      <li><strong>${t("demo.apiTitle")}</strong> ${t("demo.api", { link: graphiql })}</li>
    </ul>
    ${!isDisconnected && html`<button type="button" data-action="disconnect" onClick=${() => connection.disconnect()}><${Icon} name="disconnect" />${t("demo.disconnect")}</button>`}
    ${session.viewer && html`<button type="button" data-action="switch-user" onClick=${() => site.openSignIn(undefined, { inTab: true })}><${Icon} name="people" />${t("demo.signInAsOther")}</button>`}
  <//>`;
}
