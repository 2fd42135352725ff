// Signing in: as a guest by a name, or with a token that somebody has given you.
import { html, useState } from "./libraries.js";
import { connection, outbox, session, site } from "./here.js";
import { Dialog, Problems, asErrors } from "./parts.js";

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
    site.signInDone(true);
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
  return html`<${Dialog} title=${session.expired ? "Sign in again" : "Sign in"} className="sign-in" onClose=${() => site.signInDone(false)}>
    ${inTab && session.viewer && html`<p class="notice">Only in this tab. In all others you stay <bdi>${session.viewer.user.name}</bdi>.</p>`}
    ${session.expired && html`<p class="notice">Your session has ended. Nothing you wrote is lost.</p>`}
    <form onSubmit=${asGuest}>
      <label class="field">Your name
        <input name="guest" dir="auto" value=${name} autocomplete="nickname" maxlength="80" data-first onInput=${(event) => setName(event.target.value)} />
      </label>
      <p class="hint">A guest is known by this name only, in this ${inTab ? "tab" : "browser"}.</p>
      <button type="submit" class="primary" disabled=${isBusy || !name.trim()}>Come in as a guest</button>
    </form>
    <${Problems} errors=${errors} />
    <${Terms} />
    <details>
      <summary>I have a token</summary>
      <form onSubmit=${withToken}>
        <label class="field">Bearer token
          <textarea name="token" rows="3" spellcheck="false" autocomplete="off" value=${token} onInput=${(event) => setToken(event.target.value)}></textarea>
        </label>
        <p class="hint"><code>python server.py token --handle you</code> prints one.</p>
        <button type="submit" disabled=${isBusy || !token.trim()}>Sign in</button>
      </form>
    </details>
  <//>`;
}

function Terms() {
  const { terms } = site;
  if (!terms) return null;
  if (/^https?:\/\/\S+$/.test(terms)) {
    return html`<p class="hint">By writing here you agree to <a href=${terms} target="_blank" rel="noopener">the terms</a>.</p>`;
  }
  return html`<details class="terms"><summary>What you agree to by writing here</summary><p class="as-typed" dir="auto">${terms}</p></details>`;
}
