// The sign-in dialog: as a guest with a name, or with a token.
import { html, useState } from "./libraries.js";
import { connection, outbox, session, site } from "./state.js";
import { Dialog, Errors, asErrors } from "./components.js";

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
  return html`<${Dialog} title=${session.expired ? "Sign in again" : "Sign in"} className="sign-in" onClose=${() => site.closeSignIn(false)}>
    ${inTab && session.viewer && html`<p class="notice">This applies to this tab only. In your other tabs you stay signed in as <bdi>${session.viewer.user.name}</bdi>.</p>`}
    ${session.expired && html`<p class="notice">Your session has ended. Sign in again to continue; your drafts are kept.</p>`}
    <form onSubmit=${asGuest}>
      <label class="field">Your name
        <input name="guest" dir="auto" value=${name} autocomplete="nickname" maxlength="80" data-first onInput=${(event) => setName(event.target.value)} />
      </label>
      <p class="hint">You can use this guest name only in this ${inTab ? "tab" : "browser"}.</p>
      <button type="submit" class="primary" disabled=${isBusy || !name.trim()}>Continue as a guest</button>
    </form>
    <${Errors} errors=${errors} />
    <${Terms} />
    <details>
      <summary>I have a token</summary>
      <form onSubmit=${withToken}>
        <label class="field">Bearer token
          <textarea name="token" rows="3" spellcheck="false" autocomplete="off" value=${token} onInput=${(event) => setToken(event.target.value)}></textarea>
        </label>
        <p class="hint"><code>python server.py token --handle you</code> prints a token.</p>
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
  return html`<details class="terms"><summary>Terms you agree to by writing here</summary><p class="as-typed" dir="auto">${terms}</p></details>`;
}
