// People as moderators see them: who somebody is, what they may, and what can be done about it.
import { Avatar, Errors, Nothing, PersonField, Skeleton, Timestamp, asErrors, html, language, moderatePath, newKey, notices, router, session, t, useEffect, useState, userPath } from "./app.js";
import * as documents from "./moderate_documents.js";
import { RemovePosts } from "./remove_posts.js";
import { UntilField, untilOf } from "./until_field.js";

const MAX_REASON = 500;
const month = (at) => new Intl.DateTimeFormat(language, { month: "short", year: "numeric" }).format(new Date(at));

export function PeoplePart({ given }) {
  const handle = given.person ?? "";
  return html`<section class="people" aria-labelledby="people-title">
    <h2 id="people-title" class="unseen">${t("moderation.people")}</h2>
    <div class="find"><${PersonField} id="find-person" label=${t("people.find")} placeholder=${t("people.nameOrHandle")} handle=${handle} choose=${(person) => router.go(moderatePath("people", { person }))} /></div>
    ${handle ? html`<${Found} key=${handle} handle=${handle} />` : html`<${Nothing} icon="people" title=${t("people.nobody")}><p>${t("people.nobodyHint")}</p><//>`}
  </section>`;
}

function Found({ handle }) {
  const [person, setPerson] = useState(undefined);
  const [errors, setErrors] = useState([]);
  const load = () => {
    setErrors([]);
    session.execute(documents.MEMBER_BY_HANDLE, { handle }).then(
      ({ user }) => setPerson(user),
      (error) => setErrors(asErrors(error)),
    );
  };
  useEffect(load, []);
  if (errors.length) return html`<${Errors} errors=${errors}><button type="button" onClick=${load}>${t("page.tryAgain")}</button><//>`;
  if (person === undefined) return html`<${Skeleton} />`;
  if (person === null) return html`<${Nothing} icon="people" title=${t("user.missing", { handle: `@${handle}` })}><p>${t("user.missingHint")}</p><//>`;
  return html`<${Person} person=${person} setPerson=${setPerson} />`;
}

function Person({ person, setPerson }) {
  const { name, handle, isGuest, createdAt, replies, discussions, suspension, premoderated, role } = person;
  const isSelf = person.id === session.viewer?.user.id;
  const isModerator = role === "MODERATOR";
  const [errors, setErrors] = useState([]);
  const [isBusy, setBusy] = useState(false);
  /** Whether all they write is to be held, while the server has not answered. */
  const [wanted, setWanted] = useState(null);
  const premoderate = async ({ target: { checked } }) => {
    setWanted(checked);
    await send(documents.PREMODERATE, { premoderated: checked }, t(checked ? "people.nowPremoderated" : "people.notPremoderated", { name }));
    setWanted(null);
  };
  /** Sends a mutation about the person. `done`: the sentence that is announced. Returns whether it succeeded. */
  const send = async (document, input, done) => {
    setBusy(true);
    let found = [];
    try {
      const { written } = await session.execute(document, { input: { userId: person.id, clientMutationId: newKey(), ...input } });
      found = written.errors;
      if (written.user) setPerson(written.user);
    } catch (error) {
      found = asErrors(error);
    }
    setErrors(found);
    setBusy(false);
    if (!found.length) notices.announce(done);
    return !found.length;
  };
  const countOf = ({ totalCount, totalCountIsExact }) => ({ count: totalCount, isExact: totalCountIsExact });
  return html`<article class="member" data-person=${handle}>
    <header>
      <${Avatar} user=${person} size="huge" />
      <div>
        <h3><a href=${userPath(person)}><bdi>${name}</bdi></a></h3>
        <p class="hint"><bdi>@${handle}</bdi><span>${t("user.since", { month: month(createdAt) })}</span><span>${t("thread.replies", countOf(replies))}</span><span>${t("user.discussions", countOf(discussions))}</span></p>
        <p class="badges">
          <span class="standing" data-role=${isModerator ? "MODERATOR" : "MEMBER"}>${t(isModerator ? "roles.moderator" : isGuest ? "roles.guest" : "people.member")}</span>
          ${suspension && html`<span class="standing" data-state="suspended">${t("people.suspended")}</span>`}
          ${premoderated && html`<span class="standing" data-state="premoderated">${t("people.premoderated")}</span>`}
        </p>
      </div>
    </header>
    <${Errors} errors=${errors} />
    ${suspension && html`<${Suspended} suspension=${suspension} isBusy=${isBusy} end=${() => send(documents.UNSUSPEND, {}, t("people.unsuspended", { name }))} />`}
    ${!suspension && !isSelf && html`<${Suspend} name=${name} isBusy=${isBusy} suspend=${(input) => send(documents.SUSPEND, input, t("people.nowSuspended", { name }))} />`}
    <section class="acts">
      <label class="check"><input type="checkbox" data-action="premoderate" checked=${wanted ?? premoderated} disabled=${isBusy} onChange=${premoderate} />
        <span>${t("people.premoderate")}<small>${t("people.premoderateHint")}</small></span></label>
      ${!isSelf && !isGuest && html`<p><button type="button" data-action="role" disabled=${isBusy} onClick=${() => send(documents.SET_ROLE, { role: isModerator ? "MEMBER" : "MODERATOR" }, t(isModerator ? "people.nowMember" : "people.nowModerator", { name }))}>${t(isModerator ? "people.makeMember" : "people.makeModerator")}</button>
        <small class="hint">${t(isModerator ? "people.makeMemberHint" : "people.makeModeratorHint")}</small></p>`}
    </section>
    ${!isSelf && html`<${RemovePosts} person=${person} />`}
    <p><a class="button quiet" href=${moderatePath("log", { person: handle })}>${t("people.log")}</a></p>
  </article>`;
}

