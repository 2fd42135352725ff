// The sign-in dialog: as a guest with a name, or with a token.
import { html, useState } from "./libraries.js";
import { connection, outbox, session, site } from "./state.js";
import { Dialog, Errors, asErrors } from "./components.js";
import { t } from "./i18n.js";

export function SignIn() {
  const { inTab } = site.signingIn;
  const [name, setName] = useState("");
  const [token, setToken] = useState("");
  const [errors, setErrors] = useState([]);
  const [isBusy, setBusy] = useState(false);
  const attempt = async (act) => {
    setBusy(true);
    const found = await act().catch(asErrors);
    setBusy(false);
    setErrors(found ?? []);
    if (found?.length) return;
    site.closeSignIn(true);
    connection.renew();
    outbox.flush();
  };
  const asGuest = (event) => {
    event.preventDefault();
    attempt(() => session.signInAsGuest(name.trim(), { inTab }));
  };
  const withToken = (event) => {
    event.preventDefault();
    attempt(() => session.signIn(token.trim().replace(/^Bearer\s+/i, ""), { inTab }));
  };
  return html`<${Dialog} title=${t(session.expired ? "page.signInAgain" : "page.signIn")} className="sign-in" onClose=${() => site.closeSignIn(false)}>
    ${inTab && session.viewer && html`<p class="notice">${t("signIn.thisTabOnly", { name: html`<bdi>${session.viewer.user.name}</bdi>` })}</p>`}
    ${session.expired && html`<p class="notice">${t("signIn.sessionEnded")}</p>`}
    <form onSubmit=${asGuest}>
      <label class="field">${t("signIn.name")}
        <input name="guest" dir=${name ? "auto" : null} value=${name} autocomplete="nickname" maxlength="80" data-first onInput=${(event) => setName(event.target.value)} />
      </label>
      <p class="hint">${t(inTab ? "signIn.guestInTab" : "signIn.guestInBrowser")}</p>
      <button type="submit" class="primary" disabled=${isBusy || !name.trim()}>${t("signIn.asGuest")}</button>
    </form>
    <${Errors} errors=${errors} />
    <${Terms} />
    <details>
      <summary>${t("signIn.haveToken")}</summary>
      <form onSubmit=${withToken}>
        <label class="field">${t("signIn.token")}
          <textarea name="token" rows="3" spellcheck="false" autocomplete="off" value=${token} onInput=${(event) => setToken(event.target.value)}></textarea>
        </label>
        <p class="hint">${t("signIn.tokenHint", { command: html`<code>python server.py token --handle you</code>` })}</p>
        <button type="submit" disabled=${isBusy || !token.trim()}>${t("page.signIn")}</button>
      </form>
    </details>
  <//>`;
}

function Terms() {
  const { terms } = site;
  if (!terms) return null;
  if (/^https?:\/\/\S+$/.test(terms)) {
    return html`<p class="hint">${t("signIn.terms", { link: html`<a href=${terms} target="_blank" rel="noopener">${t("signIn.termsLink")}</a>` })}</p>`;
  }
  return html`<details class="terms"><summary>${t("signIn.termsText")}</summary><p class="as-typed" dir="auto">${terms}</p></details>`;
}