/** Why, until when and by whom somebody is suspended, and a button to end it. */
function Suspended({ suspension: { reason, until, at, by }, isBusy, end }) {
  return html`<section class="notice suspension" data-suspended>
    <p>${until ? t("people.suspendedUntil", { time: html`<${Moment} at=${until} />` }) : t("people.suspendedForGood")}
      ${reason && html` ${t("post.reason", { reason: html`<bdi>${reason}</bdi>` })}`}</p>
    <p class="hint">${by ? t("people.suspendedBy", { name: html`<bdi>${by.name}</bdi>`, time: html`<${Timestamp} at=${at} />` }) : html`<${Timestamp} at=${at} />`}</p>
    <button type="button" class="small" data-action="unsuspend" disabled=${isBusy} onClick=${end}>${t("people.endSuspension")}</button>
  </section>`;
}

function Moment({ at }) {
  return html`<time datetime=${at}>${new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short" }).format(new Date(at))}</time>`;
}

function Suspend({ name, isBusy, suspend }) {
  const [isOpen, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  const [until, setUntil] = useState({ choice: "week", date: "" });
  const submit = async (event) => {
    event.preventDefault();
    if (await suspend({ reason: reason.trim() || null, until: untilOf(until) })) setOpen(false);
  };
  if (!isOpen) return html`<p><button type="button" data-action="suspend" onClick=${() => setOpen(true)}>${t("people.suspend")}</button> <small class="hint">${t("people.suspendHint")}</small></p>`;
  return html`<form class="fields card" aria-label=${t("people.suspend")} onSubmit=${submit}>
    <label class="field">${t("people.reason", { name })}<input type="text" name="reason" maxlength=${MAX_REASON} dir=${reason ? "auto" : null} autocomplete="off" value=${reason} onInput=${({ target }) => setReason(target.value)} /></label>
    <${UntilField} label=${t("people.howLong")} value=${until} choose=${setUntil} />
    <footer>
      <button type="button" onClick=${() => setOpen(false)}>${t("page.cancel")}</button>
      <button type="submit" class="danger" disabled=${isBusy}>${t("people.suspend")}</button>
    </footer>
  </form>`;
}
